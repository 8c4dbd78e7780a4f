// What is printed when a run has ended: the checks that failed, and the run in one line.

import { format_time } from "../../console/format.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { failedCheckMessage, type EndSummary } from "../execution/stops.ts";
import { plural } from "../protocol/number-format.ts";

/** A line for each check that failed, and the line of the scenario it is on. */
export function failedCheckOutputs(results: readonly CheckResult[]): { readonly text: string; readonly line: number }[] {
  return results.flatMap(({ check, state, failure }) => {
    if (state !== "failed" || failure === null) return [];
    const task = failure.task === "" ? "" : `, in ${failure.task}`;
    const text = `${failedCheckMessage(check.text)}: ${failure.why}, at ${format_time(failure.time)}, event ${failure.event}${task}`;
    return [{ text, line: check.range.line }];
  });
}

/** The run in one line. */
export function runSummary(
  { program, kernel, statistics }: Simulation,
  checks: readonly CheckResult[],
  stop: Stop,
  { text }: EndSummary,
): string {
  const { lockbreaks, restarts, vmas_completed } = statistics.summary();
  const failed = checks.filter(({ state }) => state === "failed").length;
  const total = checks.length;
  const result = total === 0 ? "no checks" : failed === 0 ? `all ${total} checks hold` : `${failed} of ${total} checks failed`;
  const end = `${stop.outcome?.kind === "end" ? "end of the run" : text} after ${stop.events} events, ${format_time(stop.time)}`;
  const counts = `${plural(lockbreaks, "lockbreak")}, ${plural(restarts, "restart")}, ${plural(vmas_completed, "vma")} completed`;
  return `${program.uri} on ${kernel}: ${end}; ${counts}; ${result}.`;
}
