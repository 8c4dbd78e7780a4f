// Spinlocks as 2.6's kernel/spinlock.c has them with CONFIG_PREEMPT and SMP: a waiter sets break_lock and spins.

import { ACCESS, type AccessKind } from "./accesses.ts";
import { BUG } from "./bug.ts";
import { $, ENDED, ENDED_FALSE, ENDED_TRUE, type Kernel, type Park } from "./hooks.ts";
import { machine } from "./machine.ts";
import { charge_ns, test_need_resched, scheduling_point, park, preempt_check_resched, schedule } from "./sched.ts";
import { taken_by, type Lockable, type Task } from "./task.ts";
import { trace } from "./tracing.ts";

const SPIN: Park = { park: "spin" };

/** A spinlock_t. */
export class SpinLock implements Lockable {
  owner: Task | null = null;
  /** Set by a waiter; "sticky" kernels clear it only in cond_resched_lock. */
  break_lock = 0;
  /** Spinning tasks, the longest-waiting first. */
  readonly waiters: Task[] = [];
  /** When the owner took it, in model time. */
  acquired_at = 0;
  acquired_step = 0;
  /** @param rank see Lockable */
  constructor(
    readonly name: string,
    readonly rank: number | null = null,
  ) {}

  holders(): readonly Task[] {
    return this.owner === null ? [] : [this.owner];
  }
}

/** spin_lock(): takes the lock, spinning while another task has it. */
export function spin_lock(lock: SpinLock): Kernel<void> {
  charge_ns(machine.costs.spin_lock);
  const ordering = machine.policy.must_order() || lock.owner !== null ? scheduling_point("lock", lock) : ENDED;
  if (ordering !== ENDED || lock.owner !== null) return spin_lock_slowpath(ordering, lock);
  acquire(lock, machine.current!, 0, ACCESS.acquire);
  return ENDED;
}

function* spin_lock_slowpath(ordering: Kernel<void>, lock: SpinLock): Kernel<void> {
  const task = machine.current!;
  yield* ordering;
  if (lock.owner === task) {
    BUG("lock-recursion", `${task.name} takes ${lock.name}, which it already holds`, { lock: lock.name }, taken_by(task, [lock]));
  }
  if (lock.owner === null) acquire(lock, task, 0, ACCESS.acquire);
  else acquire(lock, task, yield* spin(lock, task), ACCESS.acquire_contended);
}

function acquire(lock: SpinLock, task: Task, waited: number, kind: AccessKind): void {
  machine.accesses?.access(lock, "", kind);
  if ($.watching) $.write(lock, "owner");
  lock.owner = task;
  lock.acquired_at = machine.cpu.clock;
  lock.acquired_step = $.step;
  if (machine.config.break_lock === "cleared") set_break_lock(lock, lock.waiters.length > 0 ? 1 : 0);
  if ($.watching) $.write(task, "preempt_count");
  task.preempt_count++;
  task.held.push(lock);
  trace("lock_acquire", { lock, waited });
}

/** Spins until the lock is free; the model time that took. */
function* spin(lock: SpinLock, task: Task): Kernel<number> {
  const since = machine.cpu.clock;
  trace("lock_contended", { lock, owner: lock.owner });
  machine.accesses?.access(lock, "", ACCESS.contend);
  task.waiting_on = lock;
  task.waiting_since = since;
  if ($.watching) $.write(lock, "waiters");
  lock.waiters.push(task);
  do {
    // Each time: cond_resched_lock may have cleared it, and another task have acquired the lock.
    set_break_lock(lock, 1);
    task.state = "spinning";
    task.retry_time = Infinity;
    yield* park(SPIN);
    // A preempted spinner resumes when it gets the CPU again, whose clock may be ahead of others by then.
    yield* scheduling_point("lock", lock);
  } while (lock.owner !== null);
  if ($.watching) $.write(lock, "waiters");
  lock.waiters.splice(lock.waiters.indexOf(task), 1);
  task.state = "running";
  task.retry_time = Infinity;
  task.waiting_on = null;
  return machine.cpu.clock - since;
}

/** spin_unlock(): releases the lock. Its waiters notice one `lock_handover` later, the longest-waiting a moment before the others. */
export function spin_unlock(lock: SpinLock): Kernel<void> {
  charge_ns(machine.costs.spin_unlock);
  if (machine.policy.others_come_first()) return spin_unlock_slowpath(lock);
  release(lock, machine.current!);
  return preempt_check_resched();
}

function* spin_unlock_slowpath(lock: SpinLock): Kernel<void> {
  yield* scheduling_point("unlock", lock);
  release(lock, machine.current!);
  yield* preempt_check_resched();
}

function release(lock: SpinLock, task: Task): void {
  if (lock.owner !== task) {
    const message = `${task.name} releases ${lock.name}, which ${lock.owner?.name ?? "no task"} holds`;
    BUG("lock-owner", message, { lock: lock.name }, lock.owner === null ? [] : taken_by(lock.owner, [lock]));
  }
  machine.accesses?.access(lock, "", ACCESS.release);
  if ($.watching) {
    $.write(lock, "owner");
    $.write(task, "preempt_count");
  }
  lock.owner = null;
  task.preempt_count--;
  task.forget_held(lock);
  if (lock.waiters.length > 0) {
    const seen = machine.cpu.clock + machine.costs.lock_handover;
    lock.waiters.forEach((waiter, place) => (waiter.retry_time = seen + place));
    machine.policy.invalidate();
  }
  trace("lock_release", { lock, held: machine.cpu.clock - lock.acquired_at });
}

/**
 * need_lockbreak(): does another CPU want this lock? Constant 0 unless the kernel is preemptible and SMP.
 * A scenario may force the answer.
 */
export function need_lockbreak(lock: SpinLock): Kernel<boolean> {
  if (!machine.config.preempt || machine.config.cpus === 1) return ENDED_FALSE;
  const ordering = machine.policy.must_order() ? scheduling_point("need_lockbreak", lock) : ENDED;
  if (ordering !== ENDED) return need_lockbreak_slowpath(ordering, lock);
  return answer_need_lockbreak(lock) ? ENDED_TRUE : ENDED_FALSE;
}

function* need_lockbreak_slowpath(ordering: Kernel<void>, lock: SpinLock): Kernel<boolean> {
  yield* ordering;
  return answer_need_lockbreak(lock);
}

function set_break_lock(lock: SpinLock, value: number): void {
  if ($.watching) $.write(lock, "break_lock");
  lock.break_lock = value;
}

function answer_need_lockbreak(lock: SpinLock): boolean {
  machine.accesses?.access(lock, "", ACCESS.sample);
  if ($.watching) $.read(lock, "break_lock");
  const value = machine.forced_answer?.("need_lockbreak", lock) ?? lock.break_lock !== 0;
  trace("lockbreak_check", { lock, value });
  return value;
}

/** cond_resched_lock(): drops the lock for a moment if another task wants the lock or the CPU; true if it did. */
export function* cond_resched_lock(lock: SpinLock): Kernel<boolean> {
  let dropped = false;
  if (yield* need_lockbreak(lock)) {
    set_break_lock(lock, 0);
    yield* spin_unlock(lock);
    yield* spin_lock(lock);
    dropped = true;
  }
  if (test_need_resched(machine.current!)) {
    yield* spin_unlock(lock);
    if (test_need_resched(machine.current!)) yield* schedule();
    yield* spin_lock(lock);
    dropped = true;
  }
  return dropped;
}
