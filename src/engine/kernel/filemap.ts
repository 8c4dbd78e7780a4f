// mm/filemap.c: the page cache, and where a page fault gets a page of a file from.

import type { Kernel } from "../machine/hooks.ts";
import { charge } from "../machine/sched.ts";
import { trace } from "../machine/tracing.ts";
import { k } from "./image.ts";
import { PAGE_SIZE } from "./arch.ts";
import { linear_page_index, page_index, type Addr, type Inode, type Pgoff, type VmArea } from "./mm_types.ts";
import { alloc_page, get_page, NO_PAGE, put_page, type Page } from "./page_alloc.ts";
import { page_mapped } from "./rmap.ts";
import { kernel } from "./state.ts";

/** What ->nopage answers beyond the end of the file. */
export const NOPAGE_SIGBUS = -2;

/** add_to_page_cache(): the cache holds a reference of its own. */
export function add_to_page_cache(page: Page, inode: Inode, index: Pgoff): void {
  const { mem_map } = kernel;
  mem_map.mapping[page] = inode.i_mapping.id;
  mem_map.index[page] = index;
  get_page(page);
  inode.i_mapping.page_tree.insert(index, page);
}

/** remove_from_page_cache(): page->mapping is 0 from now on; the caller drops the cache's reference. */
export function remove_from_page_cache(inode: Inode, index: Pgoff): Page {
  const page = inode.i_mapping.page_tree.lookup(index);
  inode.i_mapping.page_tree.remove(index);
  kernel.mem_map.mapping[page] = 0;
  if (page_mapped(page)) trace("removed_mapped", { mapping: inode.i_mapping, page, index });
  return page;
}

/** find_or_create_page(): the file's page at `index` with a reference, put into the cache if it is not there. */
export function find_or_create_page(inode: Inode, index: Pgoff): Page {
  const found = inode.i_mapping.page_tree.lookup(index);
  if (found !== NO_PAGE) {
    get_page(found);
    return found;
  }
  const page = alloc_page();
  k.add_to_page_cache(page, inode, index);
  return page;
}

/** The same at its cost: a page that is not in the cache is read in. */
export function* find_or_read_page(inode: Inode, index: Pgoff): Kernel<Page> {
  charge("page_cache");
  if (inode.i_mapping.page_tree.lookup(index) === NO_PAGE) charge("page_copy");
  return k.find_or_create_page(inode, index);
}

/** filemap_nopage(): the page that a vma maps at `address`, or NOPAGE_SIGBUS beyond i_size, rounded up to pages. */
export function* filemap_nopage(vma: VmArea, address: Addr): Kernel<Page> {
  const inode = vma.vm_file!.inode;
  const pgoff = linear_page_index(vma, address);
  const size = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
  if (pgoff >= size) return NOPAGE_SIGBUS;
  return yield* k.find_or_read_page(inode, pgoff);
}

/** Drops the cache's reference to a page that was taken out of it. */
export function page_cache_release(page: Page): void {
  put_page(page);
}
