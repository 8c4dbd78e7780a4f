// Which vmas the unmap_mapping_range calls in progress have reached, gathered from tracepoints: kernels without counts in their
// vmas store it nowhere.

import type { VmArea } from "../kernel/common/mm_types.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import { on } from "./subscribe.ts";

export class UnmapProgress {
  /** The vmas that each task's unmap_mapping_range has zapped a part of; none for a task that is in no such call. */
  private readonly zapped = new Map<Task, Set<VmArea>>();

  /** Listens to `machine` from now on, for as long as it runs. */
  listen(machine: Machine): void {
    on(machine, "unmap_begin", ({ task }) => task !== null && this.zapped.set(task, new Set()));
    on<{ vma: VmArea }>(machine, "zap_block", ({ task, args: { vma } }) => task !== null && this.zapped.get(task)?.add(vma));
    on(machine, "unmap_end", ({ task }) => task !== null && this.zapped.delete(task));
  }

  /** Forgets all calls: the system has been set back to its start. */
  reset(): void {
    this.zapped.clear();
  }

  /** Is the task in an unmap_mapping_range call whose truncate_count and hole are set? */
  has_begun(task: Task): boolean {
    return this.zapped.has(task);
  }

  /** Has the task's call zapped a part of this vma? */
  has_zapped(task: Task, vma: VmArea): boolean {
    return this.zapped.get(task)?.has(vma) === true;
  }
}
