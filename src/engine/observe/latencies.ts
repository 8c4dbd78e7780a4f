// How long things take in a run, as distributions: locks held and waited for, urgent tasks waiting for their CPU, system calls.

import type { Machine } from "../machine/machine.ts";
import { PageLock } from "../kernel/common/page_alloc.ts";
import { DEFAULT_PRIO, type Lockable, type Task } from "../machine/task.ts";
import { Distribution, type Figures } from "./distribution.ts";
import { on, type Heard } from "./subscribe.ts";

/** Plain data. All times are nanoseconds of model time. */
export interface LatencyReport {
  readonly locks: readonly {
    readonly lock: string;
    /** From getting it to its release. */
    readonly hold: Figures;
    /** Of those who had to wait: until they had it. */
    readonly wait: Figures;
  }[];
  /** Tasks more urgent than the default: from becoming runnable to running. */
  readonly wakeups: readonly { readonly task: string; readonly priority: number; readonly latency: Figures }[];
  /** By system call: from its begin to its end. */
  readonly calls: readonly { readonly call: string; readonly duration: Figures }[];
}

export class Latencies {
  private readonly held = new Map<string, Distribution>();
  private readonly waited = new Map<string, Distribution>();
  private readonly woken = new Map<Task, Distribution>();
  private readonly calls = new Map<string, Distribution>();
  /** When each task has begun its call. */
  private readonly begun = new Map<Task, number>();

  /** Listens to `machine` from now on, for as long as it runs. */
  constructor(machine: Machine) {
    // There are too many locks of pages, and they are short-lived.
    on<{ lock: Lockable; waited: number }>(machine, "lock_acquire", ({ args: { lock, waited } }) => {
      if (waited > 0 && !(lock instanceof PageLock)) of(this.waited, lock.name).add(waited);
    });
    on<{ lock: Lockable; held: number }>(machine, "lock_release", ({ args: { lock, held } }) => {
      if (!(lock instanceof PageLock)) of(this.held, lock.name).add(held);
    });
    on<{ next: Task; latency: number }>(machine, "sched_switch", ({ args: { next, latency } }) => {
      if (next.prio < DEFAULT_PRIO) of(this.woken, next).add(latency);
    });
    on<{ call: string }>(machine, "syscall_enter", ({ task, time }) => this.begun.set(task!, time));
    on<{ call: string }>(machine, "syscall_exit", (event) => this.ended(event));
  }

  report(): LatencyReport {
    const locks = [...this.held.keys()].map((lock) => ({ lock, hold: of(this.held, lock).figures(), wait: of(this.waited, lock).figures() }));
    return {
      locks: locks.sort((one, other) => other.wait.max - one.wait.max || other.hold.max - one.hold.max || (one.lock < other.lock ? -1 : 1)),
      wakeups: [...this.woken].map(([{ name, prio }, latency]) => ({ task: name, priority: prio, latency: latency.figures() })),
      calls: [...this.calls].map(([call, duration]) => ({ call, duration: duration.figures() })),
    };
  }

  private ended({ args: { call }, task, time }: Heard<{ call: string }>): void {
    const begun = this.begun.get(task!);
    if (begun !== undefined) of(this.calls, call).add(time - begun);
  }
}

function of<K>(distributions: Map<K, Distribution>, key: K): Distribution {
  let found = distributions.get(key);
  if (found === undefined) distributions.set(key, (found = new Distribution()));
  return found;
}
