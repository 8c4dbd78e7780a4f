// mm/mremap.c: changing the size of a mapping, and moving it, page by page.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "./arch.ts";
import { EFAULT, EINVAL, ENOMEM } from "./errno.ts";
import { k } from "../image.ts";
import { linear_page_index, page_align, type Addr, type AddressSpace, type MmStruct, type VmArea } from "./mm_types.ts";
import { sysctl_max_map_count } from "./mmap.ts";
import { pte_alloc, pte_index, pte_none, pte_offset } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** Whose i_mmap_lock move_one_page() takes: truncation might have scanned the destination already and not yet the source. */
export function mapping_to_lock(vma: VmArea): AddressSpace | null {
  return vma.vm_file?.f_mapping ?? null;
}

/** Moves what is in a pte, under the lock, or locks, of both places. */
export function move_pte(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr): void {
  const source = pte_offset(vma.vm_mm, old_addr);
  const from = pte_index(old_addr);
  if (source === null || pte_none(source, from)) return;
  const target = pte_alloc(vma.vm_mm, new_addr);
  const to = pte_index(new_addr);
  target[to] = source[from]!;
  if (kernel.arch.stride === 2) target[to + 1] = source[from + 1]!;
  k.ptep_clear_flush(vma, old_addr, source, from);
  charge("pte_set");
  trace("pte_move", { vma, new_vma, old_addr, new_addr });
}

/** move_one_page(): moves one pte, with truncation kept out meanwhile. */
export function* move_one_page(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr): Kernel<void> {
  const mm: MmStruct = vma.vm_mm;
  const mapping = k.mapping_to_lock(vma);
  if (mapping !== null) {
    yield* k.i_mmap_lock_write(mapping);
    yield* k.move_truncate_count(vma, new_vma);
  }
  yield* k.spin_lock(mm.page_table_lock);
  k.move_pte(vma, old_addr, new_vma, new_addr);
  yield* k.spin_unlock(mm.page_table_lock);
  if (mapping !== null) yield* k.i_mmap_unlock_write(mapping);
}

/** Is a mapping refused that grows to `new_len` bytes at `addr` because its page index would overflow? CVE-2011-2496: not yet. */
export function mremap_overflows(_vma: VmArea, _addr: Addr, _new_len: number): boolean {
  return false;
}

/** move_page_tables(): moves the ptes of `len` bytes, lowest address first. */
export function* move_page_tables(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr, len: number): Kernel<void> {
  for (let offset = 0; offset < len; offset += PAGE_SIZE) {
    yield* k.move_one_page(vma, old_addr + offset, new_vma, new_addr + offset);
    yield* k.cond_resched();
  }
}

/**
 * move_vma(): what `vma` maps at [old_addr, old_addr + old_len) goes to `new_addr`, where `new_len` bytes are free, and the
 * old range is unmapped. Returns `new_addr` or -errno.
 */
export function* move_vma(vma: VmArea, old_addr: Addr, old_len: number, new_len: number, new_addr: Addr): Kernel<number> {
  const mm = vma.vm_mm;
  // Unmapping the old range may split it in three: better refused before anything has moved.
  if (mm.mm_rb.length >= sysctl_max_map_count - 3) return -ENOMEM;
  const { vm_start } = vma;
  const new_vma = yield* k.copy_vma(vma, new_addr, new_len, linear_page_index(vma, old_addr));
  const source = vm_start >= new_vma.vm_start && vm_start < new_vma.vm_end ? new_vma : vma;
  yield* k.move_page_tables(source, old_addr, new_vma, new_addr, old_len);
  yield* k.do_munmap(mm, old_addr, old_len);
  return new_addr;
}

/**
 * do_mremap(): makes the mapping [addr, addr + old_len) `new_len` bytes long; at `new_addr`, replacing what is there, if it is
 * not null (MREMAP_FIXED), elsewhere if it does not fit and `may_move`. Returns its address or -errno.
 */
export function* do_mremap(
  mm: MmStruct,
  addr: Addr,
  old_len: number,
  new_len: number,
  may_move: boolean,
  new_addr: Addr | null,
): Kernel<number> {
  const { TASK_SIZE } = kernel.arch;
  if (addr % PAGE_SIZE !== 0) return -EINVAL;
  old_len = page_align(old_len);
  new_len = page_align(new_len);
  if (new_len <= 0) return -EINVAL;
  if (new_addr !== null) {
    if (new_addr % PAGE_SIZE !== 0 || !may_move || new_len > TASK_SIZE || new_addr > TASK_SIZE - new_len) return -EINVAL;
    if (new_addr <= addr && new_addr + new_len > addr) return -EINVAL;
    if (addr <= new_addr && addr + old_len > new_addr) return -EINVAL;
    const error = yield* k.do_munmap(mm, new_addr, new_len);
    if (error < 0) return error;
  }
  if (old_len >= new_len) {
    const error = yield* k.do_munmap(mm, addr + new_len, old_len - new_len);
    if (error < 0 && old_len !== new_len) return error;
    if (new_addr === null) return addr;
    old_len = new_len;
  }
  const vma = k.find_vma(mm, addr);
  if (vma === null || vma.vm_start > addr || old_len > vma.vm_end - addr) return -EFAULT;
  if (new_len > old_len && k.mremap_overflows(vma, addr, new_len)) return -EINVAL;
  if (new_addr === null && old_len === vma.vm_end - addr && (vma.vm_next?.vm_start ?? TASK_SIZE) - addr >= new_len) {
    yield* k.vma_adjust(vma, vma.vm_start, addr + new_len, vma.vm_pgoff, null);
    return addr;
  }
  if (!may_move) return -ENOMEM;
  const target = new_addr ?? k.get_unmapped_area(mm, new_len);
  return target < 0 ? target : yield* k.move_vma(vma, addr, old_len, new_len, target);
}

/** sys_mremap() */
export function* sys_mremap(
  mm: MmStruct,
  addr: Addr,
  old_len: number,
  new_len: number,
  may_move: boolean,
  new_addr: Addr | null,
): Kernel<number> {
  yield* k.down_write(mm.mmap_sem);
  const result = yield* k.do_mremap(mm, addr, old_len, new_len, may_move, new_addr);
  yield* k.up_write(mm.mmap_sem);
  return result;
}
