// The past of a location: every access to it from the start of an execution on, found by running that execution once
// more on the side, and further when somebody asks for more. Nothing of the execution that is looked at changes.

import type { Machine } from "../machine/machine.ts";
import type { Operation, Recording } from "./recording.ts";
import { Anchor, type Access, type AccessKind, type AccessSink, type Location } from "../machine/watch.ts";

/** So many accesses are kept, the latest ones. */
const MAX_ACCESSES = 100_000;

interface Begun extends Omit<Access, "after"> {
  readonly object: object;
}

export class History<S extends { readonly machine: Machine }> {
  private readonly recording: Recording<S>;
  /** By the object accessed. */
  private readonly accesses = new Map<object, Begun[]>();
  private kept = 0;
  /** Up to this step older accesses were dropped; 0 if none were. */
  private dropped = 0;
  private readonly firsts = new Map<object, Anchor>();
  private written = { step: 0, count: 0 };

  /**
   * @param fork makes a recording of the same execution at its start, with this sink listening
   * @param wanted what is accessed: fields by name, elements by index; `is` is asked at the access
   */
  constructor(
    fork: (sink: AccessSink) => Recording<S>,
    private readonly wanted: Pick<Location, "keys" | "is" | "value">,
  ) {
    this.recording = fork((kind, object, key) => this.note(kind, object, key));
  }

  /** The execution that was run to find out: where it stands, the frames and objects are those of the step reached. */
  get system(): S {
    return this.recording.system;
  }

  /** The step that was reached. */
  get step(): number {
    return this.recording.stop.step;
  }

  /** Runs on to `step`, at least as far as it is. */
  reach(step: number): Operation<unknown> {
    return this.recording.seek(step);
  }

  /** The accesses to the location in `object`, or in all objects, by statements before `step`, the oldest first. */
  before(step: number, object: object | null): { readonly accesses: readonly Access[]; readonly dropped: boolean } {
    const lists = object === null ? [...this.accesses] : [[object, this.accesses.get(object) ?? []] as const];
    const found = lists.flatMap(([of, begun]) => begun.map((access, at): Access => ({ ...access, after: begun[at + 1]?.before ?? this.wanted.value(of) })));
    return { accesses: found.filter((access) => access.step < step).sort((a, b) => a.step - b.step), dropped: this.dropped > 0 };
  }

  /** How the first write to an object tells it in every execution; null if nothing was written to it yet. */
  anchor_of(object: object): Anchor | null {
    return this.firsts.get(object) ?? null;
  }

  private note(kind: AccessKind, object: object, key: string | number): void {
    const { machine } = this.recording.system;
    const { current: task, cpu, events, now: step } = machine;
    if (kind === "write") this.note_first(object, step);
    if (!this.wanted.keys.includes(key) || !this.wanted.is(object)) return;
    const list = this.accesses.get(object) ?? [];
    this.accesses.set(object, list);
    list.push({ kind, nth: 0, step, events, time: cpu.clock, task, before: this.wanted.value(object), object });
    if ((this.kept += 1) > MAX_ACCESSES) this.drop();
  }

  private note_first(object: object, step: number): void {
    if (step !== this.written.step) this.written = { step, count: 0 };
    if (!this.firsts.has(object)) this.firsts.set(object, new Anchor(step, this.written.count));
    this.written.count += 1;
  }

  /** Drops the older half. */
  private drop(): void {
    const steps = [...this.accesses.values()].flatMap((list) => list.map(({ step }) => step)).sort((a, b) => a - b);
    this.dropped = steps[Math.floor(steps.length / 2)]!;
    this.kept = 0;
    for (const [object, list] of this.accesses) {
      const rest = list.filter(({ step }) => step > this.dropped);
      this.accesses.set(object, rest);
      this.kept += rest.length;
    }
  }
}
