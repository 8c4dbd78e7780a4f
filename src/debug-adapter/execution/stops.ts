// Describes stops for the client: the reason, the position in time, and for failed checks and bugs the report.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { format_time } from "../../console/format.ts";
import { AddressSpace, File, Inode, VmArea } from "../../engine/kernel/common/mm_types.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { TraceEvent } from "../../engine/machine/trace.ts";
import type { DataAccess } from "../../engine/machine/data_access.ts";
import { headline, report_lines, report_of, type ReportedRun } from "../../engine/observe/report.ts";
import { EvaluationError } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import type { RunVerdict } from "../../scenario/run/verdict.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import { SCENARIO_STOP, type BreakpointKind, type Breakpoints } from "../breakpoints/breakpoints.ts";
import { formatValue, vmaDisplayName } from "../values/format.ts";
import type { ExecutionPosition } from "../protocol/protocol.ts";
import { BRANCH_MARK } from "../values/stack.ts";

/** A failed check, a bug or a deadlock, as an exception of the protocol: what an `exceptionInfo` request is answered with. */
export interface StopException {
  readonly id: string;
  readonly message: string;
  /** Lines below the message: values, and what the tasks wait for. */
  readonly lines: readonly string[];
}

/** A stop in words. */
export interface StopDescription {
  readonly reason: string;
  /** What happened, in a few words. */
  readonly text: string;
  /** Present where an exception filter stops. */
  readonly exception: StopException | null;
  /** The breakpoints of the client that were hit. */
  readonly hits: readonly number[];
}

/** The kind of request that has moved the execution to a stop. */
export interface ResumeRequest {
  readonly kind: "entry" | "step" | "pause" | "continue" | "goto" | "restart" | "failure";
  /** Where it goes to, in a few words. */
  readonly destination?: string;
  /** It goes along the history of stops, which stays as it is. */
  readonly revisitsStop?: boolean;
}

/** Why the execution has stopped after a request. */
export function describeStop(stop: Stop, request: ResumeRequest, breakpoints: Breakpoints, end: EndSummary | null): StopDescription {
  const hits = stop.hits.filter((id) => id !== SCENARIO_STOP);
  if (stop.outcome !== null && end !== null) return { ...describeEndStop(end, stop, breakpoints), hits: [] };
  if (request.kind === "goto" || request.kind === "restart") {
    const text = request.destination ?? (stop.event === null ? "" : describeTracepoint(stop.event));
    return { reason: request.kind, text, exception: null, hits: [] };
  }
  if (request.kind === "failure" && stop.event !== null) return { ...describeFailedCheck(stop.event), hits: [] };
  if (stop.reason === "breakpoint") return { ...describeBreakpointStop(stop, breakpoints), hits };
  if (stop.reason === "start" || request.kind === "entry") return { reason: "entry", text: "start", exception: null, hits };
  if (request.kind === "pause") return { reason: "pause", text: "paused", exception: null, hits };
  return { reason: "step", text: "step", exception: null, hits };
}

function describeBreakpointStop(stop: Stop, breakpoints: Breakpoints): Omit<StopDescription, "hits"> {
  const kinds = stop.hits.map((id) => breakpoints.kindOfBreakpoint(id)).filter((kind): kind is BreakpointKind => kind !== undefined);
  const { event, access } = stop;
  const data = kinds.find((one) => one.kind === "data");
  if (access !== null && data !== undefined) return { reason: "data breakpoint", text: describeAccess(data.name, access), exception: null };
  if (event !== null && kinds.some(({ kind }) => kind === "check")) return describeFailedCheck(event);
  if (event !== null && kinds.some(({ kind }) => kind === "event"))
    return { reason: event.name, text: describeTracepoint(event), exception: null };
  if (kinds.some(({ kind }) => kind === "function")) return { reason: "function breakpoint", text: "function breakpoint", exception: null };
  return kinds.length === 0
    ? { reason: "stop", text: "stop of the scenario", exception: null }
    : { reason: "breakpoint", text: "breakpoint", exception: null };
}

/** A stop at a failed check of the scenario. */
function describeFailedCheck({ args }: TraceEvent): Omit<StopDescription, "hits"> {
  const exception = { id: "check", message: failedCheckMessage(String(args["check"])), lines: [String(args["why"])] };
  return { reason: "exception", text: exception.message, exception };
}

/** `data.truncate_count 1 → 2`: data that was written, or read. */
function describeAccess(name: string, { kind, task, before, after }: DataAccess): string {
  const [old, now] = [before, after].map((value) => formatStored(name, value));
  if (kind === "read") return `${name} read by ${task?.name ?? "no task"}: ${now}`;
  return old === now ? `${name} written: ${now}, as before` : `${name} ${old} → ${now}`;
}

/** A raw value of the run, formatted according to the last name in `place`. */
function formatStored(place: string, value: unknown): string {
  return formatValue(/(\w+)[^\w]*$/.exec(place.startsWith("pte(") ? "pte" : place)?.[1] ?? "", wrap(value), false);
}

/** The message of a failed check, whose text begins with the word `check`. */
export function failedCheckMessage(text: string): string {
  return `check failed: ${text.replace(/^check\s+/, "")}`;
}

