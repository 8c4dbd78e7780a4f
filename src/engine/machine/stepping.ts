// The steps of a debugger, as plans for a Recording: where the next (or, going backwards, the last) statement is that a
// person means by "into", "over" and "out". Tasks are told apart by pid: going back makes new ones.

import sites from "lockbreak:sites";
import type { Frames } from "./hooks.ts";
import { machine } from "./machine.ts";
import type { StepPlan } from "./recording.ts";
import type { Task } from "./task.ts";

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
