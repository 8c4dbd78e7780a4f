// Execution control of the stepper, forwards and backwards.

import { CommandError } from "../../console/command.ts";
import { hasReached, type Navigation } from "../../console/navigation-commands.ts";
import { ALL_TRACEPOINTS } from "../../engine/replay/breakpoint_matcher.ts";
import type { ReplayJob, ReplayProgress, Stop } from "../../engine/replay/recording.ts";
import { step_into, step_out, step_over } from "../../engine/replay/stepping.ts";
import { runOperation, type Interrupt } from "../shared/run-operation.ts";
import { format_count } from "../shared/format.ts";
import type { ProgressLine } from "../shared/terminal.ts";
import type { StepperSession } from "./stepper-session.ts";

type Step = (Navigation & { readonly kind: "step" })["step"];

export class StepperControl {
  /** The first step after the set-up, where the first task begins. */
  private first = 1;

  constructor(
    private readonly session: StepperSession,
    private readonly progress: ProgressLine,
    readonly interrupt: Interrupt,
  ) {}

  /** Runs to the end of the set-up, to the first statement of a task. */
  async begin(): Promise<Stop | null> {
    const { pid } = this.session.simulation.setup;
    const plan = { may_stop: (_site: number, task: { readonly pid: number }) => task.pid !== pid, accepts: () => true };
    const stop = await this.runToStop(this.session.recording.forward(plan, []));
    if (stop !== null) this.first = stop.step;
    return stop;
  }

  /** Goes back to the first statement of a task. */
  restart(): Promise<Stop | null> {
    return this.runToStop(this.session.recording.seek(this.first));
  }

  /** Executes a navigation command. */
  navigate(travel: Navigation): Promise<Stop | null> {
    switch (travel.kind) {
      case "step":
        return travel.back ? this.backward(travel.step) : this.forward(travel.step);
      case "goto":
        return this.goto(travel);
      case "event":
        return this.toEvent(travel.back);
    }
  }

  private forward(step: Step): Promise<Stop | null> {
    this.checkNotEnded();
    return this.runToStop(this.session.recording.forward(this.plan(step)));
  }

  private backward(step: Step): Promise<Stop | null> {
    this.checkNotAtStart();
    return this.runToStop(this.session.recording.backward(this.plan(step)));
  }

  private goto({ place, value }: Navigation & { kind: "goto" }): Promise<Stop | null> {
    const { recording } = this.session;
    if (place === "step" || value === 0) return this.runToStop(recording.seek(value));
    return this.runToStop(recording.seek_first(hasReached(place, value)));
  }

  private toEvent(back: boolean): Promise<Stop | null> {
    if (back) this.checkNotAtStart();
    else this.checkNotEnded();
    const { recording } = this.session;
    return this.runToStop(back ? recording.backward(null, ALL_TRACEPOINTS) : recording.forward(null, ALL_TRACEPOINTS));
  }

  private checkNotEnded(): void {
    if (this.session.stop.outcome !== null)
      throw new CommandError("The run has ended: go back with 'back', 'reverse-continue' or 'goto N', or 'run' again.");
  }

  private checkNotAtStart(): void {
    if (this.session.stop.step <= 1) throw new CommandError("This is the start of the execution: there is nothing before it.");
  }

  private plan(step: Step): Parameters<StepperSession["recording"]["forward"]>[0] {
    const { task } = this.session;
    if (step === null) return null;
    if (task === null) throw new CommandError("No task is selected: 'tasks' lists them.");
    const frames = this.session.frames();
    if (step === "into" || frames.length === 0) return step_into(task);
    if (step === "over") return step_over(task, frames);
    if (frames.length === 1) throw new CommandError(`${task.name} is in no function: 'continue' lets it run.`);
    return step_out(task, frames);
  }

  /**
   * Runs an operation and selects the task that has stopped. Returns its stop, or null if the user interrupted it. A bug ends the
   * execution inside a statement: the position is then set to the beginning of that statement.
   */
  private async runToStop(operation: ReplayJob<Stop>): Promise<Stop | null> {
    const { session, progress, interrupt } = this;
    const { recording } = session;
    const reached = await runOperation(operation, progress, interrupt, describeProgress);
    // An interrupted operation leaves the execution between two statements: seek to that step.
    if (reached !== null && reached.outcome !== null) session.recordEnd(reached.outcome);
    const backTo = reached === null ? session.simulation.machine.step : isFatal(reached) ? reached.step : null;
    if (backTo !== null) await runOperation(recording.seek(backTo), progress, interrupt, describeProgress);
    this.select();
    return reached;
  }

  /** Runs an operation that does not move the execution. Returns its result, or null if the user interrupted it. */
  runAside<T>(operation: ReplayJob<T>): Promise<T | null> {
    return runOperation(operation, this.progress, this.interrupt, describeProgress);
  }

  /** Selects the task that has caused the stop, else the one whose statement is next. */
  private select(): void {
    const { session } = this;
    const cause = session.stop.event?.task ?? null;
    const selected = cause !== null && cause.state !== "done" ? cause : session.stop.task;
    if (selected !== null) session.pid = selected.pid;
    session.frame = 0;
  }
}

/** Has the execution ended in the middle of a statement? */
function isFatal({ outcome }: Stop): boolean {
  return outcome?.kind === "bug" || outcome?.kind === "error" || (outcome?.kind === "limit" && outcome.limit.limit === "pages");
}

function describeProgress({ step, target }: ReplayProgress): string {
  return `step ${format_count(step)}${target === null ? "" : ` of ${format_count(target)}`} (Ctrl-C stops)`;
}
