// Tasks: what the scheduler schedules, and one thread each in the debugger.

import type { InvolvedTask } from "./bug.ts";
import type { Cpu } from "./cpu.ts";
import type { Frames, Kernel } from "./hooks.ts";

/** Why a task is not executing. `spinning` burns its CPU; `held` waits for the helper task of a trigger. */
export type TaskState = "runnable" | "running" | "spinning" | "sleeping" | "waiting" | "held" | "done";

/** Priority of a task that names none: nice 0, as static_prio 120 of 2.6. Below 100 is real-time. */
export const DEFAULT_PRIO = 120;

/** Anything a task can wait for or hold. */
export interface Lockable {
  readonly name: string;
  /** Its place in the order in which locks nest: it is not taken inside locks of greater ranks. Null: it has none. */
  readonly rank: number | null;
  /** The statement at which it was last taken; absent from what is only waited for. */
  readonly acquired_step?: number;
  /** The tasks that hold it now. */
  holders(): readonly Task[];
}

/** A task_struct: the part of it that the machine needs. `mm` belongs to the kernel model. */
export class Task {
  state: TaskState = "runnable";
  /** TIF_NEED_RESCHED. */
  need_resched = false;
  /** How many spinlocks are held: the kernel may not schedule while it is not 0. */
  preempt_count = 0;
  /** Nanoseconds left before an equally urgent task gets the CPU. */
  time_slice: number;
  /** When a sleeping task wakes, or a woken or new one becomes runnable, in model time. */
  wake_time = 0;
  /** When a spinning task sees the lock free, in model time; Infinity while it is held. */
  retry_time = Infinity;
  /** While it computes in user mode: when it has to be resumed, unless a task wakes up on its CPU before; else null. */
  computes_until: number | null = null;
  /** When it last became runnable without having the CPU yet: the start of a wakeup latency. */
  runnable_since = 0;
  waiting_on: Lockable | null = null;
  /** When it began to wait for `waiting_on`, in model time. */
  waiting_since = 0;
  readonly held: Lockable[] = [];
  /** It never ends by itself (`repeat forever`): a run without model time ends when it rests between two of its rounds. */
  divergent = false;
  /** True once its body has executed anything. */
  started = false;
  /** A task that must end or block before this one continues (the helper of a trigger). */
  held_by: Task | null = null;
  /** The backtrace at its last statement stop; null when it is parked in a primitive. */
  frames: Frames | null = null;

  constructor(
    readonly pid: number,
    readonly name: string,
    readonly cpu: Cpu,
    /** Smaller is more urgent, 0 to 139. */
    readonly prio: number,
    readonly mm: object | null,
    readonly body: Kernel<void>,
    time_slice: number,
  ) {
    this.time_slice = time_slice;
  }

  /** Is the task one that ends by itself, and has not ended yet? */
  has_to_end(): boolean {
    return !this.divergent && this.state !== "done";
  }

  /** Takes a lock off `held`, which mostly is the last one. */
  forget_held(lock: Lockable): void {
    if (this.held.at(-1) === lock) this.held.pop();
    else this.held.splice(this.held.lastIndexOf(lock), 1);
  }
}

/** The names of locks or tasks, for messages. */
export function names(things: readonly { readonly name: string }[]): string {
  return things.map(({ name }) => name).join(", ");
}

/** `task` where it took each of these locks. */
export function taken_by(task: Task, locks: readonly Lockable[]): InvolvedTask[] {
  return locks.map((lock) => ({ task, role: `took ${lock.name}`, step: lock.acquired_step ?? null }));
}
