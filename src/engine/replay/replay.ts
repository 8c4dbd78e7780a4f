// One execution as it is replayed: started again and run to a step, with the edits of its branch made on the way.
//
// Everything that may take long is a ReplayJob: a generator that yields after each slice of steps, so that its caller
// can show progress, do other things, or drop it. Dropping one leaves the execution at the step it has reached.

import type { Machine, Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { DataAccessSink, Anchor } from "../machine/data_access.ts";

export interface ReplayProgress {
  readonly step: number;
  /** The step that the job runs to; null if it is not known. */
  readonly target: number | null;
}

export type ReplayJob<T> = Generator<ReplayProgress, T, void>;

/** Runs a job to its end without a pause. */
export function complete_job<T>(job: ReplayJob<T>): T {
  for (;;) {
    const { done, value } = job.next();
    if (done === true) return value;
  }
}

/** A change from outside, which makes another execution of what follows. It does the same in every replay. */
export interface Edit<S> {
  /** It is applied before the statement of that number is executed. */
  readonly step: number;
  apply(system: S): void;
}

/** How far a job runs between two yields. It has no influence on where the job ends. */
export interface SliceLimits {
  /** At most so many steps. */
  readonly steps: number;
  /** Fewer, if this returns true. */
  readonly is_deadline_over?: () => boolean;
}

/** An execution that has come to some step. */
interface Execution<S> {
  readonly system: S;
  /** It runs on the watched build, which reports all accesses to data. */
  readonly watched: boolean;
  /** So many edits of the branch were applied in it. */
  edits_applied: number;
}

export class Replay<S extends { readonly machine: Machine }> {
  private execution: Execution<S>;
  /** In order of steps. They are applied in executions that are started from now on. */
  private branch_edits: readonly Edit<S>[] = [];
  /** Executions that were run to some step in advance, for a move back there. Each can be used once: executions cannot be copied. */
  private checkpoints: Execution<S>[] = [];

  constructor(
    private readonly start: (watched: boolean) => S,
    private readonly limits: SliceLimits,
  ) {
    this.execution = this.start_execution(false);
  }

  get system(): S {
    return this.execution.system;
  }

  get watched(): boolean {
    return this.execution.watched;
  }

  get edits(): readonly Edit<S>[] {
    return this.branch_edits;
  }

  set edits(edits: readonly Edit<S>[]) {
    this.branch_edits = edits;
    this.checkpoints = [];
  }

  /**
   * Starts again, and forgets the objects of anchors. The execution stands at its start, or, if there are checkpoints up to `target`,
   * at the last of them, which is used up.
   */
  restart(watched: boolean, anchors: readonly Anchor[], target: number): void {
    const near = anchors.length > 0 ? undefined : this.nearest_checkpoint(watched, target);
    if (near !== undefined) this.checkpoints.splice(this.checkpoints.indexOf(near), 1);
    this.execution = near ?? this.start_execution(watched);
    for (const anchor of anchors) anchor.object = null;
  }

  /** Applies an edit before the statement at hand, and drops the edits of later steps. */
  edit(edit: Edit<S>): void {
    edit.apply(this.system);
    this.edits = [...this.branch_edits.slice(0, this.execution.edits_applied), edit];
    this.execution.edits_applied = this.branch_edits.length;
  }

  /**
   * Places a checkpoint at each of these steps, which are in ascending order, the last one first. Checkpoints elsewhere are run on to
   * these steps or dropped.
   */
  *place_checkpoints(steps: readonly number[], watched: boolean): ReplayJob<void> {
    const wanted = [...steps].reverse();
    const found = wanted.map((step) => {
      const execution = this.nearest_checkpoint(watched, step);
      this.checkpoints = this.checkpoints.filter((one) => one !== execution);
      return execution;
    });
    this.checkpoints = found.filter((execution) => execution !== undefined);
    for (const [at, step] of wanted.entries()) {
      const execution = found[at] ?? this.start_execution(watched);
      if (found[at] === undefined) this.checkpoints.push(execution);
      yield* this.run_in_slices(execution, step, null, [], () => false);
    }
  }

  /** Runs up to `step`, or to where `should_stop` returns true or a hit is pending, in slices; finds the objects of anchors on the way. */
  advance(step: number, should_stop: Machine["should_stop"], anchors: readonly Anchor[], pending: () => boolean): ReplayJob<Outcome> {
    return this.run_in_slices(this.execution, step, should_stop, anchors, pending);
  }

  private start_execution(watched: boolean): Execution<S> {
    const system = this.start(watched);
    system.machine.is_deadline_over = this.limits.is_deadline_over ?? null;
    return { system, watched, edits_applied: 0 };
  }

  private nearest_checkpoint(watched: boolean, target: number): Execution<S> | undefined {
    const usable = this.checkpoints.filter(
      ({ system: { machine }, watched: is_watched }) => is_watched === watched && machine.step <= target && machine.outcome === null,
    );
    return usable.sort((a, b) => b.system.machine.step - a.system.machine.step)[0];
  }

  private *run_in_slices(
    execution: Execution<S>,
    step: number,
    should_stop: Machine["should_stop"],
    anchors: readonly Anchor[],
    pending: () => boolean,
  ): ReplayJob<Outcome> {
    const { machine } = execution.system;
    machine.should_stop = should_stop;
    // Time passes at statements that do not stop, too.
    if (machine.is_deadline_over?.() === true) yield { step: machine.step, target: step === Infinity ? null : step };
    for (;;) {
      const slice_end = Math.min(step, Math.floor(machine.step / this.limits.steps + 1) * this.limits.steps);
      const outcome = this.run_slice(execution, slice_end, anchors, pending);
      if (outcome.kind !== "stopped" || machine.step >= step || pending()) return outcome;
      if (machine.step < slice_end && !machine.deadline_expired) return outcome;
      yield { step: machine.step, target: step === Infinity ? null : step };
      if (should_stop_here(machine, outcome.task)) return outcome;
    }
  }

  private run_slice(execution: Execution<S>, step: number, anchors: readonly Anchor[], pending: () => boolean): Outcome {
    const { machine } = execution.system;
    for (;;) {
      const missing = anchors.filter(({ object }) => object === null);
      const edit = this.branch_edits[execution.edits_applied]?.step ?? Infinity;
      const anchor = Math.min(...missing.map((one) => next_stop_for(one, machine.step)));
      const sinks = missing.filter((one) => one.step === machine.step).map(anchor_sink);
      machine.data_access_sinks.push(...sinks);
      const end = Math.min(step, edit, anchor);
      const outcome = machine.run(end);
      for (const sink of sinks) machine.data_access_sinks.splice(machine.data_access_sinks.indexOf(sink), 1);
      if (outcome.kind === "stopped") this.apply_edits(execution);
      if (outcome.kind !== "stopped" || end === step || machine.step < end || pending()) return outcome;
      if (should_stop_here(machine, outcome.task)) return outcome;
    }
  }

  private apply_edits(execution: Execution<S>): void {
    const { system } = execution;
    const due = (): Edit<S> | undefined => this.branch_edits[execution.edits_applied];
    for (let edit = due(); edit?.step === system.machine.step; edit = due()) {
      edit.apply(system);
      execution.edits_applied += 1;
    }
  }
}

/** The step at which an execution at `step` has to stop next to find the object of an anchor: before its statement, then behind it. */
function next_stop_for(anchor: Anchor, step: number): number {
  if (anchor.step > step) return anchor.step;
  return anchor.step === step ? step + 1 : Infinity;
}

/** At the end of a slice: would the execution have stopped here without it? */
function should_stop_here(machine: Machine, task: Task): boolean {
  const site = machine.should_stop === null ? undefined : machine.backtrace(task)[0]?.[0];
  return site !== undefined && machine.should_stop!(site, task);
}

/** Finds the object of an anchor by its write, while the statement that makes the write is executed. */
function anchor_sink(anchor: Anchor): DataAccessSink {
  let writes = 0;
  return (kind, object) => {
    if (kind === "write" && writes++ === anchor.write) anchor.object = object;
  };
}
