// Drives the recording, one operation at a time.

import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import { Recording, type Breakpoint, type Operation, type StepPlan, type Stop } from "../../engine/replay/recording.ts";
import { is_at_entry, step_into, step_into_call, step_out, step_over, step_to_entry } from "../../engine/replay/stepping.ts";
import { traces_of, type Trace } from "../../engine/observe/report.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import { finish, type Ending } from "../../scenario/run/finish.ts";
import { Simulation } from "../../scenario/run/simulation.ts";
import { checkNext, make, type Decision, type Made } from "./branch.ts";
import { errors } from "../protocol/errors.ts";
import type { Debuggee } from "../launch/launch.ts";
import type { ProgressReporter } from "./progress.ts";
import { describeEnd, type Ended } from "./stops.ts";
import { inTurns, Pace } from "./turns.ts";

/** So many executions are parked for going back; of so many page frames in all, if there are more than two. */
const MAX_PARKED = 6;
const MAX_FRAMES = 4_000_000;
/** Milliseconds after which somebody looks at a stop that is further than any before: who steps on by then needs no way back. */
const PATIENCE = 100;

export type StepKind = "into" | "over" | "out";

/** What the end of a run amounts to. */
export interface RunEnd {
  readonly ended: Ended;
  readonly checks: readonly CheckResult[];
  readonly traces: readonly Trace[];
}

export class Execution {
  readonly recording: Recording<Simulation>;
  private readonly startAnew: (watched?: boolean) => Simulation;
  /** How the run ended, if it stands at its end: it cannot go on from here, only back. */
  final: Stop | null = null;
  /** What the end of each branch amounts to, once it was reached: the same each time. */
  private readonly endings = new Map<string, RunEnd>();
  /** The last motion was ended by a pause. */
  paused = false;
  /** Of this recording, and of those on the side. */
  readonly speed = new Pace();
  private runningOperation = false;
  private pauseWanted = false;
  private restartWanted = false;
  private closed = false;

  constructor(
    { program, options }: Debuggee,
    private readonly progress: ProgressReporter,
  ) {
    this.startAnew = (watched = false) => new Simulation(program, { ...options, build: watched ? "watched" : "stepped" });
    this.recording = new Recording(this.startAnew, this.speed);
  }

  /** How the run ends in the branch that is looked at, once that was reached. */
  get ending(): RunEnd | null {
    return this.endings.get(this.branchKey) ?? null;
  }

  private get branchKey(): string {
    return JSON.stringify(this.branch);
  }

  get simulation(): Simulation {
    return this.recording.system;
  }

  get running(): boolean {
    return this.runningOperation;
  }

  /** Where the execution stands; at the end of the run, how that came. */
  get stop(): Stop {
    return this.final ?? this.recording.stop;
  }

  /** The slice that runs is the last one of its operation. */
  pause(): void {
    this.pauseWanted = true;
  }

  /** Drops whatever runs; nothing runs again. */
  close(): void {
    this.closed = true;
  }

  /** The decisions that make the branch that is looked at; none for the recorded execution. */
  get branch(): readonly Decision[] {
    return this.recording.edits.map((edit) => (edit as Made).decision);
  }

  /** Takes a decision at the statement at hand. Throws an AdapterError if it makes no sense. */
  decide(decision: Decision): void {
    if (this.final !== null) throw errors.run_ended();
    this.recording.edit(make(decision));
  }

  /** Goes to a branch, or with no decisions to the recorded execution, to `step` of it. */
  enter(branch: readonly Decision[], step: number): Promise<Stop | null> {
    return this.travel(() => this.recording.enter(branch.map(make), step), "Going to another branch", true);
  }

  /** Other breakpoints from now on, in the middle of a motion, too. */
  arm(breakpoints: readonly Breakpoint[]): void {
    this.recording.breakpoints = breakpoints;
    this.restartWanted = this.running;
  }

  /** To the first statement of all. */
  start(): Promise<Stop | null> {
    return this.travel(() => this.recording.seek(1), "Going to the start", true);
  }

