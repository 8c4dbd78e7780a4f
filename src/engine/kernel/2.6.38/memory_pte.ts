// mm/memory.c of 2.6.38, unmapping: what zap_pte_range does with single ptes, as far as it has changed.

import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE } from "../common/arch.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { ZapDetails } from "../common/memory.ts";
import { should_zap_page } from "../common/memory_pte.ts";
import { linear_page_index, VM_NONLINEAR, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";
import { NO_PAGE, PageAnon } from "../common/page_alloc.ts";
import { vm_normal_page } from "../common/pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "../common/tlb.ts";

/**
 * The part of zap_pte_range() for a present pte: if it is to be unmapped, its dirty and accessed bits move to the page. False if the
 * gather has no room for another page.
 */
export function zap_present_pte(
  tlb: MmuGather,
  table: Uint32Array,
  at: number,
  address: Addr,
  details: ZapDetails | null,
  rss: Rss,
): boolean {
  const page = vm_normal_page(table, at);
  if (page === NO_PAGE) {
    k.ptep_get_and_clear(table, at);
    k.tlb_remove_tlb_entry(tlb);
    return true;
  }
  if (details !== null && !should_zap_page(page, details)) return true;
  const pte = k.ptep_get_and_clear(table, at);
  if (
    details !== null &&
    details.nonlinear_vma !== null &&
    linear_page_index(details.nonlinear_vma, address) !== kernel.mem_map.index[page]
  )
    k.set_file_pte(table, at, kernel.mem_map.index[page]!);
  if (PageAnon(page)) {
    rss.anon += 1;
  } else {
    if ((pte & _PAGE_DIRTY) !== 0) k.set_page_dirty(page);
    if ((pte & _PAGE_ACCESSED) !== 0) k.mark_page_accessed(page);
    rss.file += 1;
  }
  tlb.freed += 1;
  k.page_remove_rmap(page);
  return k.tlb_remove_page(tlb, page);
}

/**
 * The part of zap_pte_range() for swap entries and file ptes, which go only when the whole range is unmapped. A file pte in a linear vma
 * should not be there: the kernel says so, and clears it.
 */
export function zap_nonpresent_pte(vma: VmArea, table: Uint32Array, at: number, address: Addr, rss: Rss): void {
  if ((table[at]! & _PAGE_FILE) !== 0) {
    if ((vma.vm_flags & VM_NONLINEAR) === 0) trace("bad_pte", { vma, address });
    k.clear_file_pte(table, at);
  } else {
    rss.swapents += 1;
    k.free_swap_and_cache(table, at);
  }
}

/** What is unmapped in one page table, to be taken off the counters of their mm together. */
export interface Rss {
  file: number;
  anon: number;
  /** Swap entries. */
  swapents: number;
}

/** add_mm_rss(), downwards: takes them off. Under the lock of the table. */
export function sub_mm_rss(mm: MmStruct, rss: Rss): void {
  mm.rss -= rss.file + rss.anon;
  mm.anon_rss -= rss.anon;
  mm.swapents -= rss.swapents;
}
