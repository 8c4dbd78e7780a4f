// Navigation in time: requests that go to an event, a time, a step, an execution of a line, or a stop that was reported before.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Navigation } from "../../console/navigation-commands.ts";
import { ALL_TRACEPOINTS } from "../../engine/replay/breakpoint_matcher.ts";
import { step_to_sites } from "../../engine/replay/stepping.ts";
import type { Execution } from "../execution/execution.ts";
import type { ResumeRequest } from "../execution/stops.ts";
import type { GotoArguments } from "../protocol/protocol.ts";
import type { RequestResult } from "../protocol/request-result.ts";
import type { StackFrame } from "../values/stack.ts";
import type { ExecutionRequests } from "./execution-requests.ts";
import type { ExecutionRunner } from "./execution-runner.ts";
import { gotoOperation } from "./goto-operation.ts";
import type { OfferedTargets } from "./targets.ts";

export class NavigationRequests {
  constructor(
    private readonly runner: ExecutionRunner,
    private readonly execution: ExecutionRequests,
    private readonly targets: OfferedTargets,
  ) {}

  /** Goes to the next, or the previous, execution of a line. */
  gotoTarget({ targetId }: DebugProtocol.GotoArguments): RequestResult {
    const { execution } = this.runner.requireStopped(null);
    const { sites, forwards, text } = this.targets.gotoTarget(targetId);
    const request: ResumeRequest = { kind: "goto", destination: text };
    return {
      afterResponse: () => this.runner.search(request, `There is no ${text}.`, () => execution.search(step_to_sites(sites), [], forwards)),
    };
  }

  /** Executes a navigation command of the debug console, for the thread of a frame, or for the thread that the current stop is about. */
  navigate(navigation: Navigation, frame: StackFrame | null): RequestResult {
    const threadId = frame?.task.pid ?? this.runner.stops.current?.position.threadId ?? 0;
    switch (navigation.kind) {
      case "step":
        return this.execution.stepFromConsole(navigation.step, navigation.back, threadId);
      case "goto":
        return this.goto({ [navigation.place]: navigation.value });
      case "event":
        return this.goto({ to: navigation.back ? "previousEvent" : "nextEvent" });
    }
  }

  /** Answers the request `lockbreak/goto`. */
  goto(args: GotoArguments): RequestResult {
    const { execution } = this.runner.requireStopped(null);
    const { to } = args;
    if (to !== undefined) return this.runner.withContinuedEvent({ afterResponse: () => this.goToNeighbour(execution, to) });
    const operation = gotoOperation(execution, args);
    return this.runner.withContinuedEvent({ afterResponse: () => this.runner.run(...operation) });
  }

  private goToNeighbour(execution: Execution, to: NonNullable<GotoArguments["to"]>): Promise<void> | void {
    switch (to) {
      case "nextEvent":
      case "previousEvent": {
        const forwards = to === "nextEvent";
        const message = forwards ? "There is no event behind this." : "There is no event before this.";
        return this.runner.search({ kind: "goto" }, message, () => execution.search(null, ALL_TRACEPOINTS, forwards));
      }
      case "nextStop":
        return this.goToReportedStop(execution, 1);
      case "previousStop":
        return this.goToReportedStop(execution, -1);
    }
  }

  /** Goes along the history of stops. */
  private goToReportedStop(execution: Execution, offset: -1 | 1): Promise<void> | void {
    const { session, stops } = this.runner;
    const visited = stops.history.move(offset);
    if (visited === null) {
      session.sendOutput("important", offset < 0 ? "You have stopped nowhere before this." : "This is where you have stopped last.");
      return stops.sendStopped();
    }
    const request: ResumeRequest = { kind: "goto", destination: visited.text, revisitsStop: true };
    return this.runner.run(request, () => execution.toStep(visited.ended ? visited.step + 1 : visited.step));
  }
}
