// include/asm-generic/tlb.h of 3.0, as far as it has changed: the gather is on the stack of its caller, which may therefore be
// preempted, and takes any number of pages.

import { charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct } from "../common/mm_types.ts";
import type { Page } from "../common/page_alloc.ts";
import { kernel } from "../state.ts";
import { FAST_MODE, MmuGather } from "../common/tlb.ts";

/** Begins a gather on the caller's stack. */
export function tlb_gather_mmu(mm: MmStruct, fullmm: number): MmuGather {
  charge_ns(machine.costs.tlb_gather);
  const tlb = new MmuGather([]);
  tlb.mm = mm;
  tlb.nr = kernel.config.cpus > 1 ? 0 : FAST_MODE;
  tlb.fullmm = fullmm;
  kernel.mmu_gathers.push(tlb);
  trace("tlb_gather", { mm, fullmm });
  return tlb;
}

/** tlb_remove_page(): adds a page to the batches. */
export function tlb_remove_page(tlb: MmuGather, page: Page): void {
  tlb.need_flush = 1;
  if (tlb.nr === FAST_MODE) {
    k.put_page(page);
    return;
  }
  tlb.pages[tlb.nr] = page;
  tlb.nr += 1;
}

/** Ends a gather: flushes. */
export function tlb_finish_mmu(tlb: MmuGather, start: Addr, end: Addr): void {
  const mm = tlb.mm!;
  trace("tlb_finish", { mm, start, end, freed: tlb.freed });
  k.tlb_flush_mmu(tlb, "finish");
  kernel.mmu_gathers.splice(kernel.mmu_gathers.indexOf(tlb), 1);
}
