// mm/truncate.c of 2.6.38: taking pages out of the page cache, each under its lock; and vmtruncate, which mm/memory.c had at
// first.

import { BUG_ON } from "../../machine/bug.ts";
import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { k } from "../image.ts";
import { PAGE_SIZE } from "../common/arch.ts";
import { page_align, page_index, type AddressSpace, type Inode, type Pgoff } from "../common/mm_types.ts";
import { get_page, NO_PAGE, put_page, type Page } from "../common/page_alloc.ts";
import { page_mapped } from "../common/rmap.ts";
import { kernel } from "../state.ts";
import { PAGEVEC_SIZE } from "../common/truncate.ts";

/**
 * truncate_inode_pages(): drops the pages of the file that lie wholly behind `lstart` bytes. The partial last page stays,
 * its tail cleared. Goes over the cache twice: a page that another task has locked is left to the second pass, which waits for its lock.
 */
export function* truncate_inode_pages(mapping: AddressSpace, lstart: number): Kernel<void> {
  const start = page_index(page_align(lstart));
  for (const wait of [false, true]) {
    for (const index of yield* k.page_indexes_from(mapping, start)) {
      const page = k.find_page(mapping, index);
      if (page === NO_PAGE) continue;
      charge("page_cache");
      get_page(page);
      if (wait) yield* k.lock_page(page);
      else if (!(yield* k.trylock_page(page))) {
        put_page(page);
        continue;
      }
      yield* k.truncate_inode_page(mapping, page);
      yield* k.unlock_page(page);
      put_page(page);
    }
    yield* k.cond_resched();
  }
}

/** truncate_inode_page(): takes one page, which is locked, out of the cache, after it was unmapped wherever it still is mapped. */
export function* truncate_inode_page(mapping: AddressSpace, page: Page): Kernel<void> {
  const index = kernel.mem_map.index[page]!;
  if (page_mapped(page)) yield* k.unmap_mapping_range(mapping, index * PAGE_SIZE, PAGE_SIZE, 0);
  // Another task may have taken it out before this one had the lock.
  if (kernel.mem_map.mapping[page] === mapping.id) k.truncate_complete_page(mapping, index);
}

/**
 * invalidate_inode_pages2_range(): drops the pages from `start` to `end` (inclusive; ULONG_MAX: all there are), each under its
 * lock. At the first one that is mapped the rest of the range is unmapped at once, later ones one by one: as a
 * locked page cannot be mapped, it is a bug if that leaves the page mapped. Private copies stay. Takes no i_sem, so truncations and other
 * invalidations may run at the same time. Returns 0.
 */
export function* invalidate_inode_pages2_range(mapping: AddressSpace, start: Pgoff, end: Pgoff): Kernel<number> {
  let did_range_unmap = false;
  let visited = 0;
  for (let index = k.next_page_index(mapping, start); index !== null && index <= end; index = k.next_page_index(mapping, index + 1)) {
    charge("page_cache");
    const page = k.find_page(mapping, index);
    get_page(page);
    yield* k.lock_page(page);
    if (kernel.mem_map.mapping[page] === mapping.id && page_mapped(page)) {
      const pages = did_range_unmap ? 1 : end === kernel.arch.word.ULONG_MAX ? 0 : end - index + 1;
      did_range_unmap = true;
      yield* k.unmap_mapping_range(mapping, index * PAGE_SIZE, pages * PAGE_SIZE, 0);
      BUG_ON(page_mapped(page), "page-mapped", `page ${index} of ${mapping.host.name} is dropped while it is mapped`, {
        page,
        index,
        _mapcount: kernel.mem_map._mapcount[page],
      });
    }
    if (kernel.mem_map.mapping[page] === mapping.id) k.truncate_complete_page(mapping, index);
    yield* k.unlock_page(page);
    put_page(page);
    if (++visited % PAGEVEC_SIZE === 0) yield* k.cond_resched();
  }
  return 0;
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
  // Most pages go here, many at a time, so that few are left to be unmapped one by one.
  yield* k.unmap_mapping_range(mapping, offset + PAGE_SIZE - 1, 0, 1);
  yield* k.truncate_inode_pages(mapping, offset);
  // A private page may have been copied from one that was not yet dropped.
  yield* k.unmap_mapping_range(mapping, offset + PAGE_SIZE - 1, 0, 1);
}
