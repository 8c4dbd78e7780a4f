// mm/memory.c, unmapping: what zap_pte_range does with single ptes.

import { machine } from "../../machine/machine.ts";
import { charge_ns } from "../../machine/sched.ts";
import { note_add } from "../../machine/shared.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE } from "./arch.ts";
import { k } from "../image.ts";
import type { ZapDetails } from "./memory.ts";
import { linear_page_index, type Addr, type MmStruct } from "./mm_types.ts";
import { NO_PAGE, PageAnon, type Page } from "./page_alloc.ts";
import { pte_page } from "./pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "./tlb.ts";

/** The part of zap_pte_range() for a present pte: if it is to be unmapped, its dirty and accessed bits move to the page. */
export function zap_present_pte(tlb: MmuGather, table: Uint32Array, at: number, address: Addr, details: ZapDetails | null): void {
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
  if ((pte & _PAGE_DIRTY) !== 0) k.set_page_dirty(page);
  if (PageAnon(page)) tlb.mm!.anon_rss -= 1;
  else if ((pte & _PAGE_ACCESSED) !== 0) k.mark_page_accessed(page);
  tlb.freed += 1;
  k.page_remove_rmap(page);
  k.tlb_remove_page(tlb, page);
}

/** Whether a page is of the mapping and, in a nonlinear vma, of the part of the file that is to be unmapped. */
export function should_zap_page(page: Page, details: ZapDetails): boolean {
  const { mem_map } = kernel;
  if (details.check_mapping !== null && details.check_mapping.id !== mem_map.mapping[page]) return false;
  if (details.nonlinear_vma === null) return true;
  return mem_map.index[page]! >= details.first_index && mem_map.index[page]! <= details.last_index;
}

/** The part of zap_pte_range() for swap entries and file ptes, which go only when the whole range is unmapped. */
export function zap_nonpresent_pte(mm: MmStruct, table: Uint32Array, at: number): void {
  if ((table[at]! & _PAGE_FILE) !== 0) k.clear_file_pte(table, at);
  else {
    mm.swapents -= 1;
    k.free_swap_and_cache(table, at);
  }
}

/** Charges for passing over `ptes` ptes of `mm`, of which `cleared` were cleared. */
export function charge_zap(mm: MmStruct, ptes: number, cleared: number): void {
  note_add(mm, "pgd");
  note_add(kernel.mem_map, "_mapcount");
  charge_ns(cleared * machine.costs.pte_clear + (ptes - cleared) * machine.costs.pte_scan);
}
