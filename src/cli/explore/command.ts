// `lockbreak explore`: looks for an interleaving that breaks the kernel, on one kernel after the other.

import { Exploration, POLICIES, type Plan, type Progress } from "../../engine/explore/exploration.ts";
import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/kernels.ts";
import { MAX_PROCESSES } from "../../engine/machine/choice.ts";
import type { Program } from "../../scenario/program.ts";
import { is_endless } from "../../scenario/statements.ts";
import { fingerprint_of } from "../../scenario/run/fingerprint.ts";
import { suggest } from "../../scenario/suggest.ts";
import type { Options } from "../arguments.ts";
import { Interrupt } from "../drive.ts";
import { did_you_mean, errors, EXIT } from "../errors.ts";
import { format_count, format_plural } from "../format.ts";
import { ProgressLine } from "../terminal.ts";
import { read_checkpoint, write_checkpoint, type Saved } from "./checkpoint.ts";
import { open_pool } from "./pool.ts";

/** Executions after which a search is given up. */
const DEFAULT_EXECUTIONS = 200_000;
/** Wall-clock milliseconds between two checkpoints. */
const CHECKPOINT = 5_000;

/** Why a search has ended before it had looked at all it was to look at. */
export type Stopped = "executions" | "time" | "interrupt";

/** The search on one kernel. */
export interface Explored {
  readonly kernel: KernelName;
  readonly progress: Progress;
  readonly seconds: number;
  readonly stopped: Stopped | null;
}

/** What the user wants. */
export interface Wish {
  readonly kernels: readonly KernelName[];
  readonly plan: Plan;
  readonly threads: number;
  /** Wall-clock milliseconds for each kernel; Infinity if there is no limit. */
  readonly time: number;
  readonly state: string | null;
}

/** What the options say. Throws a UserError for what makes no sense. */
export function read_wish(options: Options, { explore, machine, kernel, tasks }: Program): Wish {
  const kernels = options.all("kernel").map((name) => known_kernel(name));
  const policy = options.get("policy") ?? "staged";
  const known = POLICIES.find((name) => name === policy);
  if (known === undefined) throw errors.unknown_policy(policy, did_you_mean(suggest(policy, POLICIES)), POLICIES.join(", "));
  const processes = tasks.length + new Set(tasks.map(({ cpu }) => cpu)).size;
  if (processes > MAX_PROCESSES) throw errors.too_many_tasks(String(tasks.length), String(MAX_PROCESSES));
  const plan: Plan = {
    policy: known,
    preemptions: options.count("preemptions") ?? explore.preemptions,
    ticks: explore.ticks,
    units: explore.steps,
    executions: options.number("executions") ?? DEFAULT_EXECUTIONS,
    seed: machine.seed,
    endless: tasks.some(({ body }) => is_endless(body)),
    shard: read_shard(options.get("shard")),
  };
  const time = options.time("time");
  return {
    kernels: kernels.length === 0 ? [kernel as KernelName] : [...new Set(kernels)],
    plan,
    threads: options.number("workers") ?? 1,
    time: time === undefined ? Infinity : time / 1e6,
    state: options.get("state") ?? null,
  };
}

function known_kernel(name: string): KernelName {
  const known = KERNEL_NAMES.find((one) => one === name);
  if (known === undefined) throw errors.unknown_kernel(name, KERNEL_NAMES.join(", "), did_you_mean(suggest(name, KERNEL_NAMES)));
  return known;
}

function read_shard(text: string | undefined): Plan["shard"] {
  if (text === undefined) return null;
  const [, part, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (of === undefined || Number(part) > Number(of)) throw errors.bad_shard(text);
  return { part: Number(part), of: Number(of) };
}

/** Searches on every kernel that is asked for. `found` is called with each as soon as it is over. */
export async function explore(program: Program, wish: Wish, found: (one: Explored) => void): Promise<Explored[]> {
  const scenario = fingerprint_of(program);
  const saved = wish.state === null ? null : read_checkpoint(wish.state, scenario, wish.plan);
  const kernels: Record<string, unknown> = { ...saved?.kernels };
  const seconds: Record<string, number> = { ...saved?.seconds };
  const interrupt = new Interrupt();
  interrupt.listen();
  const all: Explored[] = [];
  try {
    for (const kernel of wish.kernels) {
      const one = await explore_kernel({ program, kernel, wish, interrupt, before: kernels[kernel] ?? null, spent: seconds[kernel] ?? 0 }, (state, spent) => {
        if (wish.state === null) return;
        kernels[kernel] = state;
        seconds[kernel] = spent;
        write_checkpoint(wish.state, { scenario, plan: wish.plan, kernels, seconds } satisfies Saved);
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
  readonly interrupt: Interrupt;
  /** Where an earlier search has stopped; null if there was none. */
  readonly before: unknown;
  /** Seconds that it took. */
  readonly spent: number;
}

async function explore_kernel({ program, kernel, wish, interrupt, before, spent }: Search, save: (state: unknown, seconds: number) => void): Promise<Explored> {
  const { plan } = wish;
  const exploration = new Exploration(plan);
  if (before !== null) exploration.restore(before);
  const begin = performance.now();
  const elapsed = (): number => spent + (performance.now() - begin) / 1e3;
  const pool = open_pool({ program, kernel, bounds: { ticks: plan.ticks, units: plan.units } }, wish.threads);
  const line = new ProgressLine();
  let saved_at = begin;
  let stopped: Stopped | null = null;
  try {
    for (let jobs = exploration.round(); jobs.length > 0; jobs = exploration.round()) {
      exploration.give(jobs, await pool.do(jobs));
      line.update(() => progress_text(exploration, kernel, elapsed()));
      if (interrupt.requested) stopped = "interrupt";
      else if (performance.now() - begin >= wish.time) stopped = "time";
      if (stopped !== null) break;
      if (performance.now() - saved_at < CHECKPOINT) continue;
      saved_at = performance.now();
      save(exploration.save(), elapsed());
    }
  } finally {
    line.clear();
    await pool.close();
  }
  save(exploration.save(), elapsed());
  if (stopped === null && exploration.executions >= plan.executions) stopped = "executions";
  return { kernel, progress: exploration.progress(), seconds: elapsed(), stopped };
}

const BAR = 20;

function progress_text(exploration: Exploration, kernel: KernelName, seconds: number): string {
  const { executions, title, done } = exploration;
  const filled = Math.round(BAR * done);
  return `${kernel} [${"#".repeat(filled)}${".".repeat(BAR - filled)}] ${title}: ${format_plural(executions, "execution")}, ${format_count(Math.round(executions / Math.max(seconds, 1e-3)))}/s, ${format_plural(exploration.found, "finding")} (Ctrl-C ends)`;
}

/** The exit code of all searches together. */
export function exit_code(all: readonly Explored[]): number {
  if (all.some(({ stopped }) => stopped === "interrupt")) return EXIT.interrupted;
  if (all.some(({ progress }) => progress.findings.length > 0)) return EXIT.failed;
  return all.every(is_exhausted) ? EXIT.ok : EXIT.limit;
}

/** Was everything looked at that was asked for? Executions by chance never are everything. */
export function is_exhausted({ progress, stopped }: Explored): boolean {
  return stopped === null && (progress.complete || progress.exhausted);
}

