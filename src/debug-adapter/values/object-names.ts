// What an object of the run is called in the scenario's terms: an expression that means it wherever one is in time.

import { AddressSpace, File, Inode, MmStruct, VmArea } from "../../engine/kernel/common/mm_types.ts";
import { PrioTreeRoot } from "../../engine/kernel/common/prio_tree_types.ts";
import { MmuGather } from "../../engine/kernel/common/tlb.ts";
import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Task } from "../../engine/machine/task.ts";
import { pte_tables } from "../../engine/observe/page_walk.ts";
import { all_locks } from "../../engine/observe/snapshot.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { Mapping } from "../../scenario/run/values.ts";

/** The expression for an object; null if none leads to it. */
export function nameOfObject(simulation: Simulation, object: unknown): string | null {
  const { names, system } = simulation;
  if (object instanceof VmArea) return nameOfVma(simulation, object);
  if (object instanceof SpinLock || object instanceof Semaphore) return all_locks(system.kernel).includes(object) ? object.name : null;
  if (object instanceof Task) return names.tasks.get(object.name) === object ? object.name : null;
  if (object instanceof MmStruct) return members(simulation).find(({ mm }) => mm === object)?.name ?? null;
  if (object instanceof MmuGather) return `gather(${system.kernel.mmu_gathers.indexOf(object)})`;
  if (object instanceof PrioTreeRoot) return treeOwner(simulation, object);
  const host = object instanceof AddressSpace ? object.host : object instanceof File ? object.inode : object;
  return host instanceof Inode && names.files.get(host.name)?.inode === host ? host.name : null;
}

function treeOwner({ names }: Simulation, root: object): string | null {
  const [name] = [...names.files].find(([, { f_mapping }]) => f_mapping.i_mmap === root) ?? [];
  return name === undefined ? null : `${name}.i_mmap`;
}

/** The expression for an element of a page table; null if the table is none. */
export function nameOfEntry(simulation: Simulation, table: Uint32Array, index: number): string | null {
  const { kernel } = simulation.system;
  for (const { mm, name } of members(simulation)) {
    if (table === mm.pgd) return `${name}.pgd[${index}]`;
    for (const { table: other, base } of pte_tables(kernel, mm)) {
      if (table === other) return `pte(${name}, 0x${(base + Math.floor(index / kernel.arch.stride) * PAGE_SIZE).toString(16)})`;
    }
  }
  return null;
}

function members({ names }: Simulation): { readonly name: string; readonly mm: MmStruct; readonly variables: ReadonlyMap<string, unknown> }[] {
  return [...names.processes.values()].flatMap((group) => group.members);
}

/** A vma is a mapping's as long as it covers the mapping's first address. */
function nameOfVma(simulation: Simulation, vma: VmArea): string | null {
  const owner = members(simulation).find(({ mm }) => mm === vma.vm_mm);
  const [variable] = [...(owner?.variables ?? [])].find(([, value]) => value instanceof Mapping && value.identity === vma) ?? [];
  return variable === undefined ? null : `${owner!.name}.${variable}`;
}
