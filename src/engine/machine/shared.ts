// Words that tasks share without a common lock. Kernel code reads and writes them through these accessors, so that
// accesses happen in the order of the CPUs' clocks, and so that the race analysis of a search knows of them.

import { ACCESS } from "./accesses.ts";
import { $, ENDED, ended, type Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { scheduling_point } from "./sched.ts";

type Key<T extends object> = keyof T & (string | number);

/** Reads `object.field` as other CPUs have left it at this moment of model time. */
export function read_shared<T extends object, F extends Key<T>>(object: T, field: F): Kernel<T[F]> {
  const ordering = machine.policy.must_order() ? scheduling_point("read", object, field_name(field)) : ENDED;
  return ordering === ENDED ? ended(read(object, field)) : read_shared_slowpath(ordering, object, field);
}

function* read_shared_slowpath<T extends object, F extends Key<T>>(ordering: Kernel<void>, object: T, field: F): Kernel<T[F]> {
  yield* ordering;
  return read(object, field);
}

function read<T extends object, F extends Key<T>>(object: T, field: F): T[F] {
  machine.accesses?.access(object, field_name(field), ACCESS.read);
  if ($.watching) $.read(object, field as string);
  return object[field];
}

/**
 * Reports an access to something that other tasks may access concurrently, and that is over at once: it needs no scheduling point
 * of its own, as its order against the transitions of other tasks is that of the transition it is in.
 */
export function note_read(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.read);
}

export function note_write(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.write);
}

/** The same for accesses that commute with each other, or are ordered by a lock, but do not commute with reads. */
export function note_add(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.add);
}

/** Reports such an access behind a scheduling point. Under model time it does nothing: no other task could observe the difference. */
export function access_shared(object: object, field: string, kind: "read" | "write" | "add"): Kernel<void> {
  if (machine.policy.uses_model_time) return ENDED;
  const ordering = scheduling_point(kind, object, field);
  if (ordering !== ENDED) return access_shared_slowpath(ordering, object, field, kind);
  machine.accesses?.access(object, field, ACCESS[kind]);
  return ENDED;
}

function* access_shared_slowpath(ordering: Kernel<void>, object: object, field: string, kind: "read" | "write" | "add"): Kernel<void> {
  yield* ordering;
  machine.accesses?.access(object, field, ACCESS[kind]);
}

/** The field that accesses name; none for an array, which is one object as a whole. */
function field_name(field: string | number): string {
  return typeof field === "number" ? "" : field;
}

/** atomic_inc_not_zero(): adds 1 to `object.field` unless it is 0; whether it did. */
export function* atomic_inc_not_zero<F extends string>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* scheduling_point("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  if (object[field] === 0) return false;
  object[field] += 1;
  return true;
}

/** atomic_dec_and_test(): takes 1 off `object.field`; whether that was the last. */
export function* atomic_dec_and_test<F extends string>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* scheduling_point("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  return (object[field] -= 1) === 0;
}

/** Writes `object.field` so that other CPUs see it from this moment of model time on. */
export function* write_shared<T extends object, F extends keyof T & string>(object: T, field: F, value: T[F]): Kernel<void> {
  yield* scheduling_point("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  if ($.watching) $.write(object, field);
  object[field] = value;
}
