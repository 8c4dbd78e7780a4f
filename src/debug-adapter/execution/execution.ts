// The execution that is debugged: drives the recording, one operation at a time.

import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import { Recording, type Breakpoint, type ReplayJob, type StepPlan, type Stop } from "../../engine/replay/recording.ts";
import { is_at_entry, step_into, step_into_call, step_out, step_over, step_to_entry } from "../../engine/replay/stepping.ts";
import { backtraces_of, type TaskBacktrace } from "../../engine/observe/report.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import { concludeRun, type RunVerdict } from "../../scenario/run/verdict.ts";
import { Simulation } from "../../scenario/run/simulation.ts";
import { checkCanRunNext, toRecordingEdit, type BranchEdit, type BranchRecordingEdit } from "./branch.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { Debuggee } from "../launch/debuggee.ts";
import type { ProgressReporter } from "./progress.ts";
import { summarizeEnd, type EndSummary } from "./stops.ts";
import { driveInSlices, SlicePacer } from "./slices.ts";

/** Checkpoints for going backwards, and the page frames that they may have together. */
const MAX_CHECKPOINTS = 6;
const MAX_CHECKPOINT_PAGES = 4_000_000;
/** Milliseconds before checkpoints are made at a new furthest stop: a client that steps forwards sooner does not need them. */
const CHECKPOINT_DELAY = 100;

export type StepKind = "into" | "over" | "out";

/** The result of a run that has ended. */
export interface RunResult {
  readonly summary: EndSummary;
  readonly checks: readonly CheckResult[];
  readonly traces: readonly TaskBacktrace[];
}

export class Execution {
  readonly recording: Recording<Simulation>;
  private readonly createSimulation: (watched?: boolean) => Simulation;
  /** The stop at the end of the run, if the execution is there: from it, only backwards operations are possible. */
  endStop: Stop | null = null;
  /** The result of each branch whose end was reached, by branch key: the same each time. */
  private readonly results = new Map<string, RunResult>();
  /** The last operation was ended by a pause. */
  paused = false;
  /** Limits the slices of this recording, and of replays for queries. */
  readonly pacer = new SlicePacer();
  private operationRunning = false;
  private pauseRequested = false;
  private restartRequested = false;
  private closed = false;

  constructor(
    { program, options }: Debuggee,
    private readonly progress: ProgressReporter,
  ) {
    this.createSimulation = (watched = false) => new Simulation(program, { ...options, build: watched ? "watched" : "steppable" });
    this.recording = new Recording(this.createSimulation, this.pacer);
  }

  /** The result of the current branch; null until its end was reached. */
  get result(): RunResult | null {
    return this.results.get(this.branchKey) ?? null;
  }

  private get branchKey(): string {
    return JSON.stringify(this.branch);
  }

  get simulation(): Simulation {
    return this.recording.system;
  }

  get running(): boolean {
    return this.operationRunning;
  }

  /** Where the execution has stopped. At the end of the run, it says how that came. */
  get stop(): Stop {
    return this.endStop ?? this.recording.stop;
  }

  /** Ends the operation that runs after the current slice. */
  pause(): void {
    this.pauseRequested = true;
  }

  /** Cancels the operation that runs; no operation runs any more. */
  close(): void {
    this.closed = true;
  }

  /** The edits that make the current branch; none for the recorded execution. */
  get branch(): readonly BranchEdit[] {
    return this.recording.edits.map((edit) => (edit as BranchRecordingEdit).branchEdit);
  }

  /** Makes an edit at the current statement: a branch begins. Throws an AdapterError if the edit is not possible. */
  edit(branchEdit: BranchEdit): void {
    if (this.endStop !== null) throw adapterErrors.runEnded();
    this.recording.edit(toRecordingEdit(branchEdit));
  }

  /** Goes to `step` of a branch, or with no edits, of the recorded execution. */
  enterBranch(branch: readonly BranchEdit[], step: number): Promise<Stop | null> {
    return this.drive(() => this.recording.switch_branch(branch.map(toRecordingEdit), step), "Going to another branch", true);
  }

  /** Replaces the breakpoints. An operation that runs is restarted with them. */
  setBreakpoints(breakpoints: readonly Breakpoint[]): void {
    this.recording.breakpoints = breakpoints;
    this.restartRequested = this.running;
  }

