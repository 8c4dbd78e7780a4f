// The stages of a search. A stage hands out jobs in rounds that depend on the results of earlier rounds alone: its result does
// not depend on which worker does which job, nor in which order.

import type { DfsPath } from "./dfs.ts";
import type { BacktrackPoint } from "./bounded_dpor.ts";
import type { Job, JobResult } from "./jobs.ts";
import type { SourceDporPath } from "./source_dpor.ts";

/** The progress of a stage. */
export interface StageReport {
  /** What the stage searches, in words. */
  readonly title: string;
  readonly executions: number;
  /** All its executions were explored, and none was truncated. */
  readonly exhausted: boolean;
}

export abstract class Stage {
  protected executions = 0;
  /** Executions that were truncated at the bound on transitions. */
  protected truncated = 0;

  /** What the stage searches, in words. */
  abstract readonly title: string;
  /** Have all its executions been explored? */
  abstract readonly over: boolean;
  /** Executions that are known to remain. */
  get remaining(): number {
    return 0;
  }

  /** Were all its executions explored, and none truncated? */
  get exhausted(): boolean {
    return this.over && this.truncated === 0;
  }

  /** Has it explored all inequivalent executions, with any number of preemptions? */
  get complete(): boolean {
    return false;
  }

  /** The jobs of the next round, `executions` of them at most; none when the stage is over. */
  abstract next_round(executions: number): Job[];
  /** What save and restore need besides the counts, as plain data. */
  protected abstract save_details(): unknown;
  protected abstract restore_details(saved: unknown): void;

  /** Takes the results of a round, in the order of its jobs. */
  accept(_jobs: readonly Job[], results: readonly JobResult[]): void {
    for (const { executions, truncated } of results) {
      this.executions += executions;
      this.truncated += truncated;
    }
  }

  /** Its progress; nothing if it has not begun. */
  report(): StageReport[] {
    return this.executions === 0 ? [] : [{ title: this.title, executions: this.executions, exhausted: this.exhausted }];
  }

  save(): unknown {
    return [this.executions, this.truncated, this.save_details()];
  }

  restore(saved: unknown): void {
    const [executions, truncated, details] = saved as [number, number, unknown];
    this.executions = executions;
    this.truncated = truncated;
    this.restore_details(details);
  }
}

/** Executions of a job: enough to be worth sending to another thread, few enough for several threads to end at about the same time. */
const PER_JOB = 32;
/** Jobs of a small round are halved down to this size, so that it, too, is shared among workers. */
const MIN_PER_JOB = 4;
/** How many jobs a round has, if it has enough executions. */
const JOBS_PER_ROUND = 16;
/** How many truncated executions are checked for a lasso in vain before the checks are given up: each takes long. */
const MAX_FRUITLESS_CHECKS = 4;

/** Round robin: without a delay, then with a delay at each transition. */
export class FairStage extends Stage {
  readonly title = "round robin";
  /** The next transition at which to delay, and the end of those; null before the first execution. */
  private delays: { next: number; readonly end: number } | null = null;
  private fruitless = 0;

  override get remaining(): number {
    return this.delays === null ? 0 : this.delays.end - this.delays.next;
  }

  get over(): boolean {
    return this.delays !== null && this.delays.next >= this.delays.end;
  }

  next_round(executions: number): Job[] {
    const lasso_checks = Math.max(0, MAX_FRUITLESS_CHECKS - this.fruitless);
    if (this.delays === null) return executions > 0 ? [{ kind: "fair", delays: [null], lasso_checks }] : [];
    const { next, end } = this.delays;
    const delays = Array.from({ length: Math.min(end - next, executions) }, (_, at) => next + at);
    const jobs = chunks(delays, PER_JOB).map((some): Job => ({ kind: "fair", delays: some, lasso_checks }));
    // While there are checks for a lasso left, one job may find it, or use them up.
    return this.truncated > 0 && lasso_checks > 0 ? jobs.slice(0, 1) : jobs;
  }

  override accept(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.accept(jobs, results);
    if (this.delays === null) this.delays = { next: 0, end: results[0]!.longest };
    else for (const job of jobs) if (job.kind === "fair") this.delays.next += job.delays.length;
    for (const { truncated, findings } of results) {
      const livelock = findings.find(({ key }) => key === "livelock");
      // Delays behind the cycle of a livelock lead to the same livelock.
      if (livelock === undefined) this.fruitless += truncated;
      else this.delays = { next: this.delays.next, end: Math.min(this.delays.end, livelock.transitions) };
    }
  }

  protected save_details(): unknown {
    return [this.delays, this.fruitless];
  }

  protected restore_details(saved: unknown): void {
    [this.delays, this.fruitless] = saved as [FairStage["delays"], number];
  }
}

/**
 * One of each class of equivalent executions with a bounded number of preemptions (bounded_dpor.ts), in the order of the number of their
 * preemptions.
 */
export class BoundedStage extends Stage {
  /** The worklists, by number of preemptions: executions that are still to be explored. */
  private worklists: BacktrackPoint[][] = [[{ segments: "", preemptions: 0, first_reversible: 0 }]];
  /** The visited set: all that were ever in a worklist, by their segments. */
  private visited = new Set<string>();
  /** By number of preemptions: executions that were explored, and how many of them were truncated. */
  private levels: { executions: number; truncated: number }[] = [];

  constructor(private readonly preemptions: number) {
    super();
  }

  get title(): string {
    return up_to(Math.max(0, this.levels.length - 1));
  }

  get over(): boolean {
    return this.is_over(this.preemptions);
  }

