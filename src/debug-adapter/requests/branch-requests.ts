// Requests that make, list and leave branches: what-if executions that deviate from the recorded one.

import type { Stop } from "../../engine/replay/recording.ts";
import { describeBranchEdit } from "../execution/branch.ts";
import type { Execution } from "../execution/execution.ts";
import type { ResumeRequest } from "../execution/stops.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { ThreadArguments } from "../protocol/protocol.ts";
import type { RequestResult } from "../protocol/request-result.ts";
import type { StackFrame } from "../values/stack.ts";
import type { ExecutionRunner } from "./execution-runner.ts";

export class BranchRequests {
  constructor(private readonly runner: ExecutionRunner) {}

  /** Assigns a value to data: a branch begins at the current stop. Returns what is to be done after the response. */
  setValue(place: string, value: string, frame: StackFrame | null): () => void {
    const { execution } = this.runner.requireStopped(null);
    const { stops } = this.runner;
    execution.edit({ kind: "set", step: execution.stop.step, thread: frame?.task.pid ?? 0, frame: frame?.number ?? 0, place, value });
    void this.branchChanged();
    const { current } = stops;
    if (current !== null) stops.setCurrent(current.stop, current.description);
    return () => stops.sendStopped();
  }

  /** Answers the request `lockbreak/runNext`. */
  runNext({ threadId }: ThreadArguments): RequestResult {
    const { execution } = this.runner.requireStopped(threadId);
    execution.checkCanRunNext(threadId);
    const edit = (): void => execution.edit({ kind: "next", step: execution.stop.step, thread: threadId });
    const afterResponse = (): Promise<void> => this.runInBranch(edit, { kind: "step" }, () => execution.runForward("into", threadId));
    return this.runner.withContinuedEvent({ afterResponse }, threadId);
  }

  /** Runs an operation in a branch in which only one thread executes until its stop. */
  runAlone(execution: Execution, request: ResumeRequest, pid: number, operation: () => Promise<Stop | null>): Promise<void> {
    const edit = (): void => execution.edit({ kind: "only", step: execution.stop.step, thread: pid });
    return this.runInBranch(edit, request, () => execution.thenRunAll(operation));
  }

  /** Answers the request `lockbreak/leaveBranch`: back to the recorded execution, to where the branch began. */
  leaveBranch(): RequestResult {
    const { execution } = this.runner.requireStopped(null);
    const [first] = execution.branch;
    if (first === undefined) throw adapterErrors.notInBranch();
    const { step } = first;
    const request: ResumeRequest = { kind: "goto", destination: "back in the recorded execution" };
    const leave = (): Promise<void> => this.runner.run(request, () => execution.enterBranch([], step));
    return this.runner.withContinuedEvent({ afterResponse: () => leave().then(() => this.branchChanged()) });
  }

  /** The edits that make the current branch, a line each. */
  branchLines(): string[] {
    const { branch, simulation } = this.runner.session.launched.execution;
    return branch.length === 0 ? ["This is the recorded execution."] : branch.map((edit) => describeBranchEdit(edit, simulation));
  }

  private async runInBranch(edit: () => void, request: ResumeRequest, operation: () => Promise<Stop | null>): Promise<void> {
    edit();
    await this.branchChanged();
    await this.runner.run(request, operation);
  }

  private branchChanged(): Promise<void> {
    this.runner.stops.history.keepCurrent();
    return this.runner.session.branchChanged();
  }
}
