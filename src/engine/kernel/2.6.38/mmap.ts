// mm/mmap.c of 2.6.38, as far as it has changed: an unmapping does not hold page_table_lock throughout, so a vma is unlinked
// from its file before its page tables are freed.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import { detach_all_vmas, find_vma_index } from "../common/mmap.ts";
import { EOVERFLOW } from "../common/errno.ts";
import type { Addr, MmStruct, VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";

/** Why do_mmap_pgoff() refuses a mapping whose page index would overflow. */
export function mmap_overflow_error(): number {
  return -EOVERFLOW;
}

/** unmap_region(): empties the ptes of [start, end), whose vmas are detached from the mm by now; frees tables that are empty then. */
export function* unmap_region(mm: MmStruct, vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  const tlbp = { tlb: k.tlb_gather_mmu(mm, 0) };
  yield* k.unmap_vmas(tlbp, mm, vma, start, end, null);
  yield* k.unlink_file_vmas(vma);
  const behind = mm.mm_rb[find_vma_index(mm, start)];
  const before = mm.mm_rb[find_vma_index(mm, start) - 1];
  k.free_pgtables(mm, before?.vm_end ?? 0, behind?.vm_start ?? kernel.arch.TASK_SIZE);
  yield* k.tlb_finish_mmu(tlbp.tlb, start, end);
  yield* k.preempt_check_resched();
}

/** exit_mmap(): the end of an address space without users. All ptes go first; then the vmas leave their files. */
export function* exit_mmap(mm: MmStruct): Kernel<void> {
  const tlbp = { tlb: k.tlb_gather_mmu(mm, 1) };
  yield* k.unmap_vmas(tlbp, mm, mm.mmap, 0, kernel.arch.word.ULONG_MAX, null);
  if (mm.mmap !== null) yield* k.unlink_file_vmas(mm.mmap);
  k.clear_page_tables(mm);
  yield* k.tlb_finish_mmu(tlbp.tlb, 0, kernel.arch.TASK_SIZE);
  yield* k.preempt_check_resched();
  for (const vma of detach_all_vmas(mm)) yield* k.remove_vm_struct(vma);
}

/** The part of free_pgtables() that takes vmas, from the given one on, out of their files. */
export function* unlink_file_vmas(first: VmArea): Kernel<void> {
  for (let vma: VmArea | null = first; vma !== null; vma = vma.vm_next) {
    const mapping = vma.vm_file?.f_mapping ?? null;
    if (mapping === null) continue;
    yield* k.i_mmap_lock_write(mapping);
    yield* k.__remove_shared_vm_struct(vma, mapping);
    yield* k.i_mmap_unlock_write(mapping);
  }
}

/** remove_vm_struct(), by then remove_vma(): a vma that its mm and its file no longer have is freed. */
export function* remove_vm_struct(vma: VmArea): Kernel<void> {
  k.vm_area_free(vma);
}
