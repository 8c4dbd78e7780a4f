// mm/memory.c of "[PATCH 4/6] vmtrunc: unmap_mapping dropping i_mmap_lock" (3 October 2004): unmap_vmas notices that
// i_mmap_lock is wanted, and unmap_mapping_range drops it, starts over, and skips what it has dealt with.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import type { ListHead } from "../../machine/list.ts";
import { list_empty } from "../../machine/list.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "../arch.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails as CommonZapDetails, type GatherRef } from "../memory.ts";
import { linear_page_index, vma_pages, VM_HUGETLB, type Addr, type AddressSpace, type MmStruct, type VmArea } from "../mm_types.ts";
import { PrioTreeIter, type PrioTreeRoot } from "../prio_tree_types.ts";
import { kernel } from "../state.ts";

/** A struct zap_details with what this patch adds: where to go on. */
export class ZapDetails extends CommonZapDetails {
  /** The vma in which the lock was dropped last. */
  restart_vma: VmArea | null = null;
  /** The page of the file at restart_addr, to notice that restart_vma was reused. */
  restart_pgoff = 0;
  restart_addr: Addr = 0;
  /** Where unmap_vmas has stopped. */
  break_addr: Addr = 0;
  /** This call's truncate_count: a vma that has the same is dealt with. */
  truncate_count = 0;
}

/**
 * unmap_vmas(): unmaps [start_addr, end_addr) of `vma` and those behind it, ZAP_BLOCK_SIZE bytes at a time. Between blocks
 * it offers the CPU and page_table_lock; for unmap_mapping_range it stops there and tells where. Returns how many vmas it met.
 */
