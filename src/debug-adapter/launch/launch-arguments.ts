// Launch arguments: their validation, and their values.

import { KERNEL_NAMES } from "../../engine/kernel/variants.ts";
import { ScheduleError } from "../../engine/schedule/schedule.ts";
import { ESSENTIAL_TRACEPOINTS, TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import { evaluate, isError, parseExpression } from "../../scenario/index.ts";
import { EMPTY_ENVIRONMENT } from "../../scenario/program/expression.ts";
import { parseSize } from "../../scenario/lower/literals.ts";
import { parseReplaySchedule, type ReplaySchedule } from "../../scenario/explore/replay-schedule.ts";
import type { RunLimits } from "../../scenario/run/simulation.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { GotoArguments, LaunchArguments } from "../protocol/protocol.ts";

type RawArguments = Readonly<Record<string, unknown>>;

const STRING_ARGUMENTS = ["kernel", "schedule", "text", "kernelSources"];
/** The default policy: the clocks of the CPUs schedule the tasks. */
export const TIMED_POLICY = "timed";
const POLICIES = [TIMED_POLICY, "random", "pct"];
const BOOLEAN_ARGUMENTS = ["stopOnEntry", "stopAtEnd", "noDebug"];
const NUMBER_ARGUMENTS = [
  ["cpus", 1, 64],
  ["seed", 0, 2 ** 32 - 1],
] as const;

/** Validates launch arguments. Throws an AdapterError that says what is wrong. */
export function validateLaunchArguments(raw: unknown): LaunchArguments {
  const given = (raw ?? {}) as RawArguments;
  if (typeof given["program"] !== "string" || given["program"].trim() === "") throw adapterErrors.noProgram();
  for (const name of STRING_ARGUMENTS)
    if (given[name] !== undefined && typeof given[name] !== "string") throw adapterErrors.invalidLaunchArgument(name, "a text");
  for (const name of BOOLEAN_ARGUMENTS)
    if (given[name] !== undefined && typeof given[name] !== "boolean") throw adapterErrors.invalidLaunchArgument(name, "true or false");
  for (const [name, low, high] of NUMBER_ARGUMENTS)
    if (given[name] !== undefined && !isWhole(given[name], low, high))
      throw adapterErrors.invalidLaunchArgument(name, `a whole number from ${low} to ${high}`);
  const kernel = given["kernel"] as string | undefined;
  if (kernel !== undefined && !(KERNEL_NAMES as readonly string[]).includes(kernel)) {
    const near = nearestName(kernel, KERNEL_NAMES);
    throw adapterErrors.unknownKernel(kernel, KERNEL_NAMES.join(", "), near === undefined ? "" : ` Did you mean '${near}'?`);
  }
  if (given["policy"] !== undefined && !POLICIES.includes(given["policy"] as string))
    throw adapterErrors.invalidLaunchArgument("policy", "one of timed, random and pct");
  const launch = given as unknown as LaunchArguments;
  const schedule = launchSchedule(launch);
  if (schedule !== null && kernel !== undefined && schedule.kernel !== kernel)
    throw adapterErrors.invalidSchedule(`it is one of kernel ${schedule.kernel}, and 'kernel' says ${kernel}`);
  const { time } = launchLimits(launch);
  checkPolicy(schedule, launch.policy ?? TIMED_POLICY, time);
  firstStop(launch);
  launchTracepoints(launch);
  return launch;
}

/** Either a schedule or a policy schedules the tasks, and a limit of model time needs the timed policy. */
function checkPolicy(schedule: ReplaySchedule | null, policy: string, time: number | undefined): void {
  if (schedule !== null && policy !== TIMED_POLICY)
    throw adapterErrors.invalidLaunchArgument("policy", "left out where there is a schedule");
  if (time === undefined || (schedule === null && policy === TIMED_POLICY)) return;
  const decider = schedule === null ? `'policy' is ${policy}` : "there is a schedule";
  throw adapterErrors.invalidLaunchArgument(
    "limits.time",
    `left out where ${decider}, as model time does not schedule tasks then; 'limits.steps' ends such a run`,
  );
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= low && value <= high;
}

/** The schedule that the run replays; null if there is none. */
export function launchSchedule({ schedule }: LaunchArguments): ReplaySchedule | null {
  return schedule === undefined ? null : withScheduleErrors(() => parseReplaySchedule(schedule));
}

/** Runs code that reads or checks a schedule; a ScheduleError becomes an AdapterError. */
export function withScheduleErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ScheduleError ? adapterErrors.invalidSchedule(error.message) : error;
  }
}

