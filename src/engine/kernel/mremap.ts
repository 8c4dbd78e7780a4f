// mm/mremap.c: moving a mapping, page by page.

import type { Kernel } from "../machine/hooks.ts";
import { charge } from "../machine/sched.ts";
import { trace } from "../machine/tracing.ts";
import { PAGE_SIZE } from "./arch.ts";
import { k } from "./image.ts";
import type { Addr, MmStruct, Pgoff, VmArea } from "./mm_types.ts";
import { pte_alloc, pte_index, pte_none, pte_offset } from "./pgtable.ts";
import { copy_vm_area } from "./slab.ts";
import { kernel } from "./state.ts";

/** copy_vma() of mm/mmap.c where it cannot merge: a new vma like `vma` at `addr`, with `len` bytes from page `pgoff` on. */
export function* copy_vma(vma: VmArea, addr: Addr, len: number, pgoff: Pgoff): Kernel<VmArea> {
  const new_vma = k.vm_area_alloc();
  copy_vm_area(new_vma, vma);
  new_vma.vm_start = addr;
  new_vma.vm_end = addr + len;
  new_vma.vm_pgoff = pgoff;
  yield* k.vma_link(vma.vm_mm, new_vma);
  return new_vma;
}

/**
 * move_one_page(): moves one pte. i_mmap_lock keeps truncation out meanwhile: it might have scanned the destination
 * already and not yet the source.
 */
export function* move_one_page(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr): Kernel<void> {
  const mm: MmStruct = vma.vm_mm;
  const mapping = vma.vm_file?.f_mapping ?? null;
  if (mapping !== null) {
    yield* k.spin_lock(mapping.i_mmap_lock);
    k.move_truncate_count(vma, new_vma);
  }
  yield* k.spin_lock(mm.page_table_lock);
  const source = pte_offset(mm, old_addr);
  const from = pte_index(old_addr);
  if (source !== null && !pte_none(source, from)) {
    const target = pte_alloc(mm, new_addr);
    const to = pte_index(new_addr);
    target[to] = source[from]!;
    if (kernel.arch.stride === 2) target[to + 1] = source[from + 1]!;
    k.ptep_clear_flush(vma, old_addr, source, from);
    charge("pte_set");
    trace("pte_move", { vma, new_vma, old_addr, new_addr });
  }
  yield* k.spin_unlock(mm.page_table_lock);
  if (mapping !== null) yield* k.spin_unlock(mapping.i_mmap_lock);
}

/** move_page_tables(): moves the ptes of `len` bytes, lowest address first. */
export function* move_page_tables(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr, len: number): Kernel<void> {
  for (let offset = 0; offset < len; offset += PAGE_SIZE) {
    yield* k.move_one_page(vma, old_addr + offset, new_vma, new_addr + offset);
    yield* k.cond_resched();
  }
}
