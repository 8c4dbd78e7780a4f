// A scheduling policy decides which task executes next, and whether a visible operation of the executing task has to wait for
// other tasks. `timed.ts` orders visible operations by the CPUs' virtual clocks; `controlled.ts` has a strategy choose at every
// scheduling point; `override.ts` decorates another policy.

import type { Task } from "./task.ts";

/**
 * What a task is about to do to something that other tasks can observe. Each is announced by the primitive of that name
 * (sched.ts, spinlock.ts, semaphore.ts, shared.ts) before it takes effect.
 */
export type VisibleOperation =
  | "lock"
  | "unlock"
  | "need_lockbreak"
  | "down_read"
  | "down_write"
  | "up_read"
  | "up_write"
  | "read"
  | "write"
  | "add"
  | "need_resched"
  | "cond_resched"
  | "compute"
  | "yield";

/**
 * What the machine and its primitives ask. All questions are about the executing task and CPU, `machine.current` and `machine.cpu`,
 * but for `pick_next_task`, which decides what those are. Answers depend on the state of the execution alone, so that it can be
 * replayed. A policy may be exchanged while the machine is stopped, followed by `Machine.reschedule` if it is stopped at a statement; a
 * decorator may put back what it decorates when it is asked.
 */
export interface SchedulingPolicy {
  /**
   * Does model time order operations? Constant for as long as the policy is in force. If false, `yield_point` and `access_shared` are
   * scheduling points, too, and the policy has to stop the CPUs' timers (`Cpu.stop_timers`) when it takes over: no tick, wake-up or time
   * slice comes by itself.
   */
  readonly uses_model_time: boolean;

  /**
   * Asked before an operation that can go through at once: a free spinlock or semaphore is acquired, a shared word or `break_lock`
   * is read. False: the primitive performs the operation without a scheduling point; `should_yield` is not asked. True: it passes
   * one, where `should_yield` may still answer false. Asked as often as it is, it must change neither tasks nor CPUs. Other
   * operations (of a lock that is held, writes, computation) always pass a scheduling point and do not ask.
   */
  must_order(): boolean;

  /**
   * Asked before an operation that enables others but needs nothing of them: a release, or a look at the CPU's own need_resched.
   * True if an operation of another CPU comes first by model time: then the primitive passes a scheduling point, with the same
   * consequences as of `must_order`. A policy without model time answers false: until the next scheduling point of the executing task no
   * other task can observe whether the release has happened yet.
   */
  others_come_first(): boolean;

  /**
   * Asked at every scheduling point, by `scheduling_point` in sched.ts: the executing task is about to perform `operation` on `object`
   * (on its `field`, if that is not empty). False: the task performs it now, before anything else executes. True: the task parks, the
   * machine asks `pick_next_task`, and as soon as that has named the task again the same question is asked once more, until the answer
   * is false. `object` and `field` stay the same meanwhile; its state need not: a lock may have been taken, and the primitive looks again.
   * Must not put another task on a CPU itself: that is `pick_next_task`'s part.
   */
  should_yield(operation: VisibleOperation, object: object, field: string): boolean;

  /**
   * Asked during a computation in user mode, right after `should_yield` has answered false to `compute`: for how many nanoseconds
   * the executing CPU may advance its clock before another CPU is due; 0 or less if one is due now, Infinity if none is. If the
   * computation takes longer, the task parks with `computes_until` set, and another CPU may execute, or wake a task that preempts it.
   */
  time_until_next(): number;

  /**
   * Asked by the machine's loop when no task is in the middle of a resume: after one has parked, ended, or been held for a trigger's
   * helper, and after `Machine.reschedule`. Puts the task that executes next on its CPU, sets `machine.cpu` to that, and returns it; its
   * state is then `running`. Null: no task can proceed. The machine then lets all tasks that are held for helpers continue and asks
   * again; if there are none, the run is over: with `end` if `must_finish` holds of no task, else with `deadlock`. A policy may end the
   * run itself with `Machine.abandon`; what it returns then is not used.
   */
  pick_next_task(): Task | null;

  /**
   * Asked of each task when `pick_next_task` has returned null: is the run a deadlock because this task has not ended? False of tasks
   * that have ended.
   */
  must_finish(task: Task): boolean;

  /**
   * Called when another CPU may have become ready sooner or later than before: a task was spawned, woken, or asked to reschedule; a
   * contended spinlock was released; a task is about to be resumed. What the policy has cached about other CPUs is void. Between two
   * calls, when other CPUs are ready does not change; the clock of the executing CPU advances all the time.
   */
  invalidate(): void;

  /** The policy that `end_run_only` puts back in place of this one; absent if there is none. */
  readonly decorated?: SchedulingPolicy;
}
