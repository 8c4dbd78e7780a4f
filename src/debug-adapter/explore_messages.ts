// What the extension and its worker say to each other about explorations and comparisons. All of it is plain data. The extension
// imports this beside protocol.ts.

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
  | { readonly type: "compared"; readonly comparison: ComparisonResult }
  /** The scenario cannot be explored, or not be compared. `line` (from 1) is where that comes from, if it comes from one. */
  | { readonly type: "notExplored"; readonly reason: string; readonly line: number | null };

export interface ExploreProgress {
  /** The kernel that is explored now, and how many are done of how many. */
  readonly kernel: string;
  readonly before: number;
  readonly kernels: number;
  /** What is searched now, in words. */
  readonly title: string;
  readonly executions: number;
  readonly findings: number;
  /** The part of what is known to be there to search on this kernel: from 0 to 1; it goes back when more becomes known. */
  readonly done: number;
  readonly seconds: number;
}

/** What a comparison shows: a column for each kernel. */
export interface ComparisonResult {
  readonly kernels: readonly string[];
  /** A name, and a text for each kernel. A name that begins with a blank belongs to the row before. */
  readonly rows: readonly (readonly string[])[];
  readonly histograms: readonly ComparedHistogram[];
  /** For each kernel the rows of its /proc/lock_stat, the names of the columns first. */
  readonly lock_stat: readonly (readonly (readonly string[])[])[];
}

export interface ComparedHistogram {
  readonly name: string;
  /** A row for each step of 1, 2, 5, …: up to what, and for each kernel how many values, and which part of all. */
  readonly steps: readonly { readonly up_to: string; readonly counts: readonly number[]; readonly shares: readonly number[] }[];
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
  /** The columns of the example's table. */
  readonly tasks: readonly string[];
  readonly rows: readonly ExploreRow[];
}

export type ExploreRow =
  /** What a task does; `step` is where in time that is. */
  | { readonly kind: "step"; readonly task: number; readonly text: string; readonly step: number }
  /** Another task goes on, and why. */
  | { readonly kind: "switch"; readonly task: number; readonly why: string }
  /** What follows is repeated for ever. */
  | { readonly kind: "cycle" }
  | { readonly kind: "end"; readonly text: string };
