// The evidence that docs/fidelity.md names exists, for every row.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The rows of the tables that have a column for evidence: what each is about, and that cell. */
function rows(): { readonly what: string; readonly evidence: string }[] {
  const found: { what: string; evidence: string }[] = [];
  let wanted = false;
  for (const line of readFileSync("docs/fidelity.md", "utf8").split("\n")) {
    const cells = line.startsWith("| ")
      ? line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim())
      : [];
    if (cells.length === 0) wanted = false;
    else if (cells.at(-1) === "evidence") wanted = true;
    else if (wanted && !/^-+$/.test(cells[0]!)) found.push({ what: cells[0]!, evidence: cells.at(-1)! });
  }
  return found;
}

describe("docs/fidelity.md", () => {
  const recordings = existsSync("../shared/golden")
    ? [...readdirSync("../shared/golden/unmap"), ...readdirSync("../shared/golden/prio-tree")]
    : null;
  const isRecorded = (file: string): boolean => recordings === null || recordings.some((name) => name.startsWith(file));
  const isThere = (name: string): boolean =>
    existsSync(name) || existsSync(`test/${name}.test.ts`) || (name.endsWith(".jsonl") && isRecorded(name));

  it("names existing evidence for every row", () => {
    assert.ok(rows().length > 50);
    for (const { what, evidence } of rows()) {
      const named = [...evidence.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).filter((name) => /[/.]/.test(name));
      const recorded = [...evidence.matchAll(/\b[cf]\d\d[a-d]?\b/g)].map(([id]) => id);
      assert.ok(named.length + recorded.length > 0 || evidence.includes("recordings"), `${what}: no evidence`);
      for (const name of named) assert.ok(isThere(name), `${what}: ${name}`);
      for (const id of recorded) assert.ok(isRecorded(`${id}_`), `${what}: ${id}`);
    }
  });
});
