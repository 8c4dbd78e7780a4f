// A whole search: its stages one after the other, what they have found, and how far they have come. It does nothing by itself:
// whoever drives it asks for the jobs of a round, has them done, and hands in the results.

import type { DfsPath } from "./dfs.ts";
import { Findings, type Finding } from "./finding.ts";
import type { Job, JobResult } from "./jobs.ts";
import { PCT_DEPTH } from "./samples.ts";
import type { SourcePath } from "./source.ts";
import { BoundedStage, FairStage, PER_JOB, SampleStage, SequentialStage, ShardStage, type Stage, type StageReport } from "./stages.ts";

export const POLICIES = ["staged", "dpor", "pct", "random", "dfs"] as const;

/** What is asked for. Plain data. */
export interface Plan {
  readonly policy: (typeof POLICIES)[number];
  /** Executions with more preemptions are left out, by `staged` and `dfs`. */
  readonly preemptions: number;
  /** Timer ticks that may ask tasks to give up their CPU. */
  readonly ticks: number;
  /** Units after which an execution is cut. */
  readonly units: number;
  /** The search is given up after so many executions. */
  readonly executions: number;
  readonly seed: number;
  /** Tasks go on for ever: without a bound on preemptions there is no end to it. */
  readonly endless: boolean;
  /** Which part of how many is searched, from 1; null for all. */
  readonly shard: { readonly part: number; readonly of: number } | null;
}

/** What has come out so far. Plain data. */
export interface Progress {
  readonly executions: number;
  /** Units of all executions, and of the longest. */
  readonly units: number;
  readonly longest: number;
  /** Executions that had too many units. */
  readonly cut: number;
  /** Different states in which executions have ended, as numbers. */
  readonly states: readonly number[];
  readonly findings: readonly Finding[];
  readonly stages: readonly StageReport[];
  /** Every execution that makes a difference was looked at, up to the bound that was asked for, and whatever its preemptions. */
  readonly exhausted: boolean;
  readonly complete: boolean;
}

/** Executions of a round. */
const ROUND = 512;
/** Executions with which `staged` tries to look at everything beyond its bound. */
const UNBOUNDED = 2_000;
/** So many executions that had too many units are looked at closely. */
const MAX_ENDLESS = 4;

/** Where an exploration is, as plain data. */
interface State {
  at: number;
  executions: number;
  units: number;
  longest: number;
  cut: number;
  /** Executions that had too many units and are to be looked at closely, and how many have been. */
  endless: string[];
  looked_at: number;
  /** Findings, by key, of which better examples have been looked for. */
  minimised: string[];
}

export class Exploration {
  private readonly stages: readonly Stage[];
  /** Stages that nobody has asked for. */
  private readonly extra: Stage[] = [];
  private state: State = { at: 0, executions: 0, units: 0, longest: 0, cut: 0, endless: [], looked_at: 0, minimised: [] };
  private readonly findings = new Findings();
  private readonly states = new Set<number>();
  /** Of rounds that were broken off. */
  private readonly left: JobResult[] = [];

  constructor(readonly plan: Plan) {
    this.stages = this.make_stages();
  }

  /**
   * The jobs of the next round; none if the search is over.
   * @param ending nothing new is looked at: only better examples of what was found
   */
  round(ending = false): Job[] {
    const { state, stages } = this;
    if (state.endless.length > 0 && !ending) return state.endless.map((turns) => ({ kind: "lasso", turns }));
    for (; state.at < stages.length && !this.complete && !ending && state.executions < this.plan.executions; state.at++) {
      const jobs = stages[state.at]!.round(Math.min(ROUND, this.plan.executions - state.executions));
      if (jobs.length > 0) return jobs;
    }
    const unfinished = this.findings.all().filter(({ key, cycle }) => cycle === "" && !state.minimised.includes(key));
    return unfinished.map((finding) => ({ kind: "minimise", finding }));
  }

