// All of a system's state that can make a difference to its further execution, as plain data: two systems are in the same state
// if and only if these are equal. For laws such as "a seek to a step gives the state of a run to that step".

import { PAGE_SIZE } from "../kernel/common/arch.ts";
import type { System } from "../kernel/boot.ts";
import type { MmStruct, VmArea } from "../kernel/common/mm_types.ts";
import type { KernelState } from "../kernel/state.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import { all_locks } from "./locks.ts";
import { table_pages, walk_ptes } from "./page_walk.ts";
import { step_of } from "./position.ts";
import { list_vmas, prio_tree_view, tree_vmas } from "./prio_tree_view.ts";

export interface FullState {
  readonly machine: unknown;
  readonly kernel: unknown;
}

/** The full state of a system that stands still. Reading it changes nothing. */
export function full_state({ machine, kernel }: System): FullState {
  const names = new StructNames(kernel);
  return { machine: machine_state(machine, names), kernel: kernel_state(kernel, names) };
}

/** Names for the structs that point at each other, the same in every system that is in the same state. */
class StructNames {
  private readonly ids = new Map<object, string>();

  constructor(kernel: KernelState) {
    for (const mm of kernel.mms) {
      this.add(mm, `mm ${mm.id}`);
      for (const vma of mm.mm_rb) this.add(vma);
    }
    for (const { i_mapping } of kernel.inodes) {
      this.add(i_mapping, `mapping ${i_mapping.id}`);
      for (const vma of [...tree_vmas(i_mapping), ...list_vmas(i_mapping)]) this.add(vma);
    }
    for (const vma of kernel.vm_area_cachep.flat()) this.add(vma);
    for (const lock of all_locks(kernel)) this.add(lock, lock.name);
  }

  private add(object: object, name = `struct ${this.ids.size}`): void {
    if (!this.ids.has(object)) this.ids.set(object, name);
  }

  of(object: object | null): string | null {
    return object === null ? null : (this.ids.get(object) ?? "(unknown)");
  }

  /** A local variable; a struct without a name is identified by its class alone. */
  value(value: unknown): unknown {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return typeof value === "function" ? "(function)" : value;
    return this.ids.get(value) ?? value.constructor.name;
  }
}

function machine_state(machine: Machine, names: StructNames): unknown {
  const task_name = (task: Task | null): string | null => (task === null ? null : `${task.pid} ${task.name}`);
  return {
    step: step_of(machine),
    events: machine.events,
    timeless: machine.time_frozen,
    outcome: machine.outcome?.kind ?? null,
    current: task_name(machine.current),
    cpus: machine.all_cpus.map((cpu) => ({
      clock: cpu.clock,
      current: task_name(cpu.current),
      last: task_name(cpu.last),
      runqueue: cpu.runqueue.map(task_name),
      timers: cpu.timers.map(task_name),
      next_tick: cpu.next_tick,
      next_interrupt: cpu.next_interrupt,
    })),
    tasks: machine.tasks.map((task) => ({
      name: task_name(task),
      state: task.state,
      need_resched: task.need_resched,
      preempt_count: task.preempt_count,
      time_slice: task.time_slice,
      wake_time: task.wake_time,
      retry_time: task.retry_time,
      runnable_since: task.runnable_since,
      waiting_on: task.waiting_on?.name ?? null,
      waiting_since: task.waiting_since,
      held: task.held.map((lock) => lock.name),
      held_by: task_name(task.held_by),
      started: task.started,
      stack: machine
        .backtrace(task)
        .map(([site, locals]) => [site, Object.entries(locals).map(([name, value]) => [name, names.value(value)])]),
    })),
  };
}

