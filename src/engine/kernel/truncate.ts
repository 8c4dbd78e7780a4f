// mm/truncate.c: taking pages out of the page cache; and vmtruncate, which mm/memory.c had at first.

import type { Kernel } from "../machine/hooks.ts";
import { charge } from "../machine/sched.ts";
import { k } from "./image.ts";
import { PAGE_SIZE } from "./arch.ts";
import { page_align, page_index, type AddressSpace, type Inode } from "./mm_types.ts";

/**
 * truncate_inode_pages(): drops the pages of the file that lie wholly behind `lstart` bytes. The partial last page stays,
 * its tail cleared. The kernel goes over the cache twice, for pages locked by others; page locks are not modelled.
 */
export function* truncate_inode_pages(mapping: AddressSpace, lstart: number): Kernel<void> {
  const indexes = mapping.page_tree.indexes_from(page_index(page_align(lstart)));
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