  /** Takes the results of a round, in the order of its jobs. */
  give(jobs: readonly Job[], results: readonly JobResult[]): void {
    const { state } = this;
    for (const { findings } of results) for (const finding of findings) this.findings.add(finding);
    const [first] = jobs;
    if (first!.kind === "minimise") {
      state.minimised = this.findings.all().map(({ key }) => key);
    } else if (first!.kind === "lasso") {
      state.endless = [];
      state.looked_at += jobs.length;
    } else {
      this.stages[state.at]!.give(jobs, results);
      this.count(results);
      state.minimised = [];
      if (first!.kind === "fair" || this.findings.has("livelock")) return;
      state.endless = cut_turns_of(results).slice(0, MAX_ENDLESS - state.looked_at);
    }
  }

  /** Takes what a round has come to that was broken off: who goes on from here does it again. */
  leave(results: readonly JobResult[]): void {
    for (const { findings } of results) for (const finding of findings) this.findings.add(finding);
    this.left.push(...results);
  }

  /** What has come out so far, rounds that were broken off included. */
  progress(): Progress {
    const { state, left } = this;
    const sum = (field: "executions" | "units" | "cut"): number => left.reduce((total, result) => total + result[field], state[field]);
    return {
      executions: sum("executions"),
      units: sum("units"),
      longest: left.reduce((most, { longest }) => Math.max(most, longest), state.longest),
      cut: sum("cut"),
      states: [...new Set([...this.states, ...left.flatMap(({ states }) => states)])],
      findings: this.findings.all(),
      stages: this.stages.flatMap((stage) => stage.report()),
      exhausted: this.stages.filter((stage) => !this.extra.includes(stage)).every(({ exhausted }) => exhausted),
      complete: this.complete,
    };
  }

  /** How many executions there were so far. */
  get executions(): number {
    return this.state.executions;
  }

  /** How many findings there are. */
  get found(): number {
    return this.findings.all().length;
  }

  /** How much of what is known to be there to search has been: from 0 to 1, and up and down. */
  get done(): number {
    const left = this.stages.reduce((sum, stage) => sum + stage.left, 0);
    return this.state.executions / Math.max(1, this.state.executions + left);
  }

  /** What is searched now, in words. */
  get title(): string {
    return this.stages[this.state.at]?.title ?? "looking for the shortest example";
  }

  /** All of it as plain data. */
  save(): unknown {
    return { state: this.state, findings: this.findings.all(), states: [...this.states], stages: this.stages.map((stage) => stage.save()) };
  }

  /** Goes on where another exploration with the same plan was when it was saved. */
  restore(saved: unknown): void {
    const { state, findings, states, stages } = saved as { state: State; findings: Finding[]; states: number[]; stages: unknown[] };
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
    for (const { executions, units, longest, cut, states } of results) {
      state.executions += executions;
      state.units += units;
      state.longest = Math.max(state.longest, longest);
      state.cut += cut;
      for (const one of states) this.states.add(one);
    }
  }

  private make_stages(): Stage[] {
    const { policy, preemptions, seed, endless, shard } = this.plan;
    const source = (budget: number): Stage => new SequentialStage("any number of preemptions", (path, executions) => ({ kind: "source", path: path as SourcePath, executions }), false, budget);
    switch (policy) {
      case "staged":
        if (shard !== null) return [...(shard.part === 1 ? [new FairStage()] : []), new ShardStage(preemptions, shard.part, shard.of)];
        if (!endless) this.extra.push(source(UNBOUNDED));
        return [new FairStage(), new BoundedStage(preemptions), ...this.extra];
      case "dpor":
        return [source(Infinity)];
      case "dfs":
        return [new SequentialStage(`depth first, up to ${preemptions} preemptions`, (path, executions) => ({ kind: "dfs", preemptions, path: path as DfsPath, executions }), true, Infinity)];
      case "random":
        return [new SampleStage("by chance", (from, to) => ({ kind: "random", seed, from, to }))];
      case "pct":
        return [new SampleStage("by priorities", (from, to) => ({ kind: "pct", seed, depth: PCT_DEPTH, units: Math.max(1, this.state.longest), from, to }))];
    }
  }
}

/** Of each so many executions, the first that had too many units: whatever jobs they were shared out in. */
function cut_turns_of(results: readonly JobResult[]): string[] {
  const found = new Map<number, string>();
  let before = 0;
  for (const { cut_turns, executions } of results) {
    const batch = Math.floor(before / PER_JOB);
    if (cut_turns !== null && !found.has(batch)) found.set(batch, cut_turns);
    before += executions;
  }
  return [...found.values()];
}
