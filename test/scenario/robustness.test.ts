// No text whatever makes the parser or the checker throw, and every mistake is in the text it is about.

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseExpression, parseScenario } from "../../src/scenario/index.ts";

const TOKENS = (
  "kernel vmtrunc4 machine cpus : 2 cost pte_clear 60ns file data size 64M count process editor viewer * 8 [ ] { } ( ) = mmap munmap " +
  "mprotect remap_file_pages truncate touch write read sleep compute repeat forever every 1ms for if let stop task in on cpu 0 priority " +
  "at lockbreak # where force need_resched need_lockbreak check always finally never after mapped beyond max_hold V A . -> .. , | & && " +
  '|| and or not ! ~ + - / % << >> < <= == != ? 0x4000_0000 "text" \' " // /* */ 8 pages NULL ; @ ö 1.5 64Q index iteration ' +
  "shared private i_mmap_lock truncate_count data data editor V"
).split(" ");

const VALID = `machine { cpus: 2 }
file data size 64M
process editor { A = mmap(data, length: 16M, at: 0x4000_0000)
  touch(A[0 .. 4K]) }
task shrink in editor on cpu 0 {
  repeat 3 { truncate(data, 4M) }
  if rss(editor) > 0 { stop }
}
on lockbreak(data) #2 { mprotect(editor.A[0 .. 1M], read) }
force need_lockbreak(data.i_mmap_lock) at 1, 4..6
check always mapped(data, beyond: size) == 0
`;

function survives(text: string): void {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(diagnostics.length <= 110);
  assert.equal(
    new Set(diagnostics.map(({ code, message, range }) => JSON.stringify([code, message, range]))).size,
    diagnostics.length,
    "nothing is said twice",
  );
  assert.equal(
    program === undefined,
    diagnostics.some((d) => d.severity === "error"),
  );
  const lines = text.split(/\r\n|\n|\r/);
  for (const { range, message } of diagnostics) {
    assert.ok(range.line >= 1 && range.endLine <= lines.length && range.column >= 1, message);
    assert.ok(range.endLine > range.line || range.endColumn >= range.column, message);
    assert.ok(range.endColumn <= lines[range.endLine - 1]!.length + 1, message);
  }
}

describe("any text", () => {
  it("of random characters is parsed and checked", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), survives), { numRuns: 500 });
  });

  it("of random words is parsed and checked", () => {
    const words = fc.array(fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom(" ", " ", "\n", "")), { maxLength: 60 });
    fc.assert(
      fc.property(words, (parts) => survives(parts.flat().join(""))),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(words, (parts) => void parseExpression(parts.flat().join(""))),
      { numRuns: 1_000 },
    );
  });

  it("that is almost a scenario is parsed and checked", () => {
    const edit = fc.tuple(fc.nat(VALID.length), fc.nat(12), fc.constantFrom("", ...TOKENS));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        survives(edits.reduce((text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed), VALID));
      }),
      { numRuns: 1_000 },
    );
  });

  it("with one token removed has one or two mistakes, not an avalanche", () => {
    const tokens = [...VALID.matchAll(/[A-Za-z_0-9]+|\.\.|==|[^\s\w]/g)];
    const counts = tokens.map(
      ({ index, 0: token }) =>
        parseScenario(VALID.slice(0, index) + " ".repeat(token.length) + VALID.slice(index + token.length)).diagnostics.length,
    );
    assert.ok(
      Math.max(...counts) <= 2,
      tokens
        .map(([t], i) => `${t}:${counts[i]}`)
        .filter((t) => !/:[012]$/.test(t))
        .join(" "),
    );
    assert.ok(counts.filter((count) => count > 1).length <= tokens.length / 20, tokens.map(([t], i) => `${t}:${counts[i]}`).join(" "));
  });

  it("that breaks off within a declaration has the mistakes of that declaration only", () => {
    for (const end of ["task t {", "task t { touch(", "process p {", "task t in p on cpu 0 { repeat {", "}{}{"]) {
      assert.ok(parseScenario(`file data size 4K\n${end}`).diagnostics.length <= 3, end);
    }
  });

  it("however deep or long is answered", () => {
    for (const text of [
      "(".repeat(200_000),
      "{".repeat(200_000),
      "process p {".repeat(20_000),
      "repeat 2 { ".repeat(20_000),
      "check always " + "a.".repeat(200_000),
      "check always " + "a[".repeat(200_000),
      "check always a" + "[0]".repeat(100_000),
      "check always " + "! ".repeat(200_000),
      "check always " + "not ".repeat(100_000),
      "check always 1" + " and 1".repeat(100_000),
      "check always 1" + " ? 1 : 1".repeat(100_000),
      "check always 1" + " +\n1".repeat(100_000),
      "x".repeat(1_000_000),
      "process p { f(" + "a, ".repeat(20_000) + "a) }",
      '"'.repeat(100_001),
      "'".repeat(100_001),
      "/*".repeat(100_000),
      "file data size 4K\n".repeat(5_000),
      "process p { " + "A = mmap(data) ".repeat(5_000) + "}",
      "(]".repeat(100_000),
      "{(}".repeat(50_000),
    ])
      survives(text);
  });
});
