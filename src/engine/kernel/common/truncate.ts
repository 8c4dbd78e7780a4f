// mm/truncate.c: taking pages out of the page cache; and vmtruncate, which mm/memory.c had at first.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import type { Word } from "../../machine/ulong.ts";
import { k } from "../image.ts";
import { PAGE_SIZE } from "./arch.ts";
import { page_align, page_index, type AddressSpace, type Inode, type Pgoff } from "./mm_types.ts";
import { kernel } from "../state.ts";

/** How many pages a pagevec holds: after so many, the CPU is offered. */
export const PAGEVEC_SIZE = 14;

/**
 * truncate_inode_pages(): drops the pages of the file that lie wholly behind `lstart` bytes. The partial last page stays,
 * its tail cleared. The kernel goes over the cache twice, for pages that other tasks have locked; page locks are not modelled.
 */
export function* truncate_inode_pages(mapping: AddressSpace, lstart: number): Kernel<void> {
  const indexes = yield* k.page_indexes_from(mapping, page_index(page_align(lstart)));
  for (const index of indexes) {
    charge("page_cache");
    k.truncate_complete_page(mapping, index);
  }
  yield* k.cond_resched();
}

/** truncate_complete_page(): takes one page out of the cache, dirty or not. */
export function truncate_complete_page(mapping: AddressSpace, index: number): void {
  const page = k.remove_from_page_cache(mapping.host, index);
  k.page_cache_release(page);
}

/**
 * invalidate_inode_pages2_range(): drops the pages from `start` to `end` (inclusive; ULONG_MAX: all there are), each as soon
 * as no pte maps it. At the first one that is mapped the rest of the range is unmapped at once. Private copies stay. Takes
 * no i_sem, so truncations and other invalidations may run at the same time. Returns 0.
 */
export function* invalidate_inode_pages2_range(mapping: AddressSpace, start: Pgoff, end: Pgoff): Kernel<number> {
  let did_range_unmap = false;
  let visited = 0;
  for (let index = k.next_page_index(mapping, start); index !== null && index <= end; index = k.next_page_index(mapping, index + 1)) {
    charge("page_cache");
    const page = k.find_page(mapping, index);
    // The kernel holds the page's lock; without it, a truncation may take the page away meanwhile.
    while (k.find_page(mapping, index) === page && (yield* k.read_shared(kernel.mem_map._mapcount, page)) >= 0) {
      const { holebegin, holelen } = hole_to_invalidate(kernel.arch.word, index, did_range_unmap ? null : end);
      did_range_unmap = true;
      yield* k.unmap_mapping_range(mapping, holebegin, holelen, 0);
    }
    if (k.find_page(mapping, index) === page) k.truncate_complete_page(mapping, index);
    if (++visited % PAGEVEC_SIZE === 0) yield* k.cond_resched();
  }
  return 0;
}

/**
 * The hole that invalidate_inode_pages2() of 2.6.11 asks for: from page `index` to page `end`, or, with null, what is meant
 * to be this one page, but a length is due where an offset is given. The shifts are those of an unsigned long: on 32-bit
 * archs they lose what is beyond 4 GiB.
 */
function hole_to_invalidate(
  { BITS_PER_LONG, ULONG_MAX }: Word<number>,
  index: Pgoff,
  end: Pgoff | null,
): { holebegin: bigint; holelen: bigint } {
  const shifted = (pages: bigint): bigint => BigInt.asUintN(BITS_PER_LONG, pages << 12n);
  const holebegin = shifted(BigInt(index));
  if (end === null) return { holebegin, holelen: holebegin + 1n };
  return { holebegin, holelen: end === ULONG_MAX ? -1n : shifted(BigInt(end - index + 1)) };
}

/**
 * vmtruncate(): makes the file `offset` bytes long and unmaps and drops all pages behind. The last page stays if a part
 * of it does. The caller holds i_sem.
 */
export function* vmtruncate(inode: Inode, offset: number): Kernel<void> {
  const mapping = inode.i_mapping;
  if (inode.i_size < offset) {
    yield* k.write_shared(inode, "i_size", offset);
    return;
  }
  yield* k.write_shared(inode, "i_size", offset);
  yield* k.unmap_mapping_range(mapping, offset + PAGE_SIZE - 1, 0, 1);
  yield* k.truncate_inode_pages(mapping, offset);
}
