// Latencies of a run, as distributions: hold and wait times of locks, wakeup latencies of urgent tasks, durations of system calls.

import type { Machine } from "../machine/machine.ts";
import { DEFAULT_PRIO, type Lockable, type Task } from "../machine/task.ts";
import { Distribution, type DistributionSummary } from "./distribution.ts";
import { lock_class_of } from "./locks.ts";
import { on, type TypedEvent } from "./subscribe.ts";

/** Plain data. All times are nanoseconds of model time. */
export interface LatencyReport {
  readonly locks: readonly {
    readonly lock: string;
    /** From its acquisition to its release. */
    readonly hold: DistributionSummary;
    /** From contention to acquisition, of the tasks that had to wait. */
    readonly wait: DistributionSummary;
  }[];
  /** Tasks more urgent than the default: from becoming runnable to running. */
  readonly wakeups: readonly { readonly task: string; readonly priority: number; readonly latency: DistributionSummary }[];
  /** By system call: from its begin to its end. */
  readonly calls: readonly { readonly call: string; readonly duration: DistributionSummary }[];
}

export class Latencies {
  private readonly hold_times = new Map<string, Distribution>();
  private readonly wait_times = new Map<string, Distribution>();
  private readonly wakeup_latencies = new Map<Task, Distribution>();
  private readonly call_durations = new Map<string, Distribution>();
  /** When each task has begun its call. */
  private readonly call_starts = new Map<Task, number>();

  /** Listens to `machine` from now on, for as long as it runs. */
  constructor(machine: Machine) {
    on<{ lock: Lockable; waited: number }>(machine, "lock_acquire", ({ args: { lock, waited } }) => {
      const lock_class = lock_class_of(lock);
      if (waited > 0 && lock_class !== null) distribution_of(this.wait_times, lock_class).add(waited);
    });
    on<{ lock: Lockable; held: number }>(machine, "lock_release", ({ args: { lock, held } }) => {
      const lock_class = lock_class_of(lock);
      if (lock_class !== null) distribution_of(this.hold_times, lock_class).add(held);
    });
    on<{ next: Task; latency: number }>(machine, "sched_switch", ({ args: { next, latency } }) => {
      if (next.prio < DEFAULT_PRIO) distribution_of(this.wakeup_latencies, next).add(latency);
    });
    on<{ call: string }>(machine, "syscall_enter", ({ task, time }) => this.call_starts.set(task!, time));
    on<{ call: string }>(machine, "syscall_exit", (event) => this.call_ended(event));
  }

  report(): LatencyReport {
    const locks = [...this.hold_times.keys()].map((lock) => ({
      lock,
      hold: distribution_of(this.hold_times, lock).summary(),
      wait: distribution_of(this.wait_times, lock).summary(),
    }));
    return {
      locks: locks.sort((one, other) => other.wait.max - one.wait.max || other.hold.max - one.hold.max || (one.lock < other.lock ? -1 : 1)),
      wakeups: [...this.wakeup_latencies].map(([{ name, prio }, latency]) => ({ task: name, priority: prio, latency: latency.summary() })),
      calls: [...this.call_durations].map(([call, duration]) => ({ call, duration: duration.summary() })),
    };
  }

  private call_ended({ args: { call }, task, time }: TypedEvent<{ call: string }>): void {
    const begun = this.call_starts.get(task!);
    if (begun !== undefined) distribution_of(this.call_durations, call).add(time - begun);
  }
}

function distribution_of<K>(distributions: Map<K, Distribution>, key: K): Distribution {
  let found = distributions.get(key);
  if (found === undefined) distributions.set(key, (found = new Distribution()));
  return found;
}
