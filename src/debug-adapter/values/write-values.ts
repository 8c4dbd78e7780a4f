// Writes in the past, as values of the expression language.

import type { DataAccess } from "../../engine/machine/data_access.ts";
import type { HostObject, Value } from "../../scenario/index.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";

/** A write in the past. */
export class WriteValue implements HostObject {
  readonly description = "a write";

  constructor(
    readonly access: DataAccess,
    /** The name by which the values before and after are formatted. */
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

/** The writes to a data location, the oldest first. */
export class WriteListValue implements HostObject {
  constructor(
    readonly writes: readonly WriteValue[],
    /** There were older writes, which are left out. */
    readonly more: boolean,
  ) {}

  readonly description = "a list of writes";

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
