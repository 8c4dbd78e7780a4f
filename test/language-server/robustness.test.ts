// The language server and texts that are no scenarios: every request gets a result.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { DocumentSymbol, Position } from "vscode-languageserver";
import { parseScenario } from "../../src/scenario/index.ts";
import { parseScenarioText } from "../../src/scenario/syntax/recovering-parser.ts";
import { scan } from "../../src/scenario/syntax/scanner.ts";
import { example, EXAMPLES } from "../examples.ts";
import { open, services, type Opened } from "./support.ts";

const EXAMPLE = example("truncate-lockbreak.vmscn").replaceAll("@", "");
const BITS = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ",",
  ":",
  ".",
  "->",
  "..",
  "\n",
  "process",
  "task",
  "on ",
  "V",
  " = mmap(",
  "repeat",
  "16M",
  '"',
  "/*",
  "é",
  ";",
  "|",
  "not ",
];

/** Asks for everything at the cursor; returns the outline. */
async function askAll({ document, cursor }: Opened): Promise<readonly DocumentSymbol[]> {
  const params = { textDocument: { uri: document.uri.toString() }, position: cursor };
  await services.CompletionProvider!.getCompletion(document, params);
  await services.HoverProvider!.getHoverContent(document, params);
  await services.SignatureHelp!.provideSignatureHelp(document, params);
  await services.FoldingRangeProvider!.getFoldingRanges(document, params);
  return services.DocumentSymbolProvider!.getSymbols(document, params);
}

const isBehind = (a: Position, b: Position) => a.line > b.line || (a.line === b.line && a.character >= b.character);

/** What VS Code demands of an outline; it refuses all of it otherwise. */
function checkSymbol({ name, range, selectionRange, children }: DocumentSymbol): void {
  assert.notEqual(name, "");
  assert.ok(isBehind(selectionRange.start, range.start) && isBehind(range.end, selectionRange.end), name);
  children?.forEach(checkSymbol);
}

/** A tree as text, without the places of its nodes. */
function treeText(node: object | undefined): string {
  return JSON.stringify(node, (key, value: unknown) => (key.startsWith("$") && key !== "$type" ? undefined : value));
}

describe("language server: robustness", () => {
  it("sees sound scenarios as the checker does, wherever their lines break", async () => {
    const sound = EXAMPLES.map((one) => scan(one.text).tokens);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sound),
        fc.infiniteStream(fc.nat(7)),
        fc.integer({ min: 0, max: 7 }),
        async (tokens, breaks, often) => {
          const text = tokens.map((token) => (breaks.next().value! < often || token.startsLine ? "\n" : " ") + token.text).join("");
          fc.pre(parseScenario(text).diagnostics.every(({ severity }) => severity !== "error"));
          assert.equal(treeText((await open(text)).document.parseResult.value), treeText(parseScenarioText(text).tree));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("answers everywhere in mutilated scenarios", async () => {
    const cut = fc.record({ at: fc.nat(EXAMPLE.length), length: fc.nat(20), bit: fc.constantFrom("", ...BITS) });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 5 }), fc.nat(EXAMPLE.length), async (cuts, cursor) => {
        let text = EXAMPLE;
        for (const { at, length, bit } of cuts) text = text.slice(0, at) + bit + text.slice(at + length);
        (await askAll(await open(`${text.slice(0, cursor)}@${text.slice(cursor)}`))).forEach(checkSymbol);
      }),
      { numRuns: 60 },
    );
  });

  it("has only diagnostics for texts beyond its size limits", async () => {
    const texts = {
      long: "// comment\n".repeat(110_000),
      words: "a ".repeat(210_000),
      deep: `check always ${"(".repeat(5_000)}`,
      garbage: "on\n".repeat(2_000),
      binary: "\u0001\0x".repeat(300_000),
    };
    for (const [name, text] of Object.entries(texts)) {
      const opened = await open(`${text}@`);
      assert.deepEqual(await askAll(opened), [], name);
      assert.equal(opened.document.diagnostics!.length > 0, name !== "long", name);
    }
  });
});
