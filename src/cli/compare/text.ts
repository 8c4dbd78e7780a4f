// A comparison in words.

import type { Comparison, Histogram } from "../../console/comparison.ts";
import { LOCK_STAT_NUMBERS } from "../../console/proc.ts";
import { format_count, format_table } from "../shared/format.ts";
import type { Paint } from "../shared/terminal.ts";

/** Characters of the longest bar of a histogram. */
const BAR = 12;

/** The table of figures, the histograms, and /proc/lock_stat of each kernel. */
export function comparisonLines({ kernels, rows, histograms, lock_stat }: Comparison, paint: Paint): string[] {
  const [head, ...table] = format_table([["", ...kernels], ...rows], new Set(kernels.map((_, column) => column + 1)));
  return [
    paint("bold", head!),
    ...table,
    ...histograms.flatMap((histogram) => ["", paint("bold", histogram.name), ...histogramLines(kernels, histogram)]),
    ...kernels.flatMap((kernel, at) => ["", paint("bold", `/proc/lock_stat of ${kernel}`), ...format_table(lock_stat[at]!, LOCK_STAT_NUMBERS)]),
  ];
}

function histogramLines(kernels: readonly string[], { steps }: Histogram): string[] {
  const rows = steps.map(({ upTo, counts, shares }) => [`up to ${upTo}`, ...counts.map((count, column) => bar(count, shares[column]!))]);
  return format_table([["", ...kernels], ...rows], new Set([0])).map((line) => `  ${line}`);
}

function bar(count: number, share: number): string {
  return count === 0 ? "" : `${"#".repeat(Math.max(1, Math.round(BAR * share)))} ${format_count(count)}`;
}
