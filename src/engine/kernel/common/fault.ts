// arch/i386/mm/fault.c, and what a user program does to get there: touching its memory.

import { ENDED_FALSE, ENDED_TRUE, type Kernel } from "../../machine/hooks.ts";
import { machine } from "../../machine/machine.ts";
import { charge_ns } from "../../machine/sched.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER, PAGE_SIZE, type Table } from "./arch.ts";
import { SIGBUS, SIGSEGV } from "./errno.ts";
import { k } from "../image.ts";
import {
  linear_page_index,
  page_align,
  page_index,
  VM_EXEC,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type Addr,
  type MmStruct,
  type VmArea,
} from "./mm_types.ts";
import { VM_FAULT_SIGBUS } from "./memory_fault.ts";
import { alloc_page, put_page } from "./page_alloc.ts";
import { pte_alloc, pte_index, pte_none, pte_offset } from "./pgtable.ts";
import { kernel } from "../state.ts";
import { tlb_page, type CpuTlb } from "./tlbflush.ts";

/** do_page_fault(): a user access to `address` that its pte does not allow. Returns 0, SIGBUS or SIGSEGV. */
export function* do_page_fault(mm: MmStruct, address: Addr, write: boolean): Kernel<number> {
  charge_ns(machine.costs.page_fault);
  yield* k.down_read(mm.mmap_sem);
  const vma = k.find_vma(mm, address);
  let signal = 0;
  if (vma === null || vma.vm_start > address || !access_allowed(vma, write)) signal = SIGSEGV;
  else if ((yield* k.handle_mm_fault(mm, vma, address, write)) === VM_FAULT_SIGBUS) signal = SIGBUS;
  yield* k.up_read(mm.mmap_sem);
  if (signal !== 0) trace("signal", { task: machine.current, signal, address });
  return signal;
}

/** The check of do_page_fault(): does the protection of a vma allow this access? */
function access_allowed({ vm_flags }: VmArea, write: boolean): boolean {
  return (vm_flags & (write ? VM_WRITE : VM_READ | VM_EXEC)) !== 0;
}

/**
 * A user program reads (or writes) a byte of every page of [start, end), lowest first. An access is repeated after its
 * fault, which may have come to nothing, as when the page was truncated at once. It ends at the first access that cannot
 * be served. Returns 0 or the signal.
 */
export function* access_user_range(mm: MmStruct, start: Addr, end: Addr, write: boolean): Kernel<number> {
  for (let address = start; address < end; address += PAGE_SIZE) {
    while (!(yield* k.user_access(mm, address, write))) {
      const signal = yield* k.do_page_fault(mm, address, write);
      if (signal !== 0) return signal;
    }
    yield* k.resume_userspace();
  }
  return 0;
}

/** One access to memory: does it go through? A visible operation: other tasks may change the page tables. */
export function user_access(mm: MmStruct, address: Addr, write: boolean): Kernel<boolean> {
  if (!machine.policy.uses_model_time) return user_access_ordered(mm, address, write);
  return access_by_hardware(mm, address, write) ? ENDED_TRUE : ENDED_FALSE;
}

function* user_access_ordered(mm: MmStruct, address: Addr, write: boolean): Kernel<boolean> {
  yield* k.access_shared(mm, "pgd", "read");
  return access_by_hardware(mm, address, write);
}

/** What the processor does without the kernel: it looks into its TLB, and on a miss walks the page tables and fills the TLB. */
function access_by_hardware(mm: MmStruct, address: Addr, write: boolean): boolean {
  const tlb = kernel.tlbs[machine.cpu.id]!;
  if (tlb.mm !== mm) k.switch_mm(tlb, mm);
  if (!tlb.allows(address, write)) return access_by_page_table(mm, address, write, tlb);
  charge_ns(machine.costs.user_access);
  const table = pte_offset(mm, address);
  if (table === null || !pte_allows(table, pte_index(address), write)) trace("tlb_stale", { mm, address, write, cpu: tlb.cpu });
  return true;
}

/** Does a pte let a user program's access through? */
function pte_allows(table: Table, at: number, write: boolean): boolean {
  const needed = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);
  return (table[at]! & needed) === needed;
}

/** If the pte allows the access, marks it, and fills the TLB if there is one to fill. */
function access_by_page_table(mm: MmStruct, address: Addr, write: boolean, tlb: CpuTlb | null): boolean {
  charge_ns(machine.costs.user_access);
  if (address >= kernel.arch.TASK_SIZE) return false;
  const table = pte_offset(mm, address);
  if (table === null) return false;
  const at = pte_index(address);
  if (!pte_allows(table, at, write)) return false;
  const pte = table[at]! | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
  table[at] = pte;
  if (tlb !== null) tlb.fill(address, tlb_page(kernel.arch.pfn(table, at)), (pte & (_PAGE_RW | _PAGE_DIRTY)) === (_PAGE_RW | _PAGE_DIRTY));
  return true;
}

/**
 * Brings [start, end) of a vma to the state that access_user_range leaves, a page at a time and without locks: for the set-up
 * of a scenario, when no other task runs. The TLBs stay empty. Returns 0 or the signal.
 */
export function* populate_user_range(mm: MmStruct, vma: VmArea, start: Addr, end: Addr, write: boolean): Kernel<number> {
  if (!access_allowed(vma, write)) return SIGSEGV;
  for (let address = start; address < end; address += PAGE_SIZE) {
    if (access_by_page_table(mm, address, write, null)) continue;
    // As a fault does, even if it is to end in a signal.
    const table = pte_alloc(mm, address);
    if (vma.vm_file === null || !pte_none(table, pte_index(address))) {
      do {
        const signal = yield* k.do_page_fault(mm, address, write);
        if (signal !== 0) return signal;
      } while (!access_by_page_table(mm, address, write, null));
    } else if (!populate_user_page(mm, vma, address, write)) {
      return SIGBUS;
    }
  }
  return 0;
}

/** One page of populate_user_range whose pte is empty; false beyond the end of the file. */
function populate_user_page(mm: MmStruct, vma: VmArea, address: Addr, write: boolean): boolean {
  const inode = vma.vm_file!.inode;
  const index = linear_page_index(vma, address);
  if (index >= page_index(page_align(inode.i_size))) return false;
  let page = k.find_or_create_page(inode, index);
  const anon = write && (vma.vm_flags & VM_SHARED) === 0;
  if (anon) {
    put_page(page);
    page = alloc_page();
  }
  k.install_new_page(mm, vma, address, page, anon, write);
  return true;
}
