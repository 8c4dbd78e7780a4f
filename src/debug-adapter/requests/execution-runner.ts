// Runs the operations of requests that move the execution. Whatever refers to the current stop is invalidated before, and the
// stop is reported after.

import type { Stop } from "../../engine/replay/recording.ts";
import type { Execution, LaunchedRun } from "../execution/execution.ts";
import type { ResumeRequest } from "../execution/stops.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { RequestResult, SendEvent } from "../protocol/request-result.ts";
import type { Inspection } from "./inspection.ts";
import type { SessionServices } from "./session-services.ts";
import type { StopReporter } from "./stop-reporter.ts";
import type { OfferedTargets } from "./targets.ts";

export class ExecutionRunner {
  constructor(
    readonly session: SessionServices,
    readonly stops: StopReporter,
    private readonly inspection: Inspection,
    private readonly targets: OfferedTargets,
    private readonly sendEvent: SendEvent,
  ) {}

  /** Runs an operation of the execution, and reports the stop that it comes to; nothing if the session ends or restarts meanwhile. */
  async run(request: ResumeRequest, operation: () => Promise<Stop | null>): Promise<void> {
    this.inspection.invalidate();
    this.targets.invalidate();
    this.stops.current = null;
    this.session.syncBreakpoints();
    const { launched } = this.session;
    const stop = await operation();
    if (stop === null || this.session.closed || this.session.launched !== launched) return;
    this.session.flushLogs();
    this.stops.report(launched, stop, request);
  }

  /** Runs a search. If it finds nothing, `message` is printed and the current stop is reported again. */
  async search(request: ResumeRequest, message: string, operation: () => ReturnType<Execution["search"]>): Promise<void> {
    const { current } = this.stops;
    let missed = false;
    await this.run(request, async () => {
      const { stop, found } = await operation();
      missed = !found && stop !== null;
      if (missed) this.session.flushLogs();
      return missed ? null : stop;
    });
    if (!missed || this.session.closed) return;
    this.session.sendOutput("important", message);
    this.stops.current = current;
    this.stops.sendStopped();
  }

  /** The run, which has to be stopped, and to have a thread `pid`, if that is given. Else throws an AdapterError. */
  requireStopped(pid: number | null): LaunchedRun {
    const { launched } = this.session;
    if (launched.execution.running) throw adapterErrors.notStopped();
    if (pid !== null && launched.execution.simulation.machine.tasks[pid - 1] === undefined) throw adapterErrors.unknownThread(pid);
    return launched;
  }

  /** Does this request start the run, in place of a `configurationDone`? Throws an AdapterError if no scenario was launched. */
  startsLate(): boolean {
    return this.session.launched !== null && this.session.startLate();
  }

  /** A client does not expect this request to resume the execution: a `continued` event says so. */
  withContinuedEvent({ afterResponse }: RequestResult, threadId = this.stops.current?.position.threadId ?? 0): RequestResult {
    return {
      afterResponse: () => {
        this.sendEvent("continued", { threadId, allThreadsContinued: true });
        return afterResponse?.();
      },
    };
  }
}
