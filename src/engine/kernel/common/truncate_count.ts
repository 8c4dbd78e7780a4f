// What becomes of vm_truncate_count when vmas are linked, split, copied, merged and moved (spread over mm/mmap.c,
// kernel/fork.c and mm/mremap.c in the kernel). The seed patch does nothing there: a struct copy copies the
// count, a new struct has 0. "[PATCH 5/6] vmtrunc: vm_truncate_count race caution" changes every one of these.

import type { Kernel } from "../../machine/hooks.ts";
import type { AddressSpace, VmArea } from "./mm_types.ts";

/** vma_link(): a new vma. */
export function* inherit_truncate_count(_vma: VmArea, _mapping: AddressSpace): Kernel<void> {
  // Zeroed with the struct: it will be scanned.
}

/** vma_adjust() with `insert`: the other half of a split, a copy of the struct. */
export function* split_truncate_count(_insert: VmArea, _vma: VmArea): Kernel<void> {
  // Copied with the struct.
}

/** vma_adjust(): `importer`, one of the two neighbours, gets pages of the other. */
export function* import_truncate_count(_importer: VmArea, _vma: VmArea, _next: VmArea): Kernel<void> {
  // The importer keeps its count, even if it says "done" and the pages are not.
}

/** dup_mmap(): the child's copy of a vma. */
export function* fork_truncate_count(_copy: VmArea, _vma: VmArea): Kernel<void> {
  // Copied with the struct.
}

/** move_one_page(): a page moves from `vma` to `new_vma`. */
export function* move_truncate_count(_vma: VmArea, _new_vma: VmArea): Kernel<void> {
  // The receiver keeps its count.
}
