// Names of kernel objects in terms of the scenario: expressions that denote them at every step.

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

/** The expression that denotes an object; null if there is none. */
export function nameOfObject(simulation: Simulation, object: unknown): string | null {
  const { globals, system } = simulation;
  if (object instanceof VmArea) return nameOfMappedVma(simulation, object);
  if (object instanceof SpinLock || object instanceof Semaphore) return all_locks(system.kernel).includes(object) ? object.name : null;
  if (object instanceof Task) return globals.tasks.get(object.name) === object ? object.name : null;
  if (object instanceof MmStruct) return members(simulation).find(({ mm }) => mm === object)?.name ?? null;
  if (object instanceof MmuGather) return `gather(${system.kernel.mmu_gathers.indexOf(object)})`;
  if (object instanceof PrioTreeRoot) return treeOwner(simulation, object);
  const host = object instanceof AddressSpace ? object.host : object instanceof File ? object.inode : object;
  return host instanceof Inode && globals.files.get(host.name)?.inode === host ? host.name : null;
}

function treeOwner({ globals }: Simulation, root: object): string | null {
  const [name] = [...globals.files].find(([, { f_mapping }]) => f_mapping.i_mmap === root) ?? [];
  return name === undefined ? null : `${name}.i_mmap`;
}

/** The expression that denotes an element of a page table; null if the array is no page table. */
export function nameOfPte(simulation: Simulation, table: Uint32Array, index: number): string | null {
  const { kernel } = simulation.system;
  for (const { mm, name } of members(simulation)) {
    if (table === mm.pgd) return `${name}.pgd[${index}]`;
    for (const { table: other, base } of pte_tables(kernel, mm)) {
      if (table === other) return `pte(${name}, 0x${(base + Math.floor(index / kernel.arch.stride) * PAGE_SIZE).toString(16)})`;
    }
  }
  return null;
}

function members({
  globals,
}: Simulation): { readonly name: string; readonly mm: MmStruct; readonly variables: ReadonlyMap<string, unknown> }[] {
  return [...globals.processes.values()].flatMap((group) => group.members);
}

/** A vma is named after a mapping as long as it covers the first address of the mapping. */
function nameOfMappedVma(simulation: Simulation, vma: VmArea): string | null {
  const owner = members(simulation).find(({ mm }) => mm === vma.vm_mm);
  const [variable] = [...(owner?.variables ?? [])].find(([, value]) => value instanceof Mapping && value.identity === vma) ?? [];
  return variable === undefined ? null : `${owner!.name}.${variable}`;
}
