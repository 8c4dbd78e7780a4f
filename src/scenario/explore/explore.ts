// An exploration as others see it: the command line, the worker of an editor, a test. What goes in and what comes out is plain
// data, and nothing here knows a platform. Who calls brings the clock, and whoever does the work: this thread or several.

import { Exploration, type Plan, type Progress } from "../../engine/explore/exploration.ts";
import type { Finding } from "../../engine/explore/finding.ts";
import { Worker, type Job, type JobResult } from "../../engine/explore/jobs.ts";
import type { Bounds } from "../../engine/explore/runner.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import { MAX_PROCESSES } from "../../engine/schedule/choice.ts";
import { format_schedule, parse_turns } from "../../engine/schedule/schedule.ts";
import { RULES } from "../../engine/observe/rules.ts";
import type { Program, Range } from "../program/program.ts";
import { isEndless } from "../program/statements.ts";
import { explored } from "./explored.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { tell, type Story } from "./story.ts";

/** Executions after which a search is given up if nobody says otherwise. */
const DEFAULT_EXECUTIONS = 200_000;

/** What is to be searched, and how. */
export interface ExploreOptions {
  readonly policy?: Plan["policy"];
  /** Executions with more preemptions are left out; as the scenario says if absent. */
  readonly preemptions?: number | undefined;
  /** The search is given up after so many executions, 200,000 if absent. */
  readonly executions?: number | undefined;
  /** Only a part of the search, from 1; all of it if null or absent. */
  readonly shard?: Plan["shard"];
}

/** What is explored. Plain data, to be handed to whoever does the work. */
export interface Subject {
  readonly program: Program;
  readonly kernel: KernelName;
  readonly bounds: Bounds;
}

/** Does the work. `ownWorkforce` is the one that needs nothing but this thread. */
export interface Workforce {
  /**
   * The results of all jobs, in their order. What they are does not depend on who does them.
   * @param enough called often, with the executions so far: if it says so, the work is broken off, and what comes is what
   *   there is by then, of fewer jobs, or of no whole ones
   */
  do(jobs: readonly Job[], enough: (executions: number) => boolean): Promise<Work>;
}

export interface Work {
  readonly results: readonly JobResult[];
  /** Are these all jobs, each done to its end? */
  readonly whole: boolean;
}

/** How far a search has come. */
export interface Live {
  readonly kernel: KernelName;
  /** What is searched now, in words. */
  readonly title: string;
  readonly executions: number;
  readonly findings: number;
  /** The part of what is known to be there to search: from 0 to 1; it goes back when more becomes known. */
  readonly done: number;
  /** Seconds so far. */
  readonly seconds: number;
}

/** Why a search has ended before it had looked at all it was to look at. */
export type Stopped = "executions" | "time" | "interrupt";

export interface Observer {
  /** Seconds on any clock. */
  now(): number;
  /** Called after every execution, or often: why the search is to end, or null to go on. */
  look(live: Live): "time" | "interrupt" | null;
  /** Called after each round, of about 512 executions. `save` tells where the search is: plain data, for `before` of another search. */
  keep?(save: () => SavedSearch): void;
}

/** Where a search is. */
export interface SavedSearch {
  readonly search: unknown;
  readonly seconds: number;
}

/** A check that fails, with the best example: fewest preemptions, then fewest operations. */
export interface Found extends Finding {
  /** What the check holds the kernel to; null for checks of the scenario. */
  readonly rule: string | null;
  /** As `lockbreak run --schedule` and a launch configuration take it. */
  readonly schedule: string;
  /** The example as a table, with a column for each task. */
  readonly story: Story;
}

/** What came out. Plain data. */
export interface Explored extends Omit<Progress, "findings"> {
  readonly kernel: KernelName;
  readonly findings: readonly Found[];
  /** `found`; `clean`: nothing fails, and all was looked at that was asked for; `open`: nothing was found so far. */
  readonly verdict: "found" | "clean" | "open";
  readonly stopped: Stopped | null;
  readonly seconds: number;
}

/** How many tasks and CPUs that have some are too many to be explored; null if they are not. */
export function tooMany({ tasks }: Program): { readonly tasks: number; readonly most: number } | null {
  return tasks.length + new Set(tasks.map(({ cpu }) => cpu)).size > MAX_PROCESSES ? { tasks: tasks.length, most: MAX_PROCESSES } : null;
}

