// mm/memory.c of "[PATCH 4/6] vmtrunc: unmap_mapping dropping i_mmap_lock": finding the vmas that map a hole in a file. The
// search starts over when the lock was dropped, and skips what is dealt with.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import type { ListHead } from "../../machine/list.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import type { AddressSpace, VmArea } from "../common/mm_types.ts";
import { PrioTreeIter, type PrioTreeRoot } from "../common/prio_tree_types.ts";
import { kernel } from "../state.ts";
import type { ZapDetails } from "./memory.ts";

/** reset_vma_truncate_counts(): after truncate_count has wrapped, no vma may look as if it were up to date. */
export function* reset_vma_truncate_counts(mapping: AddressSpace): Kernel<void> {
  const iter = new PrioTreeIter(mapping.i_mmap, 0, kernel.arch.word.ULONG_MAX);
  for (let vma = yield* k.vma_prio_tree_next(null, iter); vma !== null; vma = yield* k.vma_prio_tree_next(vma, iter)) {
    vma.vm_truncate_count = 0;
    trace("vma_reset", { vma });
  }
  for (let link = mapping.i_mmap_nonlinear.next; link !== mapping.i_mmap_nonlinear; link = link.next) {
    link.entry!.vm_truncate_count = 0;
    trace("vma_reset", { vma: link.entry });
  }
}

/** unmap_mapping_range_tree(): all linear vmas that map a part of the hole, each from and to where the hole goes. */
export function* unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void> {
  let iter = new PrioTreeIter(root, details.first_index, details.last_index);
  let vma = yield* k.vma_prio_tree_next(null, iter);
  while (vma !== null) {
    charge("prio_tree_visit");
    let restart = false;
    if (vma.vm_truncate_count === details.truncate_count) {
      trace("vma_skip", { vma });
    } else {
      const vba = vma.vm_pgoff;
      const vea = vma.heap_index();
      const zba = Math.max(vba, details.first_index);
      const zea = Math.min(vea, details.last_index);
      restart = yield* k.unmap_mapping_range_vma(
        vma,
        (zba - vba) * PAGE_SIZE + vma.vm_start,
        (zea - vba + 1) * PAGE_SIZE + vma.vm_start,
        details,
      );
    }
    if (restart) {
      trace("restart", { mapping: vma.vm_file?.f_mapping });
      iter = new PrioTreeIter(root, details.first_index, details.last_index);
      vma = yield* k.vma_prio_tree_next(null, iter);
    } else {
      vma = yield* k.vma_prio_tree_next(vma, iter);
    }
  }
}

/** unmap_mapping_range_list(): all nonlinear vmas, each from its begin to its end, as any page may be anywhere. */
export function* unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void> {
  let link = head.next;
  while (link !== head) {
    const vma = link.entry!;
    charge("prio_tree_visit");
    let restart = false;
    if (vma.vm_truncate_count === details.truncate_count) {
      trace("vma_skip", { vma });
    } else {
      details.nonlinear_vma = vma;
      restart = yield* k.unmap_mapping_range_vma(vma, vma.vm_start, vma.vm_end, details);
    }
    if (restart) trace("restart", { mapping: vma.vm_file?.f_mapping });
    link = restart ? head.next : link.next;
  }
}
