// Sleeping locks: the semaphore (i_sem) and the read-write semaphore (mmap_sem) of 2.6, fair in order of arrival.

import { ACCESS } from "./accesses.ts";
import { BUG } from "./bug.ts";
import { $, ENDED, ENDED_FALSE, ENDED_TRUE, type Kernel } from "./hooks.ts";
import { machine } from "./machine.ts";
import { charge_ns, scheduling_point, wait_for, wake_up_process } from "./sched.ts";
import { names, taken_by, type Lockable, type Task } from "./task.ts";
import { trace } from "./tracing.ts";

type Mode = "read" | "write";

/** A struct rw_semaphore; a plain semaphore is one that is only ever taken for writing. */
export class Semaphore implements Lockable {
  owner: Task | null = null;
  readonly readers: Task[] = [];
  readonly queue: { readonly task: Task; readonly mode: Mode }[] = [];
  /** When it was last taken, in model time. */
  acquired_at = 0;
  acquired_step = 0;
  /** When each of the readers took it. */
  readonly read_since: number[] = [];
  /** @param rank see Lockable */
  constructor(
    readonly name: string,
    readonly rank: number | null = null,
  ) {}

  holders(): readonly Task[] {
    return this.owner === null ? this.readers : [this.owner];
  }
}

/** down() / down_write(): takes the semaphore for writing, sleeping while it is not free. */
export function down_write(sem: Semaphore): Kernel<void> {
  return down(sem, "write");
}

/** down_write_trylock(): takes the semaphore for writing if it is free; false if it is not. */
export function down_write_trylock(sem: Semaphore): Kernel<boolean> {
  charge_ns(machine.costs.semaphore);
  const ordering = scheduling_point("write", sem);
  if (ordering !== ENDED) return down_write_trylock_slowpath(ordering, sem);
  return try_to_take(sem) ? ENDED_TRUE : ENDED_FALSE;
}

function* down_write_trylock_slowpath(ordering: Kernel<void>, sem: Semaphore): Kernel<boolean> {
  yield* ordering;
  return try_to_take(sem);
}

function try_to_take(sem: Semaphore): boolean {
  machine.accesses?.access(sem, "", ACCESS.write);
  if (must_wait(sem, "write")) return false;
  take(sem, "write");
  return true;
}

/** down_read(): takes the semaphore for reading, sleeping while a writer has it or waits for it. */
export function down_read(sem: Semaphore): Kernel<void> {
  return down(sem, "read");
}

function down(sem: Semaphore, mode: Mode): Kernel<void> {
  charge_ns(machine.costs.semaphore);
  const operation = mode === "write" ? "down_write" : "down_read";
  const ordering = machine.policy.must_order() || must_wait(sem, mode) ? scheduling_point(operation, sem) : ENDED;
  if (ordering !== ENDED || must_wait(sem, mode)) return down_slowpath(ordering, sem, mode);
  take(sem, mode);
  return ENDED;
}

function* down_slowpath(ordering: Kernel<void>, sem: Semaphore, mode: Mode): Kernel<void> {
  yield* ordering;
  if (!must_wait(sem, mode)) {
    take(sem, mode);
    return;
  }
  const task = machine.current!;
  may_sleep(sem, task);
  const since = machine.cpu.clock;
  trace("lock_contended", { lock: sem, owner: sem.owner ?? sem.readers[0] ?? null });
  machine.accesses?.access(sem, "", ACCESS.write);
  if ($.watching) $.write(sem, "queue");
  sem.queue.push({ task, mode });
  yield* wait_for(sem);
  machine.accesses?.access(sem, "", mode === "write" ? ACCESS.acquire_exclusive : ACCESS.acquire_shared);
  taken(sem, task, machine.cpu.clock - since);
}

/** Has a task that comes now to wait for the semaphore? */
export function must_wait(sem: Semaphore, mode: Mode): boolean {
  return sem.owner !== null || sem.queue.length > 0 || (mode === "write" && sem.readers.length > 0);
}