/** The plan for a scenario: its `explore` block, and what the options say. */
export function planOf({ explore, machine, tasks }: Program, { policy = "staged", preemptions, executions, shard = null }: ExploreOptions): Plan {
  return {
    policy,
    preemptions: preemptions ?? explore.preemptions,
    ticks: explore.ticks,
    units: explore.steps,
    executions: executions ?? DEFAULT_EXECUTIONS,
    seed: machine.seed,
    endless: tasks.some(({ body }) => isEndless(body)),
    shard,
  };
}

/** What a plan has explored of a scenario, on this kernel. */
export function subjectOf(program: Program, kernel: KernelName, { ticks, units }: Plan): Subject {
  return { program, kernel, bounds: { ticks, units } };
}

/**
 * Does all work in this thread. Throws a SetupFailure if the processes of the scenario cannot be set up.
 * @param pause lets others have the thread for a moment
 */
export function ownWorkforce({ program, kernel, bounds }: Subject, pause: () => Promise<void>): Workforce {
  const worker = new Worker(explored(program, kernel), bounds);
  return {
    do: async (jobs, enough) => {
      const results: JobResult[] = [];
      let executions = 0;
      for (const job of jobs) {
        const work = worker.work(job);
        for (let step = work.next(); ; step = work.next()) {
          if (step.done === true) {
            results.push(step.value);
            break;
          }
          executions += step.value;
          await pause();
          if (enough(executions)) return { results: [...results, worker.so_far()], whole: false };
        }
      }
      return { results, whole: true };
    },
  };
}

/**
 * Searches on one kernel, to the end or until `observer` has it stop. What is found depends on the plan alone, but for when it
 * is stopped.
 * @param before where an earlier search with the same plan has stopped, or null
 * @param quote a statement of the scenario as it was written
 */
export async function explore(subject: Subject, plan: Plan, before: SavedSearch | null, workforce: Workforce, observer: Observer, quote: (range: Range) => string): Promise<Explored> {
  const { program, kernel } = subject;
  const exploration = new Exploration(plan);
  if (before !== null) exploration.restore(before.search);
  const begin = observer.now();
  const seconds = (): number => (before?.seconds ?? 0) + observer.now() - begin;
  let stopped = null as Stopped | null;
  const enough = (more: number): boolean => {
    const { title, executions, found: findings, done } = exploration;
    const ends = observer.look({ kernel, title, executions: executions + more, findings, done, seconds: seconds() });
    if (ends === null || ends === stopped) return false;
    stopped = ends;
    return true;
  };
  const saved = (): SavedSearch => ({ search: exploration.save(), seconds: seconds() });
  for (let jobs = exploration.round(); jobs.length > 0 && stopped !== "interrupt"; jobs = exploration.round(stopped !== null)) {
    const ending = stopped !== null;
    const { results, whole } = await workforce.do(jobs, enough);
    if (whole) exploration.give(jobs, results);
    if (!ending) observer.keep?.(stopped === null ? saved : constant(saved()));
    if (!whole) exploration.leave(results);
  }
  const { findings, ...progress } = exploration.progress();
  const all = progress.complete || progress.exhausted;
  if (stopped === null && !all && progress.executions >= plan.executions) stopped = "executions";
  return {
    ...progress,
    kernel,
    findings: findings.map((finding) => describe(program, kernel, finding, quote)),
    verdict: findings.length > 0 ? "found" : all ? "clean" : "open",
    stopped,
    seconds: seconds(),
  };
}

/** The same in this thread alone, from the beginning. Throws a SetupFailure if the processes of the scenario cannot be set up. */
export function exploreHere(program: Program, kernel: KernelName, options: ExploreOptions, pause: () => Promise<void>, observer: Observer, quote: (range: Range) => string): Promise<Explored> {
  const plan = planOf(program, options);
  const subject = subjectOf(program, kernel, plan);
  return explore(subject, plan, null, ownWorkforce(subject, pause), observer, quote);
}

/** What was saved, as it is now: a search that goes on from there must not see what is done at the end of this one. */
function constant(saved: SavedSearch): () => SavedSearch {
  const text = JSON.stringify(saved);
  return () => JSON.parse(text) as SavedSearch;
}

function describe(program: Program, kernel: KernelName, finding: Finding, quote: (range: Range) => string): Found {
  const course = { turns: parse_turns(finding.turns), cycle: parse_turns(finding.cycle) };
  return {
    ...finding,
    rule: RULES[finding.key === "livelock" ? "no-progress" : finding.key]?.rule ?? null,
    schedule: format_schedule({ kernel, of: fingerprintOf(program), course }),
    story: tell(program, kernel, course, finding.cycle === "" ? null : finding.units, quote),
  };
}
