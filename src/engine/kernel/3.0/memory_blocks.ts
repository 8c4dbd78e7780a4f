// mm/memory.c of 3.0: unmapping addresses, without blocks.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import type { GatherRef, ZapDetails } from "../common/memory.ts";
import { VM_HUGETLB, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";

/** unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it. Returns where it has stopped: at the end. */
export function* unmap_vmas(
  tlbp: GatherRef,
  _mm: MmStruct,
  vma: VmArea | null,
  start_addr: Addr,
  end_addr: Addr,
  details: ZapDetails | null,
): Kernel<Addr> {
  let start: Addr = start_addr;

  for (; vma !== null && vma.vm_start < end_addr; vma = vma.vm_next) {
    start = Math.max(vma.vm_start, start_addr);
    const end: Addr = Math.min(vma.vm_end, end_addr);
    if (start >= end) continue;
    if ((vma.vm_flags & VM_HUGETLB) !== 0) k.zap_hugepage_range(vma, start, end - start);
    else yield* k.unmap_page_range(tlbp.tlb, vma, start, end, details);
    start = end;
  }
  return start;
}
