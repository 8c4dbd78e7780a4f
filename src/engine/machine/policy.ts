// Who executes next is a policy's business. `timed.ts` goes by virtual clocks; `choice.ts` lets others decide.

import type { Task } from "./task.ts";

/** What a task is about to do where others can see it, and where it may have to let them go first. */
export type Operation =
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

export interface Policy {
  /** Whether model time decides. If not, timers, ticks and time slices do nothing. */
  readonly timed: boolean;
  /** Asked by a primitive before an operation that others can see: does it have to go through `order`? */
  visible(): boolean;
  /** The same before what only others' clocks can hold up: a release, or a look at the CPU's own flag. */
  behind(): boolean;
  /**
   * The executing task is about to do `operation` on `object` (of whose fields, `field`): true as long as it has to park
   * and let others go first.
   */
  defers(operation: Operation, object: object, field: string): boolean;
  /** How many nanoseconds the executing CPU may go on before another is due; Infinity if none is. */
  ahead(): number;
  /** Puts the task to execute next on its CPU and makes that the machine's; null if nobody can go on. */
  next(): Task | null;
  /** Has the run to wait for this task's end? */
  awaits(task: Task): boolean;
  /** Something happened that may change which CPU is next. */
  changed(): void;
  /** The policy that this one is laid over for a while. */
  readonly inner?: Policy;
}
