// What clients are told of a stop: why, where in time, and for failed checks and bugs the report.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { format_time } from "../../console/format.ts";
import { AddressSpace, File, Inode, VmArea } from "../../engine/kernel/common/mm_types.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { TraceEvent } from "../../engine/machine/trace.ts";
import type { Access } from "../../engine/machine/watch.ts";
import { headline, report_lines, report_of, type Run } from "../../engine/observe/report.ts";
import { EvaluationError } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import type { Ending } from "../../scenario/run/finish.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/values.ts";
import { SCENARIO_STOP, type BreakpointKind, type Breakpoints } from "../breakpoints/breakpoints.ts";
import { formatValue, nameOfVma } from "../values/format.ts";
import type { Position } from "../protocol/protocol.ts";
import { BRANCH } from "../values/stack.ts";

/** A finding: what an `exceptionInfo` request is answered with. */
export interface Finding {
  readonly id: string;
  readonly message: string;
  /** Lines below the message: values, and what the tasks wait for. */
  readonly lines: readonly string[];
}

/** A stop as it is shown. */
export interface ShownStop {
  readonly reason: string;
  /** What happened, in a few words. */
  readonly what: string;
  /** Present for a failed check, a bug or a deadlock that a filter stops at. */
  readonly finding: Finding | null;
  /** The breakpoints of the client that were hit. */
  readonly hits: readonly number[];
}

/** What the client wanted when the execution began to move. */
export interface Motion {
  readonly kind: "entry" | "step" | "pause" | "continue" | "goto" | "restart" | "failure";
  /** Where it leads, in a few words. */
  readonly what?: string;
  /** It leads to where one was before. */
  readonly revisits?: boolean;
}

/** Why a motion of the client ended. */
export function describeStop(stop: Stop, asked: Motion, breakpoints: Breakpoints, ended: Ended | null): ShownStop {
  const hits = stop.hits.filter((id) => id !== SCENARIO_STOP);
  if (stop.outcome !== null && ended !== null) return { ...endedStop(ended, stop, breakpoints), hits: [] };
  if (asked.kind === "goto" || asked.kind === "restart") return { reason: asked.kind, what: asked.what ?? (stop.event === null ? "" : describeEvent(stop.event)), finding: null, hits: [] };
  if (asked.kind === "failure" && stop.event !== null) return { ...checkStop(stop.event), hits: [] };
  if (stop.reason === "breakpoint") return { ...breakpointStop(stop, breakpoints), hits };
  if (stop.reason === "start" || asked.kind === "entry") return { reason: "entry", what: "start", finding: null, hits };
  return { reason: asked.kind === "pause" ? "pause" : "step", what: asked.kind === "pause" ? "paused" : "step", finding: null, hits };
}

function breakpointStop(stop: Stop, breakpoints: Breakpoints): Omit<ShownStop, "hits"> {
  const kinds = stop.hits.map((id) => breakpoints.kindOf(id)).filter((kind): kind is BreakpointKind => kind !== undefined);
  const { event, access } = stop;
  const data = kinds.find((one) => one.kind === "data");
  if (access !== null && data !== undefined) return { reason: "data breakpoint", what: describeAccess(data.name, access), finding: null };
  if (event !== null && kinds.some(({ kind }) => kind === "check")) return checkStop(event);
  if (event !== null && kinds.some(({ kind }) => kind === "event")) return { reason: event.name, what: describeEvent(event), finding: null };
  if (kinds.some(({ kind }) => kind === "function")) return { reason: "function breakpoint", what: "function breakpoint", finding: null };
  return kinds.length === 0 ? { reason: "stop", what: "stop of the scenario", finding: null } : { reason: "breakpoint", what: "breakpoint", finding: null };
}

/** Where a check of the scenario has failed. */
function checkStop({ args }: TraceEvent): Omit<ShownStop, "hits"> {
  const finding = { id: "check", message: checkFailed(String(args["check"])), lines: [String(args["why"])] };
  return { reason: "exception", what: finding.message, finding };
}

/** `data.truncate_count 1 → 2`: data that was written, or read. */
function describeAccess(name: string, { kind, task, before, after }: Access): string {
  const [old, now] = [before, after].map((value) => showStored(name, value));
  if (kind === "read") return `${name} read by ${task?.name ?? "nobody"}: ${now}`;
  return old === now ? `${name} written: ${now}, as before` : `${name} ${old} → ${now}`;
}

/** A raw value of the run, as the last name in `place` tells to show it. */
function showStored(place: string, value: unknown): string {
  return formatValue(/(\w+)[^\w]*$/.exec(place.startsWith("pte(") ? "pte" : place)?.[1] ?? "", wrap(value), false);
}

/** What is said of a check that failed; its text as it was written begins with the word `check`. */
export function checkFailed(text: string): string {
  return `check failed: ${text.replace(/^check\s+/, "")}`;
}

