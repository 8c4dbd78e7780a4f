// What has to be unmapped when an unmapping is over: after a truncation no page at or beyond the file's new end is mapped;
// after any other unmapping no pte older than the call is left in its hole. Nothing is searched unless something is wrong,
// or pages of the hole are mapped again.

import { PAGE_SIZE } from "../../kernel/common/arch.ts";
import type { System } from "../../kernel/boot.ts";
import {
  page_index,
  vma_pages,
  VM_NONLINEAR,
  type Addr,
  type AddressSpace,
  type Pgoff,
  type VmArea,
} from "../../kernel/common/mm_types.ts";
import { NO_MAPPING, PageAnon, type Page } from "../../kernel/common/page_alloc.ts";
import type { KernelState } from "../../kernel/state.ts";
import { BUG, type InvolvedTask } from "../../machine/bug.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Task } from "../../machine/task.ts";
import { find_pte_of_page, pte_kind, walk_ptes } from "../page_walk.ts";
import { tree_vmas } from "../prio_tree_view.ts";
import { on, type TypedEvent } from "../subscribe.ts";
import { PteAges } from "./pte_ages.ts";

/** A call of unmap_mapping_range that is in progress. */
interface Unmapping {
  /** The number of the event with which it began. */
  readonly begin: number;
  readonly truncate_count: number;
}

/** The task that changed a vma last, and when. */
interface LastChange {
  task: Task;
  step: number;
  event: number;
}

/** A pte that should have been cleared. */
interface StalePte {
  readonly vma: VmArea;
  readonly address: Addr;
  readonly index: Pgoff;
}

export class UnmappedCheck {
  private readonly machine: Machine;
  private readonly kernel: KernelState;
  private readonly unmappings = new Map<Task | null, Unmapping>();
  private readonly pte_ages = new PteAges();
  /** Truncations in progress, with the pages behind the file's end that were found mapped meanwhile. */
  private readonly truncations = new Map<AddressSpace, Set<Page>>();
  private readonly truncating = new Set<Task | null>();
  private readonly last_changes = new Map<VmArea, LastChange>();

  constructor({ machine, kernel }: System) {
    this.machine = machine;
    this.kernel = kernel;
    on<{ mapping: AddressSpace }>(machine, "truncate_begin", ({ args: { mapping }, task }) => {
      this.truncations.set(mapping, new Set());
      this.truncating.add(task);
    });
    on<{ mapping: AddressSpace; page: Page }>(machine, "removed_mapped", ({ args: { mapping, page } }) =>
      this.truncations.get(mapping)?.add(page),
    );
    on<{ mapping: AddressSpace }>(machine, "truncate_end", ({ args: { mapping }, task }) => {
      const candidates = this.truncations.get(mapping)!;
      this.truncations.delete(mapping);
      this.truncating.delete(task);
      if (candidates.size > 0) this.check_truncated(mapping, candidates, task);
    });
    on<{ truncate_count: number }>(machine, "unmap_begin", ({ args: { truncate_count }, task, number }) =>
      this.unmappings.set(task, { begin: number, truncate_count }),
    );
    on<{ mapping: AddressSpace; first_index: Pgoff; last_index: Pgoff }>(
      machine,
      "unmap_end",
      ({ args: { mapping, first_index, last_index }, task }) => {
        if (!this.truncating.has(task)) this.check_hole(mapping, first_index, last_index, task);
        this.unmappings.delete(task);
        if (this.unmappings.size === 0) this.pte_ages.reset();
      },
    );
    on<{ vma: VmArea; address: Addr; page: Page }>(machine, "pte_set", ({ args, number }) => this.note_pte_set(args, number));
    on<{ vma: VmArea; new_vma: VmArea; old_addr: Addr; new_addr: Addr }>(machine, "pte_move", (event) => {
      const { vma, new_vma, old_addr, new_addr } = event.args;
      this.note_change(new_vma, event);
      if (this.unmappings.size > 0) this.pte_ages.move(vma.vm_mm, old_addr, new_vma.vm_mm, new_addr);
    });
    on<{ vma: VmArea; copy: VmArea }>(machine, "vma_copy", ({ args: { vma, copy } }) => {
      if (this.unmappings.size > 0) this.pte_ages.copy(vma, copy);
    });
    on<{ vma: VmArea; change: string }>(machine, "i_mmap_updated", (event) => {
      if (event.args.change !== "remove") this.note_change(event.args.vma, event);
    });
  }

  /** The system has been set back to its start. */
  reset(): void {
    this.pte_ages.reset();
    for (const seen of [this.unmappings, this.truncations, this.truncating, this.last_changes]) seen.clear();
  }

  /** The set-up of a scenario has no task to be named. */
  private note_change(vma: VmArea, { task, step, number }: TypedEvent<unknown>): void {
    if (task === null || this.machine.time_frozen) return;
    const change = this.last_changes.get(vma);
    if (change === undefined) this.last_changes.set(vma, { task, step, event: number });
    else {
      change.task = task;
      change.step = step;
      change.event = number;
    }
  }

  /** A pte was set. Behind the file's end none may be, unless a truncation is in progress that will unmap it again. */
  private note_pte_set({ vma, address, page }: { vma: VmArea; address: Addr; page: Page }, event: number): void {
    if (vma.vm_file === null || PageAnon(page)) return;
    if (this.unmappings.size > 0) this.pte_ages.set(vma.vm_mm, address, event);
    const mapping = vma.vm_file.f_mapping;
    const index = this.kernel.mem_map.index[page]!;
    if (index < end_of(mapping)) return;
    const candidates = this.truncations.get(mapping);
    if (candidates !== undefined) candidates.add(page);
    else this.report_truncated(mapping, 1, { vma, address, index }, "a page is mapped that was truncated", null);
  }

