// A system as plain data, for views and printing: nothing in it is live, all of it survives JSON. Addresses and sizes are
// in bytes, times in model nanoseconds.

import { _PAGE_PRESENT } from "../kernel/common/arch.ts";
import type { System } from "../kernel/boot.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type AddressSpace, type MmStruct, type VmArea } from "../kernel/common/mm_types.ts";
import type { KernelState } from "../kernel/state.ts";
import { locks_of, type LockSnapshot } from "./locks.ts";
import { page_table_ranges, type PageTableRange } from "./page_table_ranges.ts";
import { walk_ptes } from "./page_walk.ts";
import { position_of, type PositionSnapshot } from "./position.ts";
import { list_vmas, prio_tree_view, tree_vmas, type PrioTreeView } from "./prio_tree_view.ts";

export { full_state } from "./full_state.ts";
export { all_locks, locks_of, locks_of_inode, type LockSnapshot } from "./locks.ts";
export type { PageTableRange } from "./page_table_ranges.ts";
export { position_of, type CpuSnapshot, type PositionSnapshot, type TaskSnapshot } from "./position.ts";
export type { PrioTreeView } from "./prio_tree_view.ts";

export interface VmaSnapshot {
  readonly name: string;
  readonly mm: string;
  readonly file: string | null;
  readonly start: number;
  readonly end: number;
  /** Page of the file at `start`. */
  readonly pgoff: number;
  /** As in /proc/PID/maps: `rw-s`, `r--p`. */
  readonly flags: string;
  readonly vm_truncate_count: number;
  readonly pages_mapped: number;
  /** Where it is linked to its file: in the tree, in the nonlinear list, or (for a moment, and anonymous vmas) nowhere. */
  readonly where: "tree" | "list" | null;
}

export interface FileSnapshot {
  readonly name: string;
  readonly i_size: number;
  readonly truncate_count: number;
  readonly nrpages: number;
  /** In the order in which unmap_mapping_range visits them: the tree's, then the nonlinear list's. */
  readonly vmas: readonly VmaSnapshot[];
  readonly index_bits: number;
  /** The prio tree, vmas by their place in `vmas`. */
  readonly i_mmap: PrioTreeView<number> | null;
}

export interface MmSnapshot {
  readonly name: string;
  readonly rss: number;
  readonly anon_rss: number;
  readonly map_count: number;
  /** In order of addresses. */
  readonly vmas: readonly VmaSnapshot[];
}

export interface Snapshot {
  readonly position: PositionSnapshot;
  readonly files: readonly FileSnapshot[];
  readonly mms: readonly MmSnapshot[];
  readonly locks: readonly LockSnapshot[];
}

/** Everything about a system but its page tables, which may be large: `page_tables_of` gives those of one address space. */
export function snapshot({ machine, kernel }: System): Snapshot {
  return {
    position: position_of(machine),
    files: kernel.inodes.map(({ i_mapping }) => file_of(kernel, i_mapping)),
    mms: kernel.mms.map((mm) => mm_of(kernel, mm)),
    locks: locks_of(kernel),
  };
}

/** A file, with all vmas that map it. */
export function file_of(kernel: KernelState, mapping: AddressSpace): FileSnapshot {
  const vmas = [...tree_vmas(mapping), ...list_vmas(mapping)];
  return {
    name: mapping.host.name,
    i_size: mapping.host.i_size,
    truncate_count: mapping.truncate_count,
    nrpages: mapping.page_tree.nrpages,
    vmas: vmas.map((vma) => vma_of(kernel, vma)),
    index_bits: mapping.i_mmap.index_bits,
    i_mmap: prio_tree_view(mapping.i_mmap, (vma) => vmas.indexOf(vma)),
  };
}

/** An address space, with its vmas. */
export function mm_of(kernel: KernelState, mm: MmStruct): MmSnapshot {
  const { name, rss, anon_rss, mm_rb } = mm;
  return { name, rss, anon_rss, map_count: mm_rb.length, vmas: mm_rb.map((vma) => vma_of(kernel, vma)) };
}

/** One vma. */
export function vma_of(kernel: KernelState, vma: VmArea): VmaSnapshot {
  let pages_mapped = 0;
  walk_ptes(kernel, vma.vm_mm, vma.vm_start, vma.vm_end, (table, at) => {
    if ((table[at]! & _PAGE_PRESENT) !== 0) pages_mapped += 1;
  });
  const { name, vm_mm, vm_file, vm_start, vm_end, vm_pgoff, vm_truncate_count } = vma;
  const where = place_of(vma);
  return {
    name,
    mm: vm_mm.name,
    file: vm_file?.inode.name ?? null,
    start: vm_start,
    end: vm_end,
    pgoff: vm_pgoff,
    flags: flags_text(vma.vm_flags),
    vm_truncate_count,
    pages_mapped,
    where,
  };
}

/** Protection and sharing as /proc/PID/maps writes them. */
export function flags_text(vm_flags: number): string {
  const letter = (flag: number, yes: string, no: string): string => ((vm_flags & flag) !== 0 ? yes : no);
  return letter(VM_READ, "r", "-") + letter(VM_WRITE, "w", "-") + letter(VM_EXEC, "x", "-") + letter(VM_SHARED, "s", "p");
}

function place_of(vma: VmArea): "tree" | "list" | null {
  if (vma.vm_file === null) return null;
  const mapping = vma.vm_file.f_mapping;
  if (list_vmas(mapping).includes(vma)) return "list";
  const { parent, head, list } = vma.shared;
  return parent !== null || head !== null || list.next !== list ? "tree" : null;
}

/** What the page tables of one address space hold, range by range. */
export function page_tables_of(kernel: KernelState, mm: MmStruct): PageTableRange[] {
  return page_table_ranges(kernel, mm);
}