function may_sleep(sem: Semaphore, task: Task): void {
  if (sem.holders().includes(task)) {
    BUG("lock-recursion", `${task.name} takes ${sem.name}, which it already holds`, { lock: sem.name }, taken_by(task, [sem]));
  }
  if (task.preempt_count > 0) {
    const message = `${task.name} may sleep on ${sem.name} while it holds ${names(task.held)}`;
    BUG("sleep-atomic", message, { preempt_count: task.preempt_count }, taken_by(task, task.held));
  }
}

/** Takes a semaphore that is free. */
function take(sem: Semaphore, mode: Mode): void {
  const task = machine.current!;
  may_sleep(sem, task);
  machine.accesses?.access(sem, "", mode === "write" ? ACCESS.acquire_exclusive : ACCESS.acquire_shared);
  grant(sem, task, mode);
  taken(sem, task, 0);
}

function taken(sem: Semaphore, task: Task, waited: number): void {
  sem.acquired_step = $.step;
  task.held.push(sem);
  trace("lock_acquire", { lock: sem, waited });
}

function grant(sem: Semaphore, task: Task, mode: Mode): void {
  if ($.watching) $.write(sem, "owner");
  sem.acquired_at = machine.cpu.clock;
  if (mode === "write") {
    sem.owner = task;
    return;
  }
  sem.readers.push(task);
  sem.read_since.push(sem.acquired_at);
}

/** up() / up_write(): releases the semaphore after down_write and hands it to its waiters. */
export function up_write(sem: Semaphore): Kernel<void> {
  charge_ns(machine.costs.semaphore);
  if (machine.policy.others_come_first()) return up_slowpath(sem, "write");
  release(sem, "write");
  return ENDED;
}

/** up_read(): releases the semaphore after down_read. */
export function up_read(sem: Semaphore): Kernel<void> {
  charge_ns(machine.costs.semaphore);
  if (machine.policy.others_come_first()) return up_slowpath(sem, "read");
  release(sem, "read");
  return ENDED;
}

function* up_slowpath(sem: Semaphore, mode: Mode): Kernel<void> {
  yield* scheduling_point(mode === "write" ? "up_write" : "up_read", sem);
  release(sem, mode);
}

function release(sem: Semaphore, mode: Mode): void {
  const task = machine.current!;
  const at = mode === "read" ? sem.readers.indexOf(task) : -1;
  if (mode === "write" && sem.owner !== task) {
    const message = `${task.name} releases ${sem.name}, which ${sem.owner?.name ?? "no task"} holds`;
    BUG("lock-owner", message, { lock: sem.name }, sem.owner === null ? [] : taken_by(sem.owner, [sem]));
  }
  if (mode === "read" && at < 0) BUG("lock-owner", `${task.name} releases ${sem.name}, which it does not hold`, { lock: sem.name });
  machine.accesses?.access(sem, "", mode === "write" ? ACCESS.release_exclusive : ACCESS.release_shared);
  if ($.watching) $.write(sem, "owner");
  const since = mode === "write" ? sem.acquired_at : sem.read_since[at]!;
  if (mode === "write") sem.owner = null;
  else forget_reader(sem, at);
  task.forget_held(sem);
  trace("lock_release", { lock: sem, held: machine.cpu.clock - since });
  hand_over(sem);
}

/** Takes a reader off the list, which mostly is the last one. */
function forget_reader({ readers, read_since }: Semaphore, at: number): void {
  if (at === readers.length - 1) {
    readers.pop();
    read_since.pop();
  } else {
    readers.splice(at, 1);
    read_since.splice(at, 1);
  }
}

/** Hands the semaphore to the longest-waiting tasks that can have it now, and wakes them: one writer, or readers up to the next writer. */
function hand_over(sem: Semaphore): void {
  while (sem.queue.length > 0 && sem.owner === null) {
    const { task: next, mode } = sem.queue[0]!;
    if (mode === "write" && sem.readers.length > 0) return;
    if ($.watching) $.write(sem, "queue");
    sem.queue.shift();
    grant(sem, next, mode);
    wake_up_process(next);
  }
}
