// include/asm-generic/tlb.h of 3.0, as far as it has changed: the gather is on the stack of its caller, which may therefore be
// preempted, and takes any number of pages.

import type { Kernel } from "../../machine/hooks.ts";
import { charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct } from "../common/mm_types.ts";
import type { Page } from "../common/page_alloc.ts";
import { kernel } from "../state.ts";
import { FAST_MODE, MmuGather } from "../common/tlb.ts";

/** How many pages the batch on the stack holds. */
const MMU_GATHER_BUNDLE = 8;
/** How many pages a further batch holds, which takes a page itself. */
const MAX_GATHER_BATCH = 510;

/** Begins a gather on the caller's stack. */
export function tlb_gather_mmu(mm: MmStruct, fullmm: number): MmuGather {
  charge_ns(machine.costs.tlb_gather);
  const tlb = new MmuGather([]);
  tlb.mm = mm;
  tlb.nr = kernel.config.cpus > 1 ? 0 : FAST_MODE;
  tlb.fullmm = fullmm;
  tlb.room = MMU_GATHER_BUNDLE;
  kernel.mmu_gathers.push(tlb);
  trace("tlb_gather", { mm, fullmm });
  return tlb;
}

/**
 * tlb_remove_page(): adds a page to the batches, and makes room for the next one. False if there is no memory for that: the caller has
 * to flush before it adds another.
 */
export function tlb_remove_page(tlb: MmuGather, page: Page): boolean {
  tlb.need_flush = 1;
  if (tlb.nr === FAST_MODE) {
    k.put_page(page);
    return true;
  }
  tlb.pages[tlb.nr] = page;
  tlb.nr += 1;
  if (tlb.nr < tlb.room) return true;
  if (!k.tlb_alloc_batch()) return false;
  tlb.room += MAX_GATHER_BATCH;
  return true;
}

/** The part of tlb_next_batch() that asks for a page: there is memory for a further batch. The model does not count that page. */
export function tlb_alloc_batch(): boolean {
  return true;
}

/** Ends a gather: flushes. */
export function* tlb_finish_mmu(tlb: MmuGather, start: Addr, end: Addr): Kernel<void> {
  const mm = tlb.mm!;
  trace("tlb_finish", { mm, start, end, freed: tlb.freed });
  // The ptes are gone, and their lock is free: until the flush, other CPUs still use the old translations.
  if (tlb.need_flush !== 0) yield* k.access_shared(mm, "pgd", "write");
  k.tlb_flush_mmu(tlb, "finish");
  kernel.mmu_gathers.splice(kernel.mmu_gathers.indexOf(tlb), 1);
}
