// mm/memory.c as the seed patch found it (2.6.9-rc3-mm1 with 1/6 to 3/6): i_mmap_lock is held from the first vma to the last.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import { hole_pages, ZapDetails as CommonZapDetails } from "../common/memory.ts";
import type { AddressSpace } from "../common/mm_types.ts";
import { kernel } from "../state.ts";

/** A struct zap_details with what this kernel adds. */
export class ZapDetails extends CommonZapDetails {
  /** A spinlock is held: unmap_vmas may not schedule. */
  atomic = false;
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
  details.atomic = true;

  yield* k.spin_lock(mapping.i_mmap_lock!);
  yield* k.write_shared(mapping, "truncate_count", (mapping.truncate_count + 1) >>> 0);
  trace("unmap_begin", { mapping, truncate_count: mapping.truncate_count, first_index: first, last_index: last });
  yield* k.unmap_mapping_vmas(mapping, details);
  yield* k.spin_unlock(mapping.i_mmap_lock!);
  trace("unmap_end", { mapping, first_index: first, last_index: last });
}
