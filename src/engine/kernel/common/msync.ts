// mm/msync.c: writing back what was written to shared mappings.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { _PAGE_DIRTY, _PAGE_PRESENT, PAGE_SIZE } from "./arch.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { k } from "../image.ts";
import { page_align, VM_SHARED, type Addr, type MmStruct, type VmArea } from "./mm_types.ts";
import { NO_PAGE } from "./page_alloc.ts";
import { pmd_addr_end, pte_index, pte_offset, pte_page } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** sys_msync(MS_SYNC) of [start, start + len). Skips what is not mapped, and reports it: 0 or -errno. */
export function* sys_msync(mm: MmStruct, start: Addr, len: number): Kernel<number> {
  yield* k.down_read(mm.mmap_sem);
  const end = start + page_align(len);
  let error = start % PAGE_SIZE !== 0 ? -EINVAL : end > kernel.arch.word.ULONG_MAX ? -ENOMEM : 0;
  if (error === 0 && len > 0) {
    let covered = start;
    for (let vma = k.find_vma(mm, start); vma !== null && vma.vm_start < end; vma = vma.vm_next) {
      if (vma.vm_start > covered) error = -ENOMEM;
      covered = vma.vm_end;
      yield* k.msync_interval(vma, Math.max(start, vma.vm_start), Math.min(end, vma.vm_end));
    }
    if (covered < end) error = -ENOMEM;
  }
  yield* k.up_read(mm.mmap_sem);
  return error;
}

/**
 * msync_interval(): moves the dirty bits of the ptes to the pages, and writes the file's dirty pages to disk. i_sem is not
 * taken: mmap_sem is held.
 */
export function* msync_interval(vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  if (vma.vm_file === null || (vma.vm_flags & VM_SHARED) === 0) return;
  yield* k.filemap_sync(vma, start, end);
  k.filemap_fdatawrite(vma.vm_file.f_mapping);
}

/** filemap_sync(): [start, end) of one vma, with the lock of the ptes held from the first to the last that it guards. */
export function* filemap_sync(vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  const mm = vma.vm_mm;
  let lock = k.pte_lockptr(mm, start);
  yield* k.spin_lock(lock);
  for (let address = start; address < end;) {
    const next = pmd_addr_end(address, end);
    const lock_here = k.pte_lockptr(mm, address);
    if (lock_here !== lock) {
      k.flush_tlb_range(vma, start, address);
      yield* k.spin_unlock(lock);
      yield* k.spin_lock((lock = lock_here));
    }
    const table = pte_offset(mm, address);
    if (table !== null) sync_ptes(table, address, next);
    address = next;
  }
  k.flush_tlb_range(vma, start, end);
  yield* k.spin_unlock(lock);
}

/** filemap_sync_pte(), for all ptes of [address, end), which are in `table`. */
function sync_ptes(table: Uint32Array, address: Addr, end: Addr): void {
  const { stride } = kernel.arch;
  charge("pte_scan", (end - address) / PAGE_SIZE);
  for (let at = pte_index(address); address < end; at += stride, address += PAGE_SIZE) {
    const pte = table[at]!;
    if ((pte & _PAGE_PRESENT) === 0 || (pte & _PAGE_DIRTY) === 0) continue;
    const page = pte_page(table, at);
    if (page === NO_PAGE) continue;
    table[at] = pte & ~_PAGE_DIRTY;
    k.set_page_dirty(page);
  }
}
