// mm/memory.c, the unmapping half: from a range of addresses down to the ptes, and vmtruncate. What finds the vmas that
// map a hole in a file (unmap_mapping_range) and what breaks the walk into blocks (unmap_vmas) differs between kernels:
// see the variants' folders.

import { charge_ns } from "../machine/sched.ts";
import { machine } from "../machine/machine.ts";
import type { Kernel } from "../machine/hooks.ts";
import type { SpinLock } from "../machine/spinlock.ts";
import { trace } from "../machine/tracing.ts";
import type { Word } from "../machine/ulong.ts";
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, PAGE_SIZE } from "./arch.ts";
import { k } from "./image.ts";
import { linear_page_index, VM_HUGETLB, type Addr, type AddressSpace, type Inode, type Pgoff, type VmArea } from "./mm_types.ts";
import { NO_PAGE, PageAnon, type Page } from "./page_alloc.ts";
import { pmd_addr_end, pte_index, pte_offset, pte_page } from "./pgtable.ts";
import { kernel } from "./state.ts";
import type { MmuGather } from "./tlb.ts";

/** A struct zap_details, as far as all kernels have it: what to unmap, if not everything. */
export class ZapDetails {
  /** Set while the list of nonlinear vmas is worked on, and after. */
  nonlinear_vma: VmArea | null = null;
  /** If set, only pages of this mapping are unmapped: a private copy stays. */
  check_mapping: AddressSpace | null = null;
  /** Set by an unmap_mapping_range that may drop it: unmap_vmas then looks whether somebody wants it. */
  i_mmap_lock: SpinLock | null = null;
  /** The hole, in pages of the file, both ends inclusive. */
  first_index: Pgoff = 0;
  last_index: Pgoff = 0;
}

/** What `*tlbp` is in C: where unmap_vmas leaves the gather that its caller has to finish. */
export interface GatherRef {
  tlb: MmuGather;
}

/**
 * unmap_page_range(): unmaps [address, end) of one vma. Absent upper levels are skipped; the four levels of 2.6.11 are
 * walked as one, by pte_offset.
 */
export function* unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  trace("zap_block", { vma, start: address, end });
  while (address < end) {
    const next = pmd_addr_end(address, end);
    const table = pte_offset(vma.vm_mm, address);
    if (table !== null) yield* k.zap_pte_range(tlb, table, address, next, details);
    address = next;
  }
}

/** zap_pte_range(): unmaps [address, end), whose ptes are all in `table`. */
export function* zap_pte_range(tlb: MmuGather, table: Uint32Array, address: Addr, end: Addr, details: ZapDetails | null): Kernel<void> {
  const stride = kernel.arch.stride;
  const size = end - address;
  const freed = tlb.freed;
  let at = pte_index(address);
  if (details !== null && details.check_mapping === null && details.nonlinear_vma === null) details = null;
  for (let offset = 0; offset < size; at += stride, offset += PAGE_SIZE) {
    const pte = table[at]!;
    if ((pte & _PAGE_PRESENT) !== 0) zap_present(tlb, table, at, address + offset, details);
    else if (details === null && !k.pte_none(table, at)) zap_not_present(table, at);
  }
  charge_zap(size / PAGE_SIZE, tlb.freed - freed);
}

/** Charges for passing over `ptes` ptes, of which `cleared` were cleared. */
function charge_zap(ptes: number, cleared: number): void {
  charge_ns(cleared * machine.costs.pte_clear + (ptes - cleared) * machine.costs.pte_scan);
}