function kernel_state(kernel: KernelState, names: StructNames): unknown {
  const { mem_map, swap_map } = kernel;
  return {
    files: kernel.inodes.map(({ name, i_size, i_mapping }) => ({
      name,
      i_size,
      truncate_count: i_mapping.truncate_count,
      pages: page_cache(i_mapping.page_tree.indexes_from(0), (index) => i_mapping.page_tree.lookup(index)),
      nrpages: i_mapping.page_tree.nrpages,
      index_bits: i_mapping.i_mmap.index_bits,
      tree: prio_tree_view(i_mapping.i_mmap, (vma) => names.of(vma)),
      list: list_vmas(i_mapping).map((vma) => names.of(vma)),
    })),
    mms: kernel.mms.map((mm) => mm_state(kernel, mm, names)),
    locks: all_locks(kernel).map((lock) => lock_state(lock)),
    // Structs that are free keep what was in them, and a task may still have their address.
    slabs: kernel.vm_area_cachep.map((free) => free.map((vma) => vma_state(vma, names))),
    detached: kernel.inodes
      .flatMap(({ i_mapping }) => [...tree_vmas(i_mapping), ...list_vmas(i_mapping)])
      .filter((vma) => !vma.vm_mm.mm_rb.includes(vma))
      .map((vma) => vma_state(vma, names)),
    gathers: kernel.mmu_gathers.map(({ mm, nr, need_flush, fullmm, freed, pages }) => ({
      mm: names.of(mm),
      nr,
      need_flush,
      fullmm,
      freed,
      pages: [...pages.slice(0, Math.max(0, nr))],
    })),
    tlbs: kernel.tlbs.map((tlb) => ({
      mm: names.of(tlb.mm),
      entries: tlb.entries().map(({ address, page, writable }) => [address, page, writable]),
    })),
    pages: used_pages(kernel),
    max_mapnr: mem_map.max_mapnr,
    allocated: mem_map.allocated,
    free_list: runs(mem_map.free_list.map((page) => [page])),
    swap_entries: swap_map.in_use,
  };
}

function mm_state(kernel: KernelState, mm: MmStruct, names: StructNames): unknown {
  const ptes: number[][] = [];
  walk_ptes(kernel, mm, 0, 2 ** 53, (table, at, address) =>
    ptes.push([address, table[at]!, kernel.arch.stride === 2 ? table[at + 1]! : 0]),
  );
  const chain: (string | null)[] = [];
  for (let vma = mm.mmap; vma !== null && chain.length <= mm.mm_rb.length; vma = vma.vm_next) chain.push(names.of(vma));
  return {
    name: mm.name,
    mm_users: mm.mm_users,
    rss: mm.rss,
    anon_rss: mm.anon_rss,
    vmas: mm.mm_rb.map((vma) => vma_state(vma, names)),
    chain,
    tables: table_pages(kernel, mm),
    ptes: runs(ptes),
  };
}

function vma_state(vma: VmArea, names: StructNames): unknown {
  const { name, vm_start, vm_end, vm_flags, vm_pgoff, vm_truncate_count } = vma;
  const mm = names.of((vma.vm_mm as MmStruct | undefined) ?? null);
  return {
    struct: names.of(vma),
    name,
    mm,
    next: names.of(vma.vm_next),
    file: vma.vm_file?.inode.name ?? null,
    vm_start,
    vm_end,
    vm_flags,
    vm_pgoff,
    vm_truncate_count,
  };
}

function lock_state(lock: ReturnType<typeof all_locks>[number]): unknown {
  const holders = lock.holders().map(({ pid }) => pid);
  const { name, acquired_at } = lock;
  if ("queue" in lock) return { name, acquired_at, holders, queue: lock.queue.map(({ task, mode }) => [task.pid, mode]) };
  return { name, acquired_at, holders, break_lock: lock.break_lock, waiters: lock.waiters.map(({ pid }) => pid) };
}

function page_cache(indexes: readonly number[], lookup: (index: number) => number): string[] {
  return runs(indexes.map((index) => [index, lookup(index)]));
}

/** The struct pages that are in use. Those that are free are set anew when they are taken. */
function used_pages({ mem_map }: KernelState): string[] {
  const used: number[][] = [];
  for (let page = 0; page < mem_map.max_mapnr; page++) {
    if (mem_map.count[page] === 0) continue;
    const index = mem_map.tables[page] === undefined ? mem_map.index[page]! : 0;
    used.push([page, mem_map.flags[page]!, mem_map.count[page]!, mem_map._mapcount[page]!, mem_map.mapping[page]!, index]);
  }
  return runs(used);
}

/** Rows of numbers as text. Rows that follow each other in constant steps of one or a page, number by number, share a line. */
function runs(rows: readonly (readonly number[])[]): string[] {
  const lines: string[] = [];
  let from = 0;
  for (let at = 1; at <= rows.length; at++) {
    if (at < rows.length && at - from >= 1 && same_step(rows, from, at)) continue;
    const steps = at - from > 1 ? rows[from]!.map((value, column) => rows[from + 1]![column]! - value).join(" ") : "";
    lines.push(`${rows[from]!.join(" ")}${steps === "" ? "" : ` (${at - from} times, step ${steps})`}`);
    from = at;
  }
  return lines;
}

/** Does row `at` continue the run that begins at row `from`? */
function same_step(rows: readonly (readonly number[])[], from: number, at: number): boolean {
  return rows[at]!.every((value, column) => {
    const step = value - rows[at - 1]![column]!;
    return at - from === 1 ? step === 0 || step === 1 || step === PAGE_SIZE : step === rows[from + 1]![column]! - rows[from]![column]!;
  });
}
