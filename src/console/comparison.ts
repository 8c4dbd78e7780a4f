// A comparison of kernels: a table of their figures with a column for each kernel, and histograms.

import { next_bound, type DistributionSummary } from "../engine/observe/distribution.ts";
import type { SearchResult } from "../scenario/explore/scenario-search.ts";
import type { RunMeasurements } from "../scenario/explore/measurements.ts";
import { format_count, format_time } from "./format.ts";
import { lockStatRows } from "./proc.ts";

/** The default number of executions that the explorer gets for each kernel of a comparison. */
export const COMPARE_EXECUTIONS = 200;
/** Statements after which a run that is compared is ended. */
export const COMPARE_STEPS = 20_000_000;
/** Locks and calls of which figures are shown: the locks with the longest waits and holds, the calls that took longest. */
const MAX_LOCKS = 4;
const MAX_CALLS = 6;
/** Rows of each table of /proc/lock_stat. */
const MAX_STAT = 6;
/** Histograms that are shown, of figures with at least MIN_VALUES values. */
const MAX_HISTOGRAMS = 3;
const MIN_VALUES = 4;

/** A kernel in a comparison. */
export interface ComparedKernel extends RunMeasurements {
  /** The result of the search; null if none was requested, or the scenario has too many tasks for it. */
  readonly exploration: SearchResult | null;
}

/** The comparison as it is shown. Plain data. */
export interface Comparison {
  readonly kernels: readonly string[];
  /** A name, and a text for each kernel. A name that begins with a blank belongs to the row before. */
  readonly rows: readonly (readonly string[])[];
  readonly histograms: readonly Histogram[];
  /** For each kernel the rows of its /proc/lock_stat, the names of the columns first. */
  readonly lock_stat: readonly (readonly (readonly string[])[])[];
}

export interface Histogram {
  readonly name: string;
  /** A row for each step of 1, 2, 5, …: its upper bound, and for each kernel the number of values, and their share of all. */
  readonly steps: readonly { readonly upTo: string; readonly counts: readonly number[]; readonly shares: readonly number[] }[];
}

type FigureRow = readonly [string, (one: ComparedKernel) => string];

/**
 * Compares at least one kernel.
 * @param tooManyTasks the scenario has too many tasks to be explored
 */
export function comparisonOf(all: readonly ComparedKernel[], tooManyTasks: boolean): Comparison {
  const locks = topNames(all, ({ locks: list }) => list.map(({ lock, hold, wait }) => [commonName(lock), wait.max * 1e6 + hold.max])).slice(
    0,
    MAX_LOCKS,
  );
  const calls = topNames(all, ({ calls: list }) => list.map(({ call, duration }) => [call, duration.total])).slice(0, MAX_CALLS);
  const tasks = topNames(all, ({ wakeups }) => wakeups.map(({ task, priority }) => [task, -priority]));
  const hold = (lock: string) => (one: ComparedKernel) => one.locks.find((other) => commonName(other.lock) === lock)?.hold;
  const wait = (lock: string) => (one: ComparedKernel) => one.locks.find((other) => commonName(other.lock) === lock)?.wait;
  const duration = (call: string) => (one: ComparedKernel) => one.calls.find((other) => other.call === call)?.duration;
  const wakeup = (task: string) => (one: ComparedKernel) => one.wakeups.find((other) => other.task === task)?.latency;
  const distributions: readonly (readonly [string, (one: ComparedKernel) => DistributionSummary | undefined])[] = [
    ...tasks.map((task) => [`wakeup of ${task}`, wakeup(task)] as const),
    ...locks.flatMap(
      (lock) =>
        [
          [`${lock} held`, hold(lock)],
          [`${lock} waited for`, wait(lock)],
        ] as const,
    ),
  ].filter(([, of]) => all.some((one) => (of(one)?.count ?? 0) > 0));
  const rows: FigureRow[] = [
    ["run", ({ outcome, bugs }) => (outcome === "end" && bugs.length > 0 ? "bug" : outcome)],
    ...failureRows(all, ({ bugs }) => bugs.map(({ code }) => code)),
    ["checks that hold", ({ checks }) => `${checks.filter(({ state }) => state === "passed").length} of ${checks.length}`],
    ["exploration", ({ exploration }) => exploration?.verdict ?? (tooManyTasks ? "too many" : "not asked")],
    ...failureRows(all, ({ exploration }) => exploration?.findings.map(({ key }) => key) ?? []),
    ...FIGURES,
    ...distributions.flatMap(([name, of]): FigureRow[] => [
      [`${name}: max`, time(of, "max")],
      [`  p99`, time(of, "p99")],
      ["  times", count(of)],
    ]),
    ...calls.flatMap((call): FigureRow[] => [
      [`${call}: max`, time(duration(call), "max")],
      ["  calls", count(duration(call))],
    ]),
  ];
  return {
    kernels: all.map(({ kernel }) => kernel),
    rows: rows.map(([name, cell]) => [name, ...all.map(cell)]),
    histograms: distributions
      .filter(([, of]) => all.some((one) => (of(one)?.count ?? 0) >= MIN_VALUES))
      .slice(0, MAX_HISTOGRAMS)
      .map(([name, of]) => histogram(name, all.map(of))),
    lock_stat: all.map(({ summary }) => lockStatRows(summary.locks).slice(0, MAX_STAT + 1)),
  };
}

