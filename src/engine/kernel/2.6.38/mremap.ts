// mm/mremap.c of 2.6.38, as far as it has changed: what a move of pages does to the count of the vma that gets them (patch of February
// 2011).

import type { Kernel } from "../../machine/hooks.ts";
import type { VmArea } from "../common/mm_types.ts";

/** move_ptes(): pages move from `vma` to `new_vma`, which is to be scanned from its start, whatever its count was. */
export function* move_truncate_count(_vma: VmArea, new_vma: VmArea): Kernel<void> {
  new_vma.vm_truncate_count = 0;
}
