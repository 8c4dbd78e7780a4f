// One execution as it is replayed: started again and run to a step, with the edits of its branch made on the way.
//
// Everything that may take long is an Operation: a generator that yields after each slice of steps, so that whoever drives
// it can show progress, do other things, or drop it. Dropping one leaves the execution at the step it has reached.

import type { Machine, Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { AccessSink, Anchor } from "../machine/watch.ts";

export interface Progress {
  readonly step: number;
  /** The step the operation is on its way to; null if it does not know. */
  readonly target: number | null;
}

export type Operation<T> = Generator<Progress, T, void>;

/** Something that makes another execution of what follows. It does the same in every replay. */
export interface Edit<S> {
  /** It happens before the statement of that number is executed. */
  readonly step: number;
  apply(system: S): void;
}

/** How far an operation goes between two yields. It has no influence on where the operation leads. */
export interface Speed {
  /** So many steps. */
  readonly slice: number;
  /** Less, if this says so. */
  readonly overdue?: () => boolean;
}

/** An execution that has come to some step. */
interface Run<S> {
  readonly system: S;
  /** It was started so that it tells of all accesses to data. */
  readonly watched: boolean;
  /** So many edits were made in it. */
  made: number;
}

export class Replay<S extends { readonly machine: Machine }> {
  private run: Run<S>;
  /** In order of steps. They are made in executions that are started from now on. */
  private branch: readonly Edit<S>[] = [];
  /** Executions that wait at some step for somebody to go back there. Each can be used once: nothing copies an execution. */
  private parked: Run<S>[] = [];

  constructor(
    private readonly start: (watched: boolean) => S,
    private readonly speed: Speed,
  ) {
    this.run = this.begin(false);
  }

  get system(): S {
    return this.run.system;
  }

  get watched(): boolean {
    return this.run.watched;
  }

  get edits(): readonly Edit<S>[] {
    return this.branch;
  }

  set edits(edits: readonly Edit<S>[]) {
    this.branch = edits;
    this.parked = [];
  }

  /**
   * Starts again, and forgets what was found in the execution before. The execution stands at its start, or, where one is
   * parked, at a step up to `target`.
   */
  restart(watched: boolean, anchors: readonly Anchor[], target: number): void {
    const near = anchors.length > 0 ? undefined : this.nearest(watched, target);
    if (near !== undefined) this.parked.splice(this.parked.indexOf(near), 1);
    this.run = near ?? this.begin(watched);
    for (const anchor of anchors) anchor.object = null;
  }

  /** Makes an edit at the statement at hand, instead of those that were to be made further on. */
  edit(edit: Edit<S>): void {
    edit.apply(this.system);
    this.edits = [...this.branch.slice(0, this.run.made), edit];
    this.run.made = this.branch.length;
  }

  /**
   * Parks an execution at each of these steps, in ascending order, for going back there without a wait; what is parked elsewhere
   * is dropped. Those of the last steps come first.
   */
  *park(steps: readonly number[], watched: boolean): Operation<void> {
    const wanted = [...steps].reverse();
    const found = wanted.map((step) => {
      const run = this.nearest(watched, step);
      this.parked = this.parked.filter((one) => one !== run);
      return run;
    });
    this.parked = found.filter((run) => run !== undefined);
    for (const [at, step] of wanted.entries()) {
      const run = found[at] ?? this.begin(watched);
      if (found[at] === undefined) this.parked.push(run);
      yield* this.go(run, step, null, [], () => false);
    }
  }

  /** Runs up to `step`, or to where `watch` says so or something is pending, in slices; finds anchors on the way. */
  advance(step: number, watch: Machine["watch"], anchors: readonly Anchor[], pending: () => boolean): Operation<Outcome> {
    return this.go(this.run, step, watch, anchors, pending);
  }

  private begin(watched: boolean): Run<S> {
    const system = this.start(watched);
    system.machine.overdue = this.speed.overdue ?? null;
    return { system, watched, made: 0 };
  }

  private nearest(watched: boolean, target: number): Run<S> | undefined {
    const usable = this.parked.filter((run) => run.watched === watched && run.system.machine.step <= target && run.system.machine.outcome === null);
    return usable.sort((a, b) => b.system.machine.step - a.system.machine.step)[0];
  }

  private *go(run: Run<S>, step: number, watch: Machine["watch"], anchors: readonly Anchor[], pending: () => boolean): Operation<Outcome> {
    const { machine } = run.system;
    machine.watch = watch;
    // Places that do not stop take their time, too.
    if (machine.overdue?.() === true) yield { step: machine.step, target: step === Infinity ? null : step };
    for (;;) {
      const slice_end = Math.min(step, Math.floor(machine.step / this.speed.slice + 1) * this.speed.slice);
      const outcome = this.execute(run, slice_end, anchors, pending);
      if (outcome.kind !== "stopped" || machine.step >= step || (machine.step < slice_end && !machine.cut) || pending()) return outcome;
      yield { step: machine.step, target: step === Infinity ? null : step };
      if (stops_here(machine, outcome.task)) return outcome;
    }
  }

  private execute(run: Run<S>, step: number, anchors: readonly Anchor[], pending: () => boolean): Outcome {
    const { machine } = run.system;
    for (;;) {
      const missing = anchors.filter(({ object }) => object === null);
      const edit = this.branch[run.made]?.step ?? Infinity;
      const anchor = Math.min(...missing.map((one) => (one.step > machine.step ? one.step : one.step === machine.step ? one.step + 1 : Infinity)));
      const finders = missing.filter((one) => one.step === machine.step).map(anchor_finder);
      machine.access_sinks.push(...finders);
      const end = Math.min(step, edit, anchor);
      const outcome = machine.run(end);
      for (const finder of finders) machine.access_sinks.splice(machine.access_sinks.indexOf(finder), 1);
      if (outcome.kind === "stopped") this.make_edits(run);
      if (outcome.kind !== "stopped" || end === step || machine.step < end || pending() || stops_here(machine, outcome.task)) return outcome;
    }
  }

  private make_edits(run: Run<S>): void {
    for (; this.branch[run.made]?.step === run.system.machine.step; run.made++) this.branch[run.made]!.apply(run.system);
  }
}

/** At the end of a slice: would the run have stopped here anyway? */
function stops_here(machine: Machine, task: Task): boolean {
  const site = machine.watch === null ? undefined : machine.backtrace(task)[0]?.[0];
  return site !== undefined && machine.watch!(site, task);
}

/** Sees the write by which an anchor tells its object, while the statement that makes it is executed. */
function anchor_finder(anchor: Anchor): AccessSink {
  let writes = 0;
  return (kind, object) => {
    if (kind === "write" && writes++ === anchor.write) anchor.object = object;
  };
}
