// mm/memory.c of 2.6.38, the copying part, as far as it has changed: what a page fault can bring back is not copied.

import { VM_HUGETLB, VM_INSERTPAGE, VM_NONLINEAR, type VmArea } from "../common/mm_types.ts";

/** The first question of copy_page_range(): has the child to get the ptes of this vma? Pages of a file are found again by their address. */
export function fork_copies_ptes(vma: VmArea): boolean {
  return vma.anon_vma || (vma.vm_flags & (VM_HUGETLB | VM_NONLINEAR | VM_INSERTPAGE)) !== 0;
}
