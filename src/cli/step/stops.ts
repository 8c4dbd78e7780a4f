// What the stepper says when the execution stands: why, where in time, and the statement that is next.

import type { Stop } from "../../engine/replay/recording.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import { EvaluationError } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import { format_time } from "../shared/format.ts";
import { checkLines, reportHead } from "../shared/report.ts";
import type { Paint } from "../shared/terminal.ts";
import { describeEvent, taskOf } from "../../console/timeline.ts";
import { BUG, CHECK_FAILED } from "./breakpoints.ts";
import type { Session } from "./session.ts";

/** All lines about a stop that was just reached. `asked` is the pid of the task that was to be stepped. */
export function describeStop(session: Session, stop: Stop, paint: Paint, asked: number): string[] {
  return [...reason(session, stop, paint, asked), ...where(session, paint)];
}

/** The position in time, and the selected statement with its text. */
export function where(session: Session, paint: Paint): string[] {
  const past = session.inThePast ? `${paint("magenta", "◀")} ` : "";
  const place = session.place();
  const at = place === undefined ? "" : `  ${place.function ?? session.task?.name ?? ""} ${place.file}:${place.line}`;
  const position = `${past}${session.position()} · ${session.whereabouts()}${at}`;
  return place === undefined ? [position] : [position, `${paint("dim", String(place.line))}\t${session.sources.textAt(session.site()!)}`];
}

function reason(session: Session, stop: Stop, paint: Paint, asked: number): string[] {
  switch (stop.reason) {
    case "breakpoint":
      return breakpointLines(session, stop, paint);
    case "start":
      return ["This is the start of the execution."];
    case "step":
      return moved(session, asked);
    default:
      return stop.outcome === null ? [] : outcomeLines(session, stop.outcome, stop.time, paint);
  }
}

/** A step may end in another task, if the stepped one has ended. */
function moved({ stop, tasks }: Session, asked: number): string[] {
  const stepped = tasks[asked - 1];
  if (stop.task === null || stepped === undefined || stop.task.pid === asked || stepped.state !== "done") return [];
  return [`${stepped.name} has ended; this is ${stop.task.name}.`];
}

function breakpointLines(session: Session, { hits, event }: Stop, paint: Paint): string[] {
  const own = hits.filter((id) => id > 0);
  const number = own.length === 0 ? "" : `breakpoint ${own.join(", ")}${event === null ? "" : ": "}`;
  if (event === null) return [paint("yellow", own.length === 0 ? "a stop of the scenario" : number)];
  if (hits.includes(CHECK_FAILED)) return failedChecks(session, paint);
  const text = `${number}${taskOf(event)?.name ?? ""} ${describeEvent(event, (statement) => session.sources.text(statement))}`;
  return [paint(hits.includes(BUG) ? "red" : "yellow", text)];
}

/** The checks that have failed up to now. */
function failedChecks(session: Session, paint: Paint): string[] {
  return failures(session.simulation.checks.results).flatMap((result) => checkLines(result, session.sources, paint));
}

function failures(results: readonly CheckResult[]): CheckResult[] {
  return results.filter(({ state }) => state === "failed");
}

/** What was found at the end of the run, and the checks that have failed there. */
function endedLines({ ended, sources }: Session, paint: Paint): string[] {
  const { ending, reports, checks } = ended!;
  const lines = [...failures(checks).flatMap((result) => checkLines(result, sources, paint)), ...reports.flatMap((report) => reportHead(report, paint))];
  return ending.expected ? [...lines, paint("green", "This is what the scenario expects.")] : lines;
}

const WAY_BACK = "Go back with 'back', 'reverse-continue' or 'goto N'.";

function outcomeLines(session: Session, outcome: Outcome, time: number, paint: Paint): string[] {
  switch (outcome.kind) {
    case "end": {
      const results = session.ended!.checks;
      const failed = failures(results).length;
      const checks = results.length === 0 ? "it has no checks" : failed === 0 ? `all ${results.length} checks hold` : `${failed} of ${results.length} checks failed`;
      return [paint("bold", `The run has ended; ${checks}. ${WAY_BACK}`), ...endedLines(session, paint)];
    }
    case "deadlock":
      return [...endedLines(session, paint), WAY_BACK];
    case "bug":
      return endedLines(session, paint);
    case "limit":
      return [paint("red", `${outcome.limit.message}, at ${format_time(time)}. ${WAY_BACK}`)];
    case "error": {
      const line = outcome.error.cause instanceof EvaluationError ? `${session.sources.scenarioFile}:${outcome.error.cause.range.line}: ` : "";
      return [paint("red", `${line}${outcome.error.message}`)];
    }
    case "stopped":
      return [];
  }
}
