// mm/fremap.c: nonlinear mappings, in which any page of the file may be at any address.

import type { Kernel } from "../machine/hooks.ts";
import { charge } from "../machine/sched.ts";
import { list_add_tail } from "../machine/list.ts";
import { trace } from "../machine/tracing.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER, PAGE_SIZE, type Table } from "./arch.ts";
import { k } from "./image.ts";
import { linear_page_index, page_index, VM_NONLINEAR, VM_SHARED, VM_WRITE, type Addr, type MmStruct, type Pgoff, type VmArea } from "./mm_types.ts";
import { EINVAL } from "./mmap.ts";
import { NO_PAGE, put_page, set_page_dirty, type Page } from "./page_alloc.ts";
import { pte_alloc, pte_index, pte_none, pte_page } from "./pgtable.ts";
import { page_add_file_rmap, page_remove_rmap } from "./rmap.ts";
import { kernel } from "./state.ts";

/** sys_remap_file_pages(), where it makes a vma nonlinear: from the file's tree to its list, for ever. */
export function* make_vma_nonlinear(vma: VmArea): Kernel<void> {
  const mapping = vma.vm_file!.f_mapping;
  yield* k.spin_lock(mapping.i_mmap_lock);
  charge("prio_tree_update");
  trace("i_mmap_update", { mapping, vma, change: "remove" });
  vma.vm_flags |= VM_NONLINEAR;
  yield* k.vma_prio_tree_remove(vma, mapping.i_mmap);
  list_add_tail(vma.shared.list, mapping.i_mmap_nonlinear);
  trace("i_mmap_updated", { mapping, vma, change: "remove" });
  yield* k.spin_unlock(mapping.i_mmap_lock);
}

/** sys_remap_file_pages(): maps the file from page `pgoff` on at [start, start + size) of a shared mapping. 0 or -errno. */
export function* sys_remap_file_pages(mm: MmStruct, start: Addr, size: number, pgoff: Pgoff): Kernel<number> {
  if (size <= 0 || pgoff + size / PAGE_SIZE >= 2 ** kernel.arch.PTE_FILE_MAX_BITS) return -EINVAL;
  yield* k.down_write(mm.mmap_sem);
  const vma = k.find_vma(mm, start);
  let error = -EINVAL;
  if (vma !== null && vma.vm_file !== null && (vma.vm_flags & VM_SHARED) !== 0 && vma.vm_start <= start && start + size <= vma.vm_end) {
    if ((vma.vm_flags & VM_NONLINEAR) === 0 && pgoff !== linear_page_index(vma, start)) yield* k.make_vma_nonlinear(vma);
    error = yield* k.filemap_populate(vma, start, size, pgoff);
  }
  yield* k.up_write(mm.mmap_sem);
  return error;
}

/** filemap_populate(): maps pages of the file, looking at i_size again before each. 0 or -errno. */
export function* filemap_populate(vma: VmArea, start: Addr, size: number, pgoff: Pgoff): Kernel<number> {
  const inode = vma.vm_file!.inode;
  const end = start + size;
  for (let address = start; address < end; address += PAGE_SIZE, pgoff += 1) {
    const pages = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
    if (pgoff + (end - address) / PAGE_SIZE > pages) return -EINVAL;
    const page = yield* k.find_or_read_page(inode, pgoff);
    const error = yield* k.install_page(vma, address, page, pgoff);
    if (error < 0) return error;
  }
  return 0;
}

/**
 * install_page(): puts a page in place of what is mapped at an address. Whether it was truncated meanwhile is looked at
 * under page_table_lock. 0 or -errno.
 */
export function* install_page(vma: VmArea, address: Addr, page: Page, pgoff: Pgoff): Kernel<number> {
  const mm = vma.vm_mm;
  const inode = vma.vm_file!.inode;
  let error = 0;
  yield* k.spin_lock(mm.page_table_lock);
  const table = pte_alloc(mm, address);
  const pages = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
  if (kernel.mem_map.mapping[page] !== inode.i_mapping.id || pgoff >= pages) {
    error = -EINVAL;
    put_page(page);
  } else {
    zap_pte(vma, address, table);
    mm.rss += 1;
    page_add_file_rmap(page);
    kernel.arch.set_present(table, pte_index(address), page, _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | ((vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0));
    charge("pte_set");
    trace("pte_set", { vma, address, page });
  }
  yield* k.spin_unlock(mm.page_table_lock);
  return error;
}

/** zap_pte(): empties one pte at once, with its accounting. Under page_table_lock. */
function zap_pte(vma: VmArea, address: Addr, table: Table): void {
  const at = pte_index(address);
  if (pte_none(table, at)) return;
  const pte = table[at]!;
  if ((pte & _PAGE_PRESENT) === 0) {
    if ((pte & _PAGE_FILE) !== 0) k.clear_file_pte(table, at);
    else k.free_swap_and_cache(table, at);
    return;
  }
  const page = pte_page(table, at);
  k.ptep_clear_flush(vma, address, table, at);
  if (page === NO_PAGE) return;
  if ((pte & _PAGE_DIRTY) !== 0) set_page_dirty(page);
  page_remove_rmap(page);
  vma.vm_mm.rss -= 1;
  put_page(page);
}
