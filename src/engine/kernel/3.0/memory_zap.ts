// mm/memory.c of 3.0, unmapping: from a range of addresses down to the ptes. page_table_lock is held for one page table at a
// time, and between two the CPU is offered.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import { sub_mm_rss, zap_present_pte, type Rss } from "../2.6.38/memory_pte.ts";
import type { GatherRef, ZapDetails } from "../common/memory.ts";
import { charge_zap, zap_nonpresent_pte } from "../common/memory_pte.ts";
import type { Addr, VmArea } from "../common/mm_types.ts";
import { pmd_addr_end, pte_index, pte_offset } from "../common/pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "../common/tlb.ts";

/**
 * unmap_page_range(): unmaps [address, end) of one vma. Absent upper levels are skipped; the four levels of the kernel are
 * walked as one, by pte_offset.
 */
export function* unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  trace("zap_block", { vma, start: address, end });
  while (address < end) {
    const next = pmd_addr_end(address, end);
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) {
      yield* k.zap_pte_range(tlb, table, address, next, details);
      yield* k.cond_resched();
    }
    address = next;
  }
}

/** zap_pte_range(): unmaps [address, end), whose ptes are all in `table`. */
export function* zap_pte_range(tlb: MmuGather, table: Uint32Array, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  const stride = kernel.arch.stride;
  const mm = tlb.mm!;
  const size = end - address;
  const rss: Rss = { file: 0, anon: 0 };
  const freed = tlb.freed;
  let at = pte_index(address);
  if (details !== null && details.check_mapping === null && details.nonlinear_vma === null) details = null;
  yield* k.spin_lock(mm.page_table_lock);
  for (let offset = 0; offset < size; at += stride, offset += PAGE_SIZE) {
    const pte = table[at]!;
    if ((pte & _PAGE_PRESENT) !== 0) zap_present_pte(tlb, table, at, address + offset, details, rss);
    else if (details === null && !k.pte_none(table, at)) zap_nonpresent_pte(table, at);
  }
  charge_zap(mm, size / PAGE_SIZE, tlb.freed - freed);
  sub_mm_rss(mm, rss);
  yield* k.spin_unlock(mm.page_table_lock);
}

/** zap_page_range(): unmaps `size` bytes of a vma from `address` on; returns where it has stopped, the end. */
export function* zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<Addr> {
  const mm = vma.vm_mm;
  const end = address + size;
  const tlbp: GatherRef = { tlb: k.tlb_gather_mmu(mm, 0) };
  const stop = yield* k.unmap_vmas(tlbp, mm, vma, address, end, details);
  k.tlb_finish_mmu(tlbp.tlb, address, end);
  return stop;
}
