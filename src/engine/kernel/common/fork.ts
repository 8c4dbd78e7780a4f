// kernel/fork.c and the copying part of mm/memory.c: duplicating an address space.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { note_add } from "../../machine/shared.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, _PAGE_RW, PAGE_SIZE, type Table } from "./arch.ts";
import { k } from "../image.ts";
import { VM_SHARED, VM_WRITE, type MmStruct, type VmArea } from "./mm_types.ts";
import { get_page, NO_PAGE, PageAnon } from "./page_alloc.ts";
import { pmd_addr_end, pte_alloc, pte_index, pte_none, pte_offset, pte_page, swp_offset } from "./pgtable.ts";
import { page_dup_rmap } from "./rmap.ts";
import { copy_vm_area } from "./slab.ts";
import { kernel } from "../state.ts";
import { __vma_link } from "./mmap.ts";

/** copy_mm(): the address space of a child, which is called `name`. */
export function* copy_mm(oldmm: MmStruct, name: string): Kernel<MmStruct> {
  const mm = kernel.mm_alloc(name);
  yield* k.dup_mmap(mm, oldmm);
  return mm;
}

/** dup_mmap(): gives `mm` a copy of every vma of `oldmm`, with its pages. */
export function* dup_mmap(mm: MmStruct, oldmm: MmStruct): Kernel<void> {
  yield* k.down_write(oldmm.mmap_sem);
  for (let vma = oldmm.mmap; vma !== null; vma = vma.vm_next) yield* k.dup_mmap_vma(mm, vma);
  // Pages that the parent could write to are read-only now; no lock of ptes is held.
  yield* k.access_shared(oldmm, "pgd", "write");
  k.flush_tlb_mm(oldmm);
  yield* k.up_write(oldmm.mmap_sem);
}

/** get_task_mm(): begins to use an address space; false if it has no users any more. */
export function get_task_mm(mm: MmStruct): Kernel<boolean> {
  return k.atomic_inc_not_zero(mm, "mm_users");
}

/** mmput(): ends a use of an address space. With the last one it goes away. */
export function* mmput(mm: MmStruct): Kernel<void> {
  if (yield* k.atomic_dec_and_test(mm, "mm_users")) yield* k.exit_mmap(mm);
}

/**
 * The body of the loop of dup_mmap(): gives `mm` a copy of one vma of its parent. In its file the copy stands behind the
 * original, so that truncation meets the parent first: ptes are copied after the copy is linked.
 */
export function* dup_mmap_vma(mm: MmStruct, vma: VmArea): Kernel<VmArea> {
  const copy = k.vm_area_alloc();
  copy_vm_area(copy, vma);
  copy.vm_mm = mm;
  if (vma.vm_file !== null) {
    const mapping = vma.vm_file.f_mapping;
    yield* k.i_mmap_lock_write(mapping);
    yield* k.fork_truncate_count(copy, vma);
    charge("prio_tree_update");
    trace("i_mmap_update", { mapping, vma: copy, change: "add" });
    yield* k.vma_prio_tree_add(copy, vma);
    trace("i_mmap_updated", { mapping, vma: copy, change: "add" });
    yield* k.i_mmap_unlock_write(mapping);
  }
  yield* k.spin_lock(mm.page_table_lock);
  __vma_link(mm, copy);
  if (k.fork_copies_ptes(vma)) yield* k.copy_page_range(mm, vma.vm_mm, copy);
  if (vma.vm_file !== null) trace("vma_copy", { vma, copy });
  yield* k.spin_unlock(mm.page_table_lock);
  return copy;
}

/** The first question of copy_page_range(): has the child to get the ptes of this vma? Up to 2.6.11 always. */
export function fork_copies_ptes(_vma: VmArea): boolean {
  return true;
}

/** copy_page_range(): copies the ptes of one vma from the parent, whose lock of the ptes is taken inside the child's. */
export function* copy_page_range(dst: MmStruct, src: MmStruct, vma: VmArea): Kernel<void> {
  const cow = (vma.vm_flags & (VM_SHARED | VM_WRITE)) === VM_WRITE;
  const shared = (vma.vm_flags & VM_SHARED) !== 0;
  const { stride } = kernel.arch;
  for (let address = vma.vm_start; address < vma.vm_end;) {
    const next = pmd_addr_end(address, vma.vm_end);
    const target_lock = k.pte_lockptr(dst, address);
    const source_lock = k.pte_lockptr(src, address);
    if (target_lock !== dst.page_table_lock) yield* k.spin_lock(target_lock);
    yield* k.spin_lock(source_lock);
    const source = pte_offset(src, address);
    if (source !== null) {
      // The child gets a table for each one of the parent, also for an empty one.
      const target = pte_alloc(dst, address);
      for (let at = pte_index(address); address < next; at += stride, address += PAGE_SIZE) {
        if (!pte_none(source, at)) copy_one_pte(dst, target, src, source, at, cow, shared);
      }
    }
    yield* k.spin_unlock(source_lock);
    if (target_lock !== dst.page_table_lock) yield* k.spin_unlock(target_lock);
    yield* k.cond_resched_lock(dst.page_table_lock);
    address = next;
  }
}

/**
 * copy_one_pte(): one entry. Private writable pages become read-only on both sides. The child has not accessed the page yet, and of a
 * shared mapping it is the parent's pte that remembers that the page is dirty.
 */
function copy_one_pte(dst: MmStruct, target: Table, src: MmStruct, source: Table, at: number, cow: boolean, shared: boolean): void {
  note_add(dst, "pgd");
  note_add(src, "pgd");
  charge("pte_set");
  const pte = source[at]!;
  const high = kernel.arch.stride === 2 ? source[at + 1]! : 0;
  let copy = pte;
  if ((pte & _PAGE_PRESENT) === 0) {
    if ((pte & _PAGE_FILE) === 0) {
      kernel.swap_map.duplicate(swp_offset(source, at));
      dst.swapents += 1;
    }
  } else {
    const page = pte_page(source, at);
    if (page !== NO_PAGE) {
      if (cow) source[at] = copy &= ~_PAGE_RW;
      if (shared) copy &= ~_PAGE_DIRTY;
      copy &= ~_PAGE_ACCESSED;
      get_page(page);
      dst.rss += 1;
      if (PageAnon(page)) dst.anon_rss += 1;
      page_dup_rmap(page);
    }
  }
  target[at] = copy;
  if (kernel.arch.stride === 2) target[at + 1] = high;
}