export function* unmap_vmas(tlbp: GatherRef, mm: MmStruct, vma: VmArea | null, start_addr: Addr, end_addr: Addr, details: ZapDetails | null): Kernel<number> {
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

      k.tlb_finish_mmu(tlbp.tlb, tlb_start, start);

      if ((yield* k.need_resched()) || (yield* k.need_lockbreak(mm.page_table_lock)) || (i_mmap_lock !== null && (yield* k.need_lockbreak(i_mmap_lock)))) {
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

/** reset_vma_truncate_counts(): after truncate_count has wrapped, no vma may look as if it were up to date. */
export function* reset_vma_truncate_counts(mapping: AddressSpace): Kernel<void> {
  const iter = new PrioTreeIter(mapping.i_mmap, 0, kernel.arch.word.ULONG_MAX);
  for (let vma = yield* k.vma_prio_tree_next(null, iter); vma !== null; vma = yield* k.vma_prio_tree_next(vma, iter)) {
    vma.vm_truncate_count = 0;
    trace("vma_reset", { vma });
  }
  for (let link = mapping.i_mmap_nonlinear.next; link !== mapping.i_mmap_nonlinear; link = link.next) {
    link.entry!.vm_truncate_count = 0;
    trace("vma_reset", { vma: link.entry });
  }
}

/**
 * unmap_mapping_range_vma(): unmaps [start_addr, end_addr) of one vma. Returns true if i_mmap_lock was dropped: then the
 * search for vmas has to start over. `restart_vma` is remembered by its address alone, so it may be another vma by now.
 */
export function* unmap_mapping_range_vma(vma: VmArea, start_addr: Addr, end_addr: Addr, details: ZapDetails): Kernel<boolean> {
  trace("vma_enter", { vma, start: start_addr, end: end_addr });
  if (vma === details.restart_vma && start_addr < details.restart_addr) {
    start_addr = details.restart_addr;
    trace("vma_resume", { vma, restart_addr: details.restart_addr, restart_pgoff: details.restart_pgoff });
    if (linear_page_index(vma, start_addr) !== details.restart_pgoff || start_addr >= end_addr) {
      vma.vm_truncate_count = details.truncate_count;
      trace("vma_complete", { vma, count: vma.vm_truncate_count });
      return false;
    }
  }

  let need_break: boolean;
  for (;;) {
    details.break_addr = end_addr;
    yield* k.zap_page_range(vma, start_addr, end_addr - start_addr, details);
    need_break = (yield* k.need_resched()) || (yield* k.need_lockbreak(details.i_mmap_lock!));

    if (details.break_addr >= end_addr) {
      vma.vm_truncate_count = details.truncate_count;
      trace("vma_complete", { vma, count: vma.vm_truncate_count });
      if (!need_break) return false;
      break;
    }
    if (need_break) {
      details.restart_vma = vma;
      details.restart_pgoff = linear_page_index(vma, details.break_addr);
      details.restart_addr = details.break_addr;
      trace("restart_save", { vma, restart_addr: details.restart_addr, restart_pgoff: details.restart_pgoff });
      break;
    }
    start_addr = details.break_addr;
    trace("vma_continue", { vma, start: start_addr });
  }

  yield* k.spin_unlock(details.i_mmap_lock!);
  trace("lockbreak", { lock: details.i_mmap_lock, mapping: vma.vm_file!.f_mapping, vma, restart_addr: details.restart_addr });
  yield* k.cond_resched();
  yield* k.spin_lock(details.i_mmap_lock!);
  return true;
}

/** unmap_mapping_range_tree(): all linear vmas that map a part of the hole, each from and to where the hole goes. */
export function* unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void> {
  let iter = new PrioTreeIter(root, details.first_index, details.last_index);
  let vma = yield* k.vma_prio_tree_next(null, iter);
  while (vma !== null) {
    charge("prio_tree_visit");
    let restart = false;
    if (vma.vm_truncate_count === details.truncate_count) {
      trace("vma_skip", { vma });
    } else {
      const vba = vma.vm_pgoff;
      const vea = vba + vma_pages(vma) - 1;
      const zba = Math.max(vba, details.first_index);
      const zea = Math.min(vea, details.last_index);
      restart = yield* k.unmap_mapping_range_vma(vma, (zba - vba) * PAGE_SIZE + vma.vm_start, (zea - vba + 1) * PAGE_SIZE + vma.vm_start, details);
    }
    if (restart) {
      trace("restart", { mapping: vma.vm_file?.f_mapping });
      iter = new PrioTreeIter(root, details.first_index, details.last_index);
      vma = yield* k.vma_prio_tree_next(null, iter);
    } else {
      vma = yield* k.vma_prio_tree_next(vma, iter);
    }
  }
}

/** unmap_mapping_range_list(): all nonlinear vmas, each from its begin to its end, as any page may be anywhere. */
export function* unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void> {
  let link = head.next;
  while (link !== head) {
    const vma = link.entry!;
    charge("prio_tree_visit");
    let restart = false;
    if (vma.vm_truncate_count === details.truncate_count) {
      trace("vma_skip", { vma });
    } else {
      details.nonlinear_vma = vma;
      restart = yield* k.unmap_mapping_range_vma(vma, vma.vm_start, vma.vm_end, details);
    }
    if (restart) trace("restart", { mapping: vma.vm_file?.f_mapping });
    link = restart ? head.next : link.next;
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
  details.i_mmap_lock = mapping.i_mmap_lock;

  yield* k.spin_lock(mapping.i_mmap_lock);
  yield* k.write_shared(mapping, "truncate_count", (mapping.truncate_count + 1) >>> 0);
  if (mapping.truncate_count === 0) {
    mapping.truncate_count = 1;
    yield* k.reset_vma_truncate_counts(mapping);
    trace("truncate_count_wrap", { mapping });
  }
  details.truncate_count = mapping.truncate_count;
  trace("unmap_begin", { mapping, truncate_count: details.truncate_count, first_index: first, last_index: last });

  trace("unmap_pass", { mapping, pass: "tree", non_empty: mapping.i_mmap.prio_tree_node !== null });
  if (mapping.i_mmap.prio_tree_node !== null) yield* k.unmap_mapping_range_tree(mapping.i_mmap, details);
  trace("unmap_pass", { mapping, pass: "list", non_empty: !list_empty(mapping.i_mmap_nonlinear) });
  if (!list_empty(mapping.i_mmap_nonlinear)) yield* k.unmap_mapping_range_list(mapping.i_mmap_nonlinear, details);
  yield* k.spin_unlock(mapping.i_mmap_lock);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
