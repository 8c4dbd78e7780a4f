// What a controlled scheduler asks at its decisions: which process executes the next transition?
//
// Processes have numbers (controlled.ts): sets of them are bit masks.

import type { LimitReached } from "../machine/limits.ts";

/** How many processes there can be, timer ticks included. */
export const MAX_PROCESSES = 30;

/** Stands where the number of a process is expected and there is none. */
export const NO_PROCESS = -1;

export interface Strategy {
  /**
   * Called once for each transition, while at least one process is enabled. `ControlledScheduler.transitions` says how many there were
   * before, and `interrupts` which of the enabled processes would only interrupt a task. Such a process takes effect at once, and
   * the next call follows before any task executes.
   *
   * The executing task is at a scheduling point then, with its operation in `pending`; or no task is executing, as the last one has
   * blocked or ended, or because `decides_while_parked` is set. Must not change tasks or CPUs; may ask the machine to stop.
   *
   * @param enabled the processes that can execute now. Timer ticks are among them while the run may have more ticks and a task
   *   is enabled
   * @param current the process that executed the last transition, if it is enabled and has its CPU. After a `yield`: the process that
   *   `non_preemptive` takes instead. To choose another process is a preemption, unless that is an interrupt. NO_PROCESS: the
   *   last process is disabled, or there was none, and no choice is a preemption
   * @returns one of the processes in `enabled`, which is not checked; or a limit, with which the run ends before the transition
   */
  choose(enabled: number, current: number): number | LimitReached;
}

/** Whose transition was last, and which processes are timer ticks. */
interface Rotation {
  readonly last: number;
  readonly ticks: number;
}

/** The default: the current process; without one, the next enabled task by number after the last, in a circle. */
export function non_preemptive(enabled: number, current: number, { last, ticks }: Rotation): number {
  if (current !== NO_PROCESS) return current;
  const tasks = (enabled & ~ticks) === 0 ? enabled : enabled & ~ticks;
  const after = last === NO_PROCESS ? tasks : tasks & ~((2 << last) - 1);
  const first = after === 0 ? tasks : after;
  return 31 - Math.clz32(first & -first);
}
