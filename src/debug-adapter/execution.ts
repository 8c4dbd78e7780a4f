// Drives the recording, one operation at a time.

import type { Outcome } from "../engine/machine/machine.ts";
import { Recording, type Breakpoint, type Operation, type StepPlan, type Stop } from "../engine/machine/recording.ts";
import { step_into, step_out, step_over } from "../engine/machine/stepping.ts";
import { traces_of, type Trace } from "../engine/observe/report.ts";
import type { CheckResult } from "../scenario/run/checks.ts";
import { finish, type Ending } from "../scenario/run/finish.ts";
import { Simulation } from "../scenario/run/simulation.ts";
import type { Debuggee } from "./launch.ts";
import { describe_end, type Ended } from "./stops.ts";
import { in_turns, Pace } from "./turns.ts";

export type StepKind = "into" | "over" | "out";

export class Execution {
  readonly recording: Recording<Simulation>;
  private readonly start_anew: (watched?: boolean) => Simulation;
  /** How the run ended, if it stands at its end: it cannot go on from here, only back. */
  final: Stop | null = null;
  /** What that end amounts to: the same each time it is reached. */
  ending: { readonly ended: Ended; readonly checks: readonly CheckResult[]; readonly traces: readonly Trace[] } | null = null;
  /** The last motion was ended by a pause. */
  paused = false;
  private readonly speed = new Pace();
  private running_operation = false;
  private pause_wanted = false;
  private restart_wanted = false;
  private closed = false;

  constructor({ program, kernel }: Debuggee) {
    this.start_anew = (watched = false) => new Simulation(program, { kernel, watched });
    this.recording = new Recording(this.start_anew, this.speed);
  }

  get simulation(): Simulation {
    return this.recording.system;
  }

  get running(): boolean {
    return this.running_operation;
  }

  /** Where the execution stands; at the end of the run, how that came. */
  get stop(): Stop {
    return this.final ?? this.recording.stop;
  }

  /** The slice that runs is the last one of its operation. */
  pause(): void {
    this.pause_wanted = true;
  }

  /** Drops whatever runs; nothing runs again. */
  close(): void {
    this.closed = true;
  }

  /** Other breakpoints from now on, in the middle of a motion, too. */
  arm(breakpoints: readonly Breakpoint[]): void {
    this.recording.breakpoints = breakpoints;
    this.restart_wanted = this.running;
  }

  /** To the first statement of all. */
  start(): Promise<Stop | null> {
    return this.drive(() => this.recording.seek(1));
  }

  /** Forwards to the end of a step of a task, to a breakpoint, or to the end of the run. */
  forward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.plan(step, pid);
    const origin = this.stop.step;
    const { recording } = this;
    return this.drive(function* () {
      if (recording.system.machine.step < origin) yield* recording.seek(origin);
      return yield* recording.forward(plan);
    });
  }

  /** Backwards to where a step of a task began, to a breakpoint, or to the start. */
  backward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.plan(step, pid);
    const origin = this.stop.step;
    const { recording } = this;
    return this.drive(function* () {
      if (recording.system.machine.step !== origin) yield* recording.seek(origin);
      const stop = yield* recording.backward(plan);
      // A task that had executed nothing before: the statement before, of whatever task.
      return plan !== null && stop.reason === "start" ? yield* recording.seek(origin - 1) : stop;
    });
  }

  private plan(step: StepKind | null, pid: number): StepPlan | null {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1];
    if (step === null || task === undefined) return null;
    const frames = machine.backtrace(task);
    if (step === "into" || frames.length === 0) return step_into(task);
    return step === "over" ? step_over(task, frames) : step_out(task, frames);
  }

  /**
   * Drives a motion to its end and tells where that is; null if the session was closed. A pause ends it early: forwards
   * where it has come to, backwards where it began.
   */
  private async drive(motion: () => Operation<Stop>): Promise<Stop | null> {
    const origin = this.stop.step;
    this.final = null;
    this.running_operation = true;
    this.pause_wanted = this.paused = false;
    let stop: Stop | null;
    do {
      this.restart_wanted = false;
      stop = await this.turns(motion());
    } while (stop === null && this.restart_wanted);
    this.paused = stop === null;
    for (let target = origin; stop === null && !this.closed; target = 0) {
      this.pause_wanted = false;
      stop = await this.turns(this.recording.seek(Math.max(target, this.simulation.machine.step)));
    }
    if (stop !== null && stop.outcome !== null) await this.settle(stop, stop.outcome);
    this.running_operation = false;
    return this.closed ? null : stop;
  }

  /** A task that a bug or a mistake has ended has no stack any more: the execution goes back to before that statement. */
  private async settle(stop: Stop, outcome: Outcome): Promise<void> {
    this.final = stop;
    const { simulation } = this;
    const ending = finish(simulation, outcome);
    const ended = describe_end(outcome, ending, simulation.checks.results, simulation);
    await this.go_back(stop);
    this.ending ??= { ended, checks: simulation.checks.results, traces: await this.traces(ending) };
  }

  private async traces({ findings: [finding] }: Ending): Promise<readonly Trace[]> {
    this.pause_wanted = this.restart_wanted = false;
    return finding === undefined ? [] : ((await this.turns(traces_of(finding, this.simulation, this.start_anew))) ?? []);
  }

  private async go_back(stop: Stop): Promise<void> {
    const kind = stop.outcome?.kind === "limit" ? stop.outcome.limit.limit : stop.outcome?.kind;
    if (kind !== "bug" && kind !== "error" && kind !== "pages") return;
    do this.pause_wanted = this.restart_wanted = false;
    while ((await this.turns(this.recording.seek(stop.step))) === null && !this.closed);
  }

  /** Null if the operation was dropped. */
  private async turns<T>(operation: Operation<T>): Promise<T | null> {
    return (await in_turns(operation, this.speed, () => this.closed || this.pause_wanted || this.restart_wanted))?.value ?? null;
  }
}