/** A row for each check that fails on some kernel: on which kernels it fails. */
function failureRows(all: readonly ComparedKernel[], keys: (one: ComparedKernel) => readonly string[]): FigureRow[] {
  return [...new Set(all.flatMap(keys))].sort().map((key): FigureRow => [`  ${key}`, (one) => (keys(one).includes(key) ? "found" : "-")]);
}

const FIGURES: readonly FigureRow[] = [
  ["model time", ({ time: ns }) => format_time(ns)],
  ["pages zapped", ({ summary }) => format_count(summary.pages_zapped)],
  ["  per ms", ({ summary, time: ns }) => (ns === 0 ? "" : (summary.pages_zapped / (ns / 1e6)).toFixed(1))],
  [
    "system calls per ms",
    ({ calls, time: ns }) => (ns === 0 ? "" : (calls.reduce((sum, { duration }) => sum + duration.count, 0) / (ns / 1e6)).toFixed(1)),
  ],
  ["lockbreaks", ({ summary }) => format_count(summary.lockbreaks)],
  ["restarts", ({ summary }) => format_count(summary.restarts)],
  ["rescans", ({ summary }) => format_count(summary.vmas_skipped)],
  ["TLB flushes", ({ summary }) => format_count(summary.tlb_flushes)],
  ["context switches", ({ summary }) => format_count(summary.context_switches)],
];

function time(of: (one: ComparedKernel) => DistributionSummary | undefined, field: "max" | "p99"): (one: ComparedKernel) => string {
  return (one) => {
    const figures = of(one);
    return figures === undefined || figures.count === 0 ? "-" : format_time(figures[field]);
  };
}

function count(of: (one: ComparedKernel) => DistributionSummary | undefined): (one: ComparedKernel) => string {
  return (one) => format_count(of(one)?.count ?? 0);
}

/** i_mmap_mutex of 3.0 takes the place of i_mmap_lock: both have one row. */
function commonName(lock: string): string {
  return lock.replace(/\.i_mmap_mutex$/, ".i_mmap_lock");
}

/** Names with a weight in each kernel, by their largest weight. */
function topNames(all: readonly ComparedKernel[], weigh: (one: ComparedKernel) => readonly (readonly [string, number])[]): string[] {
  const weights = new Map<string, number>();
  for (const [name, weight] of all.flatMap(weigh)) weights.set(name, Math.max(weights.get(name) ?? -Infinity, weight));
  return [...weights].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([name]) => name);
}

function histogram(name: string, all: readonly (DistributionSummary | undefined)[]): Histogram {
  const steps = all.map((figures) => new Map(figures?.histogram.map(({ up_to, count: some }) => [up_to, some] as const)));
  const bounds = steps.flatMap((map) => [...map.keys()]);
  const rows: Histogram["steps"][number][] = [];
  for (let upTo = Math.min(...bounds); upTo <= Math.max(...bounds); upTo = next_bound(upTo)) {
    const counts = steps.map((map) => map.get(upTo) ?? 0);
    rows.push({
      upTo: format_time(upTo).replace(".000", ""),
      counts,
      shares: counts.map((some, column) => some / Math.max(1, all[column]?.count ?? 1)),
    });
  }
  return { name, steps: rows };
}
