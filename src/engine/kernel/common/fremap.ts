// mm/fremap.c: nonlinear mappings, in which any page of the file may be at any address.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { list_add_tail } from "../../machine/list.ts";
import { note_add, note_read } from "../../machine/shared.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, PAGE_SIZE, type Table } from "./arch.ts";
import { EINVAL } from "./errno.ts";
import { k } from "../image.ts";
import {
  linear_page_index,
  page_index,
  VM_NONLINEAR,
  VM_SHARED,
  type Addr,
  type Inode,
  type MmStruct,
  type Pgoff,
  type VmArea,
} from "./mm_types.ts";
import { NO_PAGE, put_page, set_page_dirty, type Page } from "./page_alloc.ts";
import { pte_alloc, pte_index, pte_none, pte_page, vm_page_prot } from "./pgtable.ts";
import { page_add_file_rmap, page_remove_rmap } from "./rmap.ts";
import { kernel } from "../state.ts";

/** sys_remap_file_pages(), where it makes a vma nonlinear: from the file's tree to its list, for ever. */
export function* make_vma_nonlinear(vma: VmArea): Kernel<void> {
  const mapping = vma.vm_file!.f_mapping;
  yield* k.i_mmap_lock_write(mapping);
  charge("prio_tree_update");
  trace("i_mmap_update", { mapping, vma, change: "remove" });
  vma.vm_flags |= VM_NONLINEAR;
  yield* k.vma_prio_tree_remove(vma, mapping.i_mmap);
  list_add_tail(vma.shared.list, mapping.i_mmap_nonlinear);
  trace("i_mmap_updated", { mapping, vma, change: "remove" });
  yield* k.i_mmap_unlock_write(mapping);
}

/**
 * sys_remap_file_pages(): maps the file from page `pgoff` on at [start, start + size) of a shared mapping; both are rounded
 * down to pages. mmap_sem is taken for writing only to make the vma nonlinear. Returns 0 or -errno.
 */
export function* sys_remap_file_pages(mm: MmStruct, start: Addr, size: number, pgoff: Pgoff): Kernel<number> {
  const { PTE_FILE_MAX_BITS, word } = kernel.arch;
  start -= start % PAGE_SIZE;
  size -= size % PAGE_SIZE;
  if (size <= 0 || start + size > word.ULONG_MAX) return -EINVAL;
  if (PTE_FILE_MAX_BITS < word.BITS_PER_LONG && pgoff + size / PAGE_SIZE >= 2 ** PTE_FILE_MAX_BITS) return -EINVAL;
  let error = -EINVAL;
  yield* k.down_read(mm.mmap_sem);
  let vma = vma_to_remap(mm, start, size);
  const exclusive = vma !== null && (vma.vm_flags & VM_NONLINEAR) === 0 && pgoff !== linear_page_index(vma, start);
  if (exclusive) {
    yield* k.up_read(mm.mmap_sem);
    yield* k.down_write(mm.mmap_sem);
    vma = vma_to_remap(mm, start, size);
    if (vma !== null && (vma.vm_flags & VM_NONLINEAR) === 0 && pgoff !== linear_page_index(vma, start)) yield* k.make_vma_nonlinear(vma);
  }
  if (vma !== null) error = yield* k.filemap_populate(vma, start, size, pgoff);
  if (exclusive) yield* k.up_write(mm.mmap_sem);
  else yield* k.up_read(mm.mmap_sem);
  return error;
}

/** The vma of [start, start + size) if it is one that can become nonlinear: a shared one of a file, all of the range in it. */
function vma_to_remap(mm: MmStruct, start: Addr, size: number): VmArea | null {
  const vma = k.find_vma(mm, start);
  if (vma === null || vma.vm_file === null || (vma.vm_flags & VM_SHARED) === 0) return null;
  return vma.vm_start <= start && start + size <= vma.vm_end ? vma : null;
}

/** filemap_populate(): maps pages of the file, looking at i_size again before each. 0 or -errno. */
export function* filemap_populate(vma: VmArea, start: Addr, size: number, pgoff: Pgoff): Kernel<number> {
  const inode = vma.vm_file!.inode;
  const end = start + size;
  for (let address = start; address < end; address += PAGE_SIZE, pgoff += 1) {
    const pages = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
    if (pgoff + (end - address) / PAGE_SIZE > pages) return -EINVAL;
    const error = yield* k.populate_page(vma, address, pgoff);
    if (error < 0) return error;
  }
  return 0;
}

/** A step of filemap_populate(): gets a page of the file and maps it. 0 or -errno. */
export function* populate_page(vma: VmArea, address: Addr, pgoff: Pgoff): Kernel<number> {
  const page = yield* k.find_or_read_page(vma.vm_file!.inode, pgoff);
  return yield* k.install_page(vma, address, page, pgoff);
}

/**
 * install_page(): puts a page in place of what is mapped at an address. Whether it was truncated meanwhile is looked at
 * under page_table_lock. 0 or -errno.
 */
export function* install_page(vma: VmArea, address: Addr, page: Page, pgoff: Pgoff): Kernel<number> {
  const mm = vma.vm_mm;
  const inode = vma.vm_file!.inode;
  let error = 0;
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  const table = pte_alloc(mm, address);
  const pages = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
  if (!k.populate_recheck(page, inode, pgoff, pages)) {
    error = -EINVAL;
    put_page(page);
  } else {
    zap_pte(vma, address, table);
    mm.rss += 1;
    page_add_file_rmap(page);
    kernel.arch.set_present(table, pte_index(address), page, vm_page_prot(vma));
    charge("pte_set");
    trace("pte_set", { vma, address, page });
  }
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  return error;
}

/** The recheck of install_page(): the page still belongs to the file, and the file still reaches to it. */
export function populate_recheck(page: Page, inode: Inode, pgoff: Pgoff, pages: number): boolean {
  note_read(inode.i_mapping, "page_tree");
  return kernel.mem_map.mapping[page] === inode.i_mapping.id && pgoff < pages;
}

/** zap_pte(): empties one pte at once, with its accounting. Under page_table_lock. */
function zap_pte(vma: VmArea, address: Addr, table: Table): void {
  const at = pte_index(address);
  if (pte_none(table, at)) return;
  const pte = table[at]!;
  if ((pte & _PAGE_PRESENT) === 0) {
    if ((pte & _PAGE_FILE) !== 0) k.clear_file_pte(table, at);
    else {
      vma.vm_mm.swapents -= 1;
      k.free_swap_and_cache(table, at);
    }
    return;
  }
  const page = pte_page(table, at);
  k.ptep_clear_flush(vma, address, table, at);
  if (page === NO_PAGE) return;
  if ((pte & _PAGE_DIRTY) !== 0) set_page_dirty(page);
  note_add(kernel.mem_map, "_mapcount");
  page_remove_rmap(page);
  vma.vm_mm.rss -= 1;
  put_page(page);
}
