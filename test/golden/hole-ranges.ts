// Runs hole_ranges.jsonl: which pages unmap_mapping_range takes a hole for, with 32-bit and with 64-bit page indexes.

import { hole_pages } from "../../src/engine/kernel/common/memory.ts";
import { ulong32, ulong64, type Word } from "../../src/engine/machine/ulong.ts";
import { parseExactJson } from "./exact-json.ts";
import type { GoldenResult } from "./prio-tree.ts";

interface Row {
  readonly holebegin: number | bigint;
  readonly holelen: number | bigint;
  readonly bits32: readonly (number | bigint)[];
  readonly bits64: readonly (number | bigint)[];
}

/** Runs the table, given as the text of its file. */
export function runHoleRanges(text: string): GoldenResult {
  // The format is the recordings' own; a line that does not follow it shows up as a mismatch.
  const rows = text.trimEnd().split("\n").slice(1).map(parseExactJson) as unknown as Row[];
  const totals = { passed: 0, failed: 0, firstMismatch: null as string | null };
  rows.forEach((row, index) => {
    for (const [word, recorded] of [
      [ulong32, row.bits32],
      [ulong64, row.bits64],
    ] as const) {
      const expected = recorded.join(" to ");
      const actual = exact(word, row).join(" to ");
      if (actual === expected) {
        totals.passed++;
      } else {
        totals.failed++;
        totals.firstMismatch ??= `line ${index + 2} (${word.BITS_PER_LONG} bits): expected ${expected}, got ${actual}`;
      }
    }
  });
  return totals;
}

function exact(word: Word<number>, { holebegin, holelen }: Row): (number | bigint)[] {
  const { first, last } = hole_pages(word, holebegin, holelen);
  return [first, last].map((page) => (page === ulong64.ULONG_MAX ? 2n ** 64n - 1n : page));
}
