// Livelock, as a check of every run: an unmapping that restarts its search again and again without progress. See docs/checks.md for what
// counts as progress, and why calls that merely contend for locks always make some. (The search for interleavings has another notion, a
// state that comes back in a fair cycle: explore/lasso.ts. That one covers whatever tasks wait for, but needs the whole state.)

import type { System } from "../../kernel/boot.ts";
import type { Addr, AddressSpace, VmArea } from "../../kernel/common/mm_types.ts";
import { BUG } from "../../machine/bug.ts";
import type { Task } from "../../machine/task.ts";
import { on } from "../subscribe.ts";

/** So many restarts in a row without progress are a livelock. */
export const MAX_FRUITLESS_RESTARTS = 100;

/** A call of unmap_mapping_range that is in progress. */
interface UnmapCall {
  readonly mapping: AddressSpace;
  readonly truncate_count: number;
  /** How far it has come in each vma since its first restart; null before that: most calls never restart. */
  reached: Map<VmArea, Addr> | null;
  /** Has it made progress since its last restart? */
  progressed: boolean;
  fruitless_restarts: number;
}

export class LivelockCheck {
  private readonly calls = new Map<Task | null, UnmapCall>();
  /** Calls that have restarted: only the blocks of these have to be recorded. */
  private restarted_calls = 0;

  constructor({ machine }: System) {
    on<{ mapping: AddressSpace; truncate_count: number }>(machine, "unmap_begin", ({ args: { mapping, truncate_count }, task }) => {
      this.calls.set(task, { mapping, truncate_count, reached: null, progressed: false, fruitless_restarts: 0 });
    });
    on(machine, "unmap_end", ({ task }) => {
      if (this.calls.get(task)?.reached) this.restarted_calls -= 1;
      this.calls.delete(task);
    });
    on(machine, "restart", ({ task }) => this.note_restart(task));
    on<{ vma: VmArea; end: Addr }>(machine, "zap_block", ({ args: { vma, end }, task }) => {
      if (this.restarted_calls > 0) this.note_unmapped(this.calls.get(task), vma, end);
    });
    on<{ freed: number }>(machine, "tlb_finish", ({ args: { freed }, task }) => {
      if (this.restarted_calls === 0 || freed === 0) return;
      const call = this.calls.get(task);
      if (call !== undefined) call.progressed = true;
    });
    on<{ mapping: AddressSpace; vma: VmArea }>(machine, "i_mmap_updated", ({ args: { mapping, vma } }) => {
      if (this.restarted_calls === 0) return;
      for (const call of this.calls.values()) if (call.mapping === mapping) call.reached?.delete(vma);
    });
  }

  /** The system has been set back to its start. */
  reset(): void {
    this.calls.clear();
    this.restarted_calls = 0;
  }

  private note_unmapped(call: UnmapCall | undefined, vma: VmArea, end: Addr): void {
    if (call === undefined || call.reached === null || (call.reached.get(vma) ?? -1) >= end) return;
    call.reached.set(vma, end);
    call.progressed = true;
  }

  private note_restart(task: Task | null): void {
    const call = this.calls.get(task);
    if (call === undefined) return;
    if (call.reached === null) {
      call.reached = new Map();
      this.restarted_calls += 1;
    } else if (call.progressed) {
      call.fruitless_restarts = 0;
    } else if ((call.fruitless_restarts += 1) >= MAX_FRUITLESS_RESTARTS) {
      this.report(task, call);
    }
    call.progressed = false;
  }

  private report(task: Task | null, { mapping, truncate_count, fruitless_restarts }: UnmapCall): never {
    const concurrent = [...this.calls].filter(([other, call]) => other !== null && other !== task && call.mapping === mapping) as [
      Task,
      UnmapCall,
    ][];
    const values = {
      file: mapping.host.name,
      rounds: fruitless_restarts,
      truncate_count,
      "mapping->truncate_count": mapping.truncate_count,
    };
    const file = mapping.host.name;
    const role = (call: UnmapCall): string => `unmaps ${file}, too, as number ${call.truncate_count}`;
    const involved = concurrent.map(([other, call]) => ({ task: other, role: role(call), step: null }));
    const message =
      `${task?.name} has started its search for vmas of ${file} over ${fruitless_restarts} times in a row ` + "and met nothing new";
    return BUG("no-progress", message, values, involved);
  }
}
