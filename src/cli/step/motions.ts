// The movements of the stepper through the execution, forwards and backwards.

import { CommandError } from "../../console/command.ts";
import { hasComeTo, type Travel } from "../../console/travel.ts";
import { ANY_EVENT } from "../../engine/replay/hits.ts";
import type { Operation, Progress, Stop } from "../../engine/replay/recording.ts";
import { step_into, step_out, step_over } from "../../engine/replay/stepping.ts";
import { drive, type Interrupt } from "../shared/drive.ts";
import { format_count } from "../shared/format.ts";
import type { ProgressLine } from "../shared/terminal.ts";
import type { Session } from "./session.ts";

type Step = (Travel & { readonly kind: "step" })["step"];

export class Motions {
  /** Where the first task begins: the step behind the set-up. */
  private first = 1;

  constructor(
    private readonly session: Session,
    private readonly progress: ProgressLine,
    readonly interrupt: Interrupt,
  ) {}

  /** Goes behind the set-up, to the first statement of a task. */
  async begin(): Promise<Stop | null> {
    const { pid } = this.session.simulation.setup;
    const plan = { watch: (_site: number, task: { readonly pid: number }) => task.pid !== pid, accept: () => true };
    const stop = await this.travel(this.session.recording.forward(plan, []));
    if (stop !== null) this.first = stop.step;
    return stop;
  }

  /** Back to where `begin` went. */
  restart(): Promise<Stop | null> {
    return this.travel(this.session.recording.seek(this.first));
  }

  /** Makes the movement that a command means. */
  go(travel: Travel): Promise<Stop | null> {
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
    return this.travel(this.session.recording.forward(this.plan(step)));
  }

  private backward(step: Step): Promise<Stop | null> {
    this.checkNotAtStart();
    return this.travel(this.session.recording.backward(this.plan(step)));
  }

  private goto({ place, value }: Travel & { kind: "goto" }): Promise<Stop | null> {
    const { recording } = this.session;
    if (place === "step" || value === 0) return this.travel(recording.seek(value));
    return this.travel(recording.reach(hasComeTo(place, value)));
  }

  private toEvent(back: boolean): Promise<Stop | null> {
    if (back) this.checkNotAtStart();
    else this.checkNotEnded();
    const { recording } = this.session;
    return this.travel(back ? recording.backward(null, ANY_EVENT) : recording.forward(null, ANY_EVENT));
  }

  private checkNotEnded(): void {
    if (this.session.stop.outcome !== null) throw new CommandError("The run has ended: go back with 'back', 'reverse-continue' or 'goto N', or 'run' again.");
  }

  private checkNotAtStart(): void {
    if (this.session.stop.step <= 1) throw new CommandError("This is the start of the execution: there is nothing before it.");
  }

  private plan(step: Step): Parameters<Session["recording"]["forward"]>[0] {
    const { task } = this.session;
    if (step === null) return null;
    if (task === null) throw new CommandError("No task is selected: 'tasks' lists them.");
    const frames = this.session.frames();
    if (step === "into" || frames.length === 0) return step_into(task);
    if (step === "over") return step_over(task, frames);
    if (frames.length === 1) throw new CommandError(`${task.name} is in no function: 'continue' runs on.`);
    return step_out(task, frames);
  }

  /**
   * Drives an operation and selects the task that has stopped. What has stopped it, or null if it was interrupted.
   * A bug has no statement to stand on any more: the execution goes back to the one in which it was found.
   */
  private async travel(operation: Operation<Stop>): Promise<Stop | null> {
    const { session, progress, interrupt } = this;
    const { recording } = session;
    const reached = await drive(operation, progress, interrupt, describeProgress);
    // A dropped operation leaves the execution between two statements: arrive there.
    if (reached !== null && reached.outcome !== null) session.end(reached.outcome);
    const backTo = reached === null ? session.simulation.machine.step : isFatal(reached) ? reached.step : null;
    if (backTo !== null) await drive(recording.seek(backTo), progress, interrupt, describeProgress);
    this.select();
    return reached;
  }

  /** Drives an operation that leaves the execution where it is. Its result, or null if it was interrupted. */
  aside<T>(operation: Operation<T>): Promise<T | null> {
    return drive(operation, this.progress, this.interrupt, describeProgress);
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

function describeProgress({ step, target }: Progress): string {
  return `step ${format_count(step)}${target === null ? "" : ` of ${format_count(target)}`} (Ctrl-C stops)`;
}
