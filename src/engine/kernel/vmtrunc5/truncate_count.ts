// What becomes of vm_truncate_count when vmas are linked, split, copied, merged and moved (spread over mm/mmap.c,
// kernel/fork.c and mm/mremap.c in the kernel). This is "[PATCH 5/6] vmtrunc: vm_truncate_count race caution" (3 October
// 2004): every change of a vma's count is made under i_mmap_lock, and no vma keeps a "done" that is not true.

import type { Kernel } from "../../machine/hooks.ts";
import type { AddressSpace, VmArea } from "../common/mm_types.ts";

/** vma_link(): a new vma. */
export function* inherit_truncate_count(vma: VmArea, mapping: AddressSpace): Kernel<void> {
  // It has nothing mapped: were it to be scanned, mmap and munmap in turns could keep a truncation going for ever.
  vma.vm_truncate_count = mapping.truncate_count;
}

/** vma_adjust() with `insert`: the other half of a split, a copy of the struct. */
export function* split_truncate_count(insert: VmArea, vma: VmArea): Kernel<void> {
  // Once more: the struct was copied without the lock.
  insert.vm_truncate_count = vma.vm_truncate_count;
}

/** vma_adjust(): `importer`, one of the two neighbours, gets pages of the other. */
export function* import_truncate_count(importer: VmArea, vma: VmArea, next: VmArea): Kernel<void> {
  // One of the two may be done and the other not: all of the importer will be scanned.
  if (vma.vm_truncate_count !== next.vm_truncate_count) importer.vm_truncate_count = 0;
}

/** dup_mmap(): the child's copy of a vma. */
export function* fork_truncate_count(copy: VmArea, vma: VmArea): Kernel<void> {
  // Once more: the struct was copied without the lock.
  copy.vm_truncate_count = vma.vm_truncate_count;
}

/** move_one_page(): a page moves from `vma` to `new_vma`. */
export function* move_truncate_count(vma: VmArea, new_vma: VmArea): Kernel<void> {
  // The receiver may be done and the page not.
  if (new_vma.vm_truncate_count !== 0 && new_vma.vm_truncate_count !== vma.vm_truncate_count) new_vma.vm_truncate_count = 0;
}
