// The TLBs of the CPUs, which are hardware, and the kernel's functions that keep them right: include/asm-i386/tlbflush.h
// and mmu_context.h, arch/i386/kernel/smp.c. A TLB caches translations, so that an access goes through without a walk of
// the page tables, even if these have changed since. That is why a page must not be freed before the flush.

import { BUG, type InvolvedTask } from "../../machine/bug.ts";
import { charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { note_add } from "../../machine/shared.ts";
import { PAGE_SIZE, type Table } from "./arch.ts";
import { k } from "../image.ts";
import type { Addr, MmStruct, VmArea } from "./mm_types.ts";
import { NO_PAGE, type Page } from "./page_alloc.ts";
import { ptep_get_and_clear } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** Entries of a TLB; a power of 2. Each address has one place, by its page number: a newer translation replaces an older one. */
export const TLB_ENTRIES = 64;
/** The address in an entry that holds no translation. */
const NO_ADDRESS = -1;
/** Instead of a page: it was freed, and no flush has come since. */
const FREED = -2;

/** The TLB of one CPU. It holds translations of one address space at a time. */
export class CpuTlb {
  /** Whose translations these are: the CPU's active_mm. A CPU that idles or runs a kernel thread keeps it (lazy TLB). */
  mm: MmStruct | null = null;
  /** Valid entries. */
  used = 0;
  private readonly addresses = new Float64Array(TLB_ENTRIES).fill(NO_ADDRESS);
  /** The page an entry leads to; NO_PAGE if it takes no part in accounting. */
  private readonly pages = new Int32Array(TLB_ENTRIES);
  /** Writes go through. Only where the pte was dirty already: the first write has to mark it. */
  private readonly writable = new Uint8Array(TLB_ENTRIES);

  constructor(
    /** The CPU's number. */
    readonly cpu: number,
  ) {}

  /** Does the access go through without a look at the page tables? */
  allows(address: Addr, write: boolean): boolean {
    const at = (address / PAGE_SIZE) & (TLB_ENTRIES - 1);
    if (this.addresses[at] !== address || (write && this.writable[at] === 0)) return false;
    if (this.pages[at] === FREED)
      BUG("tlb-stale", `the TLB of CPU ${this.cpu} gives access to a page that was freed`, { mm: this.mm, address, cpu: this.cpu });
    return true;
  }

  /** Adds a translation. */
  fill(address: Addr, page: Page, writable: boolean): void {
    const at = (address / PAGE_SIZE) & (TLB_ENTRIES - 1);
    this.clear(at);
    this.addresses[at] = address;
    this.pages[at] = page;
    this.writable[at] = writable ? 1 : 0;
    this.used += 1;
    if (page >= 0) kernel.mem_map.tlb_entries[page]! += 1;
  }

  /** Drops the translation of one address. */
  flush_page(address: Addr): void {
    const at = (address / PAGE_SIZE) & (TLB_ENTRIES - 1);
    if (this.addresses[at] === address) this.clear(at);
  }

  /** Forgets everything. */
  flush(): void {
    for (let at = 0; this.used > 0; at++) this.clear(at);
  }

  /** The page was freed while entries lead to it: the addresses of those. From now on they lead to nothing. */
  invalidate_freed_page(page: Page): Addr[] {
    const found: Addr[] = [];
    for (const { at, address } of this.entries().filter((entry) => entry.page === page)) {
      this.pages[at] = FREED;
      found.push(address);
    }
    return found;
  }

  /** The valid entries, for code outside the model. */
  entries(): { readonly at: number; readonly address: Addr; readonly page: Page; readonly writable: boolean }[] {
    const found = [];
    for (let at = 0; at < TLB_ENTRIES; at++) {
      const address = this.addresses[at]!;
      if (address !== NO_ADDRESS) found.push({ at, address, page: this.pages[at]!, writable: this.writable[at] === 1 });
    }
    return found;
  }

  private clear(at: number): void {
    if (this.addresses[at] === NO_ADDRESS) return;
    const page = this.pages[at]!;
    if (page >= 0) kernel.mem_map.tlb_entries[page]! -= 1;
    this.addresses[at] = NO_ADDRESS;
    this.used -= 1;
  }
}

/** switch_mm(): the CPU of `tlb` uses `next` from now on, which empties its TLB. */
export function switch_mm(tlb: CpuTlb, next: MmStruct): void {
  if (tlb.mm === next) return;
  leave_mm(tlb);
  tlb.mm = next;
  next.cpu_vm_mask.push(tlb);
}

/** leave_mm(): the CPU uses no address space, and takes no part in flushes any more. */
export function leave_mm(tlb: CpuTlb): void {
  tlb.flush();
  const mask = tlb.mm?.cpu_vm_mask ?? [];
  mask.splice(mask.indexOf(tlb), 1);
  tlb.mm = null;
}

/** Charges for a flush, with the interrupt to other CPUs and the wait for them if they have to take part. */
function charge_flush(mask: readonly CpuTlb[]): void {
  const others = mask.length > 1 || (mask.length === 1 && mask[0]!.cpu !== machine.cpu.id);
  charge_ns(others ? machine.costs.tlb_flush + machine.costs.tlb_shootdown : machine.costs.tlb_flush);
}

/** flush_tlb_mm(): no CPU keeps a translation of `mm`. A CPU that does not execute in it leaves its cpu_vm_mask. */
export function flush_tlb_mm(mm: MmStruct): void {
  const mask = mm.cpu_vm_mask;
  note_add(mm, "pgd");
  charge_flush(mask);
  for (let at = mask.length - 1; at >= 0; at--) {
    const tlb = mask[at]!;
    if (tlb.cpu === machine.cpu.id || machine.all_cpus[tlb.cpu]!.current?.mm === mm) tlb.flush();
    else leave_mm(tlb);
  }
}

/** flush_tlb_range(): on i386, all of the address space. */
export function flush_tlb_range(vma: VmArea, _start: Addr, _end: Addr): void {
  k.flush_tlb_mm(vma.vm_mm);
}

/** flush_tlb_page(): no CPU keeps the translation of one address. */
export function flush_tlb_page(vma: Pick<VmArea, "vm_mm">, address: Addr): void {
  const mask = vma.vm_mm.cpu_vm_mask;
  note_add(vma.vm_mm, "pgd");
  charge_flush(mask);
  for (const tlb of mask) tlb.flush_page(address);
}

/** ptep_clear_flush(): empties a present entry and flushes its translation; its low word as it was. */
export function ptep_clear_flush(vma: VmArea, address: Addr, table: Table, at: number): number {
  const pte = ptep_get_and_clear(table, at);
  k.flush_tlb_page(vma, address);
  return pte;
}

/**
 * A page is free whose translation a TLB still holds. With one CPU online this is how mmu_gather's fast mode works: the
 * flush comes before the program can continue, and an access before that is the fault.
 */
export function tlb_page_freed(page: Page): void {
  kernel.mem_map.tlb_entries[page] = 0;
  for (const tlb of kernel.tlbs) {
    const { mm, cpu } = tlb;
    const [address] = tlb.invalidate_freed_page(page);
    if (address === undefined || kernel.config.cpus === 1) continue;
    const task = machine.all_cpus[cpu]!.current;
    const parties: InvolvedTask[] =
      task === null || task === machine.current ? [] : [{ task, role: `runs on CPU ${cpu}, which can still reach the page`, step: null }];
    BUG("tlb-stale", `page ${page} is freed while the TLB of CPU ${cpu} still leads to it`, { page, cpu, mm, address }, parties);
  }
}

/** The page behind a present pte, for the TLB. */
export function tlb_page(pfn: number): Page {
  return pfn < kernel.mem_map.max_mapnr ? pfn : NO_PAGE;
}
