// mm/vmscan.c and the part of mm/rmap.c that it uses, for anonymous memory only: the scenario determines which pages are swapped
// out.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { note_add } from "../../machine/shared.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "./arch.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct } from "./mm_types.ts";
import { NO_PAGE, PageAnon, put_page } from "./page_alloc.ts";
import { pte_index, pte_offset, pte_page } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** shrink_list() with the anonymous pages that `mm` maps in [start, end), as kswapd would: without mmap_sem. Returns how many went. */
export function* swap_out_range(mm: MmStruct, start: Addr, end: Addr): Kernel<number> {
  let swapped = 0;
  for (let address = start; address < end; address += PAGE_SIZE) {
    swapped += yield* k.try_to_unmap_one(mm, address);
    yield* k.cond_resched();
  }
  return swapped;
}

/**
 * try_to_unmap_one(): puts a swap entry in the place of an anonymous page, whether it was used of late or not. Returns 1, or 0
 * if no such page is there. Other address spaces that share the page since a fork keep it.
 */
export function* try_to_unmap_one(mm: MmStruct, address: Addr): Kernel<number> {
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  const table = address < kernel.arch.TASK_SIZE ? pte_offset(mm, address) : null;
  const at = pte_index(address);
  const page = table !== null && (table[at]! & _PAGE_PRESENT) !== 0 ? pte_page(table, at) : NO_PAGE;
  const anon = page !== NO_PAGE && PageAnon(page);
  if (anon) {
    kernel.arch.set_swap(table!, at, 0, kernel.swap_map.get_swap_page());
    mm.swapents += 1;
    k.flush_tlb_page({ vm_mm: mm }, address);
    mm.rss -= 1;
    mm.anon_rss -= 1;
    note_add(kernel.mem_map, "_mapcount");
    k.page_remove_rmap(page);
    put_page(page);
  }
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  if (anon) charge("page_copy");
  return anon ? 1 : 0;
}
