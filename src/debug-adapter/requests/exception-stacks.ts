// Stack traces of an exception: those that were recorded where a bug was found, or those of the current stop.

import { wait_text, type TaskBacktrace } from "../../engine/observe/report.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import type { StackFrame } from "../values/stack.ts";

/** So many other tasks are listed below the task that an exception is about. */
const MAX_OTHER_TASKS = 4;

type FrameWithoutId = Omit<StackFrame["protocolFrame"], "id">;

/** The stacks that belong to a bug, each headed by what its task has to do with it. */
export function recordedStackLines(traces: readonly TaskBacktrace[], frameOfSite: (site: number) => FrameWithoutId | null): string[] {
  return traces.flatMap(({ state, frames }) => [`${state}:`, ...frames.flatMap(([site]) => frameOfSite(site) ?? []).map(frameLine)]);
}

/** The stack of a task, then what the other tasks in the kernel wait for, and their stacks. */
export function currentStackLines({ machine }: Simulation, pid: number, stackOf: (pid: number) => readonly StackFrame[]): string[] {
  const frames = (of: number): string[] => stackOf(of).map(({ protocolFrame }) => frameLine(protocolFrame));
  const others = machine.tasks.filter((task) => task.pid !== pid && task.started && task.state !== "done");
  return [...frames(pid), ...others.slice(0, MAX_OTHER_TASKS).flatMap((task) => [wait_text(task), ...frames(task.pid)])];
}

function frameLine({ name, source, line, column }: FrameWithoutId): string {
  return `    at ${name} (${source?.path ?? source?.name ?? ""}:${line}:${column})`;
}
