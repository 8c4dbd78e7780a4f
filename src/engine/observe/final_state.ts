// The result of a run as text: equal for two runs if their results are the same to user programs and to the kernel. Struct pages
// and vm_area_structs are identified by what they are used for, not by their place in memory. Times do not count.

import type { System } from "../kernel/boot.ts";
import type { AddressSpace, MmStruct, VmArea } from "../kernel/common/mm_types.ts";
import type { KernelState } from "../kernel/state.ts";
import type { Machine } from "../machine/machine.ts";
import { all_locks } from "./locks.ts";
import { pte_kind, walk_ptes } from "./page_walk.ts";
import { list_vmas, tree_vmas } from "./prio_tree_view.ts";

/** The result of a run that has ended. */
export function final_state({ machine, kernel }: System): string {
  const pages = new Map<number, number>();
  return [
    ...kernel.inodes.map(({ i_size, i_mapping }) => `${i_size} ${i_mapping.truncate_count} ${file_state(kernel, i_mapping)}`),
    ...kernel.mms.map((mm) => mm_state(kernel, mm, pages)),
    ...[...pages.keys()].map((page) => page_state(kernel, page)),
    all_locks(kernel)
      .map((lock) => ("break_lock" in lock ? lock.break_lock : ""))
      .join(""),
    kernel.vm_area_cachep.map(({ length }) => length).join(" "),
    tasks_state(machine),
  ].join("\n");
}

/** Which pages are cached, and which vmas map the file in which order. */
function file_state({ mem_map }: KernelState, { page_tree, i_mmap_nonlinear, i_mmap }: AddressSpace): string {
  const cached = page_tree.indexes_from(0).map((index) => `${index}:${mem_map.flags[page_tree.lookup(index)]}`);
  const mapping = { i_mmap, i_mmap_nonlinear } as AddressSpace;
  return `${cached.join(" ")} ${[...tree_vmas(mapping), ...list_vmas(mapping)].map(vma_position).join(" ")}`;
}

function vma_position({ vm_mm, vm_start }: VmArea): string {
  return `${vm_mm.id}@${vm_start}`;
}

function mm_state(kernel: KernelState, mm: MmStruct, pages: Map<number, number>): string {
  const words = [`${mm.rss} ${mm.anon_rss}`];
  for (const { vm_start, vm_end, vm_flags, vm_pgoff, vm_truncate_count, vm_file } of mm.mm_rb) {
    words.push(`${vm_start} ${vm_end} ${vm_flags} ${vm_pgoff} ${vm_truncate_count} ${vm_file?.inode.name ?? ""}`);
  }
  walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at, address) => {
    const kind = pte_kind(kernel, table, at);
    if (kind !== "file" && kind !== "anon") {
      words.push(`${address} ${table[at]}`);
      return;
    }
    const page = kernel.arch.pfn(table, at);
    if (!pages.has(page)) pages.set(page, pages.size);
    words.push(`${address} p${pages.get(page)} ${table[at]! & 0xfff}`);
  });
  return words.join(" ");
}

function page_state({ mem_map }: KernelState, page: number): string {
  return `${mem_map.mapping[page]} ${mem_map.index[page]} ${mem_map.flags[page]} ${mem_map.count[page]} ${mem_map._mapcount[page]}`;
}

function tasks_state({ tasks, outcome }: Machine): string {
  const end = outcome?.kind === "bug" ? outcome.bug.code : outcome?.kind;
  return `${end} ${tasks.map(({ state, need_resched }) => `${state}${need_resched ? "!" : ""}`).join(" ")}`;
}
