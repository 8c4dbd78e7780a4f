// The searches of `lockbreak explore`, on one kernel after the other, with progress, checkpoints, and limits of time.

import { POLICIES, type Plan } from "../../engine/explore/exploration.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import type { Program, Range } from "../../scenario/program/program.ts";
import {
  runSearch as search,
  searchPlan,
  searchTarget,
  taskLimitExceeded,
  type SearchResult,
  type SearchProgress,
  type SearchState,
} from "../../scenario/explore/scenario-search.ts";
import { searchFingerprint } from "../../scenario/explore/scenario-fingerprint.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import type { CliOptions } from "../shared/arguments.ts";
import { Interrupt } from "../shared/run-operation.ts";
import { didYouMean, cliErrors, EXIT } from "../shared/errors.ts";
import { format_count, formatPlural } from "../shared/format.ts";
import { requestedKernels } from "../shared/kernel-options.ts";
import { ProgressLine } from "../shared/terminal.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { openWorkerPool } from "./worker-pool.ts";

/** Wall-clock milliseconds between two checkpoints, and its lower bound in multiples of the time that the last one took. */
const CHECKPOINT_INTERVAL = 1_000;
const CHECKPOINT_SHARE = 20;

/** Policies with a preemption bound. */
const PREEMPTION_BOUNDED: readonly Plan["policy"][] = ["staged", "dfs"];

/** The parsed options of `lockbreak explore`. */
export interface ExploreCommandOptions {
  readonly kernels: readonly KernelName[];
  readonly plan: Plan;
  readonly threads: number;
  /** Wall-clock seconds for each kernel; Infinity if there is no limit. */
  readonly time: number;
  readonly state: string | null;
}

/** Parses the options. Throws a UserError if they are invalid. */
export function parseExploreOptions(options: CliOptions, program: Program): ExploreCommandOptions {
  const kernels = requestedKernels(options);
  const name = options.get("policy") ?? "staged";
  const policy = POLICIES.find((one) => one === name);
  if (policy === undefined) throw cliErrors.unknownPolicy(name, didYouMean(nearestName(name, POLICIES)), POLICIES.join(", "));
  const preemptions = options.count("preemptions");
  if (preemptions !== undefined && !PREEMPTION_BOUNDED.includes(policy)) throw cliErrors.preemptionsPolicy(policy);
  const shard = parseShard(options.get("shard"));
  if (shard !== null && policy !== "staged") throw cliErrors.shardPolicy(policy);
  const limitExceeded = taskLimitExceeded(program);
  if (limitExceeded !== null) throw cliErrors.tooManyTasks(String(limitExceeded.tasks), String(limitExceeded.most));
  const time = options.time("time");
  return {
    kernels: kernels.length === 0 ? [program.kernel as KernelName] : kernels,
    plan: searchPlan(program, { policy, preemptions, executions: options.number("executions"), shard }),
    threads: parseThreads(options.number("workers")),
    time: time === undefined ? Infinity : time / 1e9,
    state: options.get("state") ?? null,
  };
}

function parseShard(text: string | undefined): Plan["shard"] {
  if (text === undefined) return null;
  const [, part, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (of === undefined || Number(part) > Number(of)) throw cliErrors.badShard(text);
  return { part: Number(part), of: Number(of) };
}

/** Limit of the threads of one search. */
const MAX_THREADS = 256;

function parseThreads(threads = 1): number {
  if (threads > MAX_THREADS) throw cliErrors.tooManyWorkers(String(threads), String(MAX_THREADS));
  return threads;
}

/** Searches on every kernel that is asked for. `found` is called with each as soon as it is over. */
export async function exploreKernels(
  program: Program,
  exploreOptions: ExploreCommandOptions,
  quote: (range: Range) => string,
  found: (one: SearchResult) => void,
): Promise<SearchResult[]> {
  const scenario = searchFingerprint(program);
  const kernels: Record<string, SearchState> = {
    ...(exploreOptions.state === null ? null : readCheckpoint(exploreOptions.state, scenario, exploreOptions.plan))?.kernels,
  };
  const interrupt = new Interrupt();
  interrupt.listen();
  const all: SearchResult[] = [];
  try {
    for (const kernel of exploreOptions.kernels) {
      const one = await exploreKernel({ program, kernel, exploreOptions, quote, interrupt, before: kernels[kernel] ?? null }, (saved) => {
        kernels[kernel] = saved;
        writeCheckpoint(exploreOptions.state!, { scenario, plan: exploreOptions.plan, kernels });
      });
      all.push(one);
      found(one);
      if (one.stopped === "interrupt") break;
    }
  } finally {
    interrupt.release();
  }
  return all;
}

interface Search {
  readonly program: Program;
  readonly kernel: KernelName;
  readonly exploreOptions: ExploreCommandOptions;
  readonly quote: (range: Range) => string;
  readonly interrupt: Interrupt;
  /** Where an earlier search has stopped; null if there was none. */
  readonly before: SearchState | null;
}

async function exploreKernel(
  { program, kernel, exploreOptions, quote, interrupt, before }: Search,
  write: (saved: SearchState) => void,
): Promise<SearchResult> {
  const { plan, threads, time, state } = exploreOptions;
  const subject = searchTarget(program, kernel, plan);
  const pool = openWorkerPool(subject, threads);
  const line = new ProgressLine();
  const begin = performance.now();
  let due = begin + CHECKPOINT_INTERVAL;
  let save: (() => SearchState) | null = null;
  try {
    const explored = await search(
      subject,
      plan,
      before,
      pool,
      {
        now: () => performance.now() / 1e3,
        onProgress: (live) => {
          line.update(() => progressText(live));
          if (interrupt.requested) return "interrupt";
          return (performance.now() - begin) / 1e3 >= time ? "time" : null;
        },
        onRound: (current) => {
          save = current;
          const now = performance.now();
          if (state === null || now < due) return;
          write(current());
          due = performance.now() + Math.max(CHECKPOINT_INTERVAL, CHECKPOINT_SHARE * (performance.now() - now));
        },
      },
      quote,
    );
    if (state !== null && save !== null) write((save as () => SearchState)());
    return explored;
  } finally {
    line.clear();
    await pool.close();
  }
}

const BAR = 20;

function progressText({ kernel, title, executions, findings, done, seconds }: SearchProgress): string {
  const filled = Math.round(BAR * done);
  const bar = `${"#".repeat(filled)}${".".repeat(BAR - filled)}`;
  const rate = format_count(Math.round(executions / Math.max(seconds, 1e-3)));
  const counts = `${formatPlural(executions, "execution")}, ${rate}/s, ${formatPlural(findings, "finding")}`;
  return `${kernel} [${bar}] ${title}: ${counts} (Ctrl-C ends)`;
}

/** The exit code of all searches together. */
export function searchExitCode(all: readonly Pick<SearchResult, "stopped" | "verdict">[]): number {
  if (all.some(({ stopped }) => stopped === "interrupt")) return EXIT.interrupted;
  if (all.some(({ verdict }) => verdict === "found")) return EXIT.failed;
  return all.every(({ verdict }) => verdict === "clean") ? EXIT.ok : EXIT.limit;
}
