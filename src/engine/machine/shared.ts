// Words that tasks share without a common lock. Kernel code reads and writes them through these accessors, so that
// they happen in the order of the CPUs' clocks, and so that a search for races sees what two tasks contend for.

import { ACCESS } from "./accesses.ts";
import { $, ENDED, ended, type Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { order } from "./sched.ts";


/** Reads `object.field` as other CPUs have left it at this moment of model time. */
export function read_shared<T extends object, F extends keyof T & (string | number)>(object: T, field: F): Kernel<T[F]> {
  const others = machine.policy.visible() ? order("read", object, word(field)) : ENDED;
  return others === ENDED ? ended(read(object, field)) : read_behind(others, object, field);
}

function* read_behind<T extends object, F extends keyof T & (string | number)>(others: Kernel<void>, object: T, field: F): Kernel<T[F]> {
  yield* others;
  return read(object, field);
}

function read<T extends object, F extends keyof T & (string | number)>(object: T, field: F): T[F] {
  machine.accesses?.access(object, word(field), ACCESS.read);
  if ($.watching) $.read(object, field as string);
  return object[field];
}

/**
 * Tells of an access to something that others may be at meanwhile, and that is over at once: what happens in between the
 * operations of others makes no difference to it.
 */
export function note_read(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.read);
}

export function note_write(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.write);
}

/** The same for one that comes to the same in whatever order, or whose order a lock decides, but matters to who reads. */
export function note_add(object: object, field: string): void {
  machine.accesses?.access(object, field, ACCESS.add);
}

/** Tells of such an access before which others may go first. Under model time nobody could tell the difference. */
export function shares(object: object, field: string, kind: "read" | "write" | "add"): Kernel<void> {
  if (machine.policy.timed) return ENDED;
  const others = order(kind, object, field);
  if (others !== ENDED) return share_behind(others, object, field, kind);
  machine.accesses?.access(object, field, ACCESS[kind]);
  return ENDED;
}

function* share_behind(others: Kernel<void>, object: object, field: string, kind: "read" | "write" | "add"): Kernel<void> {
  yield* others;
  machine.accesses?.access(object, field, ACCESS[kind]);
}

/** What accesses name: a field, or an array as a whole. */
function word(field: string | number): string {
  return typeof field === "number" ? "" : field;
}

/** atomic_inc_not_zero(): adds 1 to `object.field` unless it is 0; whether it did. */
export function* atomic_inc_not_zero<F extends string>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* order("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  if (object[field] === 0) return false;
  object[field] += 1;
  return true;
}

/** atomic_dec_and_test(): takes 1 off `object.field`; whether that was the last. */
export function* atomic_dec_and_test<F extends string>(object: Record<F, number>, field: F): Kernel<boolean> {
  yield* order("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  return (object[field] -= 1) === 0;
}

/** Writes `object.field` so that other CPUs see it from this moment of model time on. */
export function* write_shared<T extends object, F extends keyof T & string>(object: T, field: F, value: T[F]): Kernel<void> {
  yield* order("write", object, field);
  machine.accesses?.access(object, field, ACCESS.write);
  if ($.watching) $.write(object, field);
  object[field] = value;
}