  override get complete(): boolean {
    return this.is_over(Infinity) && this.truncated === 0;
  }

  override get remaining(): number {
    return this.worklists.slice(0, this.preemptions + 1).reduce((sum, { length }) => sum + length, 0);
  }

  next_round(executions: number): Job[] {
    const next = this.worklists.slice(0, this.preemptions + 1).find((points) => points.length > 0);
    const points = next?.slice(0, executions) ?? [];
    let size = PER_JOB;
    while (size > MIN_PER_JOB && size * JOBS_PER_ROUND > points.length) size /= 2;
    return chunks(points, size).map((some) => ({ kind: "expand", points: some }));
  }

  override accept(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.accept(jobs, results);
    jobs.forEach((job, number) => {
      if (job.kind !== "expand") return;
      const { preemptions } = job.points[0]!;
      this.worklists[preemptions]!.splice(0, job.points.length);
      while (this.levels.length <= preemptions) this.levels.push({ executions: 0, truncated: 0 });
      this.levels[preemptions]!.executions += results[number]!.executions;
      this.levels[preemptions]!.truncated += results[number]!.truncated;
    });
    for (const { points } of results) this.enqueue(points);
  }

  override report(): StageReport[] {
    let truncated = 0;
    return this.levels.map((level, preemptions) => {
      truncated += level.truncated;
      return { title: up_to(preemptions), executions: level.executions, exhausted: truncated === 0 && this.is_over(preemptions) };
    });
  }

  /** Begins with other executions. `first` is the result of the non-preemptive one. */
  protected start_from(first: JobResult, points: readonly BacktrackPoint[]): void {
    super.accept([], [first]);
    this.levels = [{ executions: first.executions, truncated: first.truncated }];
    this.worklists = [];
    this.enqueue(points);
  }

  protected save_details(): unknown {
    return [this.worklists, [...this.visited], this.levels];
  }

  protected restore_details(saved: unknown): void {
    const [worklists, visited, levels] = saved as [BacktrackPoint[][], string[], BoundedStage["levels"]];
    this.worklists = worklists;
    this.visited = new Set(visited);
    this.levels = levels;
  }

  private is_over(preemptions: number): boolean {
    return this.worklists.every((points, number) => number > preemptions || points.length === 0);
  }

  private enqueue(points: readonly BacktrackPoint[]): void {
    for (const point of points) {
      if (this.visited.has(point.segments)) continue;
      this.visited.add(point.segments);
      while (this.worklists.length <= point.preemptions) this.worklists.push([]);
      this.worklists[point.preemptions]!.push(point);
    }
  }
}

function up_to(preemptions: number): string {
  return preemptions === 0 ? "no preemption" : `up to ${preemptions} preemption${preemptions === 1 ? "" : "s"}`;
}

/** One shard of a bounded search. Shards are independent of each other. */
export class ShardStage extends BoundedStage {
  private split = false;

  /** @param part which one of `parts`, from 1 */
  constructor(
    preemptions: number,
    private readonly part: number,
    private readonly parts: number,
  ) {
    super(preemptions);
  }

  override get over(): boolean {
    return this.split && super.over;
  }

  override get complete(): boolean {
    return false;
  }

  override next_round(executions: number): Job[] {
    return this.split || executions === 0 ? super.next_round(executions) : [{ kind: "split" }];
  }

  override accept(jobs: readonly Job[], results: readonly JobResult[]): void {
    if (this.split) return super.accept(jobs, results);
    this.split = true;
    this.start_from(
      results[0]!,
      results[0]!.points.filter((_, number) => number % this.parts === this.part - 1),
    );
  }

  protected override save_details(): unknown {
    return [this.split, super.save_details()];
  }

  protected override restore_details(saved: unknown): void {
    const [split, details] = saved as [boolean, unknown];
    this.split = split;
    super.restore_details(details);
  }
}

/** A search in which each execution depends on the one before: plain depth-first search, or source sets. */
export class SequentialStage extends Stage {
  private path: DfsPath | SourceDporPath | null = [];

  /**
   * @param bounded executions beyond a bound on preemptions are left out
   * @param budget after how many executions it is given up
   */
  constructor(
    readonly title: string,
    private readonly job: (path: DfsPath | SourceDporPath, executions: number) => Job,
    private readonly bounded: boolean,
    private readonly budget: number,
  ) {
    super();
  }

  override get complete(): boolean {
    return this.exhausted && !this.bounded;
  }

  get over(): boolean {
    return this.path === null;
  }

  next_round(executions: number): Job[] {
    const most = Math.min(executions, this.budget - this.executions, PER_JOB * 8);
    return this.path === null || most <= 0 ? [] : [this.job(this.path, most)];
  }

  override accept(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.accept(jobs, results);
    this.path = results[0]!.path;
  }

  protected save_details(): unknown {
    return this.path;
  }

  protected restore_details(saved: unknown): void {
    this.path = saved as SequentialStage["path"];
  }
}

/** Random executions. The stage is never over by itself. */
export class SampleStage extends Stage {
  readonly over = false;

  /** @param job the job for the executions with the numbers from `from` up to `to` */
  constructor(
    readonly title: string,
    private readonly job: (from: number, to: number) => Job,
  ) {
    super();
  }

  next_round(executions: number): Job[] {
    const numbers = Array.from({ length: executions }, (_, at) => this.executions + at);
    return chunks(numbers, PER_JOB).map((some) => this.job(some[0]!, some.at(-1)! + 1));
  }

  protected save_details(): unknown {
    return null;
  }

  protected restore_details(): void {
    // The number of executions is the whole state.
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
