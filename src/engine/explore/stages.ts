// What a search consists of, stage by stage. A stage hands out jobs in rounds that depend on the results of earlier rounds
// alone: it comes to the same, whoever does them and in whatever order.

import type { DfsPath } from "./dfs.ts";
import type { Item } from "./expand.ts";
import type { Job, JobResult } from "./jobs.ts";
import type { SourcePath } from "./source.ts";

/** How far a part of a search has come. */
export interface StageReport {
  /** What is searched, in words. */
  readonly title: string;
  readonly executions: number;
  /** It has looked at everything that it is about, and none of it had to be cut. */
  readonly exhausted: boolean;
}

export abstract class Stage {
  protected executions = 0;
  /** Executions that had too many units. */
  protected cut = 0;

  /** What is searched, in words. */
  abstract readonly title: string;
  /** Is there nothing left to look at? */
  abstract readonly over: boolean;
  /** Executions that are known to be left. */
  get left(): number {
    return 0;
  }

  /** Has it looked at everything that it is about, and none of it had to be cut? */
  get exhausted(): boolean {
    return this.over && this.cut === 0;
  }

  /** Has it shown that no other search would find more? */
  get complete(): boolean {
    return false;
  }

  /** The jobs of the next round, `executions` of them at most; none when the stage is over. */
  abstract round(executions: number): Job[];
  /** Where it is, as plain data, and back to there. */
  protected abstract save_more(): unknown;
  protected abstract restore_more(saved: unknown): void;

  /** Takes the results of a round, in the order of its jobs. */
  give(_jobs: readonly Job[], results: readonly JobResult[]): void {
    for (const { executions, cut } of results) {
      this.executions += executions;
      this.cut += cut;
    }
  }

  /** How far it has come; nothing if it has not begun. */
  report(): StageReport[] {
    return this.executions === 0 ? [] : [{ title: this.title, executions: this.executions, exhausted: this.exhausted }];
  }

  save(): unknown {
    return [this.executions, this.cut, this.save_more()];
  }

  restore(saved: unknown): void {
    const [executions, cut, more] = saved as [number, number, unknown];
    this.executions = executions;
    this.cut = cut;
    this.restore_more(more);
  }
}

/** Executions of a job: enough to be worth sending it to another thread, few enough for several threads to end at a time. */
const PER_JOB = 32;
/** Of those that there are few of, so that these, too, are shared out: half as many again and again, down to this. */
const FEWEST = 4;
/** So many jobs a round is to have. */
const JOBS = 16;
/** So many executions that do not end are watched without a result before that is given up: each takes long. */
const MAX_FRUITLESS = 4;

/** Round robin: with no turn passed over, then with each once. */
export class FairStage extends Stage {
  readonly title = "round robin";
  /** The next turn to be passed over, and how many there are; null before the first execution. */
  private turns: { next: number; readonly end: number } | null = null;
  private fruitless = 0;

  override get left(): number {
    return this.turns === null ? 0 : this.turns.end - this.turns.next;
  }

  get over(): boolean {
    return this.turns !== null && this.turns.next >= this.turns.end;
  }

  round(executions: number): Job[] {
    const watches = Math.max(0, MAX_FRUITLESS - this.fruitless);
    if (this.turns === null) return executions > 0 ? [{ kind: "fair", delays: [null], watches }] : [];
    const { next, end } = this.turns;
    const delays = Array.from({ length: Math.min(end - next, executions) }, (_, at) => next + at);
    const jobs = chunks(delays, PER_JOB).map((some): Job => ({ kind: "fair", delays: some, watches }));
    // While there is something to be watched, a job may be the last that has to.
    return this.cut > 0 && watches > 0 ? jobs.slice(0, 1) : jobs;
  }

  override give(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.give(jobs, results);
    if (this.turns === null) this.turns = { next: 0, end: results[0]!.longest };
    else for (const job of jobs) if (job.kind === "fair") this.turns.next += job.delays.length;
    for (const { cut, findings } of results) {
      const livelock = findings.find(({ key }) => key === "livelock");
      // Where one was found, others that begin behind it are the same.
      if (livelock === undefined) this.fruitless += cut;
      else this.turns = { next: this.turns.next, end: Math.min(this.turns.end, livelock.units) };
    }
  }

  protected save_more(): unknown {
    return [this.turns, this.fruitless];
  }

  protected restore_more(saved: unknown): void {
    [this.turns, this.fruitless] = saved as [FairStage["turns"], number];
  }
}

/**
 * All executions with up to so many preemptions, but for those that do not differ in what matters: see expand.ts. Those with
 * few come first.
 */
