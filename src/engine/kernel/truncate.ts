// mm/truncate.c: taking pages out of the page cache.

import type { Kernel } from "../machine/hooks.ts";
import { charge } from "../machine/sched.ts";
import { k } from "./image.ts";
import { page_align, page_index, type AddressSpace } from "./mm_types.ts";

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
