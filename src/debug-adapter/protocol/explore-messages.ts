// The messages between the extension and its worker about explorations and comparisons, as plain data. The extension imports
// this beside protocol.ts.

import type { Comparison } from "../../console/comparison.ts";
import type { SearchProgress } from "../../scenario/explore/scenario-search.ts";
import type { TraceTable } from "../../scenario/explore/trace-table.ts";

export type { Comparison, Histogram } from "../../console/comparison.ts";
export type { TraceTableRow, TraceTable } from "../../scenario/explore/trace-table.ts";

/** From the extension: explore this scenario. A worker explores one at a time. */
export interface ExploreRequest {
  readonly type: "explore";
  /** The name of the scenario, and its text. */
  readonly name: string;
  readonly text: string;
  /** Explore it on every kernel, not only on the one that the scenario names. */
  readonly allKernels: boolean;
}

/** From the extension: run this scenario on every kernel, and compare. */
export interface CompareRequest {
  readonly type: "compare";
  readonly name: string;
  readonly text: string;
}

export type ExploreMessage =
  | ExploreRequest
  | CompareRequest
  /** From the extension: interrupt. What was found so far is the result of an exploration; a comparison has none. */
  | { readonly type: "endExploring" }
  | { readonly type: "exploring"; readonly progress: ExploreProgress }
  | { readonly type: "explored"; readonly results: readonly ExploreResult[] }
  /** The result of a comparison. */
  | { readonly type: "compared"; readonly comparison: Comparison }
  /** The scenario cannot be explored, or not be compared. `line` (from 1) is where that comes from, if it comes from one. */
  | { readonly type: "notExplored"; readonly reason: string; readonly line: number | null };

export interface ExploreProgress extends SearchProgress {
  /** How many of the kernels are done, and how many there are. */
  readonly kernelsDone: number;
  readonly kernels: number;
}

/** The result on one kernel. */
export interface ExploreResult {
  readonly kernel: string;
  /** `found`: a check fails; `clean`: none fails in all that was to be searched; `open`: none was found to fail so far. */
  readonly verdict: "found" | "clean" | "open";
  /** What was searched and what was not, in words: a headline, and more lines below it. */
  readonly lines: readonly string[];
  readonly findings: readonly ExploreFinding[];
}

/** A check that fails, with the shortest execution in which it does. */
export interface ExploreFinding {
  /** The check and its message, in words. */
  readonly lines: readonly string[];
  /** The schedule of that execution, for a launch configuration. */
  readonly schedule: string;
  /** That execution as a trace table. */
  readonly traceTable: TraceTable;
}
