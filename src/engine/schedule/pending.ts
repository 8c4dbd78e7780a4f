// The operation that a process performs next, and what it would access with it: the race analysis of a search needs to know that
// of the processes whose next transition did not come before the execution ended.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import type { Cpu } from "../machine/cpu.ts";
import type { VisibleOperation } from "../machine/policy.ts";
import { CPU, NEED_RESCHED } from "../machine/sched.ts";
import { must_wait, type Semaphore } from "../machine/semaphore.ts";
import type { SpinLock } from "../machine/spinlock.ts";

/** What a task is about to do at the scheduling point where it is. */
export interface PendingOperation {
  readonly operation: VisibleOperation;
  readonly object: object;
  readonly field: string;
}

/** An access to something that tasks share, as AccessLog reports it. */
export interface SharedAccess {
  readonly object: object;
  readonly field: string;
  readonly kind: AccessKind;
}

/** The access of an operation to its object, where that does not depend on the object's state. */
const ACCESS_OF_OPERATION: Readonly<Partial<Record<VisibleOperation, AccessKind>>> = {
  need_lockbreak: ACCESS.sample,
  down_read: ACCESS.acquire_shared,
  down_write: ACCESS.acquire_exclusive,
  read: ACCESS.read,
  write: ACCESS.write,
  add: ACCESS.add,
};

/** The accesses of a pending operation. `cpu_is_shared`: do other tasks have the same CPU? See ControlledScheduler.begin_operation. */
export function accesses_of({ operation, object, field }: PendingOperation, cpu_is_shared: boolean): SharedAccess[] {
  if (operation === "lock") return [{ object, field, kind: (object as SpinLock).owner === null ? ACCESS.acquire : ACCESS.contend }];
  const queues = cpu_is_shared && (operation === "down_read" || operation === "down_write");
  const kind = queues ? ACCESS.write : ACCESS_OF_OPERATION[operation];
  return kind === undefined ? [] : [{ object, field, kind }];
}

/** The accesses of an interrupt of `cpu`. */
export function interrupt_accesses(cpu: Cpu): SharedAccess[] {
  return [
    { object: cpu, field: NEED_RESCHED, kind: ACCESS.write },
    { object: cpu, field: CPU, kind: ACCESS.write },
  ];
}

/** Does it acquire a semaphore that is not free? */
export function would_block({ operation, object }: PendingOperation): boolean {
  if (operation === "down_write") return must_wait(object as Semaphore, "write");
  return operation === "down_read" && must_wait(object as Semaphore, "read");
}
