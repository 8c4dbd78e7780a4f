// Locks, as lockdep checks them: taken in one order, never waited for in a cycle, and no spinlock held where a task may sleep. That
// a lock is released by its holder, and not taken twice, is checked in the primitives.

import type { System } from "../../kernel/boot.ts";
import { PteLock } from "../../kernel/common/mm_types.ts";
import { BUG } from "../../machine/bug.ts";
import type { Lockable, Task } from "../../machine/task.ts";
import { names, taken_by } from "../../machine/task.ts";
import { on, type TypedEvent } from "../subscribe.ts";

/** The first acquisition of one lock while another was held. */
interface NestedAcquisition {
  readonly task: Task;
  readonly step: number;
  readonly event: number;
}

export class LockCheck {
  /** For locks that their ranks do not order: the locks that were held when each was taken. */
  private nesting = new WeakMap<Lockable, Map<Lockable, NestedAcquisition>>();

  constructor({ machine }: System) {
    on<{ lock: Lockable }>(machine, "lock_acquire", (event) => {
      const { lock } = event.args;
      const { held } = event.task!;
      for (let at = held.length - 2; at >= 0; at--) {
        const outer = held[at]!;
        // mremap takes the locks of two page tables in either order: mmap_sem keeps other tasks from doing so at the same time.
        if (outer instanceof PteLock && lock instanceof PteLock && outer.mm === lock.mm) continue;
        if (outer.rank === null || lock.rank === null || outer.rank >= lock.rank) this.check_nesting(outer, lock, event);
      }
    });
    on<{ lock: Lockable }>(machine, "lock_contended", ({ args: { lock }, task }) => {
      const cycle = find_wait_cycle(task!, lock);
      if (cycle.length > 0) report_deadlock(task!, lock, cycle);
    });
    on(machine, "cond_resched", ({ task }) => {
      if (task!.preempt_count === 0) return;
      BUG(
        "sleep-atomic",
        `${task!.name} offers its CPU while it holds ${names(task!.held)}`,
        { preempt_count: task!.preempt_count },
        taken_by(task!, task!.held),
      );
    });
  }

  /** The system has been set back to its start. */
  reset(): void {
    this.nesting = new WeakMap();
  }

  /** `inner` was taken while `outer` was held, and their ranks do not permit that by themselves. */
  private check_nesting(outer: Lockable, inner: Lockable, { task, step, number }: TypedEvent<unknown>): void {
    const message = `${task!.name} takes ${inner.name} inside ${outer.name}`;
    const values = { holds: outer.name, takes: inner.name };
    if (outer.rank !== null && inner.rank !== null && outer.rank > inner.rank)
      BUG("lock-order", `${message}, which is to be taken later`, values, taken_by(task!, [outer]));
    const reverse = this.nesting.get(outer)?.get(inner);
    if (reverse !== undefined) {
      const role = `took ${outer.name} inside ${inner.name}, at event ${reverse.event}`;
      BUG("lock-order", `${message}: they were taken the other way round before`, values, [
        ...taken_by(task!, [outer]),
        { task: reverse.task, role, step: reverse.step },
      ]);
    }
    const outside = this.nesting.get(inner) ?? new Map<Lockable, NestedAcquisition>();
    if (!outside.has(outer)) this.nesting.set(inner, outside.set(outer, { task: task!, step, event: number }));
  }
}

/** The cycle of tasks that wait for each other once `task` waits for `lock`, `task` itself last. Empty if there is none. */
function find_wait_cycle(task: Task, lock: Lockable): Task[] {
  const seen = new Set<Task>();
  const search = (wanted: Lockable): Task[] => {
    for (const holder of wanted.holders()) {
      if (holder === task) return [task];
      if (seen.has(holder) || holder.waiting_on === null) continue;
      seen.add(holder);
      const rest = search(holder.waiting_on);
      if (rest.length > 0) return [holder, ...rest];
    }
    return [];
  };
  return search(lock);
}

function report_deadlock(task: Task, lock: Lockable, cycle: readonly Task[]): never {
  const others = cycle.slice(0, -1);
  const values: Record<string, unknown> = { [`${task.name} waits for`]: lock.name };
  for (const other of others) values[`${other.name} waits for`] = other.waiting_on!.name;
  const involved = others.map((other) => ({
    task: other,
    role: `holds ${names(other.held)} and waits for ${other.waiting_on!.name}`,
    step: null,
  }));
  return BUG("deadlock", `${names([task, ...others])} wait for each other`, values, involved);
}
