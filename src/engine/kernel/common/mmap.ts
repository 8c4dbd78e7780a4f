// mm/mmap.c: the vmas of an address space, and how they are linked, merged, split, moved and removed.

import type { Kernel } from "../../machine/hooks.ts";
import { machine } from "../../machine/machine.ts";
import { charge, charge_ns } from "../../machine/sched.ts";
import { note_write } from "../../machine/shared.ts";
import { list_add_tail, list_del } from "../../machine/list.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "./arch.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { k } from "../image.ts";
import {
  linear_page_index,
  page_align,
  vma_pages,
  VM_NONLINEAR,
  type Addr,
  type AddressSpace,
  type File,
  type MmStruct,
  type Pgoff,
  type VmArea,
} from "./mm_types.ts";
import { kernel } from "../state.ts";
import { copy_vm_area } from "./slab.ts";

/** How many vmas an address space may have (/proc/sys/vm/max_map_count). */
export const sysctl_max_map_count = 65_536;

/** Where the vmas that end behind `addr` begin in mm_rb. */
export function find_vma_index(mm: MmStruct, addr: Addr): number {
  let low = 0;
  let high = mm.mm_rb.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mm.mm_rb[middle]!.vm_end > addr) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** find_vma(): the first vma that ends behind `addr`, or null. */
export function find_vma(mm: MmStruct, addr: Addr): VmArea | null {
  charge_ns(machine.costs.find_vma);
  return mm.mm_rb[find_vma_index(mm, addr)] ?? null;
}

/** find_vma_prev(): the vma before the one that find_vma() gives, or null. */
export function find_vma_prev(mm: MmStruct, addr: Addr): VmArea | null {
  return mm.mm_rb[find_vma_index(mm, addr) - 1] ?? null;
}

/** __vma_link(), without the file: into the mm's list and its look-up structure. */
export function __vma_link(mm: MmStruct, vma: VmArea): void {
  note_write(mm, "mmap");
  const at = find_vma_index(mm, vma.vm_start);
  const prev = mm.mm_rb[at - 1];
  if (prev === undefined) mm.mmap = vma;
  else prev.vm_next = vma;
  vma.vm_next = mm.mm_rb[at] ?? null;
  mm.mm_rb.splice(at, 0, vma);
}

/** __vma_unlink() */
export function __vma_unlink(mm: MmStruct, vma: VmArea): void {
  note_write(mm, "mmap");
  const at = mm.mm_rb.indexOf(vma);
  const prev = mm.mm_rb[at - 1];
  if (prev === undefined) mm.mmap = vma.vm_next;
  else prev.vm_next = vma.vm_next;
  mm.mm_rb.splice(at, 1);
}

/** __vma_link_file(): into the tree of its file, or the list of nonlinear vmas. Under i_mmap_lock. */
export function* __vma_link_file(vma: VmArea): Kernel<void> {
  if (vma.vm_file === null) return;
  const mapping = vma.vm_file.f_mapping;
  charge("prio_tree_update");
  trace("i_mmap_update", { mapping, vma, change: "insert" });
  if ((vma.vm_flags & VM_NONLINEAR) !== 0) list_add_tail(vma.shared.list, mapping.i_mmap_nonlinear);
  else yield* k.vma_prio_tree_insert(vma, mapping.i_mmap);
  trace("i_mmap_updated", { mapping, vma, change: "insert" });
}

/** __remove_shared_vm_struct(): out of the tree or list of its file. Under i_mmap_lock. */
export function* __remove_shared_vm_struct(vma: VmArea, mapping: AddressSpace): Kernel<void> {
  charge("prio_tree_update");
  trace("i_mmap_update", { mapping, vma, change: "remove" });
  if ((vma.vm_flags & VM_NONLINEAR) !== 0) list_del(vma.shared.list);
  else yield* k.vma_prio_tree_remove(vma, mapping.i_mmap);
  trace("i_mmap_updated", { mapping, vma, change: "remove" });
}

/** vma_link(): makes a new vma part of its mm and known to its file. */
export function* vma_link(mm: MmStruct, vma: VmArea): Kernel<void> {
  const mapping = vma.vm_file?.f_mapping ?? null;
  vma.vm_mm = mm;
  if (mapping !== null) {
    yield* k.i_mmap_lock_write(mapping);
    yield* k.inherit_truncate_count(vma, mapping);
  }
  __vma_link(mm, vma);
  if (mapping !== null) {
    yield* k.__vma_link_file(vma);
    yield* k.i_mmap_unlock_write(mapping);
  }
}

