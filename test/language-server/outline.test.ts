// Outline and folding.

import assert from "node:assert/strict";
import type { DocumentSymbol } from "vscode-languageserver";
import { folds, outline } from "./support.ts";

const STORY = `kernel vmtrunc4
machine {
  cpus: 2
  preempt: on
}
/* one
   two
   three */
file data size 64M count 7
process viewer * 8 {
  V = mmap(data,
    length: 4M)
  touch(V)
}
task shrink in viewer[0] on cpu 0 at 10us {
  repeat 3 {
    W = mmap(data)
    munmap(W)
  }
  W = mmap(data)
}
on lockbreak(data) #2 { touch(viewer[3].V) }
force need_lockbreak(data.i_mmap_lock) at 1, 4 .. 6
check finally
  mapped(data) == 0
expect bug rss
`;

function lines(symbols: readonly DocumentSymbol[], indent = ""): string[] {
  return symbols.flatMap(({ name, detail, range, children }) => [
    `${indent}${name} | ${detail} | ${range.start.line + 1}-${range.end.line + 1}`,
    ...lines(children ?? [], indent + "  "),
  ]);
}

describe("language server: outline", () => {
  it("lists declarations and the mappings in them", async () => {
    assert.deepEqual(lines(await outline(STORY)), [
      "vmtrunc4 | kernel | 1-1",
      "machine |  | 2-5",
      "data | file 64M | 9-9",
      "viewer | process * 8 | 10-14",
      "  V | mmap(data, length: 4M) | 11-12",
      "shrink | task in viewer[0] on cpu 0 at 10us | 15-21",
      "  W | mmap(data) | 17-17",
      "on lockbreak(data) #2 |  | 22-22",
      "force need_lockbreak(data.i_mmap_lock) at 1, 4 .. 6 |  | 23-23",
      "check finally mapped(data) == 0 |  | 24-25",
      "expect bug rss |  | 26-26",
    ]);
  });

  it("selects names", async () => {
    const [, , file, process] = await outline(STORY);
    assert.deepEqual(file!.selectionRange, { start: { line: 8, character: 5 }, end: { line: 8, character: 9 } });
    assert.deepEqual(process!.children![0]!.selectionRange, { start: { line: 10, character: 2 }, end: { line: 10, character: 3 } });
  });

  it("keeps all else when something is half-written", async () => {
    const whole = lines(await outline(STORY));
    for (const [sound, broken, missing] of [
      ["size 64M count 7", "size", []],
      ["process viewer * 8 {", "process viewer * {", []],
      ["  touch(V)\n}", "  touch(V", []],
      ["task shrink in viewer[0] on cpu 0 at 10us {", "task shrink in {", ["W"]],
      ["    munmap(W)", "    munmap(\n    W.\n    mun map", []],
      ["  touch(V)", "  touch(V))\n  whenever V {", []],
      ["on lockbreak(data) #2 {", "on lockbreak(data) where {", []],
      ["kernel vmtrunc4", "kernel", ["vmtrunc4"]],
      ["file data", "file", ["data"]],
    ] as const) {
      const names = lines(await outline(STORY.replace(sound, broken))).map((line) => line.trim().split(" ")[0]);
      const expected = whole.map((line) => line.trim().split(" ")[0]!).filter((name) => !(missing as readonly string[]).includes(name));
      assert.deepEqual(
        names.filter((name) => expected.includes(name!)),
        expected,
        broken,
      );
    }
  });
});

describe("language server: folding", () => {
  it("folds blocks and comments up to the line before their end", async () => {
    const folded = (await folds(STORY)).map(({ startLine, endLine, kind }) => `${startLine + 1}-${endLine + 1} ${kind ?? ""}`.trim());
    assert.deepEqual(folded, ["2-4", "10-13", "15-20", "16-18", "6-7 comment"]);
  });
});
