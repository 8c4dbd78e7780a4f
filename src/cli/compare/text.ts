// A comparison as text: tables and histograms.

import type { Comparison, Histogram } from "../../console/comparison.ts";
import { LOCK_STAT_NUMBERS } from "../../console/proc.ts";
import { format_count, format_table } from "../shared/format.ts";
import type { TextStyler } from "../shared/terminal.ts";

/** Characters of the longest bar of a histogram. */
const BAR = 12;

/** The table of figures, the histograms, and /proc/lock_stat of each kernel. */
export function comparisonLines({ kernels, rows, histograms, lock_stat }: Comparison, styled: TextStyler): string[] {
  const [head, ...table] = format_table([["", ...kernels], ...rows], new Set(kernels.map((_, column) => column + 1)));
  return [
    styled("bold", head!),
    ...table,
    ...histograms.flatMap((histogram) => ["", styled("bold", histogram.name), ...histogramLines(kernels, histogram)]),
    ...kernels.flatMap((kernel, at) => [
      "",
      styled("bold", `/proc/lock_stat of ${kernel}`),
      ...format_table(lock_stat[at]!, LOCK_STAT_NUMBERS),
    ]),
  ];
}

function histogramLines(kernels: readonly string[], { steps }: Histogram): string[] {
  const rows = steps.map(({ upTo, counts, shares }) => [`up to ${upTo}`, ...counts.map((count, column) => bar(count, shares[column]!))]);
  return format_table([["", ...kernels], ...rows], new Set([0])).map((line) => `  ${line}`);
}

function bar(count: number, share: number): string {
  return count === 0 ? "" : `${"#".repeat(Math.max(1, Math.round(BAR * share)))} ${format_count(count)}`;
}
