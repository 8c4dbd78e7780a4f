// One execution as it is replayed: started again and run to a step, with the edits of its branch made on the way.
//
// Everything that may take long is an Operation: a generator that yields after each slice of steps, so that whoever drives
// it can show progress, do other things, or drop it. Dropping one leaves the execution at the step it has reached.

import type { Machine, Outcome } from "./machine.ts";
import type { Task } from "./task.ts";
import type { AccessSink, Anchor } from "./watch.ts";

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

export class Replay<S extends { readonly machine: Machine }> {
  system: S;
  /** It was started so that it tells of all accesses to data. */
  watched = false;
  /** In order of steps. They are made in executions that are started from now on. */
  edits: readonly Edit<S>[] = [];
  /** So many of them were made in the execution at hand. */
  private made = 0;

  constructor(
    private readonly start: (watched: boolean) => S,
    private readonly speed: Speed,
  ) {
    this.system = this.begin(false);
  }

  private begin(watched: boolean): S {
    const system = this.start(watched);
    system.machine.overdue = this.speed.overdue ?? null;
    return system;
  }

  /** Starts again, and forgets what was found in the execution before. */
  restart(watched: boolean, anchors: readonly Anchor[]): void {
    this.system = this.begin(watched);
    this.watched = watched;
    this.made = 0;
    for (const anchor of anchors) anchor.object = null;
  }

  /** Makes an edit at the statement at hand, instead of those that were to be made further on. */
  edit(edit: Edit<S>): void {
    edit.apply(this.system);
    this.edits = [...this.edits.slice(0, this.made), edit];
    this.made = this.edits.length;
  }

  /** Runs up to `step`, or to where `watch` says so or something is pending, in slices; finds anchors on the way. */
  *advance(step: number, watch: Machine["watch"], anchors: readonly Anchor[], pending: () => boolean): Operation<Outcome> {
    const { machine } = this.system;
    machine.watch = watch;
    // Places that do not stop take their time, too.
    if (machine.overdue?.() === true) yield { step: machine.step, target: step === Infinity ? null : step };
    for (;;) {
      const slice_end = Math.min(step, Math.floor(machine.step / this.speed.slice + 1) * this.speed.slice);
      const outcome = this.run(slice_end, anchors, pending);
      if (outcome.kind !== "stopped" || machine.step >= step || (machine.step < slice_end && !machine.cut) || pending()) return outcome;
      yield { step: machine.step, target: step === Infinity ? null : step };
      if (this.stops_here(outcome.task)) return outcome;
    }
  }

  private run(step: number, anchors: readonly Anchor[], pending: () => boolean): Outcome {
    const { machine } = this.system;
    for (;;) {
      const missing = anchors.filter(({ object }) => object === null);
      const edit = this.edits[this.made]?.step ?? Infinity;
      const anchor = Math.min(...missing.map((one) => (one.step > machine.step ? one.step : one.step === machine.step ? one.step + 1 : Infinity)));
      const finders = missing.filter((one) => one.step === machine.step).map(anchor_finder);
      machine.access_sinks.push(...finders);
      const end = Math.min(step, edit, anchor);
      const outcome = machine.run(end);
      for (const finder of finders) machine.access_sinks.splice(machine.access_sinks.indexOf(finder), 1);
      if (outcome.kind === "stopped") this.make_edits();
      if (outcome.kind !== "stopped" || end === step || machine.step < end || pending() || this.stops_here(outcome.task)) return outcome;
    }
  }

  private make_edits(): void {
    for (; this.edits[this.made]?.step === this.system.machine.step; this.made++) this.edits[this.made]!.apply(this.system);
  }

  /** At the end of a slice: would the run have stopped here anyway? */
  private stops_here(task: Task): boolean {
    const { machine } = this.system;
    const site = machine.watch === null ? undefined : machine.backtrace(task)[0]?.[0];
    return site !== undefined && machine.watch!(site, task);
  }
}

/** Sees the write by which an anchor tells its object, while the statement that makes it is executed. */
function anchor_finder(anchor: Anchor): AccessSink {
  let writes = 0;
  return (kind, object) => {
    if (kind === "write" && writes++ === anchor.write) anchor.object = object;
  };
}
