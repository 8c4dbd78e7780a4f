// Writes in the past, as values of the expression language.

import type { Access } from "../../engine/machine/watch.ts";
import type { HostObject, Value } from "../../scenario/index.ts";
import { wrap } from "../../scenario/run/values.ts";

/** A write in the past. */
export class Write implements HostObject {
  readonly what = "a write";

  constructor(
    readonly access: Access,
    /** The name that tells how to show what was written. */
    readonly fieldName: string,
  ) {}

  get identity(): unknown {
    return this.access;
  }

  fieldNames(): string[] {
    return ["event", "step", "time", "task", "before", "after"];
  }

  field(name: string): Value | undefined {
    const { events, step, time, task, before, after } = this.access;
    if (name === "event") return events;
    if (name === "step") return step;
    if (name === "time") return time;
    if (name === "task") return task?.name ?? null;
    return name === "before" ? wrap(before) : name === "after" ? wrap(after) : undefined;
  }
}

/** The writes to a place, the oldest first. */
export class Writes implements HostObject {
  constructor(
    readonly writes: readonly Write[],
    /** There were older ones. */
    readonly more: boolean,
  ) {}

  readonly what = "a list of writes";

  get identity(): unknown {
    return this;
  }

  get length(): number {
    return this.writes.length;
  }

  element(index: number): Value {
    return this.writes[index]!;
  }
}
