// The arguments of a launch: what they may be, and what they mean.

import { KERNEL_NAMES } from "../../engine/kernel/variants.ts";
import { ScheduleError } from "../../engine/schedule/schedule.ts";
import { TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import { evaluate, isError, parseExpression } from "../../scenario/index.ts";
import { NOTHING_KNOWN } from "../../scenario/program/expression.ts";
import { readSize } from "../../scenario/lower/literals.ts";
import { readSchedule, type Scheduled } from "../../scenario/explore/scheduled.ts";
import type { Limits } from "../../scenario/run/simulation.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import { errors } from "../protocol/errors.ts";
import type { GotoArguments, LaunchArguments } from "../protocol/protocol.ts";

type Given = Readonly<Record<string, unknown>>;

/** What the trace shows if it is asked for without saying what. */
const STORY: readonly TracepointName[] = ["lock_contended", "lockbreak", "restart", "vma_skip", "vma_complete", "truncate_count_wrap", "nopage_retry", "bug", "check_failed", "syscall_enter", "syscall_exit"];

const TEXTS = ["kernel", "schedule", "text", "kernelSources"];
/** By the clocks of the CPUs: the policy if none is given. */
export const TIMED = "timed";
const POLICIES = [TIMED, "random", "pct"];
const SWITCHES = ["stopOnEntry", "stopAtEnd", "noDebug"];
const NUMBERS = [["cpus", 1, 64], ["seed", 0, 2 ** 32 - 1]] as const;

/** Are these launch arguments? Throws an AdapterError that says what is wrong. */
export function checkArguments(raw: unknown): LaunchArguments {
  const given = (raw ?? {}) as Given;
  if (typeof given["program"] !== "string" || given["program"].trim() === "") throw errors.no_program();
  for (const name of TEXTS) if (given[name] !== undefined && typeof given[name] !== "string") throw errors.bad_argument(name, "a text");
  for (const name of SWITCHES) if (given[name] !== undefined && typeof given[name] !== "boolean") throw errors.bad_argument(name, "true or false");
  for (const [name, low, high] of NUMBERS) if (given[name] !== undefined && !isWhole(given[name], low, high)) throw errors.bad_argument(name, `a whole number from ${low} to ${high}`);
  const kernel = given["kernel"] as string | undefined;
  if (kernel !== undefined && !(KERNEL_NAMES as readonly string[]).includes(kernel)) {
    const near = suggest(kernel, KERNEL_NAMES);
    throw errors.unknown_kernel(kernel, KERNEL_NAMES.join(", "), near === undefined ? "" : ` Did you mean '${near}'?`);
  }
  if (given["policy"] !== undefined && !POLICIES.includes(given["policy"] as string)) throw errors.bad_argument("policy", "one of timed, random and pct");
  const launch = given as unknown as LaunchArguments;
  const schedule = scheduleOf(launch);
  if (schedule !== null && kernel !== undefined && schedule.kernel !== kernel) throw errors.bad_schedule(`it is one of kernel ${schedule.kernel}, and 'kernel' says ${kernel}`);
  const { time } = limitsOf(launch);
  checkDecider(schedule, launch.policy ?? TIMED, time);
  placeOf(launch);
  tracedEvents(launch);
  return launch;
}

/** One thing decides who goes on, and model time ends the run only where it is that which decides. */
function checkDecider(schedule: Scheduled | null, policy: string, time: number | undefined): void {
  if (schedule !== null && policy !== TIMED) throw errors.bad_argument("policy", "left out where there is a schedule");
  if (time === undefined || (schedule === null && policy === TIMED)) return;
  const decider = schedule === null ? `'policy' is ${policy}` : "there is a schedule";
  throw errors.bad_argument("limits.time", `left out where ${decider}, as model time decides nothing then; 'limits.steps' ends such a run`);
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= low && value <= high;
}

/** What the run follows. */
export function scheduleOf({ schedule }: LaunchArguments): Scheduled | null {
  return schedule === undefined ? null : ofSchedule(() => readSchedule(schedule));
}

/** Does something with a schedule; what is wrong with it is an AdapterError. */
export function ofSchedule<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ScheduleError ? errors.bad_schedule(error.message) : error;
  }
}

