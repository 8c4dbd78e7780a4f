// The interface of the explorer for the command line, the editor's worker, and tests. Its inputs and results are plain data, and it
// is platform-free: the caller supplies the clock and the worker pool, which is this thread or several.

import { Exploration, type Plan, type ExplorationProgress } from "../../engine/explore/exploration.ts";
import type { Finding } from "../../engine/explore/finding.ts";
import { Worker, type Job, type JobResult } from "../../engine/explore/jobs.ts";
import type { Bounds } from "../../engine/explore/runner.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import { MAX_PROCESSES } from "../../engine/schedule/strategy.ts";
import { format_schedule, parse_segments } from "../../engine/schedule/schedule.ts";
import { RULES } from "../../engine/observe/rules.ts";
import type { Program, Range } from "../program/program.ts";
import { repeatsForever } from "../program/traversal.ts";
import { scenarioBoot } from "./scenario-world.ts";
import { scenarioFingerprint } from "./scenario-fingerprint.ts";
import { renderTraceTable, type TraceTable } from "./trace-table.ts";

/** Executions after which a search is given up if the caller sets no limit. */
const DEFAULT_EXECUTIONS = 200_000;

/** What to search, and how. */
export interface ExploreOptions {
  readonly policy?: Plan["policy"];
  /** The preemption bound; that of the scenario if absent. */
  readonly preemptions?: number | undefined;
  /** The search stops after so many executions, 200,000 if absent. */
  readonly executions?: number | undefined;
  /** The shard to search, from 1; the whole search if null or absent. */
  readonly shard?: Plan["shard"];
}

/** What is explored. Plain data, which can be posted to the threads of a worker pool. */
export interface SearchTarget {
  readonly program: Program;
  readonly kernel: KernelName;
  readonly bounds: Bounds;
}

/** Executes jobs. `inlineWorkerPool` needs nothing but this thread. */
export interface WorkerPool {
  /**
   * The results of all jobs, in their order. They do not depend on the pool.
   * @param shouldStop called often, with the executions so far: if it returns true, the round is aborted, and the results are
   *   partial: of fewer jobs, and of incomplete ones
   */
  run(jobs: readonly Job[], shouldStop: (executions: number) => boolean): Promise<RoundResults>;
}

export interface RoundResults {
  readonly results: readonly JobResult[];
  /** Are these the results of all jobs, each executed to its end? */
  readonly complete: boolean;
}

/** The progress of a running search. */
export interface SearchProgress {
  readonly kernel: KernelName;
  /** The current stage, in words. */
  readonly title: string;
  readonly executions: number;
  readonly findings: number;
  /** The fraction of the known search space that has been searched, from 0 to 1; it decreases when more becomes known. */
  readonly done: number;
  /** Seconds so far. */
  readonly seconds: number;
}

/** Why a search has stopped before it was exhausted. */
export type SearchStopReason = "executions" | "time" | "interrupt";

export interface SearchObserver {
  /** Seconds on any clock. */
  now(): number;
  /** Called often, at least after every few executions. Returns why the search is to stop, or null to continue. */
  onProgress(live: SearchProgress): "time" | "interrupt" | null;
  /** Called after each round, of about 512 executions. `save` returns the state of the search, from which another search can resume. */
  onRound?(save: () => SearchState): void;
}

/** The state of a search. Plain data. */
export interface SearchState {
  readonly search: unknown;
  readonly seconds: number;
}

/** A check that fails, with the best example: fewest preemptions, then fewest operations. */
export interface SearchFinding extends Finding {
  /** The rule that the check holds the kernel to; null for checks of the scenario. */
  readonly rule: string | null;
  /** In the format that `lockbreak run --schedule` and a launch configuration take. */
  readonly schedule: string;
  /** The trace table of the example, with a column for each task. */
  readonly table: TraceTable;
}

/** The result of a search. Plain data. */
export interface SearchResult extends Omit<ExplorationProgress, "findings"> {
  readonly kernel: KernelName;
  readonly findings: readonly SearchFinding[];
  /** `found`; `clean`: no check fails, and the search was exhausted within its bounds; `open`: nothing was found so far. */
  readonly verdict: "found" | "clean" | "open";
  readonly stopped: SearchStopReason | null;
  readonly seconds: number;
}

/** The number of tasks and its limit, if the scenario has too many tasks, and CPUs with tasks, to be explored; else null. */
export function taskLimitExceeded({ tasks }: Program): { readonly tasks: number; readonly most: number } | null {
  return tasks.length + new Set(tasks.map(({ cpu }) => cpu)).size > MAX_PROCESSES ? { tasks: tasks.length, most: MAX_PROCESSES } : null;
}