/** `lockbreak on data`: a tracepoint and what it is about. */
function describeEvent({ name, args }: TraceEvent): string {
  const about = args["vma"] instanceof VmArea && name.startsWith("vma") ? args["vma"] : (args["mapping"] ?? args["lock"] ?? args["vma"] ?? args["file"] ?? args["task"]);
  const called = nameOf(about);
  return called === "" ? name : `${name} on ${called}`;
}

function nameOf(object: unknown): string {
  if (object instanceof VmArea) return nameOfVma(object);
  if (object instanceof AddressSpace) return object.host.name;
  if (object instanceof File) return object.inode.name;
  if (object instanceof Inode) return object.name;
  const name = typeof object === "object" && object !== null && "name" in object ? object.name : "";
  return typeof name === "string" ? name : "";
}

/** How a run ended, and what was found then. */
export interface Ended {
  /** 0 if it ended well or as expected, 1 with a finding or a failed check, 2 if the scenario asks for what is not there, 3 at a limit. */
  readonly exit_code: number;
  readonly what: string;
  readonly finding: (Finding & { readonly filter: "bug" | "check" }) | null;
}

function endedStop({ what, finding }: Ended, { outcome, task }: Stop, breakpoints: Breakpoints): Omit<ShownStop, "hits"> {
  const seen = outcome?.kind === "bug" ? { code: outcome.bug.code, message: outcome.bug.message } : {};
  const stops = finding !== null && breakpoints.stopsAt(finding.filter, task, seen);
  return { reason: stops ? "exception" : "end", what, finding: stops ? finding : null };
}

/** What the end of a run amounts to. `results` are those of its checks. */
export function describeEnd(outcome: Outcome, { findings, expected }: Ending, results: readonly CheckResult[], run: Run): Ended {
  const failed = results.filter(({ state }) => state === "failed");
  const [finding] = findings;
  if (finding !== undefined) {
    const report = report_of(finding, run);
    const what = `BUG ${report.code}${expected ? ", as expected" : ""}`;
    return { exit_code: expected && failed.length === 0 ? 0 : 1, what, finding: { filter: "bug", id: report.code, message: headline(report), lines: report_lines(report) } };
  }
  if (outcome.kind === "error") {
    const { error } = outcome;
    const line = error.cause instanceof EvaluationError ? `line ${error.cause.range.line}: ` : "";
    return { exit_code: 2, what: `error: ${line}${error.message}`, finding: null };
  }
  if (outcome.kind === "limit") return { exit_code: 3, what: outcome.limit.message, finding: null };
  const [first] = failed;
  if (first === undefined) return { exit_code: 0, what: "end of the run", finding: null };
  const what = failed.length === 1 ? checkFailed(first.check.text) : `${failed.length} checks failed`;
  return { exit_code: 1, what: `end of the run, ${what}`, finding: { filter: "check", id: "check", message: what, lines: failed.map((result) => `${result.check.text}: ${result.failure?.why ?? ""}`) } };
}

/** The thread that a stop is about. */
export function threadOf(stop: Stop, { machine }: Simulation): number {
  const { event, access, task, outcome } = stop;
  const cause = event?.task ?? access?.task;
  if (cause && machine.tasks[cause.pid - 1]?.state !== "done") return cause.pid;
  if ((outcome?.kind === "bug" || outcome?.kind === "error") && outcome.task !== null) return outcome.task.pid;
  if (task !== null && (task.state !== "done" || task.cpu !== machine.helper_cpu)) return task.pid;
  // All have ended: one of the scenario's own tasks, as the helpers of triggers are no threads any more.
  return machine.tasks.findLast(({ cpu }) => cpu !== machine.helper_cpu)?.pid ?? 1;
}

/** Where a stop is in time. */
export function positionOf(stop: Stop, furthest: { readonly step: number; readonly events: number; readonly ended: boolean }, shown: ShownStop, threadId: number, branch: readonly string[]): Position {
  const past = stop.step < furthest.step || (furthest.ended && stop.outcome === null);
  const total = `${stop.events}/${furthest.events}${furthest.ended ? "" : "+"}`;
  const description = `${branch.length > 0 ? `${BRANCH} what-if · ` : ""}${past ? "◀ " : ""}event ${total} · ${formatLabelTime(stop.time)} · ${shown.what}`;
  return { step: stop.step, event: stop.events, events: furthest.events, ended: furthest.ended, time: stop.time, past, reason: shown.reason, description, threadId, branch };
}

/** A stop as the `stopped` event tells it. */
export function stoppedBody({ reason, hits, finding }: ShownStop, { description, threadId }: Position): DebugProtocol.StoppedEvent["body"] {
  return { reason, description, text: finding?.message ?? description, threadId, allThreadsStopped: true, ...(hits.length === 0 ? {} : { hitBreakpointIds: [...hits] }) };
}

/** VS Code shows the label in capitals, which make one and the same of µs and ms. */
function formatLabelTime(ns: number): string {
  return format_time(ns).replace("µ", "u");
}
