// mm/memory.c as the seed patch found it (2.6.9-rc3-mm1 with 1/6 to 3/6): i_mmap_lock is held from the first vma to the last.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import type { ListHead } from "../../machine/list.ts";
import { list_empty } from "../../machine/list.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "../arch.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails as CommonZapDetails, type GatherRef } from "../memory.ts";
import { vma_pages, VM_HUGETLB, type Addr, type AddressSpace, type MmStruct, type VmArea } from "../mm_types.ts";
import { PrioTreeIter, type PrioTreeRoot } from "../prio_tree_types.ts";
import { kernel } from "../state.ts";

/** A struct zap_details with what this kernel adds. */
export class ZapDetails extends CommonZapDetails {
  /** A spinlock is held: unmap_vmas may not schedule. */
  atomic = false;
}

/**
 * unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it, ZAP_BLOCK_SIZE bytes at a time. Between blocks
 * it offers the CPU and page_table_lock, unless the caller holds a spinlock. Returns how many vmas it met.
 */
export function* unmap_vmas(tlbp: GatherRef, mm: MmStruct, vma: VmArea | null, start_addr: Addr, end_addr: Addr, details: ZapDetails | null): Kernel<number> {
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
        k.tlb_finish_mmu(tlbp.tlb, tlb_start, start);
        yield* k.cond_resched_lock(mm.page_table_lock);
        tlbp.tlb = k.tlb_gather_mmu(mm, fullmm);
        tlb_start_valid = false;
      }
      zap_bytes = kernel.ZAP_BLOCK_SIZE;
    }
  }
  return ret;
}

/** unmap_mapping_range_tree(): all linear vmas that map a part of the hole, each from and to where the hole goes. */
export function* unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void> {
  const iter = new PrioTreeIter(root, details.first_index, details.last_index);
  let vma = yield* k.vma_prio_tree_next(null, iter);
  while (vma !== null) {
    charge("prio_tree_visit");
    const vba = vma.vm_pgoff;
    const vea = vba + vma_pages(vma) - 1;
    const zba = Math.max(vba, details.first_index);
    const zea = Math.min(vea, details.last_index);
    yield* k.zap_page_range(vma, (zba - vba) * PAGE_SIZE + vma.vm_start, (zea - zba + 1) * PAGE_SIZE, details);
    vma = yield* k.vma_prio_tree_next(vma, iter);
  }
}

/** unmap_mapping_range_list(): all nonlinear vmas, each from its begin to its end, as any page may be anywhere. */
export function* unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void> {
  let link = head.next;
  while (link !== head) {
    const vma = link.entry!;
    charge("prio_tree_visit");
    details.nonlinear_vma = vma;
    yield* k.zap_page_range(vma, vma.vm_start, vma.vm_end - vma.vm_start, details);
    link = link.next;
  }
}

/**
 * unmap_mapping_range(): unmaps the pages of the file in a hole of `holelen` bytes (0: to the end) at `holebegin` from
 * every address space; with `even_cows`, private copies of them too.
 */
export function* unmap_mapping_range(mapping: AddressSpace, holebegin: number | bigint, holelen: number | bigint, even_cows: number): Kernel<void> {
  const details = new ZapDetails();
  const { first, last } = hole_pages(kernel.arch.word, holebegin, holelen);
  details.check_mapping = even_cows !== 0 ? null : mapping;
  details.first_index = first;
  details.last_index = last;
  details.atomic = true;

  yield* k.spin_lock(mapping.i_mmap_lock);
  yield* k.write_shared(mapping, "truncate_count", (mapping.truncate_count + 1) >>> 0);
  trace("unmap_begin", { mapping, truncate_count: mapping.truncate_count, first_index: first, last_index: last });

  trace("unmap_pass", { mapping, pass: "tree", non_empty: mapping.i_mmap.prio_tree_node !== null });
  if (mapping.i_mmap.prio_tree_node !== null) yield* k.unmap_mapping_range_tree(mapping.i_mmap, details);
  trace("unmap_pass", { mapping, pass: "list", non_empty: !list_empty(mapping.i_mmap_nonlinear) });
  if (!list_empty(mapping.i_mmap_nonlinear)) yield* k.unmap_mapping_range_list(mapping.i_mmap_nonlinear, details);
  yield* k.spin_unlock(mapping.i_mmap_lock);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
