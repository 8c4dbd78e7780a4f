// The work of a search, as jobs for workers: a job contains all that it needs, its result all that came of it, both as plain data,
// and the result depends on the job alone.

import { format_segments, parse_segments } from "../schedule/schedule.ts";
import { DepthFirst, type DfsPath } from "./dfs.ts";
import { BoundedDpor, type BacktrackPoint } from "./bounded_dpor.ts";
import { find_lasso, round_robin } from "./lasso.ts";
import { Findings, type Finding } from "./finding.ts";
import { finding_of, minimise } from "./minimise.ts";
import { Runner, type Boot, type Bounds, type SearchStrategy } from "./runner.ts";
import { pct, random } from "./random.ts";
import { SourceDporSearch, type SourceDporPath } from "./source_dpor.ts";

/** Random executions, by their numbers, from `from` up to `to`. */
interface SampleRange {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

export type Job =
  /** Executions of the bounded search. */
  | { readonly kind: "expand"; readonly points: readonly BacktrackPoint[] }
  /** The backtrack points of the non-preemptive execution, to be dealt out to the shards of a search. */
  | { readonly kind: "split" }
  /**
   * Round robin, with a delay at some transition (null: at none). Truncated executions are checked for a lasso, until
   * `lasso_checks` of them have had none.
   */
  | { readonly kind: "fair"; readonly delays: readonly (number | null)[]; readonly lasso_checks: number }
  /** Does a truncated execution run into a lasso? */
  | { readonly kind: "lasso"; readonly segments: string }
  | ({ readonly kind: "random" } & SampleRange)
  | ({ readonly kind: "pct"; readonly depth: number; readonly transitions: number } & SampleRange)
  /** So many more executions of a sequential search, from where it was. */
  | { readonly kind: "dfs"; readonly preemptions: number; readonly path: DfsPath; readonly executions: number }
  | { readonly kind: "source"; readonly path: SourceDporPath; readonly executions: number }
  /** A simpler example of a finding. */
  | { readonly kind: "minimise"; readonly finding: Finding };

export interface JobResult {
  readonly executions: number;
  /** Transitions of all of them. */
  readonly transitions: number;
  /** Transitions of the longest. */
  readonly longest: number;
  /** Executions that were truncated at the bound on transitions, and the segments of the first of them. */
  readonly truncated: number;
  readonly truncated_segments: string | null;
  readonly findings: readonly Finding[];
  /** The states that were reached, by number: see World.state_digest. */
  readonly states: readonly number[];
  /** Executions that have to be explored because of these. */
  readonly points: readonly BacktrackPoint[];
  /** Where a sequential search is now; null if it is over. */
  readonly path: DfsPath | SourceDporPath | null;
}

/** Does jobs about one world, one after the other. */
export class Worker {
  private readonly runner: Runner;
  private readonly bounded_dpor: BoundedDpor;
  private tally: Tally;

  constructor(boot: Boot, bounds: Bounds) {
    this.runner = new Runner(boot, bounds);
    this.bounded_dpor = new BoundedDpor(this.runner);
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

  /** The result of the current job so far. */
  partial_result(): JobResult {
    return this.tally.result();
  }

  /** Does a job, and yields after every execution and within long ones: how many executions have ended since the last yield. */
  *work(job: Job): Generator<number, JobResult> {
    const { runner } = this;
    const tally = (this.tally = new Tally(runner));
    switch (job.kind) {
      case "expand":
        for (const point of job.points) {
          tally.points.push(...this.bounded_dpor.expand(point));
          tally.count();
          yield 1;
        }
        return tally.result();
      case "split":
        tally.points.push(...this.bounded_dpor.split());
        tally.count();
        return tally.result();
      case "fair": {
        let { lasso_checks } = job;
        for (const delay of job.delays) {
          this.sample(tally, round_robin(delay));
          yield 1;
          const due = lasso_checks > 0 && runner.outcome.kind === "limit";
          if (due && !(yield* this.find_lasso(tally, "", round_robin(delay), 0))) lasso_checks -= 1;
        }
        return tally.result();
      }
      case "lasso":
        yield* this.find_lasso(tally, job.segments, round_robin(null), runner.bounds.max_transitions);
        return tally.result();
      case "random":
        for (let number = job.from; number < job.to; number++) {
          this.sample(tally, random(job.seed, number));
          yield 1;
        }
        return tally.result();
      case "pct":
        for (let number = job.from; number < job.to; number++) {
          this.sample(tally, pct(job.seed, number, job.depth, job.transitions));
          yield 1;
        }
        return tally.result();
      case "dfs":
        return yield* this.search(tally, new DepthFirst(runner, job.preemptions, job.path), job.executions);
      case "source":
        return yield* this.search(tally, new SourceDporSearch(runner, job.path), job.executions);
      case "minimise": {
        const { finding, executions } = yield* minimise(runner, job.finding);
        tally.findings.add(finding);
        return { ...tally.result(), executions };
      }
    }
  }

  private sample(tally: Tally, strategy: SearchStrategy): void {
    this.runner.run([], strategy);
    tally.count();
  }

  /** Follows `segments`, then `strategy`; false if no state comes back from transition `from` on. */
  private *find_lasso(tally: Tally, segments: string, strategy: SearchStrategy, from: number): Generator<number, boolean> {
    const { runner } = this;
    const lasso = yield* find_lasso(runner, parse_segments(segments), strategy, from, 2 * runner.bounds.max_transitions);
    tally.executions += 1;
    if (lasso === null) return false;
    const { stem, period } = lasso;
    const cycle = new Set(runner.trace.process.slice(stem, stem + period));
    const names = runner.policy.processes.flatMap((task, process) => (task !== null && cycle.has(process) ? [task.name] : []));
    tally.findings.add({
      key: "livelock",
      message: `${names.join(", ")} repeat the same ${period} transitions for ever, after the first ${stem}`,
      segments: format_segments(runner.segments_of(0, stem)),
      cycle: format_segments(runner.segments_of(stem, stem + period)),
      preemptions: runner.trace.preemptions_before(stem + period),
      transitions: stem + period,
    });
    return true;
  }

  private *search(tally: Tally, search: DepthFirst | SourceDporSearch, executions: number): Generator<number, JobResult> {
    while (!search.over && tally.executions < executions) {
      search.step();
      tally.count();
      yield 1;
    }
    return { ...tally.result(), path: search.over ? null : search.save() };
  }
}

/** The result of some executions. */
class Tally {
  executions = 0;
  readonly findings = new Findings();
  readonly points: BacktrackPoint[] = [];
  private transitions = 0;
  private longest = 0;
  private truncated = 0;
  private truncated_segments: string | null = null;
  private readonly states = new Set<number>();

  constructor(private readonly runner: Runner) {}

  /** One execution is over. */
  count(): void {
    const { trace, outcome, world } = this.runner;
    this.executions += 1;
    this.transitions += trace.length;
    this.longest = Math.max(this.longest, trace.length);
    if (outcome.kind === "limit") {
      if (outcome.limit.limit !== "transitions") return;
      this.truncated += 1;
      this.truncated_segments ??= format_segments(this.runner.segments_of(0, trace.length));
      return;
    }
    this.states.add(world.state_digest());
    const finding = finding_of(this.runner);
    if (finding !== null) this.findings.add(finding);
  }

  result(): JobResult {
    const { executions, transitions, longest, truncated, truncated_segments, points } = this;
    const findings = this.findings.all();
    return { executions, transitions, longest, truncated, truncated_segments, findings, states: [...this.states], points, path: null };
  }
}
