// What the extension and its worker say to each other about explorations and comparisons. All of it is plain data. The extension
// imports this beside protocol.ts.

import type { Comparison } from "../../console/comparison.ts";
import type { Live } from "../../scenario/explore/explore.ts";
import type { Story } from "../../scenario/explore/story.ts";

export type { Comparison, Histogram } from "../../console/comparison.ts";
export type { Row, Story } from "../../scenario/explore/story.ts";

/** From the extension: explore this scenario. A worker explores one at a time. */
export interface ExploreOrder {
  readonly type: "explore";
  /** What the scenario is called, and its text. */
  readonly name: string;
  readonly text: string;
  /** On every kernel, not only on the one that the scenario names. */
  readonly all: boolean;
}

/** From the extension: run this scenario on every kernel, and compare. */
export interface CompareOrder {
  readonly type: "compare";
  readonly name: string;
  readonly text: string;
}

export type ExploreMessage =
  | ExploreOrder
  | CompareOrder
  /** From the extension: enough. What was found so far is the result of an exploration; a comparison has none. */
  | { readonly type: "endExploring" }
  | { readonly type: "exploring"; readonly progress: ExploreProgress }
  | { readonly type: "explored"; readonly results: readonly ExploreResult[] }
  /** The result of a comparison. */
  | { readonly type: "compared"; readonly comparison: Comparison }
  /** The scenario cannot be explored, or not be compared. `line` (from 1) is where that comes from, if it comes from one. */
  | { readonly type: "notExplored"; readonly reason: string; readonly line: number | null };

export interface ExploreProgress extends Live {
  /** How many kernels are done of how many. */
  readonly before: number;
  readonly kernels: number;
}

/** What came out on one kernel. */
export interface ExploreResult {
  readonly kernel: string;
  /** `found`; `clean`: nothing fails, and all was looked at that was asked for; `open`: nothing was found so far. */
  readonly verdict: "found" | "clean" | "open";
  /** What was searched and what was not, in words: a headline, and below it a line each. */
  readonly lines: readonly string[];
  readonly findings: readonly ExploreFinding[];
}

/** A check that fails, with the best example. */
export interface ExploreFinding {
  /** Which check, and what it says, in words. */
  readonly lines: readonly string[];
  /** As a launch configuration takes it. */
  readonly schedule: string;
  /** The example as a table. */
  readonly story: Story;
}
