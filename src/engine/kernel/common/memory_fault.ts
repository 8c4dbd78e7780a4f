// mm/memory.c, the faulting half: what maps pages.

import type { Kernel } from "../../machine/hooks.ts";
import { charge, charge_ns } from "../../machine/sched.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, _PAGE_RW, PAGE_SIZE } from "./arch.ts";
import { k } from "../image.ts";
import { VM_SHARED, VM_WRITE, type Addr, type MmStruct, type VmArea } from "./mm_types.ts";
import { NOPAGE_SIGBUS } from "./filemap.ts";
import { alloc_page, get_page, NO_PAGE, page_count, PageAnon, put_page, type Page } from "./page_alloc.ts";
import { pte_alloc, pte_clear, pte_index, pte_none, pte_page, swp_offset, vm_page_prot } from "./pgtable.ts";
import { page_add_anon_rmap, page_add_file_rmap, page_remove_rmap } from "./rmap.ts";
import { kernel } from "../state.ts";

export const VM_FAULT_SIGBUS = -1;
export const VM_FAULT_MINOR = 1;

/** Flags of a new pte; one that is written to becomes dirty, and writable if the vma is. */
function pte_flags(vma: VmArea, write_access: boolean): number {
  if (!write_access) return vm_page_prot(vma);
  return vm_page_prot(vma) | _PAGE_DIRTY | ((vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0);
}

/** handle_mm_fault(): serves one fault. The caller holds mmap_sem. Returns one of VM_FAULT_*. */
export function* handle_mm_fault(mm: MmStruct, vma: VmArea, address: Addr, write_access: boolean): Kernel<number> {
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  const table = pte_alloc(mm, address);
  const at = pte_index(address);
  const pte = table[at]!;
  if (pte_none(table, at))
    return vma.vm_file === null
      ? yield* k.do_anonymous_page(mm, vma, address, write_access)
      : yield* k.do_no_page(mm, vma, address, write_access);
  if ((pte & _PAGE_PRESENT) === 0)
    return (pte & _PAGE_FILE) !== 0 ? yield* k.do_file_page(mm, vma, address) : yield* k.do_swap_page(mm, vma, address, write_access);
  if (write_access && (pte & _PAGE_RW) === 0) return yield* k.do_wp_page(mm, vma, address);
  table[at] = pte | _PAGE_ACCESSED | (write_access ? _PAGE_DIRTY : 0);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  return VM_FAULT_MINOR;
}

/**
 * do_no_page(): maps a page of the file. It is fetched without page_table_lock; if the file's truncate_count has moved
 * meanwhile, the page may be beyond the end by now and is asked for again. Releases the lock of the pte.
 */
export function* do_no_page(mm: MmStruct, vma: VmArea, address: Addr, write_access: boolean): Kernel<number> {
  const mapping = vma.vm_file!.f_mapping;
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  let sequence = yield* k.read_shared(mapping, "truncate_count");
  for (;;) {
    let new_page = yield* k.filemap_nopage(vma, address);
    if (new_page === NOPAGE_SIGBUS) return VM_FAULT_SIGBUS;
    let anon = false;
    if (write_access && (vma.vm_flags & VM_SHARED) === 0) {
      const copy = alloc_page();
      charge("page_copy");
      put_page(new_page);
      new_page = copy;
      anon = true;
    }
    yield* k.spin_lock(k.pte_lockptr(mm, address));
    const count = yield* k.read_shared(mapping, "truncate_count");
    if (k.nopage_recheck(sequence, count)) {
      k.map_new_page(mm, vma, address, new_page, anon, write_access);
      yield* k.spin_unlock(k.pte_lockptr(mm, address));
      return VM_FAULT_MINOR;
    }
    sequence = count;
    yield* k.spin_unlock(k.pte_lockptr(mm, address));
    put_page(new_page);
    trace("nopage_retry", { mapping, vma, address });
  }
}

/** The recheck of do_no_page(): no call has unmapped pages of the file since the count was `sequence`. */
export function nopage_recheck(sequence: number, count: number): boolean {
  return sequence === count;
}

/** The end of do_no_page() and do_anonymous_page(): installs the page unless another task has filled the pte meanwhile. */
export function map_new_page(mm: MmStruct, vma: VmArea, address: Addr, page: Page, anon: boolean, write_access: boolean): void {
  if (!k.install_new_page(mm, vma, address, page, anon, write_access)) return;
  trace("pte_set", { vma, address, page });
}

/** The same without a tracepoint, for the set-up of a scenario; false if another task has filled the pte. */
export function install_new_page(mm: MmStruct, vma: VmArea, address: Addr, page: Page, anon: boolean, write_access: boolean): boolean {
  const table = pte_alloc(mm, address);
  const at = pte_index(address);
  if (!pte_none(table, at)) {
    put_page(page);
    return false;
  }
  charge_ns(machine.costs.pte_set);
  mm.rss += 1;
  if (anon) page_add_anon_rmap(page, vma, address);
  else page_add_file_rmap(page);
  kernel.arch.set_present(table, at, page, pte_flags(vma, write_access));
  return true;
}

/** do_anonymous_page(): maps a page of zeroes. Releases the lock of the pte. */
export function* do_anonymous_page(mm: MmStruct, vma: VmArea, address: Addr, write_access: boolean): Kernel<number> {
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  const page = alloc_page();
  charge("page_copy");
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  k.map_new_page(mm, vma, address, page, true, write_access);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  return VM_FAULT_MINOR;
}

/** do_wp_page(): a write to a read-only pte of a writable private vma. Releases the lock of the pte. */
export function* do_wp_page(mm: MmStruct, vma: VmArea, address: Addr): Kernel<number> {
  const table = pte_alloc(mm, address);
  const at = pte_index(address);
  const old_page = pte_page(table, at);
  if ((vma.vm_flags & VM_SHARED) !== 0 || (old_page !== NO_PAGE && PageAnon(old_page) && k.can_share_swap_page(old_page))) {
    table[at] = table[at]! | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED;
    trace("wp_reuse", { vma, address, page: old_page });
    yield* k.spin_unlock(k.pte_lockptr(mm, address));
    return VM_FAULT_MINOR;
  }
  if (old_page !== NO_PAGE) get_page(old_page);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  const new_page = alloc_page();
  charge("page_copy");
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  let surplus = new_page;
  if ((table[at]! & _PAGE_PRESENT) !== 0 && pte_page(table, at) === old_page) {
    if (old_page === NO_PAGE) mm.rss += 1;
    else page_remove_rmap(old_page);
    if (old_page !== NO_PAGE && PageAnon(old_page)) mm.anon_rss -= 1;
    page_add_anon_rmap(new_page, vma, address);
    kernel.arch.set_present(table, at, new_page, pte_flags(vma, true));
    trace("pte_set", { vma, address, page: new_page });
    k.flush_tlb_page(vma, address);
    surplus = old_page;
  }
  if (surplus !== NO_PAGE) put_page(surplus);
  if (old_page !== NO_PAGE) put_page(old_page);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  return VM_FAULT_MINOR;
}

/** can_share_swap_page(): no other pte maps the anonymous page, so that a write may go to it and need not go to a copy. */
export function can_share_swap_page(page: Page): boolean {
  return page_count(page) === 1;
}

/** do_file_page(): a pte that only remembers its page of the file, in a nonlinear vma. Releases the lock of the pte. */
export function* do_file_page(mm: MmStruct, vma: VmArea, address: Addr): Kernel<number> {
  const table = pte_alloc(mm, address);
  const pgoff = kernel.arch.pte_to_pgoff(table, pte_index(address));
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  const error = yield* k.filemap_populate(vma, address, PAGE_SIZE, pgoff);
  return error < 0 ? VM_FAULT_SIGBUS : VM_FAULT_MINOR;
}

/** do_swap_page(): brings an anonymous page back, without a swap cache. Releases the lock of the pte. */
export function* do_swap_page(mm: MmStruct, vma: VmArea, address: Addr, write_access: boolean): Kernel<number> {
  const table = pte_alloc(mm, address);
  const at = pte_index(address);
  const entry = swp_offset(table, at);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  const page = alloc_page();
  charge("page_copy");
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  if ((table[at]! & _PAGE_PRESENT) === 0 && !pte_none(table, at) && swp_offset(table, at) === entry) {
    kernel.swap_map.free(entry);
    mm.swapents -= 1;
    pte_clear(table, at);
    k.map_new_page(mm, vma, address, page, true, write_access);
  } else {
    put_page(page);
  }
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  return VM_FAULT_MINOR;
}