  /** Forwards to the end of a step of a task, to a breakpoint, or to the end of the run. */
  forward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.plan(step, pid);
    return this.travel(() => this.recording.forward(plan), null);
  }

  /** A motion where it was decided that only one task executes: all do again when it has come to its end. */
  async toTheEndOfOnly(go: () => Promise<Stop | null>): Promise<Stop | null> {
    const stop = await go();
    if (stop !== null && stop.outcome === null) this.decide({ kind: "all", step: stop.step });
    return stop;
  }

  /** Throws an AdapterError if a task cannot be made to execute next. */
  checkNext(pid: number): void {
    if (this.final !== null) throw errors.run_ended();
    checkNext(pid, this.simulation.machine);
  }

  /** Backwards to where a step of a task began, to a breakpoint, or to the start. */
  backward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.plan(step, pid);
    const origin = this.stop.step;
    const { recording } = this;
    return this.travel(function* () {
      const stop = yield* recording.backward(plan);
      // A task that had executed nothing before: the statement before, of whatever task.
      return plan !== null && stop.reason === "start" ? yield* recording.seek(origin - 1) : stop;
    }, "Going back", true);
  }

  /** Into the function that a call enters, a site in the statement at hand. */
  intoCall(pid: number, call: number): Promise<Stop | null> {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1]!;
    const plan = step_into_call(task, machine.backtrace(task), call);
    return this.travel(() => this.recording.forward(plan), null);
  }

  /** Back to where the call began that is a frame of a task's stack. */
  toEntry(pid: number, number: number): Promise<Stop | null> {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1]!;
    const frames = machine.backtrace(task);
    const { recording } = this;
    const { step } = this.stop;
    return this.travel(() => (is_at_entry(frames, number) ? recording.seek(step) : recording.backward(step_to_entry(task, frames, number), [])), "Going back", true);
  }

  /** To `step`, whatever is on the way. */
  toStep(step: number): Promise<Stop | null> {
    return this.travel(() => this.recording.seek(step), `Going to step ${step}`);
  }

  /** To the first place at which `test` holds, which then has to hold for ever. */
  toFirst(test: (machine: Machine) => boolean, what: string): Promise<Stop | null> {
    return this.travel(() => this.recording.reach(test), `Going to ${what}`);
  }

  /** To where a check of the scenario fails first, or to the end, which may be a bug. */
  toFailure(): Promise<Stop | null> {
    return this.travel(() => this.recording.forward(null, [{ id: 0, event: "check_failed" }]), "Going to the failure");
  }

  /** To the next, or the last, place where a plan ends or one of these breakpoints is hit; to where one was if there is none. Tells whether there is one. */
  async find(plan: StepPlan | null, breakpoints: readonly Breakpoint[], forwards: boolean): Promise<{ readonly stop: Stop | null; readonly found: boolean }> {
    const { recording } = this;
    const origin = this.stop;
    let found = true;
    const stop = await this.travel(function* () {
      const there = yield* forwards ? recording.forward(plan, breakpoints) : recording.backward(plan, breakpoints);
      found = there.reason === "step" || there.reason === "breakpoint";
      if (found) return there;
      return yield* recording.seek(origin.outcome === null ? origin.step : origin.step + 1);
    }, forwards ? "Looking ahead" : "Looking back", !forwards);
    return { stop, found };
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
   * where it has come to, backwards where it began. If it has to begin anew, because breakpoints were set meanwhile, it goes
   * on from where it has come to, or, going back, from where it began.
   * @param title what a client is told if it takes long; null if the client sees it run
   */
  private async travel(motion: () => Operation<Stop>, title: string | null, back = false): Promise<Stop | null> {
    const { recording } = this;
    const origin = this.stop.step;
    const ended = this.simulation.machine.outcome !== null;
    const begin = function* (): Operation<Stop> {
      const { machine } = recording.system;
      const elsewhere = machine.step !== origin || (machine.outcome !== null) !== ended;
      if (machine.step < origin || (back && elsewhere)) yield* recording.seek(ended ? origin + 1 : origin);
      return yield* motion();
    };
    this.final = null;
    this.runningOperation = true;
    this.pauseWanted = this.paused = false;
    let stop: Stop | null;
    do {
      this.restartWanted = false;
      stop = await this.turns(begin(), title);
    } while (stop === null && this.restartWanted);
    this.paused = stop === null;
    for (let target = origin; stop === null && !this.closed; target = 0) {
      this.pauseWanted = false;
      stop = await this.turns(this.recording.seek(Math.max(target, this.simulation.machine.step)));
    }
    if (stop !== null && stop.outcome !== null) await this.settle(stop, stop.outcome);
    this.runningOperation = false;
    return this.closed ? null : stop;
  }

  /** While nothing else is to be done: gets ready for going back from here, by a step of that task above all. */
  async idle(pid: number): Promise<void> {
    const { step } = this.stop;
    const goneOn = (): boolean => this.closed || this.runningOperation || this.stop.step !== step;
    if (step >= this.recording.furthest.step) await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    if (goneOn()) return;
    const { max_mapnr } = this.simulation.system.kernel.mem_map;
    const preparing = this.recording.prepare(Math.min(MAX_PARKED, Math.floor(MAX_FRAMES / max_mapnr)), this.plan("over", pid));
    await inTurns(preparing, this.speed, goneOn);
  }

  /** A task that a bug or a mistake has ended has no stack any more: the execution goes back to before that statement. */
  private async settle(stop: Stop, outcome: Outcome): Promise<void> {
    this.final = stop;
    const { simulation } = this;
    const ending = finish(simulation, outcome);
    const ended = describeEnd(outcome, ending, simulation.checks.results, simulation);
    await this.goBack(stop);
    const key = this.branchKey;
    if (!this.endings.has(key)) this.endings.set(key, { ended, checks: simulation.checks.results, traces: await this.traces(ending) });
  }

  private async traces({ findings: [finding] }: Ending): Promise<readonly Trace[]> {
    this.pauseWanted = this.restartWanted = false;
    return finding === undefined ? [] : ((await this.turns(traces_of(finding, this.simulation, this.startAnew))) ?? []);
  }

  private async goBack(stop: Stop): Promise<void> {
    const kind = stop.outcome?.kind === "limit" ? stop.outcome.limit.limit : stop.outcome?.kind;
    if (kind !== "bug" && kind !== "error" && kind !== "pages") return;
    do this.pauseWanted = this.restartWanted = false;
    while ((await this.turns(this.recording.seek(stop.step))) === null && !this.closed);
  }

  /** Null if the operation was dropped. */
  private async turns<T>(operation: Operation<T>, title: string | null = null): Promise<T | null> {
    const report = title === null ? undefined : this.progress.begin(title, () => this.pause());
    return (await inTurns(operation, this.speed, () => this.closed || this.pauseWanted || this.restartWanted, report))?.value ?? null;
  }
}

/** All that exists once a scenario was launched. */
export interface Running {
  readonly debuggee: Debuggee;
  readonly execution: Execution;
}
