// What the console is told when a run has ended, and the stacks below a finding.

import type { Stop } from "../engine/machine/recording.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { format_time } from "./format.ts";
import type { StackFrame } from "./stack.ts";
import { check_failed, waits, type Ended } from "./stops.ts";
import { plural } from "./words.ts";

/** Tasks whose stacks a finding shows beside that of its own. */
const MAX_OTHERS = 4;

/** A line for each check that failed, and the line of the scenario it is on. */
export function check_outputs({ checks }: Simulation): { readonly text: string; readonly line: number }[] {
  return checks.results.flatMap(({ check, state, failure }) => {
    if (state !== "failed" || failure === null) return [];
    const who = failure.task === "" ? "" : `, in ${failure.task}`;
    return [{ text: `${check_failed(check.text)}: ${failure.why}, at ${format_time(failure.time)}, event ${failure.event}${who}`, line: check.range.line }];
  });
}

/** The run in one line. */
export function summary({ program, kernel, statistics, checks }: Simulation, stop: Stop, { what }: Ended): string {
  const { lockbreaks, restarts, vmas_completed } = statistics.summary();
  const failed = checks.results.filter(({ state }) => state === "failed").length;
  const total = checks.results.length;
  const result = total === 0 ? "no checks" : failed === 0 ? `all ${total} checks hold` : `${failed} of ${total} checks failed`;
  return `${program.uri} on ${kernel}: ${stop.outcome?.kind === "end" ? "end of the run" : what} after ${stop.events} events, ${format_time(stop.time)}; ${plural(lockbreaks, "lockbreak")}, ${plural(restarts, "restart")}, ${plural(vmas_completed, "vma")} completed; ${result}.`;
}

/** The stack of a task, then what the others in the kernel wait for, and their stacks. */
export function trace_of({ machine }: Simulation, pid: number, stack: (pid: number) => readonly StackFrame[]): string[] {
  const frames = (of: number): string[] => stack(of).map(({ shown }) => `    at ${shown.name} (${shown.source?.path ?? shown.source?.name ?? ""}:${shown.line}:${shown.column})`);
  const others = machine.tasks.filter((task) => task.pid !== pid && task.started && task.state !== "done");
  return [...frames(pid), ...others.slice(0, MAX_OTHERS).flatMap((task) => [waits(task), ...frames(task.pid)])];
}
