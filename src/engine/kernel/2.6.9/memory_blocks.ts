// mm/memory.c as the seed patch found it (2.6.9-rc3-mm1 with 1/6 to 3/6): unmapping addresses, block by block.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import type { GatherRef } from "../common/memory.ts";
import { VM_HUGETLB, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";
import type { ZapDetails } from "./memory.ts";

/**
 * unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it, ZAP_BLOCK_SIZE bytes at a time. Between blocks
 * it offers the CPU and page_table_lock, unless the caller holds a spinlock. Returns how many vmas it met.
 */
export function* unmap_vmas(
  tlbp: GatherRef,
  mm: MmStruct,
  vma: VmArea | null,
  start_addr: Addr,
  end_addr: Addr,
  details: ZapDetails | null,
): Kernel<number> {
  let zap_bytes = kernel.ZAP_BLOCK_SIZE;
  let tlb_start: Addr = 0;
  let tlb_start_valid = false;
  let ret = 0;
  const atomic = details !== null && details.atomic;

  for (; vma !== null && vma.vm_start < end_addr; vma = vma.vm_next) {
    let start: Addr = Math.max(vma.vm_start, start_addr);
    const end: Addr = Math.min(vma.vm_end, end_addr);
    if (start >= end) continue;
    ret += 1;
    while (start !== end) {
      if (!tlb_start_valid) {
        tlb_start = start;
        tlb_start_valid = true;
      }
      let block = end - start;
      if ((vma.vm_flags & VM_HUGETLB) !== 0) {
        k.zap_hugepage_range(vma, start, block);
      } else {
        block = Math.min(zap_bytes, block);
        yield* k.unmap_page_range(tlbp.tlb, vma, start, start + block, details);
      }
      start += block;
      zap_bytes -= block;
      if (zap_bytes > 0) continue;

      if (!atomic) {
        const fullmm = k.tlb_is_full_mm(tlbp.tlb);
        yield* k.tlb_finish_mmu(tlbp.tlb, tlb_start, start);
        yield* k.cond_resched_lock(mm.page_table_lock);
        tlbp.tlb = k.tlb_gather_mmu(mm, fullmm);
        tlb_start_valid = false;
      }
      zap_bytes = kernel.ZAP_BLOCK_SIZE;
    }
  }
  return ret;
}