const LIMITS = ["memory", "steps", "time", "pages"];

/** Beyond what the run ends by itself. `limits.memory` is none of these: it is held before the run (`load`). */
export function limitsOf({ limits }: LaunchArguments): Partial<Limits> {
  const given = (limits ?? {}) as Given;
  const wrong = (name: string, wanted: string): Error => errors.bad_argument(name, wanted);
  if (typeof given !== "object") throw wrong("limits", "an object such as {\"steps\": 1000000, \"time\": \"10ms\"}");
  for (const name of Object.keys(given)) if (!LIMITS.includes(name)) throw wrong(`limits.${name}`, "one of memory, steps, time and pages");
  const { memory, steps, time: duration, pages } = given;
  if (memory !== undefined && (typeof memory !== "string" || readSize(memory) === null)) throw wrong("limits.memory", "a size such as 512M or 4G, as a text");
  for (const name of ["steps", "pages"]) if (given[name] !== undefined && !isWhole(given[name], 1, Number.MAX_SAFE_INTEGER)) throw wrong(`limits.${name}`, "a whole number of 1 or more");
  const time = duration === undefined ? undefined : timeOf(duration);
  if (time === null) throw wrong("limits.time", "a time such as \"10ms\", or nanoseconds");
  return { ...(steps === undefined ? {} : { steps: steps as number }), ...(time === undefined ? {} : { time }), ...(pages === undefined ? {} : { pages: pages as number }) };
}

/** Where the run is to stop first; null for the first breakpoint. */
export function placeOf({ stopAt }: LaunchArguments): GotoArguments | "failure" | null {
  if (stopAt === undefined) return null;
  if (stopAt === "failure") return stopAt;
  if (isWhole(stopAt, 1, Number.MAX_SAFE_INTEGER)) return { event: stopAt as number };
  const [, word, number] = typeof stopAt === "string" ? (/^(event|step)\s+(\d{1,15})$/.exec(stopAt.trim()) ?? []) : [];
  if (word !== undefined) return { [word]: Number(number) };
  const time = typeof stopAt === "string" ? timeOf(stopAt.replace(/^\s*time\s+/, "")) : null;
  if (time === null) throw errors.bad_argument("stopAt", "the number of an event, or \"event 412\", \"step 5000\", a time such as \"1ms\", or \"failure\"");
  return { time };
}

/** The tracepoints that are printed as the run passes them. */
export function tracedEvents({ trace }: LaunchArguments): readonly TracepointName[] {
  if (trace === undefined || trace === false) return [];
  if (trace === true) return STORY;
  if (trace === "all") return Object.keys(TRACEPOINTS) as TracepointName[];
  if (!Array.isArray(trace)) throw errors.bad_argument("trace", "true, \"all\", or a list of tracepoints");
  for (const name of trace as unknown[]) {
    if (typeof name === "string" && Object.hasOwn(TRACEPOINTS, name)) continue;
    const near = suggest(String(name), Object.keys(TRACEPOINTS));
    throw errors.bad_argument("trace", `a list of tracepoints: '${String(name)}' is none.${near === undefined ? "" : ` Did you mean '${near}'?`}`);
  }
  return trace as readonly TracepointName[];
}

/** Nanoseconds; null if it is no time. */
function timeOf(given: unknown): number | null {
  if (typeof given === "number") return given > 0 && Number.isFinite(given) ? given : null;
  const { expr } = typeof given === "string" ? parseExpression(given) : {};
  if (expr?.kind !== "number" || expr.unit !== "time") return null;
  const value = evaluate(expr, NOTHING_KNOWN);
  return isError(value) ? null : (value as number);
}