/**
 * vma_adjust(): changes the boundaries of `vma` to [start, end) at `pgoff` of the file, under i_mmap_lock. Without `insert`
 * the next vma gives way or follows: it is swallowed, or the boundary between the two moves. With it, `vma` has been
 * split and `insert` is the new part.
 */
export function* vma_adjust(vma: VmArea, start: Addr, end: Addr, pgoff: Pgoff, insert: VmArea | null): Kernel<void> {
  const mm = vma.vm_mm;
  const file = vma.vm_file;
  const mapping = file?.f_mapping ?? null;
  const linear = mapping !== null && (vma.vm_flags & VM_NONLINEAR) === 0;
  let removed: VmArea | null;
  do {
    const next = vma.vm_next;
    let importer: VmArea | null = null;
    let adjust_next = 0;
    let new_end = end;
    removed = null;
    if (next !== null && insert === null) {
      if (end >= next.vm_end) {
        removed = next;
        new_end = next.vm_end;
        importer = vma;
      } else if (end > next.vm_start) {
        adjust_next = end - next.vm_start;
        importer = vma;
      } else if (end < vma.vm_end) {
        adjust_next = end - vma.vm_end;
        importer = next;
      }
    }

    if (mapping !== null) {
      yield* k.i_mmap_lock_write(mapping);
      if (importer !== null && next !== null) yield* k.import_truncate_count(importer, vma, next);
      if (insert !== null) {
        yield* k.split_truncate_count(insert, vma);
        yield* k.__vma_link_file(insert);
      }
    }
    if (linear) {
      yield* k.__remove_shared_vm_struct(vma, mapping);
      if (adjust_next !== 0 && next !== null) yield* k.__remove_shared_vm_struct(next, mapping);
    }
    if (importer !== null && next !== null && (vma.anon_vma || next.anon_vma)) importer.anon_vma = true;
    vma.vm_start = start;
    vma.vm_end = new_end;
    vma.vm_pgoff = pgoff;
    if (adjust_next !== 0 && next !== null) {
      next.vm_start += adjust_next;
      next.vm_pgoff += adjust_next / PAGE_SIZE;
    }
    if (linear) {
      if (adjust_next !== 0 && next !== null) yield* k.__vma_link_file(next);
      yield* k.__vma_link_file(vma);
    }
    if (removed !== null) {
      __vma_unlink(mm, removed);
      if (mapping !== null) yield* k.__remove_shared_vm_struct(removed, mapping);
    } else if (insert !== null) {
      __vma_link(mm, insert);
    }
    if (mapping !== null) yield* k.i_mmap_unlock_write(mapping);
    if (removed !== null) k.vm_area_free(removed);
    // mprotect may have `vma` swallow the vma after the next one too.
  } while (removed !== null && vma.vm_end < end);
}

/** is_mergeable_vma(): may pages of this kind be part of `vma`? Nonlinear vmas merge like others. */
function is_mergeable_vma(vma: VmArea, vm_flags: number, file: File | null): boolean {
  return vma.vm_flags === vm_flags && vma.vm_file === file;
}

/**
 * vma_merge(): tries to cover [addr, end) by growing the vma before it (`prev`), the one behind, or both, after [addr, end)
 * was unmapped or is to change its flags. Returns the vma that now covers it, or null.
 */
export function* vma_merge(
  mm: MmStruct,
  prev: VmArea | null,
  addr: Addr,
  end: Addr,
  vm_flags: number,
  file: File | null,
  pgoff: Pgoff,
): Kernel<VmArea | null> {
  let next = prev === null ? mm.mmap : prev.vm_next;
  const area = next;
  // In the middle of mprotect: [addr, end) is, up to its end, a vma of its own.
  if (next !== null && next.vm_end === end) next = next.vm_next;
  const pages = (end - addr) / PAGE_SIZE;
  const before =
    prev !== null && prev.vm_end === addr && is_mergeable_vma(prev, vm_flags, file) && prev.vm_pgoff + vma_pages(prev) === pgoff;
  const after = next !== null && next.vm_start === end && is_mergeable_vma(next, vm_flags, file) && pgoff + pages === next.vm_pgoff;
  if (prev !== null && before) {
    yield* k.vma_adjust(prev, prev.vm_start, after ? next!.vm_end : end, prev.vm_pgoff, null);
    return prev;
  }
  if (next === null || !after) return null;
  if (prev !== null && addr < prev.vm_end) {
    yield* k.vma_adjust(prev, prev.vm_start, addr, prev.vm_pgoff, null);
  } else {
    yield* k.vma_adjust(area!, addr, next.vm_end, next.vm_pgoff - pages, null);
    return area;
  }
  return next;
}

