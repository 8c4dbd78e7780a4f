// mm/memory.c of 3.0: finding the vmas that map a hole in a file.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import type { ListHead } from "../../machine/list.ts";
import { PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import type { ZapDetails } from "../common/memory.ts";
import type { VmArea } from "../common/mm_types.ts";
import { PrioTreeIter, type PrioTreeRoot } from "../common/prio_tree_types.ts";

/** unmap_mapping_range_tree(): all linear vmas that map a part of the hole, each from and to where the hole goes. */
export function* unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void> {
  const iter = new PrioTreeIter(root, details.first_index, details.last_index);
  let vma = yield* k.vma_prio_tree_next(null, iter);
  while (vma !== null) {
    charge("prio_tree_visit");
    const vba = vma.vm_pgoff;
    const vea = vma.heap_index();
    const zba = Math.max(vba, details.first_index);
    const zea = Math.min(vea, details.last_index);
    yield* k.unmap_mapping_range_vma(vma, (zba - vba) * PAGE_SIZE + vma.vm_start, (zea - vba + 1) * PAGE_SIZE + vma.vm_start, details);
    vma = yield* k.vma_prio_tree_next(vma, iter);
  }
}

/** unmap_mapping_range_list(): all nonlinear vmas, each from its begin to its end, as any page may be anywhere. */
export function* unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void> {
  let link = head.next;
  while (link !== head) {
    const vma = link.entry!;
    charge("prio_tree_visit");
    details.nonlinear_vma = vma;
    yield* k.unmap_mapping_range_vma(vma, vma.vm_start, vma.vm_end, details);
    link = link.next;
  }
}
