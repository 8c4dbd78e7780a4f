// mm/filemap.c: the page cache, and where a page fault gets a page of a file from.

import { ended, type Kernel } from "../../machine/hooks.ts";
import { machine } from "../../machine/machine.ts";
import { note_add, note_read, note_write } from "../../machine/shared.ts";
import { charge, charge_ns } from "../../machine/sched.ts";
import { trace } from "../../machine/tracing.ts";
import { k } from "../image.ts";
import { list_empty } from "../../machine/list.ts";
import { PAGE_SIZE } from "./arch.ts";
import { EINVAL } from "./errno.ts";
import {
  linear_page_index,
  page_align,
  page_index,
  type Addr,
  type AddressSpace,
  type Inode,
  type Pgoff,
  type VmArea,
} from "./mm_types.ts";
import { alloc_page, get_page, NO_PAGE, PG_dirty, put_page, type Page } from "./page_alloc.ts";
import { page_mapped } from "./rmap.ts";
import { kernel } from "../state.ts";

/** What ->nopage returns beyond the end of the file. */
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
  note_write(inode.i_mapping, "page_tree");
  const page = inode.i_mapping.page_tree.lookup(index);
  inode.i_mapping.page_tree.remove(index);
  kernel.mem_map.mapping[page] = 0;
  if (page_mapped(page)) trace("removed_mapped", { mapping: inode.i_mapping, page, index });
  return page;
}

/** find_or_create_page(): the file's page at `index` with a reference, put into the cache if it is not there. */
export function find_or_create_page(inode: Inode, index: Pgoff): Page {
  note_add(inode.i_mapping, "page_tree");
  const found = inode.i_mapping.page_tree.lookup(index);
  if (found !== NO_PAGE) {
    get_page(found);
    return found;
  }
  const page = alloc_page();
  k.add_to_page_cache(page, inode, index);
  return page;
}

/** The same with its cost: a page that is not in the cache is read in. A visible operation: other tasks may take the page out. */
export function find_or_read_page(inode: Inode, index: Pgoff): Kernel<Page> {
  return machine.policy.uses_model_time ? k.read_cache_page(inode, index) : find_or_read_page_ordered(inode, index);
}

function* find_or_read_page_ordered(inode: Inode, index: Pgoff): Kernel<Page> {
  yield* k.access_shared(inode.i_mapping, "page_tree", "add");
  return yield* k.read_cache_page(inode, index);
}

/** read_cache_page(): the page, read in if it is not in the cache. */
export function* read_cache_page(inode: Inode, index: Pgoff): Kernel<Page> {
  charge_ns(machine.costs.page_cache);
  if (inode.i_mapping.page_tree.lookup(index) === NO_PAGE) charge_ns(machine.costs.page_copy);
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

/** The indexes of the cached pages of a file at and behind `start`, ascending. A visible operation: other tasks may put pages in. */
export function page_indexes_from(mapping: AddressSpace, start: Pgoff): Kernel<number[]> {
  return machine.policy.uses_model_time ? ended(mapping.page_tree.indexes_from(start)) : page_indexes_from_ordered(mapping, start);
}

function* page_indexes_from_ordered(mapping: AddressSpace, start: Pgoff): Kernel<number[]> {
  yield* k.access_shared(mapping, "page_tree", "read");
  return mapping.page_tree.indexes_from(start);
}

/** The page at `index` of the cache, or NO_PAGE. */
export function find_page(mapping: AddressSpace, index: Pgoff): Page {
  note_read(mapping, "page_tree");
  return mapping.page_tree.lookup(index);
}

/** The first index at or behind `start` that has a page in the cache, or null. */
export function next_page_index(mapping: AddressSpace, start: Pgoff): Pgoff | null {
  note_read(mapping, "page_tree");
  return mapping.page_tree.next_index(start);
}

/** mapping_mapped(): does any vma map the file? */
function mapping_mapped(mapping: AddressSpace): boolean {
  note_read(mapping, "i_mmap");
  return mapping.i_mmap.prio_tree_node !== null || !list_empty(mapping.i_mmap_nonlinear);
}

/** Is any page of the file cached? */
function has_pages(mapping: AddressSpace): boolean {
  note_read(mapping, "page_tree");
  return mapping.page_tree.nrpages > 0;
}

/** The unit of direct I/O: a sector of a disk, in bytes. */
const SECTOR = 512;

/**
 * generic_file_direct_write(): writes `count` bytes at `pos` past the page cache, under i_sem. All mappings of the file are
 * unmapped first, and its pages dropped after, so that no mapping keeps showing the old data. Returns `count` or -errno.
 */
export function* generic_file_direct_write(inode: Inode, pos: number, count: number): Kernel<number> {
  const mapping = inode.i_mapping;
  if (pos % SECTOR !== 0 || count % SECTOR !== 0) return -EINVAL;
  yield* k.down_write(inode.i_sem);
  if (mapping_mapped(mapping)) yield* k.unmap_mapping_range(mapping, 0, -1, 0);
  k.filemap_fdatawrite(mapping);
  charge("page_copy", page_align(count) / PAGE_SIZE);
  if (has_pages(mapping)) yield* k.invalidate_inode_pages2_range(mapping, 0, kernel.arch.word.ULONG_MAX);
  if (pos + count > inode.i_size) yield* k.write_shared(inode, "i_size", pos + count);
  yield* k.up_write(inode.i_sem);
  return count;
}

/** filemap_fdatawrite(): writes the dirty pages of the cache to disk. */
export function filemap_fdatawrite(mapping: AddressSpace): void {
  const { flags } = kernel.mem_map;
  note_read(mapping, "page_tree");
  for (const index of mapping.page_tree.indexes_from(0)) {
    const page = mapping.page_tree.lookup(index);
    if ((flags[page]! & PG_dirty) === 0) continue;
    flags[page]! &= ~PG_dirty;
    charge_ns(machine.costs.page_copy);
  }
}

/** Drops the cache's reference to a page that was taken out of it. */
export function page_cache_release(page: Page): void {
  put_page(page);
}
