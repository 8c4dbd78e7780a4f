// mm/memory.c of 3.0, "mm: Remove i_mmap_lock lockbreak" (May 2011): no lock is dropped for waiters any more, as the task that
// holds i_mmap_mutex from the first vma to the last may be preempted.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails } from "../common/memory.ts";
import type { Addr, AddressSpace, VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";

/** unmap_mapping_range_vma(): unmaps [start_addr, end_addr) of one vma. */
export function* unmap_mapping_range_vma(vma: VmArea, start_addr: Addr, end_addr: Addr, details: ZapDetails): Kernel<void> {
  trace("vma_enter", { vma, start: start_addr, end: end_addr });
  yield* k.zap_page_range(vma, start_addr, end_addr - start_addr, details);
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

  yield* k.down_write(mapping.i_mmap_mutex!);
  trace("unmap_begin", { mapping, truncate_count: null, first_index: first, last_index: last });
  yield* k.unmap_mapping_vmas(mapping, details);
  yield* k.up_write(mapping.i_mmap_mutex!);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
