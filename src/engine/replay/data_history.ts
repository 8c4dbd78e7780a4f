// The history of a location: every access to it from the start of an execution on, found by running a fork of the
// recording, as far as a query needs. The execution that is looked at does not move.

import type { Machine } from "../machine/machine.ts";
import type { ReplayJob, Recording } from "./recording.ts";
import { Anchor, type DataAccess, type DataAccessKind, type DataAccessSink, type Location } from "../machine/data_access.ts";

/** The most accesses that are kept: the latest ones. */
const MAX_ACCESSES = 100_000;

interface PendingAccess extends Omit<DataAccess, "after"> {
  readonly object: object;
}

export class DataHistory<S extends { readonly machine: Machine }> {
  private readonly recording: Recording<S>;
  /** By the object that is accessed. */
  private readonly accesses = new Map<object, PendingAccess[]>();
  private access_count = 0;
  /** Accesses up to this step were dropped; 0 if none were. */
  private dropped_up_to = 0;
  private readonly first_writes = new Map<object, Anchor>();
  private writes_of_step = { step: 0, count: 0 };

  /**
   * @param fork makes a recording of the same execution at its start, with this sink listening
   * @param location what is accessed: fields by name, elements by index; `is` is asked at the access
   */
  constructor(
    fork: (sink: DataAccessSink) => Recording<S>,
    private readonly location: Pick<Location, "keys" | "is" | "value">,
  ) {
    this.recording = fork((kind, object, key) => this.record(kind, object, key));
  }

  /** The fork's execution: its frames and objects are those of the step that it has reached. */
  get system(): S {
    return this.recording.system;
  }

  /** The step that the fork has reached. */
  get step(): number {
    return this.recording.stop.step;
  }

  /** Runs the fork on to `step`, which is not before the step that it has reached. */
  run_to(step: number): ReplayJob<unknown> {
    return this.recording.seek(step);
  }

  /** The accesses to the location in `object`, or in all objects, by statements before `step`, the oldest first. */
  accesses_before(step: number, object: object | null): { readonly accesses: readonly DataAccess[]; readonly dropped: boolean } {
    const lists = object === null ? [...this.accesses] : [[object, this.accesses.get(object) ?? []] as const];
    const found = lists.flatMap(([of, pending]) =>
      pending.map((access, index): DataAccess => ({ ...access, after: pending[index + 1]?.before ?? this.location.value(of) })),
    );
    return { accesses: found.filter((access) => access.step < step).sort((a, b) => a.step - b.step), dropped: this.dropped_up_to > 0 };
  }

  /** The first write to an object, which identifies it in every execution; null if nothing was written to it yet. */
  anchor_of(object: object): Anchor | null {
    return this.first_writes.get(object) ?? null;
  }

  private record(kind: DataAccessKind, object: object, key: string | number): void {
    const { machine } = this.recording.system;
    const { current: task, cpu, events, now: step } = machine;
    if (kind === "write") this.record_first_write(object, step);
    if (!this.location.keys.includes(key) || !this.location.is(object)) return;
    const list = this.accesses.get(object) ?? [];
    this.accesses.set(object, list);
    list.push({ kind, nth: 0, step, events, time: cpu.clock, task, before: this.location.value(object), object });
    if ((this.access_count += 1) > MAX_ACCESSES) this.drop_older_half();
  }

  private record_first_write(object: object, step: number): void {
    if (step !== this.writes_of_step.step) this.writes_of_step = { step, count: 0 };
    if (!this.first_writes.has(object)) this.first_writes.set(object, new Anchor(step, this.writes_of_step.count));
    this.writes_of_step.count += 1;
  }

  /** Drops the older half of the accesses. */
  private drop_older_half(): void {
    const steps = [...this.accesses.values()].flatMap((list) => list.map(({ step }) => step)).sort((a, b) => a - b);
    this.dropped_up_to = steps[Math.floor(steps.length / 2)]!;
    this.access_count = 0;
    for (const [object, list] of this.accesses) {
      const rest = list.filter(({ step }) => step > this.dropped_up_to);
      this.accesses.set(object, rest);
      this.access_count += rest.length;
    }
  }
}
