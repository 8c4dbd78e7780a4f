// Sleeping locks: the semaphore (i_sem) and the read-write semaphore (mmap_sem) of 2.6, fair in order of arrival.

import { BUG } from "./bug.ts";
import type { Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { charge, order, wait_for, wake_up_process } from "./sched.ts";
import type { Lockable, Task } from "./task.ts";
import { trace } from "./tracing.ts";

type Mode = "read" | "write";

/** A struct rw_semaphore; a plain semaphore is one that is only ever taken for writing. */
export class Semaphore implements Lockable {
  owner: Task | null = null;
  readonly readers: Task[] = [];
  readonly queue: { readonly task: Task; readonly mode: Mode }[] = [];
  acquired_at = 0;
  constructor(readonly name: string) {}

  holders(): readonly Task[] {
    return this.owner === null ? this.readers : [this.owner];
  }
}

/** down() / down_write(): takes the semaphore for writing, sleeping while it is not free. */
export function* down_write(sem: Semaphore): Kernel<void> {
  yield* take(sem, "write");
}

/** down_read(): takes the semaphore for reading, sleeping while a writer has it or waits for it. */
export function* down_read(sem: Semaphore): Kernel<void> {
  yield* take(sem, "read");
}

function* take(sem: Semaphore, mode: Mode): Kernel<void> {
  const task = machine.current!;
  charge("semaphore");
  if (machine.policy.visible()) yield* order();
  if (sem.owner === task) BUG("lock-recursion", `${task.name} takes ${sem.name}, which it already holds`, { lock: sem.name });
  if (task.preempt_count > 0) BUG("sleep-atomic", `${task.name} may sleep on ${sem.name} while it holds ${task.held.map((lock) => lock.name).join(", ")}`);
  let waited = 0;
  if (sem.owner !== null || sem.queue.length > 0 || (mode === "write" && sem.readers.length > 0)) {
    const since = machine.cpu.clock;
    trace("lock_contended", { lock: sem, owner: sem.owner ?? sem.readers[0] ?? null });
    sem.queue.push({ task, mode });
    yield* wait_for(sem);
    waited = machine.cpu.clock - since;
  } else {
    grant(sem, task, mode);
  }
  task.held.push(sem);
  trace("lock_acquire", { lock: sem, waited });
}

function grant(sem: Semaphore, task: Task, mode: Mode): void {
  if (mode === "write") sem.owner = task;
  else sem.readers.push(task);
  sem.acquired_at = machine.cpu.clock;
}

/** up() / up_write(): releases the semaphore after down_write and hands it to who waits. */
export function* up_write(sem: Semaphore): Kernel<void> {
  const task = machine.current!;
  charge("semaphore");
  if (machine.policy.visible()) yield* order();
  if (sem.owner !== task) BUG("lock-owner", `${task.name} releases ${sem.name}, which ${sem.owner?.name ?? "nobody"} holds`, { lock: sem.name });
  sem.owner = null;
  release(sem, task);
}

/** up_read(): releases the semaphore after down_read. */
export function* up_read(sem: Semaphore): Kernel<void> {
  const task = machine.current!;
  charge("semaphore");
  if (machine.policy.visible()) yield* order();
  const at = sem.readers.indexOf(task);
  if (at < 0) BUG("lock-owner", `${task.name} releases ${sem.name}, which it does not hold`, { lock: sem.name });
  sem.readers.splice(at, 1);
  release(sem, task);
}

function release(sem: Semaphore, task: Task): void {
  task.held.splice(task.held.lastIndexOf(sem), 1);
  trace("lock_release", { lock: sem, held: machine.cpu.clock - sem.acquired_at });
  while (sem.queue.length > 0 && sem.owner === null) {
    const { task: next, mode } = sem.queue[0]!;
    if (mode === "write" && sem.readers.length > 0) return;
    sem.queue.shift();
    grant(sem, next, mode);
    wake_up_process(next);
  }
}
