// mm/mprotect.c: changing the protection of a range, with the splits and merges of vmas that this takes.

import type { Kernel } from "../../machine/hooks.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "./arch.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { k } from "../image.ts";
import { linear_page_index, page_align, VM_EXEC, VM_READ, VM_WRITE, type Addr, type MmStruct, type VmArea } from "./mm_types.ts";
import { pmd_addr_end, pte_index, pte_modify, pte_offset, vm_page_prot } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** sys_mprotect(): gives [start, start + len) the protection `prot` (VM_READ, VM_WRITE, VM_EXEC). Returns 0 or -errno. */
export function* sys_mprotect(mm: MmStruct, start: Addr, len: number, prot: number): Kernel<number> {
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  const end = start + page_align(len);
  if (end > kernel.arch.word.ULONG_MAX) return -ENOMEM;
  if (end === start) return 0;
  yield* k.down_write(mm.mmap_sem);
  const error = yield* k.do_mprotect(mm, start, end, prot);
  yield* k.up_write(mm.mmap_sem);
  return error;
}

/** The part of sys_mprotect() under mmap_sem: vma by vma, each of which may merge with the one before. */
export function* do_mprotect(mm: MmStruct, start: Addr, end: Addr, prot: number): Kernel<number> {
  let vma = k.find_vma(mm, start);
  if (vma === null || vma.vm_start > start) return -ENOMEM;
  let prev = start > vma.vm_start ? vma : k.find_vma_prev(mm, start);
  for (let from = start; ;) {
    const newflags: number = (vma.vm_flags & ~(VM_READ | VM_WRITE | VM_EXEC)) | prot;
    const done: VmArea | number = yield* k.mprotect_fixup(vma, prev, from, Math.min(vma.vm_end, end), newflags);
    if (typeof done === "number") return done;
    prev = done;
    from = Math.max(from, prev.vm_end);
    if (from >= end) return 0;
    vma = prev.vm_next;
    if (vma === null || vma.vm_start !== from) return -ENOMEM;
  }
}

/** mprotect_fixup(): [start, end), all of one vma, gets `newflags`. Returns the vma that covers it then, or -ENOMEM. */
export function* mprotect_fixup(vma: VmArea, prev: VmArea | null, start: Addr, end: Addr, newflags: number): Kernel<VmArea | number> {
  if (newflags === vma.vm_flags) return vma;
  const pgoff = linear_page_index(vma, start);
  const merged = yield* k.vma_merge(vma.vm_mm, prev, start, end, newflags, vma.vm_file, pgoff);
  if (merged !== null) {
    vma = merged;
  } else {
    if (start !== vma.vm_start && (yield* k.split_vma(vma, start, true)) < 0) return -ENOMEM;
    if (end !== vma.vm_end && (yield* k.split_vma(vma, end, false)) < 0) return -ENOMEM;
  }
  vma.vm_flags = newflags;
  yield* k.change_protection(vma, start, end);
  return vma;
}

/** change_protection(): gives present ptes what the vma's flags say; those of private vmas become read-only. */
export function* change_protection(vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  const prot = vm_page_prot(vma);
  const { stride } = kernel.arch;
  let lock = k.pte_lockptr(vma.vm_mm, start);
  yield* k.spin_lock(lock);
  for (let address = start; address < end;) {
    const next = pmd_addr_end(address, end);
    const lock_here = k.pte_lockptr(vma.vm_mm, address);
    if (lock_here !== lock) {
      k.flush_tlb_range(vma, start, address);
      yield* k.spin_unlock(lock);
      yield* k.spin_lock((lock = lock_here));
    }
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) {
      for (let at = pte_index(address); address < next; at += stride, address += PAGE_SIZE) {
        if ((table[at]! & _PAGE_PRESENT) !== 0) table[at] = pte_modify(table[at]!, prot);
      }
    }
    address = next;
  }
  k.flush_tlb_range(vma, start, end);
  yield* k.spin_unlock(lock);
}
