// include/asm-generic/tlb.h: mmu_gather, which collects pages until no CPU can reach them by its TLB any more.
// One per CPU; it is used under page_table_lock.

import { ENDED, type Kernel } from "../../machine/hooks.ts";
import { charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct } from "./mm_types.ts";
import type { Page } from "./page_alloc.ts";
import { kernel } from "../state.ts";

/** How many pages a batch holds (SMP, 4 KiB pages). */
export const FREE_PTE_NR = 506;
/** In `nr`: pages are freed at once, as no other CPU could still use their translations. */
export const FAST_MODE = -1;

/** A struct mmu_gather. */
export class MmuGather {
  mm: MmStruct | null = null;
  /** Pages in the batch, or FAST_MODE. */
  nr = 0;
  /** Set when a translation was removed; only a flush clears it. */
  need_flush = 0;
  /** The whole address space goes away. */
  fullmm = 0;
  /** Pages that finish will take off rss. */
  freed = 0;
  /** How many pages the batches have room for, in 3.0. */
  room = 0;

  /** @param pages room for the batch; an array grows as needed, from 3.0 on */
  constructor(readonly pages: Int32Array | Page[] = new Int32Array(FREE_PTE_NR)) {}
}

/** Begins a gather on this CPU. */
export function tlb_gather_mmu(mm: MmStruct, fullmm: number): MmuGather {
  charge_ns(machine.costs.tlb_gather);
  const tlb = kernel.mmu_gathers[machine.cpu.id]!;
  tlb.mm = mm;
  tlb.nr = kernel.config.cpus > 1 ? 0 : FAST_MODE;
  tlb.fullmm = fullmm;
  tlb.freed = 0;
  trace("tlb_gather", { mm, fullmm });
  return tlb;
}

/** tlb_is_full_mm() */
export function tlb_is_full_mm(tlb: MmuGather): number {
  return tlb.fullmm;
}

/** tlb_remove_tlb_entry(): a translation was removed from the page tables. */
export function tlb_remove_tlb_entry(tlb: MmuGather): void {
  tlb.need_flush = 1;
}

/** tlb_remove_page(): adds a page to the batch; a full batch is flushed with the lock of the ptes held. Returns true. */
export function tlb_remove_page(tlb: MmuGather, page: Page): boolean {
  tlb.need_flush = 1;
  if (tlb.nr === FAST_MODE) {
    k.put_page(page);
    return true;
  }
  tlb.pages[tlb.nr] = page;
  tlb.nr += 1;
  if (tlb.nr >= FREE_PTE_NR) k.tlb_flush_mmu(tlb, "batch_full");
  return true;
}

/** tlb_flush_mmu(): flushes the TLBs if anything was removed, then releases the batch. */
export function tlb_flush_mmu(tlb: MmuGather, why: "finish" | "batch_full"): void {
  if (tlb.need_flush === 0) return;
  tlb.need_flush = 0;
  const released = tlb.nr === FAST_MODE ? 0 : tlb.nr;
  k.flush_tlb_mm(tlb.mm!);
  if (released > 0) {
    charge_ns(released * machine.costs.page_release);
    k.release_pages(tlb.pages, released);
    tlb.nr = 0;
  }
  trace("tlb_flush", { mm: tlb.mm, released, why });
}

/**
 * Ends a gather: takes what was freed off rss, flushes. page_table_lock covers the flush, so no scheduling point is needed: an access
 * by an old translation in between could as well have come before the ptes were cleared.
 */
export function tlb_finish_mmu(tlb: MmuGather, start: Addr, end: Addr): Kernel<void> {
  const mm = tlb.mm!;
  const freed = Math.min(tlb.freed, mm.rss);
  mm.rss -= freed;
  trace("tlb_finish", { mm, start, end, freed });
  k.tlb_flush_mmu(tlb, "finish");
  return ENDED;
}
