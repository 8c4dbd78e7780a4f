// mm/memory.c of 2.6.38, unmapping: from a range of addresses down to the ptes. The lock of each page table is held while
// its ptes are worked on, and what is done is counted off `zap_work`: what is mapped at its size, what is empty at next to nothing.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import type { ZapDetails, ZapWork } from "../common/memory.ts";
import { charge_zap } from "../common/memory_pte.ts";
import type { Addr, VmArea } from "../common/mm_types.ts";
import { absent_addr_end, pmd_addr_end, pte_index, pte_offset } from "../common/pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "../common/tlb.ts";
import { sub_mm_rss, zap_nonpresent_pte, zap_present_pte, type Rss } from "./memory_pte.ts";
import type { GatherRef } from "./tlb.ts";

/**
 * unmap_page_range(): unmaps [address, end) of one vma, or the part of it that `zap_work` is enough for; returns where it has
 * stopped. Absent upper levels are skipped; the four levels of the kernel are walked as one, by pte_offset.
 */
export function* unmap_page_range(
  tlb: MmuGather,
  vma: VmArea,
  address: Addr,
  end: Addr,
  details: ZapDetails | null,
  zap_work: ZapWork,
): Kernel<Addr> {
  const start = address;
  while (address < end && zap_work.left > 0) {
    const next = pmd_addr_end(address, end);
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) {
      address = yield* k.zap_pte_range(tlb, vma, table, address, next, details, zap_work);
    } else {
      zap_work.left -= 1;
      address = absent_addr_end(vma.vm_mm, address, end);
    }
  }
  trace("zap_block", { vma, start, end: address });
  return address;
}

/** zap_pte_range(): unmaps [address, end), whose ptes are all in `table`, or a part of it; returns where it has stopped. */
export function* zap_pte_range(
  tlb: MmuGather,
  vma: VmArea,
  table: Uint32Array,
  address: Addr,
  end: Addr,
  details: ZapDetails | null,
  zap_work: ZapWork,
): Kernel<Addr> {
  const stride = kernel.arch.stride;
  const mm = tlb.mm!;
  const rss: Rss = { file: 0, anon: 0, swapents: 0 };
  const freed = tlb.freed;
  const lock = k.pte_lockptr(mm, address);
  let at = pte_index(address);
  let offset = 0;
  if (details !== null && details.check_mapping === null && details.nonlinear_vma === null) details = null;
  yield* k.spin_lock(lock);
  for (; address + offset < end && zap_work.left > 0; at += stride, offset += PAGE_SIZE) {
    if (k.pte_none(table, at)) {
      zap_work.left -= 1;
      continue;
    }
    zap_work.left -= PAGE_SIZE;
    if ((table[at]! & _PAGE_PRESENT) !== 0) zap_present_pte(tlb, table, at, address + offset, details, rss);
    else if (details === null) zap_nonpresent_pte(vma, table, at, address + offset, rss);
  }
  charge_zap(tlb.mm!, offset / PAGE_SIZE, tlb.freed - freed);
  sub_mm_rss(mm, rss);
  yield* k.spin_unlock(lock);
  return address + offset;
}

/** zap_page_range(): unmaps `size` bytes of a vma from `address` on, or a part of it; returns where it has stopped. */
export function* zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<Addr> {
  const mm = vma.vm_mm;
  const end = address + size;
  const tlbp: GatherRef = { tlb: k.tlb_gather_mmu(mm, 0) };
  const stop = yield* k.unmap_vmas(tlbp, mm, vma, address, end, details);
  if (tlbp.tlb !== null) yield* k.tlb_finish_mmu(tlbp.tlb, address, end);
  yield* k.preempt_check_resched();
  return stop;
}
