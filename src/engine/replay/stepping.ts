// The steps of a debugger, as plans for a Recording: where the next (or, going backwards, the last) statement is at which "into",
// "over" and "out" end. Tasks are identified by pid: a move backwards makes new Task objects.

import sites from "lockbreak:sites";
import type { Frames } from "../machine/hooks.ts";
import { machine } from "../machine/machine.ts";
import type { StepPlan } from "./stops.ts";
import type { Task } from "../machine/task.ts";

/** Sites from here on are statements of the scenario, not of the kernel. */
export const FIRST_SCENARIO_SITE = 1 << 24;

/** An identifier of the function that a site is in. */
function function_of(site: number): string {
  const kernel = sites[site];
  return kernel === undefined ? "scenario" : `${kernel.file}:${kernel.function}`;
}

/** The statement of `task` that is executed next, in whatever function. */
export function step_into(task: Task): StepPlan {
  const { pid } = task;
  return { key: `into ${pid}`, may_stop: (_site, other) => other.pid === pid || has_ended(pid), accepts: () => true };
}

/** The next statement of `task` in the function that is innermost in `frames`, or in a caller. */
export function step_over(task: Task, frames: Frames): StepPlan {
  return within(task, frames, frames.length);
}

/** The next statement of `task` in a caller of the function that is innermost in `frames`. */
export function step_out(task: Task, frames: Frames): StepPlan {
  return within(task, frames.slice(1), frames.length - 1);
}

/**
 * Forwards: into the function that the call at `call` enters, a site in the statement that is innermost in `frames`; behind that
 * statement if it is not called.
 */
export function step_into_call(task: Task, frames: Frames, call: number): StepPlan {
  const over = within(task, frames, frames.length);
  const { pid } = task;
  const entered = (here: Frames): boolean => here.length === frames.length + 1 && here[1]![0] === call;
  return {
    may_stop: (site, other) => over.may_stop(site, other) || (other.pid === pid && sites[site]?.entry === true),
    accepts: (other, here) => over.accepts(other, here) || entered(here),
  };
}

/** Backwards: to where the call began that is the frame of that number; with the frame of the scenario, to its statement. */
export function step_to_entry({ pid }: Task, frames: Frames, number: number): StepPlan {
  const depth = frames.length - number;
  const [site] = frames[number]!;
  const begins = (other: number): boolean =>
    sites[site] === undefined ? other === site : sites[other]?.entry === true && function_of(other) === function_of(site);
  return { may_stop: (other, task) => task.pid === pid && begins(other), accepts: (_task, here) => here.length === depth };
}

/** Does the frame of that number stand where its call began, with nothing called from there? */
export function is_at_entry(frames: Frames, number: number): boolean {
  const [site] = frames[number]!;
  return number === 0 && (sites[site] === undefined || sites[site].entry);
}

/** Any execution of one of these statements. */
export function step_to_sites(wanted: ReadonlySet<number>): StepPlan {
  return { key: `sites ${[...wanted].join(" ")}`, may_stop: (site) => wanted.has(site), accepts: () => true };
}

/** A statement of `task` with at most `depth` frames. Only the functions of `frames` can have one. */
function within({ pid }: Task, frames: Frames, depth: number): StepPlan {
  const functions = new Set(frames.map(([site]) => function_of(site)));
  const inside = sites.map((_site, number) => functions.has(function_of(number)));
  const scenario = functions.has("scenario");
  return {
    key: `${pid} ${depth} ${[...functions].sort().join(" ")}`,
    may_stop: (site, other) => (other.pid === pid ? (inside[site] ?? scenario) : has_ended(pid)),
    accepts: (other, here) => other.pid !== pid || here.length <= depth,
  };
}

/** Has the task ended? Then its step ends at the statement that is executed next, of whatever task. */
function has_ended(pid: number): boolean {
  return machine.tasks[pid - 1]?.state === "done";
}
