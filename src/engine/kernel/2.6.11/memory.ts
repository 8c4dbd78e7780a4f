// mm/memory.c of 2.6.11, "[PATCH 7/6] vmtrunc: restart_addr in truncate_count" (7 October 2004): when i_mmap_lock is wanted,
// unmap_mapping_range drops it, starts over, and resumes where it was. The restart address is kept in each vma.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails as CommonZapDetails } from "../common/memory.ts";
import type { Addr, AddressSpace, VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";
import { is_restart_addr } from "./restart_addr.ts";

/** A struct zap_details with what this patch adds. */
export class ZapDetails extends CommonZapDetails {
  /** Where unmap_vmas has stopped. */
  break_addr: Addr = 0;
  /** This call's truncate_count: a vma that has the same is dealt with. */
  truncate_count = 0;
}

/**
 * unmap_mapping_range_vma(): unmaps [start_addr, end_addr) of one vma. Returns true if i_mmap_lock was dropped: then the
 * search for vmas has to start over. The restart address is never taken back, so it may be that of another call.
 */
export function* unmap_mapping_range_vma(vma: VmArea, start_addr: Addr, end_addr: Addr, details: ZapDetails): Kernel<boolean> {
  trace("vma_enter", { vma, start: start_addr, end: end_addr });
  let need_break: boolean;
  for (;;) {
    const restart_addr = vma.vm_truncate_count;
    if (is_restart_addr(restart_addr) && start_addr < restart_addr) {
      start_addr = restart_addr;
      trace("vma_resume", { vma, restart_addr, restart_pgoff: -1 });
      if (start_addr >= end_addr) {
        vma.vm_truncate_count = details.truncate_count;
        trace("vma_complete", { vma, count: vma.vm_truncate_count });
        return false;
      }
    }

    details.break_addr = end_addr;
    yield* k.zap_page_range(vma, start_addr, end_addr - start_addr, details);
    need_break = (yield* k.need_resched()) || (yield* k.need_lockbreak(details.i_mmap_lock!));

    if (details.break_addr >= end_addr) {
      vma.vm_truncate_count = details.truncate_count;
      trace("vma_complete", { vma, count: vma.vm_truncate_count });
      if (!need_break) return false;
      break;
    }
    vma.vm_truncate_count = details.break_addr;
    trace("restart_save", { vma, restart_addr: details.break_addr, restart_pgoff: null });
    if (need_break) break;
    trace("vma_continue", { vma, start: details.break_addr });
  }

  yield* k.spin_unlock(details.i_mmap_lock!);
  trace("lockbreak", { lock: details.i_mmap_lock, mapping: vma.vm_file!.f_mapping, vma, restart_addr: details.break_addr });
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
  if (is_restart_addr(mapping.truncate_count)) {
    if (mapping.truncate_count === 0) {
      yield* k.reset_vma_truncate_counts(mapping);
      trace("truncate_count_wrap", { mapping });
    }
    yield* k.write_shared(mapping, "truncate_count", mapping.truncate_count + 1);
  }
  details.truncate_count = mapping.truncate_count;
  trace("unmap_begin", { mapping, truncate_count: details.truncate_count, first_index: first, last_index: last });
  yield* k.unmap_mapping_vmas(mapping, details);
  yield* k.spin_unlock(mapping.i_mmap_lock!);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
