// The part of the consistency check that looks at pages: counters against the ptes that there really are.

import { _PAGE_RW, type Table } from "../kernel/common/arch.ts";
import { linear_page_index, page_align, page_index, VM_NONLINEAR, type MmStruct, type VmArea } from "../kernel/common/mm_types.ts";
import { PG_reserved, type Page } from "../kernel/common/page_alloc.ts";
import type { KernelState } from "../kernel/state.ts";
import type { ViolationSink } from "./consistency.ts";
import { pte_kind, table_pages, walk_ptes } from "./page_walk.ts";

/** What the ptes of all address spaces add up to. */
interface Totals {
  /** Ptes that map each page. */
  readonly mapped: Int32Array;
  /** Anonymous pages that a writable pte maps. */
  readonly writable: Set<Page>;
  /** Ptes that hold each swap entry. */
  readonly swap: Map<number, number>;
}

/** Checks counters and pages. No page_table_lock may be held. `quiescent`: no task has a reference of its own to a page. */
export function check_pages(kernel: KernelState, quiescent: boolean, report: ViolationSink): void {
  const totals: Totals = { mapped: new Int32Array(kernel.mem_map.max_mapnr), writable: new Set(), swap: new Map() };
  for (const mm of kernel.mms) check_mm(kernel, mm, totals, report);
  check_swap(kernel, totals.swap, report);
  check_counts(kernel, totals.mapped, quiescent, report);
  for (const page of totals.writable) {
    if (totals.mapped[page]! > 1)
      report("anon-shared", "an anonymous page that a writable pte maps is mapped by another", { page, ptes: totals.mapped[page]! });
  }
}

/** rss and anon_rss, and that every pte is inside a vma and maps what that vma maps there. */
function check_mm(kernel: KernelState, mm: MmStruct, { mapped, writable, swap }: Totals, report: ViolationSink): void {
  const { arch } = kernel;
  let rss = 0;
  let anon_rss = 0;
  let at_vma = 0;
  walk_ptes(kernel, mm, 0, arch.TASK_SIZE, (table, at, address) => {
    const kind = pte_kind(kernel, table, at);
    if (kind === "swap") swap.set(arch.swp_offset(table, at), (swap.get(arch.swp_offset(table, at)) ?? 0) + 1);
    if (kind === "file" || kind === "anon") {
      mapped[arch.pfn(table, at)]! += 1;
      rss += 1;
      if (kind === "anon") {
        anon_rss += 1;
        if ((table[at]! & _PAGE_RW) !== 0) writable.add(arch.pfn(table, at));
      }
    }
    while (at_vma < mm.mm_rb.length && mm.mm_rb[at_vma]!.vm_end <= address) at_vma += 1;
    const vma = mm.mm_rb[at_vma];
    if (mm.mmap_sem.owner !== null) return;
    if (vma === undefined || vma.vm_start > address) report("pte-outside", "a pte is set where no vma is", { mm: mm.name, address });
    else if (kind === "file") check_file_page(kernel, vma, table, at, address, report);
  });
  if (mm.rss !== rss) report("rss", "rss is not the number of present ptes", { mm: mm.name, rss: mm.rss, ptes: rss });
  if (mm.anon_rss !== anon_rss)
    report("anon-rss", "anon_rss is not the number of ptes that map anonymous pages", {
      mm: mm.name,
      anon_rss: mm.anon_rss,
      ptes: anon_rss,
    });
}

function check_file_page(kernel: KernelState, vma: VmArea, table: Table, at: number, address: number, report: ViolationSink): void {
  const { mem_map } = kernel;
  const page = kernel.arch.pfn(table, at);
  const mapping = mem_map.mapping[page]!;
  const index = mem_map.index[page]!;
  const inode = vma.vm_file?.inode;
  const values = { mm: vma.vm_mm.name, vma: vma.name, address, page, index, mapping };
  if (mapping === 0 && index >= page_index(page_align(inode?.i_size ?? 0))) {
    // The holder of i_sem may be a truncation that is about to unmap it, whichever task has dropped it before.
    if (inode?.i_sem.owner !== null) return;
    report("truncated-mapped", "a page that was truncated is still mapped", values);
  } else if (mapping === 0) report("dropped-mapped", "a page that was dropped from the page cache is still mapped", values);
  else if (mapping !== vma.vm_file?.f_mapping.id) report("page-mapping", "a pte maps a page of another file than its vma does", values);
  if ((vma.vm_flags & VM_NONLINEAR) === 0 && index !== linear_page_index(vma, address))
    report("page-index", "a pte of a linear vma maps another page of the file than belongs there", values);
}

function check_swap({ swap_map }: KernelState, swap: ReadonlyMap<number, number>, report: ViolationSink): void {
  for (const [offset, ptes] of swap) {
    if (swap_map.count(offset) !== ptes)
      report("swap-count", "a swap entry has another count than ptes hold it", { offset, count: swap_map.count(offset), ptes });
  }
  if (swap_map.in_use !== swap.size)
    report("swap-count", "swap entries are in use that no pte holds", { in_use: swap_map.in_use, held: swap.size });
}

/** _mapcount and _count of every page against what was found, and the page cache against its pages. */
function check_counts(kernel: KernelState, mapped: Int32Array, quiescent: boolean, report: ViolationSink): void {
  const { mem_map } = kernel;
  const references = mapped.slice();
  let allocated = 0;
  let ptes = 0;
  for (const { name, i_mapping } of kernel.inodes) {
    const indexes = i_mapping.page_tree.indexes_from(0);
    if (indexes.length !== i_mapping.page_tree.nrpages)
      report("page-cache", "nrpages is not the number of pages in the cache", {
        file: name,
        nrpages: i_mapping.page_tree.nrpages,
        pages: indexes.length,
      });
    for (const index of indexes) {
      const page = i_mapping.page_tree.lookup(index);
      references[page]! += 1;
      if (mem_map.mapping[page] !== i_mapping.id || mem_map.index[page] !== index)
        report("page-cache", "mapping and index of a page in the cache are not its place there", {
          file: name,
          index,
          page,
          mapping: mem_map.mapping[page]!,
          page_index: mem_map.index[page]!,
        });
    }
  }
  for (const mm of kernel.mms) for (const page of table_pages(kernel, mm)) references[page]! += 1;
  for (const { nr, pages } of kernel.mmu_gathers) for (let at = 0; at < nr; at++) references[pages[at]!]! += 1;
  for (let page = 0; page < mem_map.max_mapnr; page++) {
    const count = mem_map.count[page]!;
    if (count > 0) allocated += 1;
    ptes += mapped[page]!;
    if ((mem_map.flags[page]! & PG_reserved) !== 0) continue;
    if (mem_map._mapcount[page]! + 1 !== mapped[page])
      report("mapcount", "_mapcount + 1 is not the number of ptes that map the page", {
        page,
        _mapcount: mem_map._mapcount[page]!,
        ptes: mapped[page]!,
      });
    if (count < references[page]! || (quiescent && count > references[page]!))
      report("page-count", "_count is not the number of references to the page", { page, count, references: references[page]! });
  }
  if (ptes !== mem_map.mapped) report("mapcount", "the number of ptes that all pages count is wrong", { mapped: mem_map.mapped, ptes });
  if (allocated !== mem_map.allocated)
    report("page-allocated", "the number of pages in use is wrong", { allocated: mem_map.allocated, pages: allocated });
}
