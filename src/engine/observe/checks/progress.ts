// No progress: an unmapping that starts its search over again and again and meets nothing new. See docs/checks.md for what
// counts as progress, and why calls that merely contend for locks always make some.

import type { System } from "../../kernel/boot.ts";
import type { Addr, AddressSpace, VmArea } from "../../kernel/common/mm_types.ts";
import { BUG } from "../../machine/bug.ts";
import type { Task } from "../../machine/task.ts";
import { on } from "../subscribe.ts";

/** So many rounds in a row that meet nothing new are a livelock. */
export const FRUITLESS_ROUNDS = 100;

/** A call of unmap_mapping_range that is under way. */
interface Call {
  readonly mapping: AddressSpace;
  readonly truncate_count: number;
  /** How far it has come in each vma since its first restart; null before that: it may well need none. */
  reached: Map<VmArea, Addr> | null;
  /** Has it met anything new since it last started over? */
  progressed: boolean;
  fruitless: number;
}

export class ProgressCheck {
  private readonly calls = new Map<Task | null, Call>();
  /** Calls that have started over: only then the blocks they unmap are of interest. */
  private restarted = 0;

  constructor({ machine }: System) {
    on<{ mapping: AddressSpace; truncate_count: number }>(machine, "unmap_begin", ({ args: { mapping, truncate_count }, task }) => {
      this.calls.set(task, { mapping, truncate_count, reached: null, progressed: false, fruitless: 0 });
    });
    on(machine, "unmap_end", ({ task }) => {
      if (this.calls.get(task)?.reached) this.restarted -= 1;
      this.calls.delete(task);
    });
    on(machine, "restart", ({ task }) => this.restart(task));
    on<{ vma: VmArea; end: Addr }>(machine, "zap_block", ({ args: { vma, end }, task }) => {
      if (this.restarted > 0) this.unmap(this.calls.get(task), vma, end);
    });
    on<{ freed: number }>(machine, "tlb_finish", ({ args: { freed }, task }) => {
      if (this.restarted === 0 || freed === 0) return;
      const call = this.calls.get(task);
      if (call !== undefined) call.progressed = true;
    });
    on<{ mapping: AddressSpace; vma: VmArea }>(machine, "i_mmap_updated", ({ args: { mapping, vma } }) => {
      if (this.restarted === 0) return;
      for (const call of this.calls.values()) if (call.mapping === mapping) call.reached?.delete(vma);
    });
  }

  /** Nothing was seen yet. */
  forget(): void {
    this.calls.clear();
    this.restarted = 0;
  }

  private unmap(call: Call | undefined, vma: VmArea, end: Addr): void {
    if (call === undefined || call.reached === null || (call.reached.get(vma) ?? -1) >= end) return;
    call.reached.set(vma, end);
    call.progressed = true;
  }

  private restart(task: Task | null): void {
    const call = this.calls.get(task);
    if (call === undefined) return;
    if (call.reached === null) {
      call.reached = new Map();
      this.restarted += 1;
    } else if (call.progressed) {
      call.fruitless = 0;
    } else if ((call.fruitless += 1) >= FRUITLESS_ROUNDS) {
      this.report(task, call);
    }
    call.progressed = false;
  }

  private report(task: Task | null, { mapping, truncate_count, fruitless }: Call): never {
    const rivals = [...this.calls].filter(([other, call]) => other !== null && other !== task && call.mapping === mapping) as [Task, Call][];
    const values = { file: mapping.host.name, rounds: fruitless, truncate_count, "mapping->truncate_count": mapping.truncate_count };
    const parties = rivals.map(([rival, call]) => ({ task: rival, role: `unmaps ${mapping.host.name}, too, as number ${call.truncate_count}`, step: null }));
    return BUG("no-progress", `${task?.name} has started its search for vmas of ${mapping.host.name} over ${fruitless} times in a row and met nothing new`, values, parties);
  }
}
