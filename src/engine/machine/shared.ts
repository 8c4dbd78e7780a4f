// Words that tasks share without a common lock. Kernel code reads and writes them through these accessors, so that
// they happen in the order of the CPUs' clocks, and so that a search for races sees what two tasks contend for.

import { ACCESS } from "./accesses.ts";
import { ended, type Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { order } from "./sched.ts";

/** Reads `object.field` as other CPUs have left it at this moment of model time. */
export function read_shared<T extends object, F extends keyof T & string>(object: T, field: F): Kernel<T[F]> {
  return machine.policy.visible() ? read_in_order(object, field) : ended(object[field]);
}

function* read_in_order<T extends object, F extends keyof T & string>(object: T, field: F): Kernel<T[F]> {
  yield* order("read", object, field);
  machine.accesses?.access(object, field, ACCESS.read);
  return object[field];
}

/** Writes `object.field` so that other CPUs see it from this moment of model time on. */
export function* write_shared<T extends object, F extends keyof T & string>(object: T, field: F, value: T[F]): Kernel<void> {
  yield* order("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  object[field] = value;
}
