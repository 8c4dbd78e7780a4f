// mm/memory.c, unmapping: from a range of addresses down to the ptes. What breaks the walk into blocks (unmap_vmas) differs
// between kernels: see the variants' folders.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_PRESENT, PAGE_SIZE } from "./arch.ts";
import { k } from "../image.ts";
import type { GatherRef, ZapDetails } from "./memory.ts";
import { charge_zap, zap_nonpresent_pte, zap_present_pte } from "./memory_pte.ts";
import { VM_HUGETLB, type Addr, type VmArea } from "./mm_types.ts";
import { pmd_addr_end, pte_index, pte_offset } from "./pgtable.ts";
import { kernel } from "../state.ts";
import type { MmuGather } from "./tlb.ts";

/**
 * unmap_page_range(): unmaps [address, end) of one vma. Absent upper levels are skipped; the four levels of 2.6.11 are
 * walked as one, by pte_offset.
 */
export function* unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  trace("zap_block", { vma, start: address, end });
  while (address < end) {
    const next = pmd_addr_end(address, end);
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) yield* k.zap_pte_range(tlb, vma, table, address, next, details);
    address = next;
  }
}

/** zap_pte_range(): unmaps [address, end), whose ptes are all in `table`. */
export function* zap_pte_range(
  tlb: MmuGather,
  _vma: VmArea,
  table: Uint32Array,
  address: Addr,
  end: Addr,
  details: ZapDetails | null,
): Kernel<void> {
  const stride = kernel.arch.stride;
  const size = end - address;
  const freed = tlb.freed;
  let at = pte_index(address);
  if (details !== null && details.check_mapping === null && details.nonlinear_vma === null) details = null;
  for (let offset = 0; offset < size; at += stride, offset += PAGE_SIZE) {
    const pte = table[at]!;
    if ((pte & _PAGE_PRESENT) !== 0) zap_present_pte(tlb, table, at, address + offset, details);
    else if (details === null && !k.pte_none(table, at)) zap_nonpresent_pte(tlb.mm!, table, at);
  }
  charge_zap(tlb.mm!, size / PAGE_SIZE, tlb.freed - freed);
}

/** zap_page_range(): unmaps `size` bytes of a vma from `address` on. */
export function* zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<void> {
  const mm = vma.vm_mm;
  const end = address + size;
  if ((vma.vm_flags & VM_HUGETLB) !== 0) {
    k.zap_hugepage_range(vma, address, size);
    return;
  }
  yield* k.spin_lock(mm.page_table_lock);
  const tlbp: GatherRef = { tlb: k.tlb_gather_mmu(mm, 0) };
  yield* k.unmap_vmas(tlbp, mm, vma, address, end, details);
  yield* k.tlb_finish_mmu(tlbp.tlb, address, end);
  yield* k.spin_unlock(mm.page_table_lock);
}
