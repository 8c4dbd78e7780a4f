// What the console is told when a run has ended, and the stacks below a finding.

import { format_time } from "../../console/format.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import { waits, type Trace } from "../../engine/observe/report.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import type { StackFrame } from "../values/stack.ts";
import { checkFailed, type Ended } from "../execution/stops.ts";
import { plural } from "../protocol/words.ts";

/** Tasks whose stacks a finding shows beside that of its own. */
const MAX_OTHERS = 4;

/** A line for each check that failed, and the line of the scenario it is on. */
export function checkOutputs(results: readonly CheckResult[]): { readonly text: string; readonly line: number }[] {
  return results.flatMap(({ check, state, failure }) => {
    if (state !== "failed" || failure === null) return [];
    const who = failure.task === "" ? "" : `, in ${failure.task}`;
    return [{ text: `${checkFailed(check.text)}: ${failure.why}, at ${format_time(failure.time)}, event ${failure.event}${who}`, line: check.range.line }];
  });
}

/** The run in one line. */
export function summary({ program, kernel, statistics }: Simulation, checks: readonly CheckResult[], stop: Stop, { what }: Ended): string {
  const { lockbreaks, restarts, vmas_completed } = statistics.summary();
  const failed = checks.filter(({ state }) => state === "failed").length;
  const total = checks.length;
  const result = total === 0 ? "no checks" : failed === 0 ? `all ${total} checks hold` : `${failed} of ${total} checks failed`;
  return `${program.uri} on ${kernel}: ${stop.outcome?.kind === "end" ? "end of the run" : what} after ${stop.events} events, ${format_time(stop.time)}; ${plural(lockbreaks, "lockbreak")}, ${plural(restarts, "restart")}, ${plural(vmas_completed, "vma")} completed; ${result}.`;
}

/** Where a site is shown, as a client is told of it. */
type PlaceOf = (site: number) => Omit<StackFrame["shown"], "id"> | null;

/** The stacks below a bug. */
export function traceLines(traces: readonly Trace[], place: PlaceOf): string[] {
  return traces.flatMap(({ state, frames }) => [`${state}:`, ...frames.flatMap(([site]) => place(site) ?? []).map(frameLine)]);
}

function frameLine({ name, source, line, column }: Omit<StackFrame["shown"], "id">): string {
  return `    at ${name} (${source?.path ?? source?.name ?? ""}:${line}:${column})`;
}

/** The stack of a task, then what the others in the kernel wait for, and their stacks. */
export function traceOf({ machine }: Simulation, pid: number, stack: (pid: number) => readonly StackFrame[]): string[] {
  const frames = (of: number): string[] => stack(of).map(({ shown }) => frameLine(shown));
  const others = machine.tasks.filter((task) => task.pid !== pid && task.started && task.state !== "done");
  return [...frames(pid), ...others.slice(0, MAX_OTHERS).flatMap((task) => [waits(task), ...frames(task.pid)])];
}
