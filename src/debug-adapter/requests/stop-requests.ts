// Requests about the current stop: its threads, the exception it is at, and the snapshot that tree views are made of.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { LaunchedRun } from "../execution/execution.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { SessionSnapshot, SnapshotArguments } from "../protocol/protocol.ts";
import type { RequestResult } from "../protocol/request-result.ts";
import type { Sources } from "../sources/sources.ts";
import { takeSnapshot } from "../values/session-snapshot.ts";
import { protocolFrameAt, visibleThreads } from "../values/stack.ts";
import { currentStackLines, recordedStackLines } from "./exception-stacks.ts";
import type { Inspection } from "./inspection.ts";
import type { StopReporter } from "./stop-reporter.ts";

export class StopRequests {
  constructor(
    private readonly inspection: Inspection,
    private readonly stopReporter: StopReporter,
    private readonly sources: Sources,
    /** The run; null before a scenario was launched, and after the session has ended. */
    private readonly launched: () => LaunchedRun | null,
  ) {}

  /** Also while the execution runs: clients ask for threads to be able to pause one. */
  threads(): RequestResult<DebugProtocol.ThreadsResponse["body"]> {
    const launched = this.launched();
    if (launched === null) return { body: { threads: [] } };
    const { simulation, branch } = launched.execution;
    return { body: { threads: visibleThreads(simulation, this.stopReporter.current?.position.threadId ?? null, branch.length > 0) } };
  }

  exceptionInfo({ threadId }: DebugProtocol.ExceptionInfoArguments): RequestResult<DebugProtocol.ExceptionInfoResponse["body"]> {
    const { simulation, execution, debuggee } = this.inspection.requireStopped();
    const { current } = this.stopReporter;
    const exception = current?.description.exception ?? null;
    if (exception === null || current?.position.threadId !== threadId) throw adapterErrors.noException();
    const { id, message, lines } = exception;
    const recorded = exception === execution.result?.summary.exception ? execution.result.traces : [];
    const stacks =
      recorded.length > 0
        ? recordedStackLines(recorded, (site) => protocolFrameAt(this.sources, debuggee, site))
        : currentStackLines(simulation, threadId, (pid) => this.inspection.stack(pid));
    const details = { message, typeName: id, stackTrace: [...lines, ...stacks].join("\n") };
    return { body: { exceptionId: id, description: message, breakMode: "always", details } };
  }

  /** Answers the request `lockbreak/snapshot`. */
  snapshot(args: SnapshotArguments): RequestResult<SessionSnapshot> {
    const { simulation, debuggee } = this.inspection.requireStopped();
    const { current } = this.stopReporter;
    if (current === null) throw adapterErrors.notRunning();
    return { body: takeSnapshot(simulation, debuggee, current.position, args) };
  }
}
