// The documents for users of the extension: the README that it ships, and the tables of docs/vscode.md.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { TRACEPOINTS } from "../../src/engine/machine/trace.ts";
import { EVENTS } from "../../src/scenario/catalogue/index.ts";
import { closeAll, connect } from "../debug-adapter/support.ts";

describe("the README of the extension", () => {
  const text = execFileSync(process.execPath, ["tools/readme.mjs"], { encoding: "utf8" });

  it("is addressed to users of the extension", () => {
    assert.match(text, /^# Lockbreak\n/);
    assert.match(text, /Lockbreak: Open Examples/);
    assert.match(text, /\| over \| F10 \| Ctrl\+F10 \|/);
    assert.doesNotMatch(text, /\bnpm\b|\bnpx\b|<!--|\bdocs\/|examples\//);
  });

  it("shows and links nothing that is not shipped", () => {
    assert.deepEqual(
      [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target).filter((target) => !/^(https:|#)/.test(target!)),
      [],
    );
    assert.doesNotMatch(text, /!\[/);
  });
});

describe("the tracepoints in docs/vscode.md", () => {
  const section = /### Tracepoints\n([^]*?)\n## /.exec(readFileSync("docs/vscode.md", "utf8"))![1]!;
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \| (.*)\|$/gm)].map(([, name, doc, values]) => ({
    name: name!,
    doc: doc!,
    values: [...values!.matchAll(/\w+/g)].map(([value]) => value),
  }));

  afterEach(closeAll);

  it("are all tracepoints, with their descriptions in the catalogue", () => {
    assert.deepEqual(Object.fromEntries(rows.map(({ name, doc }) => [name, doc])), TRACEPOINTS);
    const values = new Map(rows.map((row) => [row.name, row.values]));
    for (const event of EVENTS) assert.deepEqual(values.get(event.name), event.values, event.name);
  });

  it("have these values in conditions", async () => {
    // Conditions that read every value, and never hold.
    const functions = rows.map(({ name, values }) => ({
      name,
      condition: `not (${["1", ...values].map((value) => `${value} == ${value}`).join(" and ")})`,
    }));
    for (const example of ["truncate-lockbreak", "count-wrap", "nonlinear", "many-small-vmas"]) {
      const client = await connect();
      await client.launch({ program: path.resolve(`examples/${example}.vmscn`) }, { functions });
      assert.equal((await client.stopped()).reason, "end", example);
      assert.deepEqual(
        client
          .left("output")
          .map(({ body }) => (body as { output: string }).output)
          .filter((output) => output.includes("condition")),
        [],
      );
    }
  });
});
