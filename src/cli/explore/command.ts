// `lockbreak explore`: looks for an interleaving that breaks the kernel, on one kernel after the other.

import { POLICIES, type Plan } from "../../engine/explore/exploration.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import type { Program, Range } from "../../scenario/program/program.ts";
import { explore as search, planOf, subjectOf, tooMany, type Explored, type Live, type SavedSearch } from "../../scenario/explore/explore.ts";
import { fingerprintOfSearch } from "../../scenario/explore/fingerprint.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import type { Options } from "../shared/arguments.ts";
import { Interrupt } from "../shared/drive.ts";
import { didYouMean, errors, EXIT } from "../shared/errors.ts";
import { format_count, formatPlural } from "../shared/format.ts";
import { knownKernels } from "../shared/kernels.ts";
import { ProgressLine } from "../shared/terminal.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { openPool } from "./pool.ts";

/** Wall-clock milliseconds between two checkpoints: at least so many, and so many times what the last one took. */
const CHECKPOINT = 1_000;
const CHECKPOINT_SHARE = 20;

/** Policies that leave executions with too many preemptions out. */
const BOUNDED: readonly Plan["policy"][] = ["staged", "dfs"];

/** What the user wants. */
export interface Wish {
  readonly kernels: readonly KernelName[];
  readonly plan: Plan;
  readonly threads: number;
  /** Wall-clock seconds for each kernel; Infinity if there is no limit. */
  readonly time: number;
  readonly state: string | null;
}

/** What the options say. Throws a UserError for what makes no sense. */
export function readWish(options: Options, program: Program): Wish {
  const kernels = knownKernels(options);
  const name = options.get("policy") ?? "staged";
  const policy = POLICIES.find((one) => one === name);
  if (policy === undefined) throw errors.unknown_policy(name, didYouMean(suggest(name, POLICIES)), POLICIES.join(", "));
  const preemptions = options.count("preemptions");
  if (preemptions !== undefined && !BOUNDED.includes(policy)) throw errors.preemptions_policy(policy);
  const shard = readShard(options.get("shard"));
  if (shard !== null && policy !== "staged") throw errors.shard_policy(policy);
  const crowd = tooMany(program);
  if (crowd !== null) throw errors.too_many_tasks(String(crowd.tasks), String(crowd.most));
  const time = options.time("time");
  return {
    kernels: kernels.length === 0 ? [program.kernel as KernelName] : kernels,
    plan: planOf(program, { policy, preemptions, executions: options.number("executions"), shard }),
    threads: readThreads(options.number("workers")),
    time: time === undefined ? Infinity : time / 1e9,
    state: options.get("state") ?? null,
  };
}

function readShard(text: string | undefined): Plan["shard"] {
  if (text === undefined) return null;
  const [, part, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (of === undefined || Number(part) > Number(of)) throw errors.bad_shard(text);
  return { part: Number(part), of: Number(of) };
}

/** Threads that one machine may be asked for. */
const MAX_THREADS = 256;

function readThreads(threads = 1): number {
  if (threads > MAX_THREADS) throw errors.too_many_workers(String(threads), String(MAX_THREADS));
  return threads;
}

/** Searches on every kernel that is asked for. `found` is called with each as soon as it is over. */
export async function explore(program: Program, wish: Wish, quote: (range: Range) => string, found: (one: Explored) => void): Promise<Explored[]> {
  const scenario = fingerprintOfSearch(program);
  const kernels: Record<string, SavedSearch> = { ...(wish.state === null ? null : readCheckpoint(wish.state, scenario, wish.plan))?.kernels };
  const interrupt = new Interrupt();
  interrupt.listen();
  const all: Explored[] = [];
  try {
    for (const kernel of wish.kernels) {
      const one = await exploreKernel({ program, kernel, wish, quote, interrupt, before: kernels[kernel] ?? null }, (saved) => {
        kernels[kernel] = saved;
        writeCheckpoint(wish.state!, { scenario, plan: wish.plan, kernels });
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
  readonly wish: Wish;
  readonly quote: (range: Range) => string;
  readonly interrupt: Interrupt;
  /** Where an earlier search has stopped; null if there was none. */
  readonly before: SavedSearch | null;
}

async function exploreKernel({ program, kernel, wish, quote, interrupt, before }: Search, write: (saved: SavedSearch) => void): Promise<Explored> {
  const { plan, threads, time, state } = wish;
  const subject = subjectOf(program, kernel, plan);
  const pool = openPool(subject, threads);
  const line = new ProgressLine();
  const begin = performance.now();
  let due = begin + CHECKPOINT;
  let save: (() => SavedSearch) | null = null;
  try {
    const explored = await search(
      subject,
      plan,
      before,
      pool,
      {
        now: () => performance.now() / 1e3,
        look: (live) => {
          line.update(() => progressText(live));
          if (interrupt.requested) return "interrupt";
          return (performance.now() - begin) / 1e3 >= time ? "time" : null;
        },
        keep: (current) => {
          save = current;
          const now = performance.now();
          if (state === null || now < due) return;
          write(current());
          due = performance.now() + Math.max(CHECKPOINT, CHECKPOINT_SHARE * (performance.now() - now));
        },
      },
      quote,
    );
    if (state !== null && save !== null) write((save as () => SavedSearch)());
    return explored;
  } finally {
    line.clear();
    await pool.close();
  }
}

const BAR = 20;

function progressText({ kernel, title, executions, findings, done, seconds }: Live): string {
  const filled = Math.round(BAR * done);
  return `${kernel} [${"#".repeat(filled)}${".".repeat(BAR - filled)}] ${title}: ${formatPlural(executions, "execution")}, ${format_count(Math.round(executions / Math.max(seconds, 1e-3)))}/s, ${formatPlural(findings, "finding")} (Ctrl-C ends)`;
}

/** The exit code of all searches together. */
export function exit_code(all: readonly Pick<Explored, "stopped" | "verdict">[]): number {
  if (all.some(({ stopped }) => stopped === "interrupt")) return EXIT.interrupted;
  if (all.some(({ verdict }) => verdict === "found")) return EXIT.failed;
  return all.every(({ verdict }) => verdict === "clean") ? EXIT.ok : EXIT.limit;
}