/** `lockbreak on data`: a tracepoint and what it is about. */
function describeTracepoint({ name, args }: TraceEvent): string {
  const { vma, mapping, lock, file, task } = args;
  const object = vma instanceof VmArea && name.startsWith("vma") ? vma : (mapping ?? lock ?? vma ?? file ?? task);
  const objectName = nameOf(object);
  return objectName === "" ? name : `${name} on ${objectName}`;
}

function nameOf(object: unknown): string {
  if (object instanceof VmArea) return vmaDisplayName(object);
  if (object instanceof AddressSpace) return object.host.name;
  if (object instanceof File) return object.inode.name;
  if (object instanceof Inode) return object.name;
  const name = typeof object === "object" && object !== null && "name" in object ? object.name : "";
  return typeof name === "string" ? name : "";
}

/** How a run has ended. */
export interface EndSummary {
  /**
   * 0 if it has ended well or as expected, 1 with a bug or a failed check, 2 if the scenario refers to something that does not
   * exist, 3 at a limit.
   */
  readonly exitCode: number;
  readonly text: string;
  readonly exception: (StopException & { readonly filter: "bug" | "check" }) | null;
}

function describeEndStop(
  { text, exception }: EndSummary,
  { outcome, task }: Stop,
  breakpoints: Breakpoints,
): Omit<StopDescription, "hits"> {
  const locals = outcome?.kind === "bug" ? { code: outcome.bug.code, message: outcome.bug.message } : {};
  const stops = exception !== null && breakpoints.stopsAtException(exception.filter, task, locals);
  return { reason: stops ? "exception" : "end", text, exception: stops ? exception : null };
}

/** Summarizes the end of a run. `results` are those of its checks. */
export function summarizeEnd(
  outcome: Outcome,
  { findings, expected }: RunVerdict,
  results: readonly CheckResult[],
  run: ReportedRun,
): EndSummary {
  const failed = results.filter(({ state }) => state === "failed");
  const [finding] = findings;
  if (finding !== undefined) {
    const report = report_of(finding, run);
    const exception = { filter: "bug" as const, id: report.code, message: headline(report), lines: report_lines(report) };
    return { exitCode: expected && failed.length === 0 ? 0 : 1, text: `BUG ${report.code}${expected ? ", as expected" : ""}`, exception };
  }
  if (outcome.kind === "error") {
    const { error } = outcome;
    const line = error.cause instanceof EvaluationError ? `line ${error.cause.range.line}: ` : "";
    return { exitCode: 2, text: `error: ${line}${error.message}`, exception: null };
  }
  if (outcome.kind === "limit") return { exitCode: 3, text: outcome.limit.message, exception: null };
  const [first] = failed;
  if (first === undefined) return { exitCode: 0, text: "end of the run", exception: null };
  const message = failed.length === 1 ? failedCheckMessage(first.check.text) : `${failed.length} checks failed`;
  const lines = failed.map((result) => `${result.check.text}: ${result.failure?.why ?? ""}`);
  return { exitCode: 1, text: `end of the run, ${message}`, exception: { filter: "check", id: "check", message, lines } };
}

/** The thread that a stop is about. */
export function threadOfStop(stop: Stop, { machine }: Simulation): number {
  const { event, access, task, outcome } = stop;
  const cause = event?.task ?? access?.task;
  if (cause && machine.tasks[cause.pid - 1]?.state !== "done") return cause.pid;
  if ((outcome?.kind === "bug" || outcome?.kind === "error") && outcome.task !== null) return outcome.task.pid;
  if (task !== null && (task.state !== "done" || task.cpu !== machine.helper_cpu)) return task.pid;
  // All have ended: one of the scenario's own tasks, as the helpers of triggers are no threads any more.
  return machine.tasks.findLast(({ cpu }) => cpu !== machine.helper_cpu)?.pid ?? 1;
}

/** How far a run was ever executed. */
interface FurthestPosition {
  readonly step: number;
  readonly events: number;
  readonly ended: boolean;
}

/** The position of a stop in time. */
export function positionAtStop(
  stop: Stop,
  furthest: FurthestPosition,
  { reason, text }: StopDescription,
  threadId: number,
  branch: readonly string[],
): ExecutionPosition {
  const { step, events, time } = stop;
  const past = step < furthest.step || (furthest.ended && stop.outcome === null);
  const total = `${events}/${furthest.events}${furthest.ended ? "" : "+"}`;
  const marks = `${branch.length > 0 ? `${BRANCH_MARK} what-if · ` : ""}${past ? "◀ " : ""}`;
  const description = `${marks}event ${total} · ${formatLabelTime(time)} · ${text}`;
  return { step, event: events, events: furthest.events, ended: furthest.ended, time, past, reason, description, threadId, branch };
}

/** The body of the `stopped` event. */
export function stoppedEventBody(
  { reason, hits, exception }: StopDescription,
  { description, threadId }: ExecutionPosition,
): DebugProtocol.StoppedEvent["body"] {
  const hitBreakpoints = hits.length === 0 ? {} : { hitBreakpointIds: [...hits] };
  return { reason, description, text: exception?.message ?? description, threadId, allThreadsStopped: true, ...hitBreakpoints };
}

/** VS Code shows the label in capitals, in which µs and ms look the same. */
function formatLabelTime(ns: number): string {
  return format_time(ns).replace("µ", "u");
}
