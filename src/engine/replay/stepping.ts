// The steps of a debugger, as plans for a Recording: where the next (or, going backwards, the last) statement is that a
// person means by "into", "over" and "out". Tasks are told apart by pid: going back makes new ones.

import sites from "lockbreak:sites";
import type { Frames } from "../machine/hooks.ts";
import { machine } from "../machine/machine.ts";
import type { StepPlan } from "./recording.ts";
import type { Task } from "../machine/task.ts";

/** Sites from here on are statements of the scenario, not of the kernel. */
export const SCENARIO_SITES = 1 << 24;

/** Something equal for all sites of one function, different for different functions. */
function function_of(site: number): string {
  const kernel = sites[site];
  return kernel === undefined ? "scenario" : `${kernel.file}:${kernel.function}`;
}

/** The statement of `task` that is executed next, wherever it is. */
export function step_into(task: Task): StepPlan {
  const { pid } = task;
  return { key: `into ${pid}`, watch: (_site, other) => other.pid === pid || has_ended(pid), accept: () => true };
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
    watch: (site, other) => over.watch(site, other) || (other.pid === pid && sites[site]?.entry === true),
    accept: (other, here) => over.accept(other, here) || entered(here),
  };
}

/** Backwards: to where the call began that is the frame of that number; with the frame of the scenario, to its statement. */
export function step_to_entry({ pid }: Task, frames: Frames, number: number): StepPlan {
  const depth = frames.length - number;
  const [site] = frames[number]!;
  const begins = (other: number): boolean => (sites[site] === undefined ? other === site : sites[other]?.entry === true && function_of(other) === function_of(site));
  return { watch: (other, task) => task.pid === pid && begins(other), accept: (_task, here) => here.length === depth };
}

/** Does the frame of that number stand where its call began, with nothing called from there? */
export function is_at_entry(frames: Frames, number: number): boolean {
  const [site] = frames[number]!;
  return number === 0 && (sites[site] === undefined || sites[site].entry);
}

/** Any execution of one of these statements. */
export function step_to_sites(wanted: ReadonlySet<number>): StepPlan {
  return { key: `sites ${[...wanted].join(" ")}`, watch: (site) => wanted.has(site), accept: () => true };
}

/** A statement of `task` with at most `depth` frames. Only functions that `frames` show can have one. */
function within({ pid }: Task, frames: Frames, depth: number): StepPlan {
  const functions = new Set(frames.map(([site]) => function_of(site)));
  const inside = sites.map((_site, number) => functions.has(function_of(number)));
  const scenario = functions.has("scenario");
  return {
    key: `${pid} ${depth} ${[...functions].sort().join(" ")}`,
    watch: (site, other) => (other.pid === pid ? (inside[site] ?? scenario) : has_ended(pid)),
    accept: (other, here) => other.pid !== pid || here.length <= depth,
  };
}

/** A step of a task that has ended leads to whatever is executed next. */
function has_ended(pid: number): boolean {
  return machine.tasks[pid - 1]?.state === "done";
}
