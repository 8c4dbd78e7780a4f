// Execution control: requests that continue, step, and pause, forwards and backwards.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Stop } from "../../engine/replay/recording.ts";
import type { Execution, StepKind } from "../execution/execution.ts";
import type { ResumeRequest } from "../execution/stops.ts";
import { firstStop } from "../launch/launch-arguments.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { ReverseStepArguments, ThreadArguments } from "../protocol/protocol.ts";
import type { RequestResult } from "../protocol/request-result.ts";
import type { BranchRequests } from "./branch-requests.ts";
import type { ExecutionRunner } from "./execution-runner.ts";
import { gotoOperation } from "./goto-operation.ts";
import type { Inspection } from "./inspection.ts";
import type { OfferedTargets } from "./targets.ts";

const STEP: ResumeRequest = { kind: "step" };
const CONTINUE: ResumeRequest = { kind: "continue" };
const ENTRY: ResumeRequest = { kind: "entry" };
const REVERSE_STEPS: Readonly<Record<ReverseStepArguments["kind"], StepKind>> = { next: "over", stepIn: "into", stepOut: "out" };

export class ExecutionRequests {
  constructor(
    private readonly runner: ExecutionRunner,
    private readonly branches: BranchRequests,
    private readonly inspection: Inspection,
    private readonly targets: OfferedTargets,
  ) {}

  /** Starts the run: to where the launch arguments say, or to the first breakpoint. */
  start(): Promise<void> {
    const { execution, debuggee } = this.runner.session.launched;
    const { stopOnEntry, noDebug } = debuggee.launch;
    const position = firstStop(debuggee.launch);
    if (noDebug === true || (position === null && stopOnEntry !== true))
      return this.runner.run(CONTINUE, () => execution.runForward(null, 0));
    if (position === null) return this.runner.run(ENTRY, () => execution.toStart());
    if (position === "failure") return this.runner.run({ kind: "failure" }, () => execution.toFailure());
    return this.runner.run(...gotoOperation(execution, position));
  }

  continueRun({ threadId, singleThread }: DebugProtocol.ContinueArguments): RequestResult<DebugProtocol.ContinueResponse["body"]> {
    const result = this.runForward(CONTINUE, null, singleThread === true ? threadId : 0, singleThread);
    return { ...result, body: { allThreadsContinued: singleThread !== true } };
  }

  step(kind: StepKind, { threadId, singleThread }: { threadId: number; singleThread?: boolean }): RequestResult {
    return this.runForward(STEP, kind, threadId, singleThread);
  }

  stepIn({ threadId, targetId, singleThread = false }: DebugProtocol.StepInArguments): RequestResult {
    if (targetId === undefined) return this.step("into", { threadId, singleThread });
    const { execution } = this.runner.requireStopped(threadId);
    const call = this.targets.stepInCall(targetId);
    return this.resume(execution, STEP, threadId, singleThread, () => execution.stepIntoCall(threadId, call));
  }

  reverseContinue(): RequestResult {
    return this.runBackward(CONTINUE, null, 0);
  }

  /** `Recording.backward` finds where the step leads. */
  stepBack({ threadId }: { threadId: number }): RequestResult {
    return this.runBackward(STEP, "over", threadId);
  }

  /** Answers the request `lockbreak/reverse`. */
  reverseStep({ kind, threadId }: ReverseStepArguments): RequestResult {
    const step = REVERSE_STEPS[kind];
    if (step === undefined) throw adapterErrors.malformedRequest("'kind' must be next, stepIn or stepOut");
    return this.runner.withContinuedEvent(this.runBackward(STEP, step, threadId), threadId);
  }

  /** Answers the requests `lockbreak/continueOnly` and `lockbreak/nextOnly`. */
  runOnly({ threadId }: ThreadArguments, step: StepKind | null): RequestResult {
    return this.runner.withContinuedEvent(this.runForward(step === null ? CONTINUE : STEP, step, threadId, true), threadId);
  }

  /** A step, or with null a continue, that was typed into the debug console. */
  stepFromConsole(step: StepKind | null, backwards: boolean, threadId: number): RequestResult {
    const request = step === null ? CONTINUE : STEP;
    return this.runner.withContinuedEvent(
      backwards ? this.runBackward(request, step, threadId) : this.runForward(request, step, threadId),
      threadId,
    );
  }

  /** Goes back to where the call of a frame began. */
  restartFrame({ frameId }: DebugProtocol.RestartFrameArguments): RequestResult {
    const { task, number, protocolFrame } = this.inspection.frame(frameId);
    const { execution } = this.runner.requireStopped(task.pid);
    if (!task.started || task.state === "done") throw adapterErrors.notRestartable(protocolFrame.name);
    const request: ResumeRequest = { kind: "restart", destination: `${protocolFrame.name} begins` };
    return { afterResponse: () => this.runner.run(request, () => execution.toCallEntry(task.pid, number)) };
  }

  pause(): RequestResult {
    this.runner.session.launched.execution.pause();
    return {};
  }

  private runForward(request: ResumeRequest, step: StepKind | null, pid: number, alone = false): RequestResult {
    const { runner } = this;
    if (runner.startsLate()) return {};
    const { execution } = runner.requireStopped(step === null && !alone ? null : pid);
    if (execution.endStop !== null) {
      const exitCode = execution.result?.summary.exitCode ?? 0;
      return { afterResponse: () => (step === null ? runner.session.endSession(exitCode) : runner.stops.sendStopped()) };
    }
    return this.resume(execution, request, pid, alone, () => execution.runForward(step, pid));
  }

  /** Runs an operation after the response; if `alone`, in a branch in which only the thread `pid` executes until its stop. */
  private resume(
    execution: Execution,
    request: ResumeRequest,
    pid: number,
    alone: boolean,
    operation: () => Promise<Stop | null>,
  ): RequestResult {
    return {
      afterResponse: () => (alone ? this.branches.runAlone(execution, request, pid, operation) : this.runner.run(request, operation)),
    };
  }

  private runBackward(request: ResumeRequest, step: StepKind | null, pid: number): RequestResult {
    const { runner } = this;
    if (runner.startsLate()) return {};
    const { execution } = runner.requireStopped(step === null ? null : pid);
    if (execution.stop.step <= 1) return { afterResponse: () => runner.run(ENTRY, () => execution.toStart()) };
    return { afterResponse: () => runner.run(request, () => execution.runBackward(step, pid)) };
  }
}
