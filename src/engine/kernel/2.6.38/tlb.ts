// include/asm-generic/tlb.h of 2.6.38, as far as it has changed: the gather is used without page_table_lock, so it is
// preemption being off that keeps its CPU's other tasks away; and rss is no longer its business.

import type { Kernel } from "../../machine/hooks.ts";
import { charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct } from "../common/mm_types.ts";
import { kernel } from "../state.ts";
import { FAST_MODE, type MmuGather } from "../common/tlb.ts";

/** What `*tlbp` is in C: where unmap_vmas leaves the gather that its caller has to finish, if there is one. */
export interface GatherRef {
  tlb: MmuGather | null;
}

/** Begins a gather on this CPU, which the task keeps until tlb_finish_mmu: get_cpu_var(). */
export function tlb_gather_mmu(mm: MmStruct, fullmm: number): MmuGather {
  charge_ns(machine.costs.tlb_gather);
  k.preempt_disable();
  const tlb = kernel.mmu_gathers[machine.cpu.id]!;
  tlb.mm = mm;
  tlb.nr = kernel.config.cpus > 1 ? 0 : FAST_MODE;
  tlb.fullmm = fullmm;
  tlb.freed = 0;
  trace("tlb_gather", { mm, fullmm });
  return tlb;
}

/** Ends a gather: flushes. The caller asks for preempt_check_resched() next: the rest of put_cpu_var(). */
export function* tlb_finish_mmu(tlb: MmuGather, start: Addr, end: Addr): Kernel<void> {
  const mm = tlb.mm!;
  trace("tlb_finish", { mm, start, end, freed: tlb.freed });
  // The ptes are gone, and their lock is free: until the flush, other CPUs still use the old translations.
  if (tlb.need_flush !== 0) yield* k.access_shared(mm, "pgd", "write");
  k.tlb_flush_mmu(tlb, "finish");
  k.preempt_enable_no_resched();
}
