// Words that tasks share without a common lock. Kernel code reads and writes them through these accessors, so that
// they happen in the order of the CPUs' clocks, and so that a search for races sees what two tasks contend for.

import { $, ended, type Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { order } from "./sched.ts";

/** Reads `object.field` as other CPUs have left it at this moment of model time. */
export function read_shared<T extends object, F extends keyof T>(object: T, field: F): Kernel<T[F]> {
  return machine.policy.visible() ? read_in_order(object, field) : ended(read(object, field));
}

function* read_in_order<T extends object, F extends keyof T>(object: T, field: F): Kernel<T[F]> {
  yield* order();
  return read(object, field);
}

function read<T extends object, F extends keyof T>(object: T, field: F): T[F] {
  if ($.watching) $.read(object, field as string);
  return object[field];
}

/** Writes `object.field` so that other CPUs see it from this moment of model time on. */
export function* write_shared<T extends object, F extends keyof T>(object: T, field: F, value: T[F]): Kernel<void> {
  yield* order();
  if ($.watching) $.write(object, field as string);
  object[field] = value;
}
