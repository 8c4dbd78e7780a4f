// The consistency check: recomputes from scratch what the kernel keeps count of, and compares. What a lock guards is only looked at
// while the lock is free: its holder may be in the middle of a change.

import type { Frames } from "../machine/hooks.ts";
import type { Task } from "../machine/task.ts";
import type { System } from "../kernel/boot.ts";
import {
  are_ptes_locked,
  i_mmap_lock_of,
  page_index,
  VM_NONLINEAR,
  type AddressSpace,
  type Inode,
  type MmStruct,
  type VmArea,
} from "../kernel/common/mm_types.ts";
import type { KernelState } from "../kernel/state.ts";
import { PAGE_SIZE } from "../kernel/common/arch.ts";
import { check_pages } from "./consistency_pages.ts";
import { check_tlbs } from "./consistency_tlb.ts";
import { pte_kind, walk_ptes } from "./page_walk.ts";
import { check_prio_tree } from "./prio_tree_check.ts";
import { list_vmas, tree_vmas } from "./prio_tree_view.ts";

/** An invariant violation: a rule that does not hold. Plain data. */
export interface Violation {
  /** Stable identifier, e.g. `rss`. */
  readonly rule: string;
  readonly message: string;
  readonly values: Readonly<Record<string, number | string | null>>;
}

export type ViolationSink = (rule: string, message: string, values: Violation["values"]) => void;

/**
 * All invariant violations in a system that stands still. Makes it the active one.
 * @param quiescent does no task hold a page reference of its own, so that every reference can be accounted for? Found from the
 * backtraces if absent.
 */
export function check_consistency({ machine, kernel }: System, quiescent?: boolean): Violation[] {
  machine.activate();
  const violations: Violation[] = [];
  const report: ViolationSink = (rule, message, values) => violations.push({ rule, message, values });
  for (const mm of kernel.mms) if (mm.mmap_sem.owner === null) check_vmas(mm, report);
  if (kernel.mms.every(({ mmap_sem }) => mmap_sem.owner === null))
    for (const { i_mapping } of kernel.inodes) check_mapping(kernel, i_mapping, report);
  if (!kernel.mms.some(are_ptes_locked)) {
    check_pages(kernel, quiescent ?? is_quiescent(machine), report);
    check_tlbs(kernel, report);
  }
  return violations;
}

/** Does no task inside the kernel hold a lock or a page reference? Then every reference to a page can be accounted for. */
function is_quiescent(machine: System["machine"]): boolean {
  return machine.tasks.every(
    (task) => task.held.length === 0 && task.waiting_on === null && !executes(machine, task) && !machine.backtrace(task).some(has_page),
  );
}

/** Is it the task that has just passed a tracepoint? Its backtrace is not available before it stops. */
function executes(machine: System["machine"], task: Task): boolean {
  return machine.outcome === null && task === machine.current && task.state === "running" && task.frames === null;
}

/**
 * Is a page among a frame's locals? Kernel code that works on a page without a lock, as an invalidation does, has it in a
 * variable of that name.
 */
function has_page([, locals]: Frames[number]): boolean {
  return "page" in locals;
}

/** mm_rb and the vm_next chain hold the same vmas, in order of addresses, without overlaps or empty ones. */
function check_vmas(mm: MmStruct, report: ViolationSink): void {
  let next = mm.mmap;
  let end = 0;
  for (const vma of mm.mm_rb) {
    const values = { mm: mm.name, vma: vma.name, vm_start: vma.vm_start, vm_end: vma.vm_end };
    if (next !== vma) return report("vma-chain", "the list of vmas is not that of mm_rb", values);
    if (vma.vm_mm !== mm) report("vma-mm", "a vma is in another address space than its own", values);
    if (vma.vm_start < end) report("vma-overlap", "a vma begins before the one before it ends", values);
    if (vma.vm_start >= vma.vm_end || vma.vm_start % PAGE_SIZE !== 0 || vma.vm_end % PAGE_SIZE !== 0)
      report("vma-range", "a vma is empty or not made of whole pages", values);
    end = vma.vm_end;
    next = vma.vm_next;
  }
  if (next !== null) report("vma-chain", "the list of vmas is longer than mm_rb", { mm: mm.name, vma: next.name });
}

/** The prio tree is well formed, and every vma that maps the file is in exactly one of tree and list. */
function check_mapping(kernel: KernelState, mapping: AddressSpace, report: ViolationSink): void {
  const file = mapping.host.name;
  if (i_mmap_lock_of(mapping).owner !== null) return;
  for (const { rule, message, vma } of check_prio_tree<number, VmArea>(mapping.i_mmap))
    report("prio-tree", `${vma?.name ?? "the tree"} ${message}`, { file, rule });
  const tree = tree_vmas(mapping);
  const list = list_vmas(mapping);
  const linked = new Set([...tree, ...list]);
  if (linked.size !== tree.length + list.length) report("vma-linked-twice", "a vma is linked to its file twice", { file });
  for (const vma of list)
    if ((vma.vm_flags & VM_NONLINEAR) === 0) report("vma-linked", "a linear vma is in the nonlinear list", { file, vma: vma.name });
  for (const vma of tree)
    if ((vma.vm_flags & VM_NONLINEAR) !== 0) report("vma-linked", "a nonlinear vma is in the prio tree", { file, vma: vma.name });
  for (const mm of kernel.mms) {
    for (const vma of mm.mm_rb) {
      if (vma.vm_file?.f_mapping !== mapping) continue;
      // An address space without users unlinks its vmas after their files do, from 2.6.38 on …
      if (!linked.delete(vma) && mm.mm_users > 0)
        report("vma-linked", "a vma that maps the file is neither in its prio tree nor in its list", { file, mm: mm.name, vma: vma.name });
    }
  }
  for (const vma of linked) {
    // … and before that in earlier kernels.
    if (vma.vm_mm.mm_users > 0) report("vma-linked", "a vma that no address space has is linked to the file", { file, vma: vma.name });
  }
}

/**
 * How many ptes map pages of `inode` that lie wholly at or behind `size` bytes. Private copies are no pages of the file.
 * A page that a truncation has taken out of the page cache is known by the vma that maps it: its mapping is gone, its
 * index is still there.
 */
export function mapped_beyond({ kernel }: System, inode: Inode, size: number): number {
  const { mem_map, arch } = kernel;
  const first = page_index(size + PAGE_SIZE - 1);
  const { id } = inode.i_mapping;
  let count = 0;
  for (const vma of kernel.mms.flatMap((mm) => mm.mm_rb)) {
    if (vma.vm_file?.inode !== inode) continue;
    walk_ptes(kernel, vma.vm_mm, vma.vm_start, vma.vm_end, (table, at) => {
      if (pte_kind(kernel, table, at) !== "file") return;
      const page = arch.pfn(table, at);
      if (mem_map.index[page]! >= first && (mem_map.mapping[page] === id || mem_map.mapping[page] === 0)) count += 1;
    });
  }
  return count;
}
