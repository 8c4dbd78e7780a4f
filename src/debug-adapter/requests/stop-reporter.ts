// Reports stops to the client: describes them, keeps the current one, sends `stopped` and `lockbreak/moved`, and prints what
// a run has come to at its first end.

import type { Stop } from "../../engine/replay/recording.ts";
import type { Breakpoints } from "../breakpoints/breakpoints.ts";
import { describeBranchEdit } from "../execution/branch.ts";
import type { Execution, LaunchedRun, RunResult } from "../execution/execution.ts";
import {
  describeStop,
  positionAtStop,
  stoppedEventBody,
  threadOfStop,
  type ResumeRequest,
  type StopDescription,
} from "../execution/stops.ts";
import type { ExecutionPosition } from "../protocol/protocol.ts";
import type { SendEvent } from "../protocol/request-result.ts";
import type { Sources } from "../sources/sources.ts";
import { failedCheckOutputs, runSummary } from "./run-summary.ts";
import type { SessionServices } from "./session-services.ts";
import { StopHistory } from "./stop-history.ts";

/** A stop as it was reported. */
export interface ReportedStop {
  readonly stop: Stop;
  readonly description: StopDescription;
  readonly position: ExecutionPosition;
}

export class StopReporter {
  /** The stop at which the execution stands; null while it runs. */
  current: ReportedStop | null = null;
  readonly history = new StopHistory();
  /** Results of runs that were printed. */
  private readonly reportedEnds = new Set<RunResult>();

  constructor(
    private readonly session: SessionServices,
    private readonly sources: Sources,
    private readonly breakpoints: Breakpoints,
    private readonly sendEvent: SendEvent,
  ) {}

  /** Another run begins: the stops of the run before do not exist in it. */
  reset(): void {
    this.current = null;
    this.reportedEnds.clear();
    this.history.clear();
  }

  /** Reports the stop that a request has led to, or ends the session if it is an end that is not to be stopped at. */
  report({ execution, debuggee }: LaunchedRun, stop: Stop, request: ResumeRequest): void {
    if (stop.outcome !== null) this.reportEnd(execution, stop);
    const end = stop.outcome === null ? null : (execution.result?.summary ?? null);
    const description = describeStop(stop, execution.paused ? { kind: "pause" } : request, this.breakpoints, end);
    const { noDebug, stopAtEnd = true } = debuggee.launch;
    if (end !== null && (noDebug === true || (!stopAtEnd && description.exception === null))) return this.session.endSession(end.exitCode);
    this.setCurrent(stop, description);
    if (request.revisitsStop !== true) this.history.add({ step: stop.step, ended: stop.outcome !== null, text: description.text });
    this.sendStopped();
    void execution.prepareReverse(threadOfStop(stop, execution.simulation));
  }

  /** Makes a stop the current one, with the position and the branch as they are now. */
  setCurrent(stop: Stop, description: StopDescription): void {
    const { simulation, recording, branch } = this.session.launched.execution;
    const edits = branch.map((edit) => describeBranchEdit(edit, simulation));
    this.current = {
      stop,
      description,
      position: positionAtStop(stop, recording.furthest, description, threadOfStop(stop, simulation), edits),
    };
  }

  /** Sends the current stop to the client, also a second time. */
  sendStopped(): void {
    if (this.current === null) return;
    const { description, position } = this.current;
    this.sendEvent("stopped", stoppedEventBody(description, position));
    this.sendEvent("lockbreak/moved", position);
  }

  /** The first time that the end of a branch is reached, its result is printed. */
  private reportEnd({ result, simulation }: Execution, stop: Stop): void {
    if (result === null || this.reportedEnds.has(result)) return;
    this.reportedEnds.add(result);
    const { summary, checks } = result;
    const { exception } = summary;
    const source = this.sources.scenarioSource(this.session.launched.debuggee);
    for (const { text, line } of failedCheckOutputs(checks)) {
      const range = this.sources.toClientRange({ line, column: 1, endLine: line, endColumn: 1 });
      this.session.sendOutput("stderr", text, { source, line: range.line });
    }
    if (exception?.filter === "bug" || summary.exitCode > 1) {
      this.session.sendOutput("stderr", [exception?.message ?? summary.text, ...(exception?.lines ?? [])].join("\n  "));
    }
    this.session.sendOutput("console", runSummary(simulation, checks, stop, summary));
  }
}
