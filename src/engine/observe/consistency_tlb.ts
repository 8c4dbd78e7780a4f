// The part of the consistency check that looks at the TLBs: their entries against the page tables.

import { _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, PAGE_SIZE } from "../kernel/common/arch.ts";
import type { MmStruct } from "../kernel/common/mm_types.ts";
import { tlb_page, type CpuTlb } from "../kernel/common/tlbflush.ts";
import type { KernelState } from "../kernel/state.ts";
import type { ViolationSink } from "./consistency.ts";
import { walk_ptes } from "./page_walk.ts";

/**
 * Checks all TLBs. No page_table_lock may be held: a task that changes a pte flushes before it releases the lock, or has an
 * mmu_gather that will.
 */
export function check_tlbs(kernel: KernelState, report: ViolationSink): void {
  const held = new Uint16Array(kernel.mem_map.max_mapnr);
  for (const tlb of kernel.tlbs) {
    const entries = tlb.entries();
    if (tlb.used !== entries.length)
      report("tlb", "the count of a TLB is not the number of its entries", { cpu: tlb.cpu, used: tlb.used, entries: entries.length });
    for (const { page } of entries) if (page >= 0) held[page]! += 1;
    const pending = kernel.mmu_gathers.some(({ mm, need_flush }) => mm === tlb.mm && need_flush !== 0);
    if (tlb.mm !== null && pending) continue;
    if (tlb.mm !== null) check_entries(kernel, tlb, tlb.mm, entries, report);
    else if (entries.length > 0)
      report("tlb", "a CPU without an address space has translations", { cpu: tlb.cpu, entries: entries.length });
  }
  for (const mm of kernel.mms) {
    const users = kernel.tlbs.filter((tlb) => tlb.mm === mm);
    if (mm.cpu_vm_mask.length !== users.length || !users.every((tlb) => mm.cpu_vm_mask.includes(tlb)))
      report("tlb", "cpu_vm_mask is not the set of CPUs that use the address space", { mm: mm.name });
  }
  for (let page = 0; page < kernel.mem_map.max_mapnr; page++) {
    const counted = kernel.mem_map.tlb_entries[page]!;
    if (counted !== held[page])
      report("tlb", "the number of TLB entries that lead to a page is wrong", { page, counted, entries: held[page]! });
  }
}

/** fork() makes ptes read-only under mmap_sem, and flushes once at its end: until then a TLB may hold the old permission. */
function check_entries(
  kernel: KernelState,
  tlb: CpuTlb,
  mm: MmStruct,
  entries: ReturnType<CpuTlb["entries"]>,
  report: ViolationSink,
): void {
  const writes = _PAGE_RW | _PAGE_DIRTY;
  const forking = mm.mmap_sem.owner !== null;
  for (const { address, page, writable } of entries) {
    let found = false;
    walk_ptes(kernel, mm, address, address + PAGE_SIZE, (table, at) => {
      const pte = table[at]!;
      found =
        (pte & _PAGE_PRESENT) !== 0 && tlb_page(kernel.arch.pfn(table, at)) === page && (!writable || forking || (pte & writes) === writes);
    });
    if (!found) report("tlb", "a TLB holds a translation that the page tables do not", { cpu: tlb.cpu, mm: mm.name, address, page });
  }
}
