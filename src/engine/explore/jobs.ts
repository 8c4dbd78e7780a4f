// The work of a search, in pieces that whoever has time can do: a piece says all that it needs, its result all that came out
// of it, both as plain data, and the one depends on the other alone.

import { format_turns, parse_turns } from "../schedule/schedule.ts";
import { DepthFirst, type DfsPath } from "./dfs.ts";
import { Expander, type Item } from "./expand.ts";
import { find_lasso, round_robin } from "./fair.ts";
import { Findings, type Finding } from "./finding.ts";
import { finding_of, minimise } from "./minimise.ts";
import { Runner, type Boot, type Bounds, type Strategy } from "./runner.ts";
import { pct, random } from "./samples.ts";
import { SourceSearch, type SourcePath } from "./source.ts";

export type Job =
  /** Executions of the bounded search. */
  | { readonly kind: "expand"; readonly items: readonly Item[] }
  /** What there is to do for several who search without asking each other. */
  | { readonly kind: "split" }
  /**
   * Round robin, with the turn at some unit passed over (null: at none). Those with too many units are watched, until `watches`
   * of them have come to nothing.
   */
  | { readonly kind: "fair"; readonly delays: readonly (number | null)[]; readonly watches: number }
  /** An execution that had too many units: does it go on for ever? */
  | { readonly kind: "lasso"; readonly turns: string }
  | { readonly kind: "random"; readonly seed: number; readonly from: number; readonly to: number }
  | { readonly kind: "pct"; readonly seed: number; readonly depth: number; readonly units: number; readonly from: number; readonly to: number }
  /** So many executions more of a depth-first search, from where it was. */
  | { readonly kind: "dfs"; readonly preemptions: number; readonly path: DfsPath; readonly executions: number }
  | { readonly kind: "source"; readonly path: SourcePath; readonly executions: number }
  /** A better example of a finding. */
  | { readonly kind: "minimise"; readonly finding: Finding };

export interface JobResult {
  readonly executions: number;
  /** Units of all of them. */
  readonly units: number;
  /** Units of the longest. */
  readonly longest: number;
  /** Executions that had too many units, and the turns of the first of them. */
  readonly cut: number;
  readonly cut_turns: string | null;
  readonly findings: readonly Finding[];
  /** The states that were reached, by number: see World.state. */
  readonly states: readonly number[];
  /** Executions that have to be looked at because of these. */
  readonly items: readonly Item[];
  /** Where a depth-first search is now; null if it has come to its end. */
  readonly path: DfsPath | SourcePath | null;
}

/** Does jobs about one world, one after the other. */
export class Worker {
  private readonly runner: Runner;
  private readonly expander: Expander;
  private tally: Tally;

  constructor(boot: Boot, bounds: Bounds) {
    this.runner = new Runner(boot, bounds);
    this.expander = new Expander(this.runner);
    this.tally = new Tally(this.runner);
  }

  /** Does a job to its end. */
  do(job: Job): JobResult {
    const work = this.work(job);
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
    }
  }

  /** What the job at hand has come to so far. */
  so_far(): JobResult {
    return this.tally.result();
  }

  /** Does a job, with pauses: after every execution, and in the middle of long ones. Each tells how many have ended since the last. */
  *work(job: Job): Generator<number, JobResult> {
    const { runner } = this;
    const tally = (this.tally = new Tally(runner));
    switch (job.kind) {
      case "expand":
        for (const item of job.items) {
          tally.items.push(...this.expander.expand(item));
          tally.count();
          yield 1;
        }
        return tally.result();
      case "split":
        tally.items.push(...this.expander.split());
        tally.count();
        return tally.result();
      case "fair": {
        let { watches } = job;
        for (const delay of job.delays) {
          this.sample(tally, round_robin(delay));
          yield 1;
          if (watches > 0 && runner.outcome.kind === "limit" && !(yield* this.find_lasso(tally, "", round_robin(delay), 0))) watches -= 1;
        }
        return tally.result();
      }
      case "lasso":
        yield* this.find_lasso(tally, job.turns, round_robin(null), runner.bounds.units);
        return tally.result();
      case "random":
        for (let number = job.from; number < job.to; number++) {
          this.sample(tally, random(job.seed, number));
          yield 1;
        }
        return tally.result();
      case "pct":
        for (let number = job.from; number < job.to; number++) {
          this.sample(tally, pct(job.seed, number, job.depth, job.units));
          yield 1;
        }
        return tally.result();
      case "dfs":
        return yield* this.search(tally, new DepthFirst(runner, job.preemptions, job.path), job.executions);
      case "source":
        return yield* this.search(tally, new SourceSearch(runner, job.path), job.executions);
      case "minimise": {
        const { finding, executions } = yield* minimise(runner, job.finding);
        tally.findings.add(finding);
        return { ...tally.result(), executions };
      }
    }
  }

  private sample(tally: Tally, strategy: Strategy): void {
    this.runner.run([], strategy);
    tally.count();
  }

  /** Follows `turns`, then `strategy` for `units` units, then goes round robin until a state comes back; false if none does. */
  private *find_lasso(tally: Tally, turns: string, strategy: Strategy, units: number): Generator<number, boolean> {
    const { runner } = this;
    const lasso = yield* find_lasso(runner, parse_turns(turns), strategy, units, 2 * runner.bounds.units);
    tally.executions += 1;
    if (lasso === null) return false;
    const { stem, period } = lasso;
    const names = runner.policy.processes.filter((task, process) => task !== null && runner.trace.process.slice(stem, stem + period).includes(process)).map((task) => task!.name);
    tally.findings.add({
      key: "livelock",
      message: `${names.join(", ")} go on for ever: after ${stem} operations the same ${period} come again and again`,
      turns: format_turns(runner.turns_of(0, stem)),
      cycle: format_turns(runner.turns_of(stem, stem + period)),
      preemptions: runner.trace.preemptions_before(stem + period),
      units: stem + period,
    });
    return true;
  }

  private *search(tally: Tally, search: DepthFirst | SourceSearch, executions: number): Generator<number, JobResult> {
    while (!search.over && tally.executions < executions) {
      search.step();
      tally.count();
      yield 1;
    }
    return { ...tally.result(), path: search.over ? null : search.save() };
  }
}

/** What some executions come to. */
class Tally {
  executions = 0;
  readonly findings = new Findings();
  readonly items: Item[] = [];
  private units = 0;
  private longest = 0;
  private cut = 0;
  private cut_turns: string | null = null;
  private readonly states = new Set<number>();

  constructor(private readonly runner: Runner) {}

  /** One execution is over. */
  count(): void {
    const { trace, outcome, world } = this.runner;
    this.executions += 1;
    this.units += trace.length;
    this.longest = Math.max(this.longest, trace.length);
    if (outcome.kind === "limit") {
      if (outcome.limit.limit !== "units") return;
      this.cut += 1;
      this.cut_turns ??= format_turns(this.runner.turns_of(0, trace.length));
      return;
    }
    this.states.add(world.state());
    const finding = finding_of(this.runner);
    if (finding !== null) this.findings.add(finding);
  }

  result(): JobResult {
    const { executions, units, longest, cut, cut_turns, items } = this;
    return { executions, units, longest, cut, cut_turns, findings: this.findings.all(), states: [...this.states], items, path: null };
  }
}
