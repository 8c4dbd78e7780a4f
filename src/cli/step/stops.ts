// Formats a stop of the stepper: its reason, the position in time, and the next statement.

import type { Stop } from "../../engine/replay/recording.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import { EvaluationError } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import { format_time } from "../shared/format.ts";
import { checkLines, reportHeader } from "../shared/report.ts";
import type { TextStyler } from "../shared/terminal.ts";
import { describeEvent, eventTask } from "../../console/timeline.ts";
import { BUG_BREAKPOINT, CHECK_FAILED_BREAKPOINT } from "./breakpoints.ts";
import type { StepperSession } from "./stepper-session.ts";

/** The lines about a stop that was just reached. `steppedPid` is the pid of the task that was stepped. */
export function stopLines(session: StepperSession, stop: Stop, styled: TextStyler, steppedPid: number): string[] {
  return [...reasonLines(session, stop, styled, steppedPid), ...positionLines(session, styled)];
}

/** The position in time, and the selected statement with its text. */
export function positionLines(session: StepperSession, styled: TextStyler): string[] {
  const past = session.inThePast ? `${styled("magenta", "◀")} ` : "";
  const place = session.location();
  const at = place === undefined ? "" : `  ${place.function ?? session.task?.name ?? ""} ${place.file}:${place.line}`;
  const position = `${past}${session.position()} · ${session.timeAndTask()}${at}`;
  return place === undefined
    ? [position]
    : [position, `${styled("dim", String(place.line))}\t${session.sources.siteText(session.site()!)}`];
}

function reasonLines(session: StepperSession, stop: Stop, styled: TextStyler, steppedPid: number): string[] {
  switch (stop.reason) {
    case "breakpoint":
      return breakpointLines(session, stop, styled);
    case "start":
      return ["This is the start of the execution."];
    case "step":
      return taskChangeLines(session, steppedPid);
    default:
      return stop.outcome === null ? [] : outcomeLines(session, stop.outcome, stop.time, styled);
  }
}

/** A step may end in another task, if the stepped one has ended. */
function taskChangeLines({ stop, tasks }: StepperSession, steppedPid: number): string[] {
  const stepped = tasks[steppedPid - 1];
  if (stop.task === null || stepped === undefined || stop.task.pid === steppedPid || stepped.state !== "done") return [];
  return [`${stepped.name} has ended; this is ${stop.task.name}.`];
}

function breakpointLines(session: StepperSession, { hits, event }: Stop, styled: TextStyler): string[] {
  const userBreakpoints = hits.filter((id) => id > 0);
  const number = userBreakpoints.length === 0 ? "" : `breakpoint ${userBreakpoints.join(", ")}${event === null ? "" : ": "}`;
  if (event === null) return [styled("yellow", userBreakpoints.length === 0 ? "a stop of the scenario" : number)];
  if (hits.includes(CHECK_FAILED_BREAKPOINT)) return failedChecks(session, styled);
  const text = `${number}${eventTask(event)?.name ?? ""} ${describeEvent(event, (statement) => session.sources.statementText(statement))}`;
  return [styled(hits.includes(BUG_BREAKPOINT) ? "red" : "yellow", text)];
}

/** The checks that have failed up to now. */
function failedChecks(session: StepperSession, styled: TextStyler): string[] {
  return failures(session.simulation.checks.results).flatMap((result) => checkLines(result, session.sources, styled));
}

function failures(results: readonly CheckResult[]): CheckResult[] {
  return results.filter(({ state }) => state === "failed");
}

/** The reports of the end of the run, and the checks that have failed. */
function endedLines({ ended, sources }: StepperSession, styled: TextStyler): string[] {
  const { ending, reports, checks } = ended!;
  const lines = [
    ...failures(checks).flatMap((result) => checkLines(result, sources, styled)),
    ...reports.flatMap((report) => reportHeader(report, styled)),
  ];
  return ending.expected ? [...lines, styled("green", "This is what the scenario expects.")] : lines;
}

const WAY_BACK = "Go back with 'back', 'reverse-continue' or 'goto N'.";

function outcomeLines(session: StepperSession, outcome: Outcome, time: number, styled: TextStyler): string[] {
  switch (outcome.kind) {
    case "end": {
      const results = session.ended!.checks;
      const failed = failures(results).length;
      const checks =
        results.length === 0
          ? "it has no checks"
          : failed === 0
            ? `all ${results.length} checks hold`
            : `${failed} of ${results.length} checks failed`;
      return [styled("bold", `The run has ended; ${checks}. ${WAY_BACK}`), ...endedLines(session, styled)];
    }
    case "deadlock":
      return [...endedLines(session, styled), WAY_BACK];
    case "bug":
      return endedLines(session, styled);
    case "limit":
      return [styled("red", `${outcome.limit.message}, at ${format_time(time)}. ${WAY_BACK}`)];
    case "error": {
      const line =
        outcome.error.cause instanceof EvaluationError ? `${session.sources.scenarioFile}:${outcome.error.cause.range.line}: ` : "";
      return [styled("red", `${line}${outcome.error.message}`)];
    }
    case "stopped":
      return [];
  }
}
