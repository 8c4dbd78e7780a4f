// The order in which locks nest. Two tasks that take the same two locks in different orders can deadlock, even if in this
// run they do not.

import { BUG } from "./bug.ts";
import type { Lockable, Task } from "./task.ts";

/** A kernel bug if `task`, which is about to take `lock`, holds a lock that is taken only inside it. `nested`: a like one may be held. */
export function check_order(lock: Lockable, task: Task, nested: boolean): void {
  const { rank } = lock;
  if (rank === null) return;
  for (const held of task.held) {
    if (held.rank === null || held === lock || held.rank < rank || (nested && held.rank === rank)) continue;
    BUG("lock-order", `${task.name} takes ${lock.name} while it holds ${held.name}, which is only to be taken inside`, { lock: lock.name, held: task.held.map(({ name }) => name).join(", ") });
  }
}
