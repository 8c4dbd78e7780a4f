// The diagnostics of the editor are those of the command line, and its quick fixes those that the messages suggest.

import assert from "node:assert/strict";
import { TextDocument } from "langium";
import type { CodeAction } from "vscode-languageserver";
import { parseScenario } from "../../src/scenario/index.ts";
import { EXAMPLES } from "../examples.ts";
import { diagnose, services } from "./support.ts";

const MISTAKES: Readonly<Record<string, string>> = {
  names: "file data size 4M\nprocess p {\r\n  V = mmap(dat)\r\n  tuch(V)\r\n}\ncheck finaly 1\n",
  syntax: "file data size\nprocess p { V = mmap(data, }\ntask t in p on cpu 0 {\n",
  rounding: "file data size 4M\nprocess p { V = mmap(data, length: 5000) }\ntask t in p on cpu 7 { touch(V[0 .. 5G]) }\n",
  text: "kernel 2.6.10\n/* open",
  nothing: "",
  binary: "file \0",
};

describe("language server: diagnostics", () => {
  const mistakes = Object.entries(MISTAKES).map(([name, text]) => ({ name, text }));
  for (const { name, text } of [...EXAMPLES, ...mistakes]) {
    it(`are those of the checker: ${name}`, async () => {
      const { diagnostics } = await diagnose(text);
      const shown = diagnostics.map(({ code, severity, message, range, data }) => ({
        code,
        severity: ["", "error", "warning", "information"][severity!],
        message,
        range: {
          line: range.start.line + 1,
          column: range.start.character + 1,
          endLine: range.end.line + 1,
          endColumn: range.end.character + 1,
        },
        ...(data === undefined ? {} : { fix: data as unknown }),
      }));
      assert.deepEqual(shown, parseScenario(text).diagnostics);
    });
  }

  it("carry fixes, which code actions apply", async () => {
    const { document, diagnostics } = await diagnose(MISTAKES.names!);
    const params = {
      textDocument: { uri: document.uri.toString() },
      range: diagnostics[0]!.range,
      context: { diagnostics: [...diagnostics] },
    };
    const actions = ((await services.CodeActionProvider!.getCodeActions(document, params)) ?? []) as CodeAction[];
    assert.deepEqual(
      actions.map(({ title, kind, isPreferred }) => [title, kind, isPreferred]),
      [
        ["Change to 'data'", "quickfix", true],
        ["Change to 'touch'", "quickfix", true],
      ],
    );
    const edits = actions.flatMap((action) => action.edit!.changes![document.uri.toString()]!);
    const mended = TextDocument.applyEdits(document.textDocument, edits);
    assert.equal(mended, MISTAKES.names!.replace("mmap(dat)", "mmap(data)").replace("tuch", "touch"));
  });

  it("from elsewhere have no fixes", async () => {
    const { document, diagnostics } = await diagnose("file data size 4M\n");
    assert.deepEqual(diagnostics, []);
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 4 } };
    const foreign = [
      { range, message: "foreign", data: { title: 1, text: "x" } },
      { range, message: "without data" },
    ];
    assert.deepEqual(
      await services.CodeActionProvider!.getCodeActions(document, {
        textDocument: { uri: document.uri.toString() },
        range,
        context: { diagnostics: foreign },
      }),
      [],
    );
  });
});
