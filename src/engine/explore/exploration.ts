// A whole search: its stages one after the other, their findings and their progress. It executes nothing by itself: its caller
// asks for the jobs of a round, has workers do them, and hands in the results.

import type { DfsPath } from "./dfs.ts";
import { Findings, type Finding } from "./finding.ts";
import type { Job, JobResult } from "./jobs.ts";
import { PCT_DEPTH } from "./random.ts";
import type { SourceDporPath } from "./source_dpor.ts";
import { BoundedStage, FairStage, SampleStage, SequentialStage, ShardStage, type Stage, type StageReport } from "./stages.ts";

type SearchPath = DfsPath | SourceDporPath;

export const POLICIES = ["staged", "dpor", "pct", "random", "dfs"] as const;

/** The options of a search. Plain data. */
export interface Plan {
  readonly policy: (typeof POLICIES)[number];
  /** Executions with more preemptions are left out, by `staged` and `dfs`. */
  readonly preemptions: number;
  /** How many timer ticks an execution may have. */
  readonly ticks: number;
  /** An execution is truncated after so many transitions. */
  readonly max_transitions: number;
  /** The search is given up after so many executions. */
  readonly executions: number;
  readonly seed: number;
  /** Has the scenario tasks that never end? Without a bound on preemptions a search of it never ends, either. */
  readonly divergent: boolean;
  /** Which part of how many is searched, from 1; null for all. */
  readonly shard: { readonly part: number; readonly of: number } | null;
}

/** The results so far. Plain data. */
export interface ExplorationProgress {
  readonly executions: number;
  /** Transitions of all executions, and of the longest. */
  readonly transitions: number;
  readonly longest: number;
  /** Executions that were truncated at the bound on transitions. */
  readonly truncated: number;
  /** The different final states of executions, as digests. */
  readonly states: readonly number[];
  readonly findings: readonly Finding[];
  readonly stages: readonly StageReport[];
  /** All inequivalent executions within the requested bounds were explored. */
  readonly exhausted: boolean;
  /** All inequivalent executions were explored, with any number of preemptions. */
  readonly complete: boolean;
}

/** Executions of a round. */
const ROUND_EXECUTIONS = 512;
/** Executions that `staged` spends on a search without its bound on preemptions. */
const UNBOUNDED_EXECUTIONS = 2_000;
/** How many truncated executions are checked for a lasso. */
const MAX_DIVERGENCE_CHECKS = 4;

/** Where an exploration is, as plain data. */
interface ExplorationState {
  stage: number;
  executions: number;
  transitions: number;
  longest: number;
  truncated: number;
  /** Truncated executions that are to be checked for a lasso, as segments; and how many have been. */
  divergence_candidates: string[];
  candidates_checked: number;
  /** Keys of the findings that have been minimised. */
  minimised: string[];
}

/** What `save` writes. */
interface SavedExploration {
  readonly state: ExplorationState;
  readonly findings: readonly Finding[];
  readonly states: readonly number[];
  readonly stages: readonly unknown[];
}

export class Exploration {
  private readonly stages: readonly Stage[];
  /** Stages that `exhausted` does not depend on. */
  private readonly optional_stages: Stage[] = [];
  private state: ExplorationState = {
    stage: 0,
    executions: 0,
    transitions: 0,
    longest: 0,
    truncated: 0,
    divergence_candidates: [],
    candidates_checked: 0,
    minimised: [],
  };
  private readonly findings = new Findings();
  private readonly states = new Set<number>();
  /** Results of interrupted rounds. */
  private readonly partial_results: JobResult[] = [];

  constructor(readonly plan: Plan) {
    this.stages = this.make_stages();
  }

  /**
   * The jobs of the next round; none if the search is over.
   * @param ending no new executions are explored: the findings are minimised
   */
  next_round(ending = false): Job[] {
    const { state, stages } = this;
    const candidates = state.divergence_candidates;
    if (candidates.length > 0 && !ending) return candidates.map((segments) => ({ kind: "lasso", segments }));
    for (; state.stage < stages.length && !this.complete && !ending && state.executions < this.plan.executions; state.stage++) {
      const jobs = stages[state.stage]!.next_round(Math.min(ROUND_EXECUTIONS, this.plan.executions - state.executions));
      if (jobs.length > 0) return jobs;
    }
    const unfinished = this.findings.all().filter(({ key, cycle }) => cycle === "" && !state.minimised.includes(key));
    return unfinished.map((finding) => ({ kind: "minimise", finding }));
  }

