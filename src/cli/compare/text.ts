// A comparison in words: a column for each kernel.

import { next_step, type Figures } from "../../engine/observe/distribution.ts";
import { lock_stat_lines } from "../../console/proc.ts";
import { format_count, format_table, format_time } from "../format.ts";
import type { Paint } from "../terminal.ts";
import type { Compared } from "./main.ts";

/** Locks and calls of which figures are shown: those waited for longest, or held. */
const MAX_LOCKS = 4;
const MAX_CALLS = 6;
/** Rows of each table of /proc/lock_stat. */
const MAX_STAT = 6;
/** Histograms that are shown, of figures of which there are so many. */
const MAX_HISTOGRAMS = 3;
const MIN_VALUES = 4;
/** Characters of the longest bar of a histogram. */
const BAR = 12;

type Row = readonly [string, (one: Compared) => string];

export function comparison_lines(all: readonly Compared[], paint: Paint): string[] {
  const locks = most(all, ({ locks: list }) => list.map(({ lock, hold, wait }) => [common_name(lock), wait.max * 1e6 + hold.max])).slice(0, MAX_LOCKS);
  const calls = most(all, ({ calls: list }) => list.map(({ call, duration }) => [call, duration.total])).slice(0, MAX_CALLS);
  const tasks = most(all, ({ wakeups }) => wakeups.map(({ task, priority }) => [task, -priority]));
  const hold = (lock: string) => (one: Compared) => one.locks.find((other) => common_name(other.lock) === lock)?.hold;
  const wait = (lock: string) => (one: Compared) => one.locks.find((other) => common_name(other.lock) === lock)?.wait;
  const duration = (call: string) => (one: Compared) => one.calls.find((other) => other.call === call)?.duration;
  const wakeup = (task: string) => (one: Compared) => one.wakeups.find((other) => other.task === task)?.latency;
  const distributions: readonly (readonly [string, (one: Compared) => Figures | undefined])[] = [
    ...tasks.map((task) => [`wakeup of ${task}`, wakeup(task)] as const),
    ...locks.flatMap((lock) => [[`${lock} held`, hold(lock)], [`${lock} waited for`, wait(lock)]] as const),
  ].filter(([, of]) => all.some((one) => (of(one)?.count ?? 0) > 0));
  const rows: Row[] = [
    ...RESULTS,
    ...distributions.flatMap(([name, of]): Row[] => [[`${name}: max`, time(of, "max")], [`  p99`, time(of, "p99")], ["  times", count(of)]]),
    ...calls.flatMap((call): Row[] => [[`${call}: max`, time(duration(call), "max")], ["  calls", count(duration(call))]]),
  ];
  const right = new Set(all.map((_, column) => column + 1));
  const [head, ...table] = format_table([["", ...all.map(({ kernel }) => kernel)], ...rows.map(([name, cell]) => [name, ...all.map(cell)])], right);
  return [
    paint("bold", head!),
    ...table,
    ...distributions.filter(([, of]) => all.some((one) => (of(one)?.count ?? 0) >= MIN_VALUES)).slice(0, MAX_HISTOGRAMS).flatMap(([name, of]) => ["", paint("bold", name), ...histogram_lines(all, of)]),
    ...all.flatMap(({ kernel, summary }) => ["", paint("bold", `/proc/lock_stat of ${kernel}`), ...lock_stat_lines(summary.locks).slice(0, MAX_STAT + 1)]),
  ];
}

const RESULTS: readonly Row[] = [
  ["run", ({ outcome, bugs }) => (bugs.length > 0 ? bugs[0]!.code : outcome)],
  ["checks that hold", ({ checks }) => `${checks.filter(({ state }) => state === "passed").length} of ${checks.length}`],
  ["exploration", ({ exploration }) => exploration_text(exploration)],
  ["model time", ({ time: ns }) => format_time(ns)],
  ["pages zapped", ({ summary }) => format_count(summary.pages_zapped)],
  ["  per ms", ({ summary, time: ns }) => (ns === 0 ? "" : (summary.pages_zapped / (ns / 1e6)).toFixed(1))],
  ["system calls per ms", ({ calls, time: ns }) => (ns === 0 ? "" : (calls.reduce((sum, { duration }) => sum + duration.count, 0) / (ns / 1e6)).toFixed(1))],
  ["lockbreaks", ({ summary }) => format_count(summary.lockbreaks)],
  ["restarts", ({ summary }) => format_count(summary.restarts)],
  ["rescans", ({ summary }) => format_count(summary.vmas_skipped)],
  ["TLB flushes", ({ summary }) => format_count(summary.tlb_flushes)],
  ["context switches", ({ summary }) => format_count(summary.context_switches)],
];

function exploration_text(exploration: Compared["exploration"]): string {
  if (exploration === null) return "not asked";
  const { verdict, findings } = exploration;
  return verdict === "found" ? findings.map(({ key }) => key).join(", ") : verdict;
}

function time(of: (one: Compared) => Figures | undefined, field: "max" | "p99"): (one: Compared) => string {
  return (one) => {
    const figures = of(one);
    return figures === undefined || figures.count === 0 ? "-" : format_time(figures[field]);
  };
}

function count(of: (one: Compared) => Figures | undefined): (one: Compared) => string {
  return (one) => format_count(of(one)?.count ?? 0);
}

/** What i_mmap_lock guards, i_mmap_mutex does in 3.0. */
function common_name(lock: string): string {
  return lock.replace(/\.i_mmap_mutex$/, ".i_mmap_lock");
}

/** Names with a weight in each kernel, by their largest weight. */
function most(all: readonly Compared[], weigh: (one: Compared) => readonly (readonly [string, number])[]): string[] {
  const weights = new Map<string, number>();
  for (const [name, weight] of all.flatMap(weigh)) weights.set(name, Math.max(weights.get(name) ?? -Infinity, weight));
  return [...weights].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([name]) => name);
}

/** A row for each step of 1, 2, 5, …, with a bar for each kernel. */
function histogram_lines(all: readonly Compared[], of: (one: Compared) => Figures | undefined): string[] {
  const steps = all.map((one) => new Map(of(one)?.histogram.map(({ up_to, count: some }) => [up_to, some] as const)));
  const bounds = steps.flatMap((map) => [...map.keys()]);
  const rows: string[][] = [];
  for (let up_to = Math.min(...bounds); up_to <= Math.max(...bounds); up_to = next_step(up_to)) {
    rows.push([`up to ${format_time(up_to).replace(".000", "")}`, ...steps.map((map, column) => bar(map.get(up_to) ?? 0, Math.max(1, of(all[column]!)?.count ?? 1)))]);
  }
  return format_table([["", ...all.map(({ kernel }) => kernel)], ...rows], new Set([0])).map((line) => `  ${line}`);
}

function bar(some: number, total: number): string {
  return some === 0 ? "" : `${"#".repeat(Math.max(1, Math.round((BAR * some) / total)))} ${format_count(some)}`;
}