/** The plan for a scenario: its `explore` block, overridden by the options. */
export function searchPlan(
  { explore, machine, tasks }: Program,
  { policy = "staged", preemptions, executions, shard = null }: ExploreOptions,
): Plan {
  return {
    policy,
    preemptions: preemptions ?? explore.preemptions,
    ticks: explore.ticks,
    max_transitions: explore.steps,
    executions: executions ?? DEFAULT_EXECUTIONS,
    seed: machine.seed,
    divergent: tasks.some(({ body }) => repeatsForever(body)),
    shard,
  };
}

/** What to explore of a scenario on this kernel, with the bounds of the plan. */
export function searchTarget(program: Program, kernel: KernelName, { ticks, max_transitions }: Plan): SearchTarget {
  return { program, kernel, bounds: { ticks, max_transitions } };
}

/**
 * Executes all jobs in this thread. Throws a SetupFailure if the processes of the scenario cannot be set up.
 * @param pause yields the thread to its event loop
 */
export function inlineWorkerPool({ program, kernel, bounds }: SearchTarget, pause: () => Promise<void>): WorkerPool {
  const worker = new Worker(scenarioBoot(program, kernel), bounds);
  return {
    run: async (jobs, shouldStop) => {
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
          if (shouldStop(executions)) return { results: [...results, worker.partial_result()], complete: false };
        }
      }
      return { results, complete: true };
    },
  };
}

/**
 * Searches on one kernel, until the search is exhausted or `observer` stops it. If it is not stopped, its findings depend on the
 * plan alone.
 * @param before the state in which an earlier search with the same plan has stopped, or null
 * @param quote returns the source text of a statement of the scenario
 */
export async function runSearch(
  target: SearchTarget,
  plan: Plan,
  before: SearchState | null,
  pool: WorkerPool,
  observer: SearchObserver,
  quote: (range: Range) => string,
): Promise<SearchResult> {
  const { program, kernel } = target;
  const exploration = new Exploration(plan);
  if (before !== null) exploration.restore(before.search);
  const begin = observer.now();
  const seconds = (): number => (before?.seconds ?? 0) + observer.now() - begin;
  let stopped = null as SearchStopReason | null;
  const shouldStop = (more: number): boolean => {
    const { title, executions, finding_count: findings, fraction_done } = exploration;
    const reason = observer.onProgress({ kernel, title, executions: executions + more, findings, done: fraction_done, seconds: seconds() });
    if (reason === null || reason === stopped) return false;
    stopped = reason;
    return true;
  };
  const save = (): SearchState => ({ search: exploration.save(), seconds: seconds() });
  for (let jobs = exploration.next_round(); jobs.length > 0 && stopped !== "interrupt"; jobs = exploration.next_round(stopped !== null)) {
    const ending = stopped !== null;
    const { results, complete } = await pool.run(jobs, shouldStop);
    if (complete) exploration.accept(jobs, results);
    if (!ending) observer.onRound?.(stopped === null ? save : frozenState(save()));
    if (!complete) exploration.accept_partial(results);
  }
  const { findings, ...progress } = exploration.progress();
  const all = progress.complete || progress.exhausted;
  if (stopped === null && !all && progress.executions >= plan.executions) stopped = "executions";
  return {
    ...progress,
    kernel,
    findings: findings.map((finding) => describeFinding(program, kernel, finding, quote)),
    verdict: findings.length > 0 ? "found" : all ? "clean" : "open",
    stopped,
    seconds: seconds(),
  };
}

/** Searches in this thread alone, from the beginning. Throws a SetupFailure if the processes of the scenario cannot be set up. */
export function exploreInline(
  program: Program,
  kernel: KernelName,
  options: ExploreOptions,
  pause: () => Promise<void>,
  observer: SearchObserver,
  quote: (range: Range) => string,
): Promise<SearchResult> {
  const plan = searchPlan(program, options);
  const target = searchTarget(program, kernel, plan);
  return runSearch(target, plan, null, inlineWorkerPool(target, pause), observer, quote);
}

/** A copy of a state as it is now: a search that resumes from it must not see the minimisation at the end of this one. */
function frozenState(state: SearchState): () => SearchState {
  const text = JSON.stringify(state);
  return () => JSON.parse(text) as SearchState;
}

function describeFinding(program: Program, kernel: KernelName, finding: Finding, quote: (range: Range) => string): SearchFinding {
  const schedule = { segments: parse_segments(finding.segments), cycle: parse_segments(finding.cycle) };
  return {
    ...finding,
    rule: RULES[finding.key === "livelock" ? "no-progress" : finding.key]?.rule ?? null,
    schedule: format_schedule({ kernel, scenario_fingerprint: scenarioFingerprint(program), schedule }),
    table: renderTraceTable(program, kernel, schedule, finding.cycle === "" ? null : finding.transitions, quote),
  };
}