  private check_truncated(mapping: AddressSpace, candidates: ReadonlySet<Page>, task: Task | null): void {
    const { mem_map } = this.kernel;
    let ptes = 0;
    let first: Page | null = null;
    for (const page of candidates) {
      // What is mapped may be another page by now that has the same struct page.
      const of = mem_map.mapping[page]!;
      if (
        mem_map._mapcount[page]! < 0 ||
        PageAnon(page) ||
        (of !== NO_MAPPING && of !== mapping.id) ||
        mem_map.index[page]! < end_of(mapping)
      )
        continue;
      ptes += mem_map._mapcount[page]! + 1;
      if (first === null || mem_map.index[page]! < mem_map.index[first]!) first = page;
    }
    if (first === null) return;
    const pte = find_pte_of_page(this.kernel, first);
    const stale = pte === null ? undefined : { ...pte, index: mem_map.index[first]! };
    this.report_truncated(
      mapping,
      ptes,
      stale,
      ptes === 1 ? "1 truncated page is still mapped" : `${ptes} truncated pages are still mapped`,
      task,
    );
  }

  private report_truncated(mapping: AddressSpace, ptes: number, stale: StalePte | undefined, what: string, task: Task | null): never {
    const { host, truncate_count } = mapping;
    const values = { file: host.name, i_size: host.i_size, ptes, truncate_count, ...values_of(stale) };
    return BUG("truncated-mapped", `${what}: ${host.name} is ${host.i_size} bytes long`, values, this.involved(stale, task));
  }

  /** An unmapping that is no truncation is over: the file keeps its pages, and they may be mapped again at any time. */
  private check_hole(mapping: AddressSpace, first: Pgoff, last: Pgoff, task: Task | null): void {
    const unmapping = this.unmappings.get(task);
    const { mem_map } = this.kernel;
    if (unmapping === undefined || !mapping.page_tree.some(first, last, (page) => mem_map._mapcount[page]! >= 0)) return;
    const stale_ptes = this.mapping_vmas(mapping).flatMap((vma) => this.old_ptes(vma, mapping, first, last, unmapping.begin));
    const [stale] = stale_ptes;
    if (stale === undefined) return;
    const what = stale_ptes.length === 1 ? "1 page of the hole is" : `${stale_ptes.length} pages of the hole are`;
    const values = {
      file: mapping.host.name,
      first_index: first,
      last_index: last,
      ptes: stale_ptes.length,
      truncate_count: unmapping.truncate_count,
      ...values_of(stale),
    };
    BUG(
      "invalidate-missed",
      `${what} still mapped as before the call: pages ${first} to ${last} of ${mapping.host.name} were to be unmapped`,
      values,
      this.involved(stale, task),
    );
  }

  /** All vmas that may map the file: those of address spaces, and those that munmap has detached already. */
  private mapping_vmas(mapping: AddressSpace): VmArea[] {
    const attached = this.kernel.mms.flatMap(({ mm_rb }) => mm_rb).filter(({ vm_file }) => vm_file?.f_mapping === mapping);
    return [...new Set([...attached, ...tree_vmas(mapping)])];
  }

  /** The ptes of a vma that map pages of the hole, and did so before event number `begin`. */
  private old_ptes(vma: VmArea, mapping: AddressSpace, first: Pgoff, last: Pgoff, begin: number): StalePte[] {
    const { kernel } = this;
    const found: StalePte[] = [];
    const linear = (vma.vm_flags & VM_NONLINEAR) === 0;
    const address_of = (index: Pgoff): Addr => vma.vm_start + (index - vma.vm_pgoff) * PAGE_SIZE;
    const start = linear ? address_of(Math.max(first, vma.vm_pgoff)) : vma.vm_start;
    const end = linear ? address_of(Math.min(last + 1, vma.vm_pgoff + vma_pages(vma))) : vma.vm_end;
    walk_ptes(kernel, vma.vm_mm, start, end, (table, at, address) => {
      if (pte_kind(kernel, table, at) !== "file") return;
      const page = kernel.arch.pfn(table, at);
      const index = kernel.mem_map.index[page]!;
      if (kernel.mem_map.mapping[page] !== mapping.id || index < first || index > last) return;
      if (this.pte_ages.is_older(vma.vm_mm, address, begin)) found.push({ vma, address, index });
    });
    return found;
  }

  /** The task that changed the stale pte's vma last, if that is another one. */
  private involved(stale: StalePte | undefined, task: Task | null): InvolvedTask[] {
    const change = stale === undefined ? undefined : this.last_changes.get(stale.vma);
    if (change === undefined || stale === undefined || change.task === task) return [];
    return [
      {
        task: change.task,
        role: `was the last to change ${stale.vma.name === "" ? "the vma" : stale.vma.name}, at event ${change.event}`,
        step: change.step,
      },
    ];
  }
}

/** The first page of a file that lies wholly at or behind its end. */
function end_of({ host }: AddressSpace): Pgoff {
  return page_index(host.i_size + PAGE_SIZE - 1);
}

function values_of(stale: StalePte | undefined): Readonly<Record<string, unknown>> {
  if (stale === undefined) return {};
  const { vma, address, index } = stale;
  return { mm: vma.vm_mm, vma, address, index, vm_truncate_count: vma.vm_truncate_count };
}
