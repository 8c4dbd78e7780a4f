// Locks: taken in one order, never waited for in a circle, and no spinlock held where a task may sleep. That a lock is
// released by who holds it, and not taken twice, the primitives see for themselves.

import type { System } from "../../kernel/boot.ts";
import { BUG } from "../../machine/bug.ts";
import type { Lockable, Task } from "../../machine/task.ts";
import { names, taken_by } from "../../machine/task.ts";
import { on, type Heard } from "../subscribe.ts";

/** Where one lock was first taken inside another. */
interface Taken {
  readonly task: Task;
  readonly step: number;
  readonly event: number;
}

export class LockCheck {
  /** Of locks that their ranks do not order: inside which others each was taken. */
  private orders = new WeakMap<Lockable, Map<Lockable, Taken>>();

  constructor({ machine }: System) {
    on<{ lock: Lockable }>(machine, "lock_acquire", (event) => {
      const { lock } = event.args;
      const { held } = event.task!;
      for (let at = held.length - 2; at >= 0; at--) {
        const outer = held[at]!;
        if (outer.rank === null || lock.rank === null || outer.rank >= lock.rank) this.inside(outer, lock, event);
      }
    });
    on<{ lock: Lockable }>(machine, "lock_contended", ({ args: { lock }, task }) => {
      const circle = find_circle(task!, lock);
      if (circle.length > 0) report_deadlock(task!, lock, circle);
    });
    on(machine, "cond_resched", ({ task }) => {
      if (task!.preempt_count === 0) return;
      BUG("sleep-atomic", `${task!.name} offers its CPU while it holds ${names(task!.held)}`, { preempt_count: task!.preempt_count }, taken_by(task!, task!.held));
    });
  }

  /** Nothing was seen yet. */
  forget(): void {
    this.orders = new WeakMap();
  }

  /** `inner` was taken while `outer` was held, and their ranks do not say that this is right. */
  private inside(outer: Lockable, inner: Lockable, { task, step, number }: Heard<unknown>): void {
    const message = `${task!.name} takes ${inner.name} inside ${outer.name}`;
    const values = { holds: outer.name, takes: inner.name };
    if (outer.rank !== null && inner.rank !== null && outer.rank > inner.rank) BUG("lock-order", `${message}, which is to be taken later`, values, taken_by(task!, [outer]));
    const reverse = this.orders.get(outer)?.get(inner);
    if (reverse !== undefined) {
      const role = `took ${outer.name} inside ${inner.name}, at event ${reverse.event}`;
      BUG("lock-order", `${message}: they were taken the other way round before`, values, [...taken_by(task!, [outer]), { task: reverse.task, role, step: reverse.step }]);
    }
    const outside = this.orders.get(inner) ?? new Map<Lockable, Taken>();
    if (!outside.has(outer)) this.orders.set(inner, outside.set(outer, { task: task!, step, event: number }));
  }
}

/** The tasks through which `task`, if it waits for `lock`, waits for itself; the last one is itself. Empty if there are none. */
function find_circle(task: Task, lock: Lockable): Task[] {
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

function report_deadlock(task: Task, lock: Lockable, circle: readonly Task[]): never {
  const others = circle.slice(0, -1);
  const values: Record<string, unknown> = { [`${task.name} waits for`]: lock.name };
  for (const other of others) values[`${other.name} waits for`] = other.waiting_on!.name;
  const parties = others.map((other) => ({ task: other, role: `holds ${names(other.held)} and waits for ${other.waiting_on!.name}`, step: null }));
  return BUG("deadlock", `${names([task, ...others])} wait for each other`, values, parties);
}
