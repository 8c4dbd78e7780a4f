// Page tables: walking them, making missing levels, and their entries (include/asm/pgtable.h, pte_alloc_map and friends
// of mm/memory.c). All of it needs page_table_lock.

import { note_add, note_read } from "../../machine/shared.ts";
import { _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_RW, _PAGE_TABLE, _PAGE_USER, PAGE_SIZE, type Table } from "./arch.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type Addr, type MmStruct, type VmArea } from "./mm_types.ts";
import { alloc_table, free_table, NO_PAGE, PageReserved, type Page } from "./page_alloc.ts";
import { kernel } from "../state.ts";

/** Page frames from here on have no struct page: device memory. */
export const FIRST_IO_PFN = 0xf0000;

/** Where the entry for `address` is in a table whose entries cover `size` bytes each. */
function table_index(address: Addr, size: number): number {
  const { arch } = kernel;
  return ((address / size) & (arch.PTRS_PER_PTE - 1)) * arch.stride;
}

/** Where the pte of `address` is in its table. */
export function pte_index(address: Addr): number {
  return table_index(address, PAGE_SIZE);
}

/** How many bytes one table of ptes maps: what the level above counts in (PMD_SIZE). */
function pmd_size(): number {
  return kernel.arch.PTRS_PER_PTE * PAGE_SIZE;
}

/** The first address that the table with the pte of `address` maps. */
export function pmd_addr_start(address: Addr): Addr {
  const size = pmd_size();
  return Math.floor(address / size) * size;
}

/** pmd_addr_end(): where the table that holds the pte of `address` ends, or `end` if that comes first. */
export function pmd_addr_end(address: Addr, end: Addr): Addr {
  const size = pmd_size();
  return Math.min(end, (Math.floor(address / size) + 1) * size);
}

/** Where the empty entry that keeps `address` from having a pte ends, at whatever level it is, or `end` if that comes first. */
export function absent_addr_end(mm: MmStruct, address: Addr, end: Addr): Addr {
  const { arch, mem_map } = kernel;
  let table = mm.pgd;
  for (const size of arch.upper_sizes) {
    const at = table_index(address, size);
    if ((table[at]! & _PAGE_PRESENT) === 0) return Math.min(end, (Math.floor(address / size) + 1) * size);
    table = mem_map.tables[arch.pfn(table, at)]!;
  }
  return address;
}

/** The table that holds the pte of `address`, or null where an upper level is absent. */
export function pte_offset(mm: MmStruct, address: Addr): Table | null {
  note_read(mm, "tables");
  const { arch, mem_map } = kernel;
  let table = mm.pgd;
  for (const size of arch.upper_sizes) {
    const at = table_index(address, size);
    if ((table[at]! & _PAGE_PRESENT) === 0) return null;
    table = mem_map.tables[arch.pfn(table, at)]!;
  }
  return table;
}

/** pte_alloc_map(): the same, making what is absent. */
export function pte_alloc(mm: MmStruct, address: Addr): Table {
  const { arch, mem_map } = kernel;
  let table = mm.pgd;
  for (const size of arch.upper_sizes) {
    const at = table_index(address, size);
    if ((table[at]! & _PAGE_PRESENT) === 0) {
      note_add(mm, "tables");
      arch.set_present(table, at, alloc_table(arch.PTRS_PER_PTE * arch.stride), _PAGE_TABLE);
    }
    table = mem_map.tables[arch.pfn(table, at)]!;
  }
  return table;
}

/** free_pgtables(): frees the tables of ptes that lie wholly in [floor, ceiling), where nothing is mapped any more. */
export function free_pgtables(mm: MmStruct, floor: Addr, ceiling: Addr): void {
  const { arch, mem_map } = kernel;
  const size = pmd_size();
  const above = arch.upper_sizes.slice(0, -1);
  for (let address = Math.ceil(floor / size) * size; address + size <= ceiling; address += size) {
    let table: Table | undefined = mm.pgd;
    for (const upper of above) {
      const at = table_index(address, upper);
      if ((table![at]! & _PAGE_PRESENT) === 0) {
        // Nothing below this entry: continue behind what it covers.
        address = (Math.floor(address / upper) + 1) * upper - size;
        table = undefined;
        break;
      }
      table = mem_map.tables[arch.pfn(table!, at)];
    }
    if (table === undefined) continue;
    const at = table_index(address, size);
    if ((table[at]! & _PAGE_PRESENT) === 0) continue;
    const page = arch.pfn(table, at);
    note_add(mm, "tables");
    pte_clear(table, at);
    free_table(page);
  }
}

/** clear_page_tables(): frees all tables but the topmost, in which no pte is set any more. */
export function clear_page_tables(mm: MmStruct): void {
  clear_level(mm.pgd, kernel.arch.upper_sizes.length);
}

/** Frees what `table` points to, `levels` levels of tables. */
function clear_level(table: Table, levels: number): void {
  const { arch, mem_map } = kernel;
  for (let at = 0; at < table.length; at += arch.stride) {
    if ((table[at]! & _PAGE_PRESENT) === 0) continue;
    const page = arch.pfn(table, at);
    if (levels > 1) clear_level(mem_map.tables[page]!, levels - 1);
    pte_clear(table, at);
    free_table(page);
  }
}

/** pte_clear(): makes the entry empty. */
export function pte_clear(table: Table, at: number): void {
  table[at] = 0;
  if (kernel.arch.stride === 2) table[at + 1] = 0;
}

/** ptep_get_and_clear(): empties a present entry; its low word as it was. */
export function ptep_get_and_clear(table: Table, at: number): number {
  const pte = table[at]!;
  pte_clear(table, at);
  return pte;
}

/** pte_none(): nothing at all in the entry. */
export function pte_none(table: Table, at: number): boolean {
  return table[at] === 0 && (kernel.arch.stride === 1 || table[at + 1] === 0);
}

/** vm_normal_page() of 2.6.38: the page of a present pte; NO_PAGE for special ptes, which have none. PG_reserved does not matter. */
export function vm_normal_page(table: Table, at: number): Page {
  const pfn = kernel.arch.pfn(table, at);
  return pfn >= FIRST_IO_PFN ? NO_PAGE : pfn;
}

/** The page of a present pte if it takes part in accounting; NO_PAGE for reserved pages and those without a struct page. */
export function pte_page(table: Table, at: number): Page {
  const pfn = kernel.arch.pfn(table, at);
  return pfn >= FIRST_IO_PFN || PageReserved(pfn) ? NO_PAGE : pfn;
}

/**
 * vma->vm_page_prot: the flags of a pte that is mapped without being written to. Private pages are never writable then, so
 * that a write copies them. With PROT_NONE the kernel leaves _PAGE_PRESENT out, the model _PAGE_USER: the same fault.
 */
export function vm_page_prot({ vm_flags }: VmArea): number {
  const writable = (vm_flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
  const usable = (vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) !== 0;
  return _PAGE_PRESENT | _PAGE_ACCESSED | (usable ? _PAGE_USER : 0) | (writable ? _PAGE_RW : 0);
}

/** pte_modify(): a present pte with another vm_page_prot; it stays as dirty as it was. */
export function pte_modify(pte: number, prot: number): number {
  return (pte & ~(_PAGE_RW | _PAGE_USER)) | prot;
}

/** swp_offset(): which swap entry a pte holds that is neither present, empty nor a file's. */
export function swp_offset(table: Table, at: number): number {
  return kernel.arch.swp_offset(table, at);
}
