// The slab cache of vm_area_structs (vm_area_cachep), as far as it matters which struct an allocation gets: each CPU hands out the
// one it freed last. A pointer to a freed struct may therefore soon point to another vma.

import { charge } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { note_read, note_write } from "../../machine/shared.ts";
import { VmArea } from "./mm_types.ts";
import { kernel } from "../state.ts";

/** kmem_cache_alloc(vm_area_cachep) with all fields zeroed, as mmap does. */
export function vm_area_alloc(): VmArea {
  charge("vma_alloc");
  note_write(machine.cpu, "vm_area_cachep");
  const vma = kernel.vm_area_cachep[machine.cpu.id]!.pop() ?? new VmArea();
  vma.vm_start = 0;
  vma.vm_end = 0;
  vma.vm_next = null;
  vma.vm_flags = 0;
  vma.vm_pgoff = 0;
  vma.vm_file = null;
  vma.vm_truncate_count = 0;
  vma.anon_vma = false;
  vma.name = "";
  return vma;
}

/** kmem_cache_free(vm_area_cachep): the struct's contents stay as they are until it is handed out again. */
export function vm_area_free(vma: VmArea): void {
  charge("vma_alloc");
  note_write(machine.cpu, "vm_area_cachep");
  kernel.vm_area_cachep[machine.cpu.id]!.push(vma);
}

/** The struct copy `*new = *old` of split, fork and mremap: everything but the place in the file's tree or list. */
export function copy_vm_area(to: VmArea, from: VmArea): void {
  to.vm_mm = from.vm_mm;
  to.vm_start = from.vm_start;
  to.vm_end = from.vm_end;
  to.vm_flags = from.vm_flags;
  to.vm_pgoff = from.vm_pgoff;
  to.vm_file = from.vm_file;
  if (from.vm_file !== null) note_read(from.vm_file.f_mapping, "vm_truncate_count");
  to.vm_truncate_count = from.vm_truncate_count;
  to.anon_vma = from.anon_vma;
  to.name = from.name;
}