/**
 * split_vma(): cuts `vma` in two at `addr`. A new struct gets the part below `addr` if `new_below`, else the part above.
 * Returns 0 or -ENOMEM.
 */
export function* split_vma(vma: VmArea, addr: Addr, new_below: boolean): Kernel<number> {
  if (vma.vm_mm.mm_rb.length >= sysctl_max_map_count) return -ENOMEM;
  const split = k.vm_area_alloc();
  copy_vm_area(split, vma);
  if (new_below) {
    split.vm_end = addr;
  } else {
    split.vm_start = addr;
    split.vm_pgoff = linear_page_index(vma, addr);
  }
  if (new_below) yield* k.vma_adjust(vma, addr, vma.vm_end, linear_page_index(vma, addr), split);
  else yield* k.vma_adjust(vma, vma.vm_start, addr, vma.vm_pgoff, split);
  return 0;
}

/** unmap_region(): empties the ptes of [start, end), whose vmas are detached from the mm by now; frees tables that are empty then. */
export function* unmap_region(mm: MmStruct, vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  yield* k.spin_lock(mm.page_table_lock);
  const tlbp = { tlb: k.tlb_gather_mmu(mm, 0) };
  yield* k.unmap_vmas(tlbp, mm, vma, start, end, null);
  const behind = mm.mm_rb[find_vma_index(mm, start)];
  const before = mm.mm_rb[find_vma_index(mm, start) - 1];
  k.free_pgtables(mm, before?.vm_end ?? 0, behind?.vm_start ?? kernel.arch.TASK_SIZE);
  yield* k.tlb_finish_mmu(tlbp.tlb, start, end);
  yield* k.spin_unlock(mm.page_table_lock);
}

/** do_munmap(): unmaps [start, start + len). The ptes go first, then the vmas leave their files. Returns 0 or -errno. */
export function* do_munmap(mm: MmStruct, start: Addr, len: number): Kernel<number> {
  const { TASK_SIZE } = kernel.arch;
  if (start % PAGE_SIZE !== 0 || start > TASK_SIZE || len > TASK_SIZE - start || len <= 0) return -EINVAL;
  const end = start + page_align(len);
  let first = k.find_vma(mm, start);
  if (first === null || first.vm_start >= end) return 0;
  if (start > first.vm_start) {
    if ((yield* k.split_vma(first, start, false)) < 0) return -ENOMEM;
    first = first.vm_next!;
  }
  const last = k.find_vma(mm, end);
  if (last !== null && end > last.vm_start) {
    if ((yield* k.split_vma(last, end, true)) < 0) return -ENOMEM;
    if (last === first) first = k.find_vma_prev(mm, end)!;
  }
  const detached = detach_vmas(mm, first, end);
  yield* k.unmap_region(mm, first, start, end);
  for (const vma of detached) yield* k.remove_vm_struct(vma);
  return 0;
}

/** remove_vm_struct(): a vma that its mm no longer has leaves its file and is freed. */
export function* remove_vm_struct(vma: VmArea): Kernel<void> {
  const mapping = vma.vm_file?.f_mapping ?? null;
  if (mapping !== null) {
    yield* k.i_mmap_lock_write(mapping);
    yield* k.__remove_shared_vm_struct(vma, mapping);
    yield* k.i_mmap_unlock_write(mapping);
  }
  k.vm_area_free(vma);
}

/**
 * exit_mmap(): the end of an address space without users. All ptes go first, with page_table_lock held but
 * where unmap_vmas offers the CPU; then the vmas leave their files.
 */
export function* exit_mmap(mm: MmStruct): Kernel<void> {
  const { ULONG_MAX } = kernel.arch.word;
  yield* k.spin_lock(mm.page_table_lock);
  const tlbp = { tlb: k.tlb_gather_mmu(mm, 1) };
  yield* k.unmap_vmas(tlbp, mm, mm.mmap, 0, ULONG_MAX, null);
  k.clear_page_tables(mm);
  yield* k.tlb_finish_mmu(tlbp.tlb, 0, kernel.arch.TASK_SIZE);
  const vmas = detach_all_vmas(mm);
  yield* k.spin_unlock(mm.page_table_lock);
  for (const vma of vmas) yield* k.remove_vm_struct(vma);
}

/** The part of exit_mmap() after which nothing leads from the mm to its vmas any more; what they were. */
export function detach_all_vmas(mm: MmStruct): VmArea[] {
  mm.mmap = null;
  mm.rss = 0;
  return mm.mm_rb.splice(0);
}