  /** Takes the results of a round, in the order of its jobs. */
  accept(jobs: readonly Job[], results: readonly JobResult[]): void {
    const { state } = this;
    for (const { findings } of results) for (const finding of findings) this.findings.add(finding);
    const [first] = jobs;
    if (first!.kind === "minimise") {
      state.minimised = this.findings.all().map(({ key }) => key);
    } else if (first!.kind === "lasso") {
      state.divergence_candidates = [];
      state.candidates_checked += jobs.length;
    } else {
      this.stages[state.stage]!.accept(jobs, results);
      this.count(results);
      state.minimised = [];
      if (first!.kind === "fair" || this.findings.has("livelock")) return;
      const candidates = results.flatMap(({ truncated_segments }) => truncated_segments ?? []);
      state.divergence_candidates = candidates.slice(0, MAX_DIVERGENCE_CHECKS - state.candidates_checked);
    }
  }

  /** Takes the results of an interrupted round, for `progress`. To be called after `save`: a search that resumes repeats the round. */
  accept_partial(results: readonly JobResult[]): void {
    for (const { findings } of results) for (const finding of findings) this.findings.add(finding);
    this.partial_results.push(...results);
  }

  /** The results so far, those of interrupted rounds included. */
  progress(): ExplorationProgress {
    const { state, partial_results } = this;
    const sum = (field: "executions" | "transitions" | "truncated"): number =>
      partial_results.reduce((total, result) => total + result[field], state[field]);
    return {
      executions: sum("executions"),
      transitions: sum("transitions"),
      longest: partial_results.reduce((most, { longest }) => Math.max(most, longest), state.longest),
      truncated: sum("truncated"),
      states: [...new Set([...this.states, ...partial_results.flatMap(({ states }) => states)])],
      findings: this.findings.all(),
      stages: this.stages.flatMap((stage) => stage.report()),
      exhausted: this.stages.filter((stage) => !this.optional_stages.includes(stage)).every(({ exhausted }) => exhausted),
      complete: this.complete,
    };
  }

  /** How many executions there were so far. */
  get executions(): number {
    return this.state.executions;
  }

  /** How many findings there are. */
  get finding_count(): number {
    return this.findings.all().length;
  }

  /** The explored part of the executions that are known so far: from 0 to 1; it sinks when more become known. */
  get fraction_done(): number {
    const remaining = this.stages.reduce((sum, stage) => sum + stage.remaining, 0);
    return this.state.executions / Math.max(1, this.state.executions + remaining);
  }

  /** The current stage, in words. */
  get title(): string {
    return this.stages[this.state.stage]?.title ?? "looking for the shortest example";
  }

  /** All of it as plain data. */
  save(): unknown {
    return { state: this.state, findings: this.findings.all(), states: [...this.states], stages: this.stages.map((stage) => stage.save()) };
  }

  /** Resumes where another exploration with the same plan was when it was saved. */
  restore(saved: unknown): void {
    const { state, findings, states, stages } = saved as SavedExploration;
    this.state = state;
    for (const finding of findings) this.findings.add(finding);
    for (const one of states) this.states.add(one);
    this.stages.forEach((stage, number) => stage.restore(stages[number]));
  }

  private get complete(): boolean {
    return this.stages.some(({ complete }) => complete);
  }

  private count(results: readonly JobResult[]): void {
    const { state } = this;
    for (const { executions, transitions, longest, truncated, states } of results) {
      state.executions += executions;
      state.transitions += transitions;
      state.longest = Math.max(state.longest, longest);
      state.truncated += truncated;
      for (const one of states) this.states.add(one);
    }
  }

  private make_stages(): Stage[] {
    const { policy, preemptions, seed, divergent, shard } = this.plan;
    const source = (budget: number): Stage => {
      const job = (path: SearchPath, executions: number): Job => ({ kind: "source", path: path as SourceDporPath, executions });
      return new SequentialStage("any number of preemptions", job, false, budget);
    };
    const dfs = (): Stage => {
      const job = (path: SearchPath, executions: number): Job => ({ kind: "dfs", preemptions, path: path as DfsPath, executions });
      return new SequentialStage(`depth first, up to ${preemptions} preemptions`, job, true, Infinity);
    };
    const pct = (from: number, to: number): Job => {
      return { kind: "pct", seed, depth: PCT_DEPTH, transitions: Math.max(1, this.state.longest), from, to };
    };
    switch (policy) {
      case "staged":
        if (shard !== null) return [...(shard.part === 1 ? [new FairStage()] : []), new ShardStage(preemptions, shard.part, shard.of)];
        if (!divergent) this.optional_stages.push(source(UNBOUNDED_EXECUTIONS));
        return [new FairStage(), new BoundedStage(preemptions), ...this.optional_stages];
      case "dpor":
        return [source(Infinity)];
      case "dfs":
        return [dfs()];
      case "random":
        return [new SampleStage("random schedules", (from, to) => ({ kind: "random", seed, from, to }))];
      case "pct":
        return [new SampleStage("random priorities", pct)];
    }
  }
}
