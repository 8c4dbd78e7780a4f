// Accesses of the kernel to data that no one lock guards, derived from its tracepoints: where a pte or a count changes, a
// tracepoint is passed in the same transition.

import type { System } from "../kernel/boot.ts";
import type { AddressSpace, Inode, MmStruct, VmArea } from "../kernel/common/mm_types.ts";
import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import { on } from "../observe/subscribe.ts";

/** From now on the machine reports such accesses. */
export function note_accesses({ machine, kernel }: System): void {
  const note = (object: object, field: string, kind: AccessKind): void => machine.accesses?.access(object, field, kind);
  // A writer holds page_table_lock or i_mmap_lock: the lock orders the writes, so they do not race with each other.
  const count_changes = (vma: VmArea): void => {
    if (vma.vm_file !== null) note(vma.vm_file.f_mapping, "vm_truncate_count", ACCESS.add);
  };
  const ptes_change = (mm: MmStruct): void => note(mm, "pgd", ACCESS.add);
  const looked_for_survivors = (): void => note(kernel.mem_map, "_mapcount", ACCESS.read);
  for (const name of ["vma_complete", "restart_save", "vma_reset"] as const) {
    on<{ vma: VmArea }>(machine, name, ({ args }) => count_changes(args.vma));
  }
  // unmap_vmas looks at the vma behind, to see whether it is to be unmapped, too; no lock keeps that from changing.
  for (const name of ["tlb_gather", "tlb_finish"] as const) {
    on<{ mm: MmStruct }>(machine, name, ({ args }) => note(args.mm, "mmap", ACCESS.read));
  }
  on<{ vma: VmArea }>(machine, "zap_block", ({ args }) => note(args.vma.vm_mm, "mmap", ACCESS.read));
  for (const name of ["pte_set", "wp_reuse"] as const) on<{ vma: VmArea }>(machine, name, ({ args }) => ptes_change(args.vma.vm_mm));
  on<{ vma: VmArea; new_vma: VmArea }>(machine, "pte_move", ({ args }) => ptes_change(args.new_vma.vm_mm));
  on<{ mapping: AddressSpace }>(machine, "i_mmap_updated", ({ args }) => note(args.mapping, "i_mmap", ACCESS.add));
  on<{ mm: MmStruct }>(machine, "tlb_flush", ({ args }) => ptes_change(args.mm));
  // What the always-on checks read.
  on<{ vma: VmArea }>(machine, "pte_set", ({ args }) => {
    if (args.vma.vm_file !== null) note(args.vma.vm_file.inode satisfies Inode, "i_size", ACCESS.read);
  });
  for (const name of ["removed_mapped", "truncate_end", "unmap_end"] as const) {
    on<{ mapping: AddressSpace }>(machine, name, looked_for_survivors);
  }
}