/** The part of zap_pte_range for a present pte: if it is to go, moves what it knew to the page. */
function zap_present(tlb: MmuGather, table: Uint32Array, at: number, address: Addr, details: ZapDetails | null): void {
  const page = pte_page(table, at);
  if (page === NO_PAGE) {
    k.ptep_get_and_clear(table, at);
    tlb.need_flush = 1;
    return;
  }
  if (details !== null && !zap_wanted(page, details)) return;
  const pte = k.ptep_get_and_clear(table, at);
  if (details !== null && details.nonlinear_vma !== null && linear_page_index(details.nonlinear_vma, address) !== kernel.mem_map.index[page])
    k.set_file_pte(table, at, kernel.mem_map.index[page]!);
  if ((pte & _PAGE_DIRTY) !== 0) k.set_page_dirty(page);
  if (PageAnon(page)) tlb.mm!.anon_rss -= 1;
  else if ((pte & _PAGE_ACCESSED) !== 0) k.mark_page_accessed(page);
  tlb.freed += 1;
  k.page_remove_rmap(page);
  k.tlb_remove_page(tlb, page);
}

/** Whether a page is of the mapping and, in a nonlinear vma, of the part of the file that is to be unmapped. */
function zap_wanted(page: Page, details: ZapDetails): boolean {
  const { mem_map } = kernel;
  if (details.check_mapping !== null && details.check_mapping.id !== mem_map.mapping[page]) return false;
  if (details.nonlinear_vma === null) return true;
  return mem_map.index[page]! >= details.first_index && mem_map.index[page]! <= details.last_index;
}

/** The part of zap_pte_range for swap entries and file ptes, which go only when the whole range is unmapped. */
function zap_not_present(table: Uint32Array, at: number): void {
  if ((table[at]! & _PAGE_FILE) !== 0) k.clear_file_pte(table, at);
  else k.free_swap_and_cache(table, at);
}

/** zap_page_range(): unmaps `size` bytes of a vma from `address` on. */
export function* zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<void> {
  const mm = vma.vm_mm;
  const end = address + size;
  if ((vma.vm_flags & VM_HUGETLB) !== 0) {
    k.zap_hugepage_range(vma, address, size);
    return;
  }
  yield* k.spin_lock(mm.page_table_lock);
  const tlbp: GatherRef = { tlb: k.tlb_gather_mmu(mm, 0) };
  yield* k.unmap_vmas(tlbp, mm, vma, address, end, details);
  k.tlb_finish_mmu(tlbp.tlb, address, end);
  yield* k.spin_unlock(mm.page_table_lock);
}

/**
 * The arithmetic at the head of unmap_mapping_range(): which pages a hole of `holelen` bytes at `holebegin` covers.
 * The begin is rounded down and the length, by itself, up; a length of 0, or a hole that wraps around, reaches to the end.
 * C's types decide the rest: offsets have 64 bits, page indexes those of `word`.
 */
export function hole_pages(word: Word<number>, holebegin: number | bigint, holelen: number | bigint): { first: Pgoff; last: Pgoff } {
  const bits = word.BITS_PER_LONG;
  const ulong = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const shift = (value: bigint): bigint => (bits === 32 ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) >> 12n;
  const begin = BigInt(holebegin);
  const length = BigInt(holelen);
  const hba = ulong(BigInt.asIntN(64, begin) >> 12n);
  let hlen = ulong(shift(length + 4095n));
  if (bits === 32 && shift(begin + length + 4095n) >> 32n !== 0n) hlen = ulong(2n ** 32n - hba);
  let last = ulong(hba + hlen - 1n);
  if (last < hba) last = ulong(-1n);
  return { first: Number(hba), last: last === ulong(-1n) ? word.ULONG_MAX : Number(last) };
}

/**
 * vmtruncate(): makes the file `offset` bytes long and unmaps and drops all pages behind. The last page stays if a part
 * of it does. The caller holds i_sem.
 */
export function* vmtruncate(inode: Inode, offset: number): Kernel<void> {
  const mapping = inode.i_mapping;
  if (inode.i_size < offset) {
    yield* k.write_shared(inode, "i_size", offset);
    return;
  }
  yield* k.write_shared(inode, "i_size", offset);
  yield* k.unmap_mapping_range(mapping, offset + PAGE_SIZE - 1, 0, 1);
  yield* k.truncate_inode_pages(mapping, offset);
}
