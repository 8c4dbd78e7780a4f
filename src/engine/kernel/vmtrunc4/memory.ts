// mm/memory.c of "[PATCH 4/6] vmtrunc: unmap_mapping dropping i_mmap_lock" (3 October 2004): when i_mmap_lock is wanted,
// unmap_mapping_range drops it, starts over, and resumes where it was.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails as CommonZapDetails } from "../common/memory.ts";
import { linear_page_index, type Addr, type AddressSpace, type VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";

/** A struct zap_details with what this patch adds: where to resume. */
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

/**
 * unmap_mapping_range(): unmaps the pages of the file in a hole of `holelen` bytes (0: to the end) at `holebegin` from
 * every address space; with `even_cows`, private copies of them too.
 */
export function* unmap_mapping_range(
  mapping: AddressSpace,
  holebegin: number | bigint,
  holelen: number | bigint,
  even_cows: number,
): Kernel<void> {
  const details = new ZapDetails();
  const { first, last } = hole_pages(kernel.arch.word, holebegin, holelen);
  details.check_mapping = even_cows !== 0 ? null : mapping;
  details.first_index = first;
  details.last_index = last;
  details.i_mmap_lock = mapping.i_mmap_lock!;

  yield* k.spin_lock(mapping.i_mmap_lock!);
  yield* k.write_shared(mapping, "truncate_count", (mapping.truncate_count + 1) >>> 0);
  if (mapping.truncate_count === 0) {
    yield* k.write_shared(mapping, "truncate_count", 1);
    yield* k.reset_vma_truncate_counts(mapping);
    trace("truncate_count_wrap", { mapping });
  }
  details.truncate_count = mapping.truncate_count;
  trace("unmap_begin", { mapping, truncate_count: details.truncate_count, first_index: first, last_index: last });
  yield* k.unmap_mapping_vmas(mapping, details);
  yield* k.spin_unlock(mapping.i_mmap_lock!);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
