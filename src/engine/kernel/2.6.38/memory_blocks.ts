// mm/memory.c of 2.6.38: unmapping addresses, block by block. Between two blocks unmap_vmas notices that i_mmap_lock is wanted,
// and stops.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import type { ZapDetails, ZapWork } from "../common/memory.ts";
import { VM_HUGETLB, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";
import type { GatherRef } from "./tlb.ts";

/**
 * unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it, ZAP_BLOCK_SIZE bytes of work at a time. Between
 * blocks it offers the CPU; for unmap_mapping_range it stops there, with no gather left to finish. Returns where it has stopped.
 */
export function* unmap_vmas(
  tlbp: GatherRef,
  mm: MmStruct,
  vma: VmArea | null,
  start_addr: Addr,
  end_addr: Addr,
  details: ZapDetails | null,
): Kernel<Addr> {
  const zap_work: ZapWork = { left: kernel.ZAP_BLOCK_SIZE };
  let tlb_start: Addr = 0;
  let tlb_start_valid = false;
  let start: Addr = start_addr;
  const i_mmap_lock = details !== null ? details.i_mmap_lock : null;
  let tlb = tlbp.tlb!;
  const fullmm = k.tlb_is_full_mm(tlb);

  out: for (; vma !== null && vma.vm_start < end_addr; vma = vma.vm_next) {
    start = Math.max(vma.vm_start, start_addr);
    const end: Addr = Math.min(vma.vm_end, end_addr);
    if (start >= end) continue;
    while (start !== end) {
      if (!tlb_start_valid) {
        tlb_start = start;
        tlb_start_valid = true;
      }
      if ((vma.vm_flags & VM_HUGETLB) !== 0) {
        k.zap_hugepage_range(vma, start, end - start);
        zap_work.left -= (end - start) / kernel.arch.PTRS_PER_PTE;
        start = end;
      } else {
        start = yield* k.unmap_page_range(tlb, vma, start, end, details, zap_work);
      }
      if (zap_work.left > 0) continue;

      yield* k.tlb_finish_mmu(tlb, tlb_start, start);
      yield* k.preempt_check_resched();

      if ((yield* k.need_resched()) || (i_mmap_lock !== null && (yield* k.need_lockbreak(i_mmap_lock)))) {
        if (i_mmap_lock !== null) {
          tlbp.tlb = null;
          trace("break_addr", { vma, break_addr: start });
          break out;
        }
        yield* k.cond_resched();
      }

      tlb = k.tlb_gather_mmu(mm, fullmm);
      tlbp.tlb = tlb;
      tlb_start_valid = false;
      zap_work.left = kernel.ZAP_BLOCK_SIZE;
    }
  }
  return start;
}
