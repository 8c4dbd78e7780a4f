// The movements of the stepper through the execution, forwards and backwards.

import type { Operation, Progress, Stop } from "../../engine/machine/recording.ts";
import { step_into, step_out, step_over } from "../../engine/machine/stepping.ts";
import { drive, type Interrupt } from "../drive.ts";
import { format_count } from "../format.ts";
import type { ProgressLine } from "../terminal.ts";
import { CommandError } from "./breakpoints.ts";
import type { Session } from "./session.ts";

type Step = "into" | "over" | "out" | "none";

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
    const stop = await this.travel(this.without_breakpoints(() => this.session.recording.forward(plan)));
    if (stop !== null) this.first = stop.step;
    return stop;
  }

  /** Back to where `begin` went. */
  restart(): Promise<Stop | null> {
    return this.travel(this.session.recording.seek(this.first));
  }

  forward(step: Step): Promise<Stop | null> {
    if (this.session.stop.outcome !== null) throw new CommandError("The run has ended: go back with 'back', 'reverse-continue' or 'goto N', or 'run' again.");
    return this.travel(this.session.recording.forward(this.plan(step)));
  }

  backward(step: Step): Promise<Stop | null> {
    if (this.session.stop.step <= 1) throw new CommandError("This is the start of the execution: there is nothing before it.");
    return this.travel(this.session.recording.backward(this.plan(step)));
  }

  to_step(step: number): Promise<Stop | null> {
    return this.travel(this.session.recording.seek(step));
  }

  /** To the statement behind the tracepoint with that number. */
  to_event(number: number): Promise<Stop | null> {
    return this.travel(this.without_breakpoints(() => this.seek_event(number)));
  }

  private *seek_event(number: number): Operation<Stop> {
    const { recording } = this.session;
    if (recording.stop.events >= number) yield* recording.seek(1);
    const { machine } = this.session.simulation;
    return yield* recording.forward({ watch: () => machine.events >= number, accept: () => true });
  }

  private plan(step: Step): Parameters<Session["recording"]["forward"]>[0] {
    const { task } = this.session;
    if (step === "none") return null;
    if (task === null) throw new CommandError("No task is selected: 'tasks' lists them.");
    const frames = this.session.frames();
    if (step === "into" || frames.length === 0) return step_into(task);
    if (step === "over") return step_over(task, frames);
    if (frames.length === 1) throw new CommandError(`${task.name} is in no function: 'continue' runs on.`);
    return step_out(task, frames);
  }

  /** An operation during which no breakpoint stops. */
  private *without_breakpoints(make: () => Operation<Stop>): Operation<Stop> {
    const { recording } = this.session;
    const { breakpoints } = recording;
    recording.breakpoints = [];
    try {
      return yield* make();
    } finally {
      recording.breakpoints = breakpoints;
    }
  }

  /**
   * Drives an operation and selects the task that has stopped. What has stopped it, or null if it was interrupted.
   * A bug has no statement to stand on any more: the execution goes back to the one in which it was found.
   */
  private async travel(operation: Operation<Stop>): Promise<Stop | null> {
    const { session, progress, interrupt } = this;
    const { recording } = session;
    const reached = await drive(operation, progress, interrupt, describe_progress);
    // A dropped operation leaves the execution between two statements: arrive there.
    if (reached !== null && reached.outcome !== null) session.end(reached.outcome);
    const back_to = reached === null ? session.simulation.machine.step : is_fatal(reached) ? reached.step : null;
    if (back_to !== null) await drive(recording.seek(back_to), progress, interrupt, describe_progress);
    this.select();
    return reached;
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
function is_fatal({ outcome }: Stop): boolean {
  return outcome?.kind === "bug" || outcome?.kind === "error" || (outcome?.kind === "limit" && outcome.limit.limit === "pages");
}

function describe_progress({ step, target }: Progress): string {
  return `step ${format_count(step)}${target === null ? "" : ` of ${format_count(target)}`} (Ctrl-C stops)`;
}
