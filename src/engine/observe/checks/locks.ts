// Locks: taken in one order, never waited for in a circle, and no spinlock held where a task may sleep. That a lock is
// released by who holds it, and not taken twice, the primitives see for themselves.

import type { System } from "../../kernel/kernels.ts";
import { BUG } from "../../machine/bug.ts";
import type { Lockable, Task } from "../../machine/task.ts";
import { names, taken_by } from "../../machine/task.ts";
import { on, type Heard } from "../subscribe.ts";

/** The order of the kernel's locks by their kinds, outermost first (mm/rmap.c, mm/filemap.c of 2.6). */
const RANKS: Readonly<Record<string, number>> = { i_sem: 0, mmap_sem: 0, page: 1, unmap_mutex: 2, i_mmap_lock: 3, i_mmap_mutex: 3, page_table_lock: 4 };

/** A lock as the order knows it. */
interface Place {
  /** Null for a kind that has no place of its own: it is held to the order in which it is first taken. */
  readonly rank: number | null;
  /** `i_mmap_lock` of `data.i_mmap_lock`, `page` of `data.page[3]`. */
  readonly kind: string;
}

/** Where one lock was first taken while another was held. */
interface Taken {
  readonly task: Task;
  readonly step: number;
  readonly event: number;
}

export class LockCheck {
  private readonly places = new WeakMap<Lockable, Place>();
  /** Of locks that have no order by their ranks, which was taken inside which: by `outer inner`. */
  private readonly orders = new Map<string, Taken>();

  constructor({ machine }: System) {
    on<{ lock: Lockable }>(machine, "lock_acquire", (event) => {
      const { lock } = event.args;
      const { held } = event.task!;
      if (held.length < 2) return;
      const place = this.place(lock);
      for (let at = held.length - 2; at >= 0; at--) {
        const outer = this.place(held[at]!);
        if (outer.rank === null || place.rank === null || outer.rank >= place.rank) this.inside(held[at]!, outer, lock, place, event);
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

  private place(lock: Lockable): Place {
    let place = this.places.get(lock);
    if (place === undefined) {
      const kind = lock.name.slice(lock.name.lastIndexOf(".") + 1).replace(/[^a-z_].*/, "");
      place = { kind, rank: RANKS[kind] ?? null };
      this.places.set(lock, place);
    }
    return place;
  }

  /** `inner` was taken while `outer` was held, and their ranks do not say that this is right. */
  private inside(outer: Lockable, out: Place, inner: Lockable, into: Place, event: Heard<unknown>): void {
    const task = event.task!;
    const message = `${task.name} takes ${inner.name} inside ${outer.name}`;
    const values = { holds: outer.name, takes: inner.name };
    if (out.rank !== null && into.rank !== null && out.rank > into.rank) BUG("lock-order", `${message}: i_sem and mmap_sem come first, then i_mmap_lock, then page_table_lock`, values, taken_by(task, [outer]));
    // Other kinds have one order, whichever it is; locks of one kind have one each.
    const [a, b] = out.kind === into.kind ? [outer.name, inner.name] : [out.kind, into.kind];
    const reverse = this.orders.get(`${b} ${a}`);
    if (reverse !== undefined) {
      const role = `took ${out.kind === into.kind ? outer.name : `a ${out.kind}`} inside ${out.kind === into.kind ? inner.name : `a ${into.kind}`}, at event ${reverse.event}`;
      BUG("lock-order", `${message}: they were taken the other way round before`, values, [...taken_by(task, [outer]), { task: reverse.task, role, step: reverse.step }]);
    }
    const order = `${a} ${b}`;
    if (!this.orders.has(order)) this.orders.set(order, { task, step: event.step, event: event.number });
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