  /** Goes to the first statement. */
  toStart(): Promise<Stop | null> {
    return this.drive(() => this.recording.seek(1), "Going to the start", true);
  }

  /** Runs forwards to the end of a step of a task, to a breakpoint, or to the end of the run. */
  runForward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.stepPlan(step, pid);
    return this.drive(() => this.recording.forward(plan), null);
  }

  /** An operation in which only one task executes: behind its stop all tasks execute again. */
  async thenRunAll(operation: () => Promise<Stop | null>): Promise<Stop | null> {
    const stop = await operation();
    if (stop !== null && stop.outcome === null) this.edit({ kind: "all", step: stop.step });
    return stop;
  }

  /** Throws an AdapterError if a task cannot be made to execute next. */
  checkCanRunNext(pid: number): void {
    if (this.endStop !== null) throw adapterErrors.runEnded();
    checkCanRunNext(pid, this.simulation.machine);
  }

  /** Runs backwards to where a step of a task began, to a breakpoint, or to the start. */
  runBackward(step: StepKind | null, pid: number): Promise<Stop | null> {
    const plan = this.stepPlan(step, pid);
    const origin = this.stop.step;
    const { recording } = this;
    return this.drive(
      function* () {
        const stop = yield* recording.backward(plan);
        // The task has executed nothing before: to the previous statement, of any task.
        return plan !== null && stop.reason === "start" ? yield* recording.seek(origin - 1) : stop;
      },
      "Going back",
      true,
    );
  }

  /** Runs into the function that a call enters; `call` is a site in the current statement. */
  stepIntoCall(pid: number, call: number): Promise<Stop | null> {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1]!;
    const plan = step_into_call(task, machine.backtrace(task), call);
    return this.drive(() => this.recording.forward(plan), null);
  }

  /** Goes back to the first statement of the call that is frame `number` of a task's stack. */
  toCallEntry(pid: number, number: number): Promise<Stop | null> {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1]!;
    const frames = machine.backtrace(task);
    const { recording } = this;
    const { step } = this.stop;
    const toEntry = (): ReplayJob<Stop> => recording.backward(step_to_entry(task, frames, number), []);
    return this.drive(() => (is_at_entry(frames, number) ? recording.seek(step) : toEntry()), "Going back", true);
  }

  /** Goes to `step`, without a stop at breakpoints. */
  toStep(step: number): Promise<Stop | null> {
    return this.drive(() => this.recording.seek(step), `Going to step ${step}`);
  }

  /** Goes to the first step at which `test` holds. It has to be monotonic: once true, it stays true. */
  toFirstWhere(test: (machine: Machine) => boolean, destination: string): Promise<Stop | null> {
    return this.drive(() => this.recording.seek_first(test), `Going to ${destination}`);
  }

  /** Goes to where a check of the scenario fails first, or to the end, which may be a bug. */
  toFailure(): Promise<Stop | null> {
    return this.drive(() => this.recording.forward(null, [{ id: 0, event: "check_failed" }]), "Going to the failure");
  }

  /** Goes to the next, or the previous, place where a plan ends or a breakpoint is hit; if there is none, back to the origin. */
  async search(
    plan: StepPlan | null,
    breakpoints: readonly Breakpoint[],
    forwards: boolean,
  ): Promise<{ readonly stop: Stop | null; readonly found: boolean }> {
    const { recording } = this;
    const origin = this.stop;
    let found = true;
    const stop = await this.drive(
      function* () {
        const match = yield* forwards ? recording.forward(plan, breakpoints) : recording.backward(plan, breakpoints);
        found = match.reason === "step" || match.reason === "breakpoint";
        if (found) return match;
        return yield* recording.seek(origin.outcome === null ? origin.step : origin.step + 1);
      },
      forwards ? "Looking ahead" : "Looking back",
      !forwards,
    );
    return { stop, found };
  }

  private stepPlan(step: StepKind | null, pid: number): StepPlan | null {
    const { machine } = this.simulation;
    const task = machine.tasks[pid - 1];
    if (step === null || task === undefined) return null;
    const frames = machine.backtrace(task);
    if (step === "into" || frames.length === 0) return step_into(task);
    return step === "over" ? step_over(task, frames) : step_out(task, frames);
  }

  /**
   * Drives an operation to its end. Resolves to the stop there; to null if the session was closed. A pause ends it early:
   * forwards at the step that was reached, backwards at its origin. If breakpoints were set meanwhile, it is restarted: forwards
   * from the step that was reached, backwards from its origin.
   * @param title of the progress that is reported if it takes long; null for operations that the client shows as running
   * @param back whether the operation goes backwards
   */
  private async drive(operation: () => ReplayJob<Stop>, title: string | null, back = false): Promise<Stop | null> {
    const { recording } = this;
    const origin = this.stop.step;
    const ended = this.simulation.machine.outcome !== null;
    const begin = function* (): ReplayJob<Stop> {
      const { machine } = recording.system;
      const moved = machine.step !== origin || (machine.outcome !== null) !== ended;
      if (machine.step < origin || (back && moved)) yield* recording.seek(ended ? origin + 1 : origin);
      return yield* operation();
    };
    this.endStop = null;
    this.operationRunning = true;
    this.pauseRequested = this.paused = false;
    let stop: Stop | null;
    do {
      this.restartRequested = false;
      stop = await this.driveSlices(begin(), title);
    } while (stop === null && this.restartRequested);
    this.paused = stop === null;
    for (let target = origin; stop === null && !this.closed; target = 0) {
      this.pauseRequested = false;
      stop = await this.driveSlices(this.recording.seek(Math.max(target, this.simulation.machine.step)));
    }
    if (stop !== null && stop.outcome !== null) await this.recordEnd(stop, stop.outcome);
    this.operationRunning = false;
    return this.closed ? null : stop;
  }

  /** Makes checkpoints for going backwards from here, above all by a step of that task, until the next operation begins. */
  async prepareReverse(pid: number): Promise<void> {
    const { step } = this.stop;
    const superseded = (): boolean => this.closed || this.operationRunning || this.stop.step !== step;
    if (step >= this.recording.furthest.step) await new Promise((resolve) => setTimeout(resolve, CHECKPOINT_DELAY));
    if (superseded()) return;
    const { max_mapnr } = this.simulation.system.kernel.mem_map;
    const count = Math.min(MAX_CHECKPOINTS, Math.floor(MAX_CHECKPOINT_PAGES / max_mapnr));
    await driveInSlices(this.recording.place_checkpoints(count, this.stepPlan("over", pid)), this.pacer, superseded);
  }

  /** Keeps the result of the run. A task that a bug or an error has ended has no stack: the execution returns to before that statement. */
  private async recordEnd(stop: Stop, outcome: Outcome): Promise<void> {
    this.endStop = stop;
    const { simulation } = this;
    const verdict = concludeRun(simulation, outcome);
    const summary = summarizeEnd(outcome, verdict, simulation.checks.results, simulation);
    await this.returnBeforeFault(stop);
    const key = this.branchKey;
    if (!this.results.has(key)) this.results.set(key, { summary, checks: simulation.checks.results, traces: await this.traces(verdict) });
  }

  private async traces({ findings: [finding] }: RunVerdict): Promise<readonly TaskBacktrace[]> {
    this.pauseRequested = this.restartRequested = false;
    return finding === undefined ? [] : ((await this.driveSlices(backtraces_of(finding, this.simulation, this.createSimulation))) ?? []);
  }

  private async returnBeforeFault(stop: Stop): Promise<void> {
    const kind = stop.outcome?.kind === "limit" ? stop.outcome.limit.limit : stop.outcome?.kind;
    if (kind !== "bug" && kind !== "error" && kind !== "pages") return;
    do this.pauseRequested = this.restartRequested = false;
    while ((await this.driveSlices(this.recording.seek(stop.step))) === null && !this.closed);
  }

  /** Null if the job was cancelled: by a pause, by new breakpoints, or by the end of the session. */
  private async driveSlices<T>(job: ReplayJob<T>, title: string | null = null): Promise<T | null> {
    const report = title === null ? undefined : this.progress.begin(title, () => this.pause());
    const cancelled = (): boolean => this.closed || this.pauseRequested || this.restartRequested;
    return (await driveInSlices(job, this.pacer, cancelled, report))?.value ?? null;
  }
}

/** What a launch has made: the debuggee and its execution. */
export interface LaunchedRun {
  readonly debuggee: Debuggee;
  readonly execution: Execution;
}
