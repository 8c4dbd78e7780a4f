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

/** atomic_inc_not_zero(): adds 1 to `object.field` unless it is 0; whether it did. */
export function* atomic_inc_not_zero<F extends PropertyKey>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* order();
  if (object[field] === 0) return false;
  object[field] += 1;
  return true;
}

/** atomic_dec_and_test(): takes 1 off `object.field`; whether that was the last. */
export function* atomic_dec_and_test<F extends PropertyKey>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* order();
  return (object[field] -= 1) === 0;
}

/** Writes `object.field` so that other CPUs see it from this moment of model time on. */
export function* write_shared<T extends object, F extends keyof T>(object: T, field: F, value: T[F]): Kernel<void> {
  yield* order();
  if ($.watching) $.write(object, field as string);
  object[field] = value;
}
