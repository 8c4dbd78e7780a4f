// mm/memory.c of 3.0, unmapping: from a range of addresses down to the ptes. The lock of each page table is held while its
// ptes are worked on, and between two the CPU is offered.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "../common/arch.ts";
import { k } from "../image.ts";
import { sub_mm_rss, zap_nonpresent_pte, zap_present_pte, type Rss } from "../2.6.38/memory_pte.ts";
import type { GatherRef, ZapDetails } from "../common/memory.ts";
import { charge_zap } from "../common/memory_pte.ts";
import type { Addr, VmArea } from "../common/mm_types.ts";
import { pmd_addr_end, pte_index, pte_offset } from "../common/pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "../common/tlb.ts";

/**
 * unmap_page_range(): unmaps [address, end) of one vma. Absent upper levels are skipped; the four levels of the kernel are
 * walked as one, by pte_offset.
 */
export function* unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  trace("zap_block", { vma, start: address, end });
  while (address < end) {
    const next = pmd_addr_end(address, end);
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) {
      yield* k.zap_pte_range(tlb, vma, table, address, next, details);
      yield* k.cond_resched();
    }
    address = next;
  }
}

/**
 * zap_pte_range(): unmaps [address, end), whose ptes are all in `table`. If the gather has no room for another page, the lock is released
 * for a flush, and the walk resumes at the pte that was worked on last.
 */
export function* zap_pte_range(
  tlb: MmuGather,
  vma: VmArea,
  table: Uint32Array,
  address: Addr,
  end: Addr,
  details: ZapDetails | null,
): Kernel<void> {
  if (details !== null && details.check_mapping === null && details.nonlinear_vma === null) details = null;
  for (let from: Addr | null = address; from !== null;) {
    from = yield* k.zap_ptes_locked(tlb, vma, table, from, end, details);
    if (from === null) continue;
    yield* k.access_shared(tlb.mm!, "pgd", "write");
    k.tlb_flush_mmu(tlb, "batch_full");
  }
}

/** The part of zap_pte_range() under the lock of the table: the address to resume at after a flush; null if the range is done. */
export function* zap_ptes_locked(
  tlb: MmuGather,
  vma: VmArea,
  table: Uint32Array,
  address: Addr,
  end: Addr,
  details: ZapDetails | null,
): Kernel<Addr | null> {
  const stride = kernel.arch.stride;
  const mm = tlb.mm!;
  const size = end - address;
  const rss: Rss = { file: 0, anon: 0, swapents: 0 };
  const freed = tlb.freed;
  const lock = k.pte_lockptr(mm, address);
  let at = pte_index(address);
  let offset = 0;
  let has_room = true;
  yield* k.spin_lock(lock);
  for (; offset < size; at += stride, offset += PAGE_SIZE) {
    const pte = table[at]!;
    if ((pte & _PAGE_PRESENT) !== 0) {
      has_room = zap_present_pte(tlb, table, at, address + offset, details, rss);
      if (!has_room) break;
    } else if (details === null && !k.pte_none(table, at)) zap_nonpresent_pte(vma, table, at, address + offset, rss);
  }
  charge_zap(mm, offset / PAGE_SIZE, Math.min(offset / PAGE_SIZE, tlb.freed - freed));
  sub_mm_rss(mm, rss);
  yield* k.spin_unlock(lock);
  return has_room ? null : address + offset;
}

/** zap_page_range(): unmaps `size` bytes of a vma from `address` on; returns where it has stopped, the end. */
export function* zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<Addr> {
  const mm = vma.vm_mm;
  const end = address + size;
  const tlbp: GatherRef = { tlb: k.tlb_gather_mmu(mm, 0) };
  const stop = yield* k.unmap_vmas(tlbp, mm, vma, address, end, details);
  yield* k.tlb_finish_mmu(tlbp.tlb, address, end);
  return stop;
}