export class BoundedStage extends Stage {
  /** By their preemptions: executions that are still to be looked at. */
  private waiting: Item[][] = [[{ turns: "", preemptions: 0, floor: 0 }]];
  /** All that were ever waiting. */
  private known = new Set<string>();
  /** By their preemptions: executions that were looked at, and those of them that were cut. */
  private levels: { executions: number; cut: number }[] = [];

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
    return this.is_over(Infinity) && this.cut === 0;
  }

  override get left(): number {
    return this.waiting.slice(0, this.preemptions + 1).reduce((sum, { length }) => sum + length, 0);
  }

  round(executions: number): Job[] {
    const next = this.waiting.slice(0, this.preemptions + 1).find((items) => items.length > 0);
    const items = next?.slice(0, executions) ?? [];
    let size = PER_JOB;
    while (size > FEWEST && size * JOBS > items.length) size /= 2;
    return chunks(items, size).map((some) => ({ kind: "expand", items: some }));
  }

  override give(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.give(jobs, results);
    jobs.forEach((job, number) => {
      if (job.kind !== "expand") return;
      const { preemptions } = job.items[0]!;
      this.waiting[preemptions]!.splice(0, job.items.length);
      while (this.levels.length <= preemptions) this.levels.push({ executions: 0, cut: 0 });
      this.levels[preemptions]!.executions += results[number]!.executions;
      this.levels[preemptions]!.cut += results[number]!.cut;
    });
    for (const { items } of results) this.add(items);
  }

  override report(): StageReport[] {
    let cut = 0;
    return this.levels.map((level, preemptions) => ({ title: up_to(preemptions), executions: level.executions, exhausted: (cut += level.cut) === 0 && this.is_over(preemptions) }));
  }

  /** Takes other executions to begin with. `first` is what the one that goes by default came to. */
  protected begin(first: JobResult, items: readonly Item[]): void {
    super.give([], [first]);
    this.levels = [{ executions: first.executions, cut: first.cut }];
    this.waiting = [];
    this.add(items);
  }

  protected save_more(): unknown {
    return [this.waiting, [...this.known], this.levels];
  }

  protected restore_more(saved: unknown): void {
    const [waiting, known, levels] = saved as [Item[][], string[], BoundedStage["levels"]];
    this.waiting = waiting;
    this.known = new Set(known);
    this.levels = levels;
  }

  private is_over(preemptions: number): boolean {
    return this.waiting.every((items, number) => number > preemptions || items.length === 0);
  }

  private add(items: readonly Item[]): void {
    for (const item of items) {
      if (this.known.has(item.turns)) continue;
      this.known.add(item.turns);
      while (this.waiting.length <= item.preemptions) this.waiting.push([]);
      this.waiting[item.preemptions]!.push(item);
    }
  }
}

function up_to(preemptions: number): string {
  return preemptions === 0 ? "no preemption" : `up to ${preemptions} preemption${preemptions === 1 ? "" : "s"}`;
}

/** One of several parts of a bounded search, each of which is searched without knowing of the others. */
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

  override round(executions: number): Job[] {
    return this.split || executions === 0 ? super.round(executions) : [{ kind: "split" }];
  }

  override give(jobs: readonly Job[], results: readonly JobResult[]): void {
    if (this.split) return super.give(jobs, results);
    this.split = true;
    this.begin(results[0]!, results[0]!.items.filter((_, number) => number % this.parts === this.part - 1));
  }

  protected override save_more(): unknown {
    return [this.split, super.save_more()];
  }

  protected override restore_more(saved: unknown): void {
    const [split, more] = saved as [boolean, unknown];
    this.split = split;
    super.restore_more(more);
  }
}

/** A search that goes execution by execution: plain depth first, or by source sets. */
export class SequentialStage extends Stage {
  private path: DfsPath | SourcePath | null = [];

  /**
   * @param bounded some executions are left out
   * @param budget how many executions there may be before it is given up
   */
  constructor(
    readonly title: string,
    private readonly job: (path: DfsPath | SourcePath, executions: number) => Job,
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

  round(executions: number): Job[] {
    const most = Math.min(executions, this.budget - this.executions, PER_JOB * 8);
    return this.path === null || most <= 0 ? [] : [this.job(this.path, most)];
  }

  override give(jobs: readonly Job[], results: readonly JobResult[]): void {
    super.give(jobs, results);
    this.path = results[0]!.path;
  }

  protected save_more(): unknown {
    return this.path;
  }

  protected restore_more(saved: unknown): void {
    this.path = saved as SequentialStage["path"];
  }
}

/** Executions by chance. They come to no end by themselves. */
export class SampleStage extends Stage {
  readonly over = false;

  /** @param job executions by their numbers, from `from` up to `to` */
  constructor(
    readonly title: string,
    private readonly job: (from: number, to: number) => Job,
  ) {
    super();
  }

  round(executions: number): Job[] {
    const numbers = Array.from({ length: executions }, (_, at) => this.executions + at);
    return chunks(numbers, PER_JOB).map((some) => this.job(some[0]!, some.at(-1)! + 1));
  }

  protected save_more(): unknown {
    return null;
  }

  protected restore_more(): void {
    // The number of executions is all there is.
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