/** detach_vmas_to_be_unmapped(): takes the vmas from `first` up to `end` off the mm; they stay linked to each other. */
function detach_vmas(mm: MmStruct, first: VmArea, end: Addr): VmArea[] {
  note_write(mm, "mmap");
  const from = mm.mm_rb.indexOf(first);
  let to = from;
  while (to < mm.mm_rb.length && mm.mm_rb[to]!.vm_start < end) to++;
  const detached = mm.mm_rb.splice(from, to - from);
  const prev = mm.mm_rb[from - 1];
  const behind = mm.mm_rb[from] ?? null;
  if (prev === undefined) mm.mmap = behind;
  else prev.vm_next = behind;
  const last = detached.at(-1)!;
  last.vm_next = null;
  return detached;
}

/** arch_get_unmapped_area(): the lowest free range of `len` bytes from TASK_UNMAPPED_BASE on; -ENOMEM if there is none. */
export function get_unmapped_area(mm: MmStruct, len: number): number {
  let addr = kernel.arch.TASK_UNMAPPED_BASE;
  for (let at = find_vma_index(mm, addr); ; at++) {
    if (addr + len > kernel.arch.TASK_SIZE) return -ENOMEM;
    const vma = mm.mm_rb[at];
    if (vma === undefined || addr + len <= vma.vm_start) return addr;
    addr = vma.vm_end;
  }
}

/** What do_mmap_pgoff() looks at first: 0, or why it refuses. */
function refuse_mmap(mm: MmStruct, addr: Addr | null, len: number, pgoff: Pgoff): number {
  const { TASK_SIZE, word } = kernel.arch;
  if (len <= 0 || len > TASK_SIZE) return -EINVAL;
  if (pgoff + len / PAGE_SIZE > word.ULONG_MAX) return k.mmap_overflow_error();
  if (mm.mm_rb.length > sysctl_max_map_count || (addr !== null && addr > TASK_SIZE - len)) return -ENOMEM;
  return addr !== null && addr % PAGE_SIZE !== 0 ? -EINVAL : 0;
}

/** Why do_mmap_pgoff() refuses a mapping whose page index would overflow. */
export function mmap_overflow_error(): number {
  return -EINVAL;
}

/**
 * do_mmap_pgoff(): maps `len` bytes of `file` (private memory without a file if null) from page `pgoff` on, at `addr`
 * exactly if it is not null, replacing what is there. Returns the address or -errno.
 */
export function* do_mmap_pgoff(
  mm: MmStruct,
  file: File | null,
  addr: Addr | null,
  len: number,
  vm_flags: number,
  pgoff: Pgoff,
): Kernel<number> {
  len = page_align(len);
  const refused = refuse_mmap(mm, addr, len, pgoff);
  if (refused < 0) return refused;
  const start = addr ?? k.get_unmapped_area(mm, len);
  if (start < 0) return start;
  // So that vmas without a file merge by the same rule as others.
  if (file === null) pgoff = start / PAGE_SIZE;
  if (addr !== null && (yield* k.do_munmap(mm, start, len)) < 0) return -ENOMEM;
  if ((yield* k.vma_merge(mm, k.find_vma_prev(mm, start), start, start + len, vm_flags, file, pgoff)) !== null) return start;
  const vma = k.vm_area_alloc();
  vma.vm_mm = mm;
  vma.vm_start = start;
  vma.vm_end = start + len;
  vma.vm_flags = vm_flags;
  vma.vm_pgoff = pgoff;
  vma.vm_file = file;
  yield* k.vma_link(mm, vma);
  return start;
}

/**
 * copy_vma(): makes room for `len` bytes of what `vma` maps from page `pgoff` on, at `addr`, where nothing is: a
 * neighbour grows, which may be `vma` itself, or swallow it; or there is a new vma like it.
 */
export function* copy_vma(vma: VmArea, addr: Addr, len: number, pgoff: Pgoff): Kernel<VmArea> {
  const mm = vma.vm_mm;
  const merged = yield* k.vma_merge(mm, k.find_vma_prev(mm, addr), addr, addr + len, vma.vm_flags, vma.vm_file, pgoff);
  if (merged !== null) return merged;
  const new_vma = k.vm_area_alloc();
  copy_vm_area(new_vma, vma);
  new_vma.vm_start = addr;
  new_vma.vm_end = addr + len;
  new_vma.vm_pgoff = pgoff;
  yield* k.vma_link(mm, new_vma);
  return new_vma;
}
