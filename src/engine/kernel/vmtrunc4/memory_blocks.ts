// mm/memory.c of "[PATCH 4/6] vmtrunc: unmap_mapping dropping i_mmap_lock": unmapping addresses, block by block. Between two
// blocks unmap_vmas notices that i_mmap_lock is wanted, and stops.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { GatherRef } from "../common/memory.ts";
import { VM_HUGETLB, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";
import type { ZapDetails } from "./memory.ts";

/**
 * unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it, ZAP_BLOCK_SIZE bytes at a time. Between blocks
 * it offers the CPU and page_table_lock; for unmap_mapping_range it stops there and sets break_addr. Returns how many vmas it met.
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
  const i_mmap_lock = details !== null ? details.i_mmap_lock : null;
  const fullmm = k.tlb_is_full_mm(tlbp.tlb);

  out: for (; vma !== null && vma.vm_start < end_addr; vma = vma.vm_next) {
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

      yield* k.tlb_finish_mmu(tlbp.tlb, tlb_start, start);

      if (
        (yield* k.need_resched()) ||
        (yield* k.need_lockbreak(mm.page_table_lock)) ||
        (i_mmap_lock !== null && (yield* k.need_lockbreak(i_mmap_lock)))
      ) {
        if (i_mmap_lock !== null) {
          // The caller finishes once more: the count of freed pages has to begin anew.
          tlbp.tlb = k.tlb_gather_mmu(mm, fullmm);
          details!.break_addr = start;
          trace("break_addr", { vma, break_addr: start });
          break out;
        }
        yield* k.spin_unlock(mm.page_table_lock);
        yield* k.cond_resched();
        yield* k.spin_lock(mm.page_table_lock);
      }

      tlbp.tlb = k.tlb_gather_mmu(mm, fullmm);
      tlb_start_valid = false;
      zap_bytes = kernel.ZAP_BLOCK_SIZE;
    }
  }
  return ret;
}
