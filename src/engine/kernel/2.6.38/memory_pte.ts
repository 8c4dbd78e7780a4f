// mm/memory.c of 2.6.38, unmapping: what zap_pte_range does with single ptes, as far as it has changed.

import { _PAGE_ACCESSED, _PAGE_DIRTY } from "../common/arch.ts";
import { k } from "../image.ts";
import type { ZapDetails } from "../common/memory.ts";
import { should_zap_page } from "../common/memory_pte.ts";
import { linear_page_index, type Addr, type MmStruct } from "../common/mm_types.ts";
import { NO_PAGE, PageAnon } from "../common/page_alloc.ts";
import { pte_page } from "../common/pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "../common/tlb.ts";

/** The part of zap_pte_range() for a present pte: if it is to be unmapped, its dirty and accessed bits move to the page. */
export function zap_present_pte(tlb: MmuGather, table: Uint32Array, at: number, address: Addr, details: ZapDetails | null, rss: Rss): void {
  const page = pte_page(table, at);
  if (page === NO_PAGE) {
    k.ptep_get_and_clear(table, at);
    k.tlb_remove_tlb_entry(tlb);
    return;
  }
  if (details !== null && !should_zap_page(page, details)) return;
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
  k.tlb_remove_page(tlb, page);
}

/** Pages unmapped in one page table, to be taken off the counters of their mm together. */
export interface Rss {
  file: number;
  anon: number;
}

/** add_mm_rss(), downwards: takes them off. Under page_table_lock. */
export function sub_mm_rss(mm: MmStruct, rss: Rss): void {
  mm.rss -= rss.file + rss.anon;
  mm.anon_rss -= rss.anon;
}