const LIMITS = ["memory", "steps", "time", "pages"];

/** The limits at which a run ends. `limits.memory` is none of these: it is checked before the run (`loadDebuggee`). */
export function launchLimits({ limits }: LaunchArguments): Partial<RunLimits> {
  const given = (limits ?? {}) as RawArguments;
  const wrong = (name: string, wanted: string): Error => adapterErrors.invalidLaunchArgument(name, wanted);
  if (typeof given !== "object") throw wrong("limits", 'an object such as {"steps": 1000000, "time": "10ms"}');
  for (const name of Object.keys(given)) if (!LIMITS.includes(name)) throw wrong(`limits.${name}`, "one of memory, steps, time and pages");
  const { memory, steps, time: duration, pages } = given;
  if (memory !== undefined && (typeof memory !== "string" || parseSize(memory) === null))
    throw wrong("limits.memory", "a size such as 512M or 4G, as a text");
  for (const name of ["steps", "pages"])
    if (given[name] !== undefined && !isWhole(given[name], 1, Number.MAX_SAFE_INTEGER))
      throw wrong(`limits.${name}`, "a whole number of 1 or more");
  const time = duration === undefined ? undefined : parseTimeArgument(duration);
  if (time === null) throw wrong("limits.time", 'a time such as "10ms", or nanoseconds');
  return {
    ...(steps === undefined ? {} : { steps: steps as number }),
    ...(time === undefined ? {} : { time }),
    ...(pages === undefined ? {} : { pages: pages as number }),
  };
}

/** Where the run is to stop first; null for the first breakpoint. Throws an AdapterError if `stopAt` names no place. */
export function firstStop({ stopAt }: LaunchArguments): GotoArguments | "failure" | null {
  if (stopAt === undefined) return null;
  if (stopAt === "failure") return stopAt;
  if (isWhole(stopAt, 1, Number.MAX_SAFE_INTEGER)) return { event: stopAt as number };
  const [, word, number] = typeof stopAt === "string" ? (/^(event|step)\s+(\d{1,15})$/.exec(stopAt.trim()) ?? []) : [];
  if (word !== undefined) return { [word]: Number(number) };
  const time = typeof stopAt === "string" ? parseTimeArgument(stopAt.replace(/^\s*time\s+/, "")) : null;
  if (time === null)
    throw adapterErrors.invalidLaunchArgument(
      "stopAt",
      'the number of an event, or "event 412", "step 5000", a time such as "1ms", or "failure"',
    );
  return { time };
}

/** The tracepoints that are printed as the run passes them. */
export function launchTracepoints({ trace }: LaunchArguments): readonly TracepointName[] {
  if (trace === undefined || trace === false) return [];
  if (trace === true) return ESSENTIAL_TRACEPOINTS;
  if (trace === "all") return Object.keys(TRACEPOINTS) as TracepointName[];
  if (!Array.isArray(trace)) throw adapterErrors.invalidLaunchArgument("trace", 'true, "all", or a list of tracepoints');
  for (const name of trace as unknown[]) {
    if (typeof name === "string" && Object.hasOwn(TRACEPOINTS, name)) continue;
    const near = nearestName(String(name), Object.keys(TRACEPOINTS));
    throw adapterErrors.invalidLaunchArgument(
      "trace",
      `a list of tracepoints: '${String(name)}' is none.${near === undefined ? "" : ` Did you mean '${near}'?`}`,
    );
  }
  return trace as readonly TracepointName[];
}

/** Nanoseconds; null if the argument is no time. */
function parseTimeArgument(given: unknown): number | null {
  if (typeof given === "number") return given > 0 && Number.isFinite(given) ? given : null;
  const { expr } = typeof given === "string" ? parseExpression(given) : {};
  if (expr?.kind !== "number" || expr.unit !== "time") return null;
  const value = evaluate(expr, EMPTY_ENVIRONMENT);
  return isError(value) ? null : (value as number);
}
