// mm/mremap.c of 2.6.38, as far as it has changed: ptes move many at a time, and the vma that gets them is to be scanned from its start
// (patch of February 2011).

import type { Kernel } from "../../machine/hooks.ts";
import { PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import type { Addr, VmArea } from "../common/mm_types.ts";
import { pmd_addr_end, pte_alloc, pte_offset } from "../common/pgtable.ts";

/** LATENCY_LIMIT: how many bytes move_ptes() moves at most under i_mmap_lock. */
const LATENCY_LIMIT = 64 * PAGE_SIZE;

/** move_ptes(): pages move from `vma` to `new_vma`, which is to be scanned from its start, whatever its count was. */
export function* move_truncate_count(_vma: VmArea, new_vma: VmArea): Kernel<void> {
  new_vma.vm_truncate_count = 0;
}

/** move_page_tables(): moves the ptes of `len` bytes, lowest address first, as many at a time as one table has on either side. */
export function* move_page_tables(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr, len: number): Kernel<void> {
  const end = old_addr + len;
  while (old_addr < end) {
    yield* k.cond_resched();
    let extent = pmd_addr_end(old_addr, end) - old_addr;
    if (pte_offset(vma.vm_mm, old_addr) !== null) {
      pte_alloc(vma.vm_mm, new_addr);
      extent = pmd_addr_end(new_addr, new_addr + Math.min(extent, LATENCY_LIMIT)) - new_addr;
      yield* k.move_ptes(vma, old_addr, new_vma, new_addr, extent);
    }
    old_addr += extent;
    new_addr += extent;
  }
}

/** move_ptes(): moves the ptes of `extent` bytes of one table, with truncation kept out meanwhile. */
export function* move_ptes(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr, extent: number): Kernel<void> {
  const mm = vma.vm_mm;
  const mapping = k.mapping_to_lock(vma);
  if (mapping !== null) {
    yield* k.i_mmap_lock_write(mapping);
    yield* k.move_truncate_count(vma, new_vma);
  }
  const lock = k.pte_lockptr(mm, old_addr);
  const new_lock = k.pte_lockptr(mm, new_addr);
  yield* k.spin_lock(lock);
  if (new_lock !== lock) yield* k.spin_lock(new_lock);
  for (let offset = 0; offset < extent; offset += PAGE_SIZE) k.move_pte(vma, old_addr + offset, new_vma, new_addr + offset);
  if (new_lock !== lock) yield* k.spin_unlock(new_lock);
  yield* k.spin_unlock(lock);
  if (mapping !== null) yield* k.i_mmap_unlock_write(mapping);
}
