// Walking page tables from outside the model: plain code that takes neither model time nor steps, for snapshots and checks.

import { _PAGE_FILE, _PAGE_PRESENT, PAGE_SIZE, type Table } from "../kernel/common/arch.ts";
import type { Addr, MmStruct, VmArea } from "../kernel/common/mm_types.ts";
import { NO_PAGE, PG_anon, PG_reserved, type Page } from "../kernel/common/page_alloc.ts";
import { FIRST_IO_PFN } from "../kernel/common/pgtable.ts";
import type { KernelState } from "../kernel/state.ts";

/** Called for an entry that is not empty. */
export type PteVisitor = (table: Table, at: number, address: Addr) => void;

/** Visits the entries of `mm` in [start, end) that are not empty, lowest address first. */
export function walk_ptes(kernel: KernelState, mm: MmStruct, start: Addr, end: Addr, visit: PteVisitor): void {
  walk_level(kernel, mm.pgd, 0, 0, start, end, visit);
}

/** `base` is the first address that `table` maps, at `level` levels below the top. */
function walk_level(kernel: KernelState, table: Table, level: number, base: Addr, start: Addr, end: Addr, visit: PteVisitor): void {
  const { arch, mem_map } = kernel;
  const { stride } = arch;
  const size = arch.upper_sizes[level] ?? PAGE_SIZE;
  const first = start <= base ? 0 : Math.floor((start - base) / size) * stride;
  const last = Math.min(arch.PTRS_PER_PTE, Math.ceil((end - base) / size)) * stride;
  for (let at = first; at < last; at += stride) {
    if (table[at] === 0 && (stride === 1 || table[at + 1] === 0)) continue;
    const address = base + (at / stride) * size;
    if (size === PAGE_SIZE) visit(table, at, address);
    else walk_level(kernel, mem_map.tables[arch.pfn(table, at)]!, level + 1, address, start, end, visit);
  }
}

/** The tables of ptes of `mm`, each with its page and the first address that it maps. */
export function* pte_tables(
  { arch, mem_map }: KernelState,
  mm: MmStruct,
): Generator<{ readonly table: Table; readonly page: Page; readonly base: Addr }> {
  function* below(table: Table, page: Page, level: number, base: Addr): ReturnType<typeof pte_tables> {
    const size = arch.upper_sizes[level];
    if (size === undefined) return yield { table, page, base };
    for (let index = 0; index < arch.PTRS_PER_PTE; index++) {
      const at = index * arch.stride;
      if ((table[at]! & _PAGE_PRESENT) === 0) continue;
      const next = arch.pfn(table, at);
      yield* below(mem_map.tables[next]!, next, level + 1, base + index * size);
    }
  }
  yield* below(mm.pgd, NO_PAGE, 0, 0);
}

/** Where the pte of `address` is: its table, and the index of its (low) word there. Null where an upper level is absent. */
export function find_pte(
  { arch, mem_map }: KernelState,
  mm: MmStruct,
  address: Addr,
): { readonly table: Table; readonly at: number } | null {
  let table = mm.pgd;
  let rest = address;
  for (const size of [...arch.upper_sizes, PAGE_SIZE]) {
    const at = Math.floor(rest / size) * arch.stride;
    if (at >= table.length) return null;
    if (size === PAGE_SIZE) return { table, at };
    if ((table[at]! & _PAGE_PRESENT) === 0) return null;
    table = mem_map.tables[arch.pfn(table, at)]!;
    rest %= size;
  }
  return null;
}

/** Every page that holds a page table of `mm`, upper levels included; the top-level table has no page. */
export function table_pages(kernel: KernelState, mm: MmStruct): Page[] {
  const { arch, mem_map } = kernel;
  const found: Page[] = [];
  const visit = (table: Table, level: number): void => {
    if (level === arch.upper_sizes.length) return;
    for (let at = 0; at < table.length; at += arch.stride) {
      if ((table[at]! & _PAGE_PRESENT) === 0) continue;
      const page = arch.pfn(table, at);
      found.push(page);
      visit(mem_map.tables[page]!, level + 1);
    }
  };
  visit(mm.pgd, 0);
  return found;
}

/** A pte that maps `page`, by its vma and address; null if no vma has one. Looks at every address space. */
export function find_pte_of_page(kernel: KernelState, page: Page): { readonly vma: VmArea; readonly address: Addr } | null {
  for (const mm of kernel.mms) {
    for (const vma of mm.mm_rb) {
      let found: Addr | null = null;
      walk_ptes(kernel, mm, vma.vm_start, vma.vm_end, (table, at, address) => {
        if (found === null && accounted_page(kernel, table, at) === page) found = address;
      });
      if (found !== null) return { vma, address: found };
    }
  }
  return null;
}

/** What an entry that is not empty holds. */
export type PteKind = "file" | "anon" | "reserved" | "io" | "file_pte" | "swap";

/** What kind of entry this is. */
export function pte_kind(kernel: KernelState, table: Table, at: number): PteKind {
  const pte = table[at]!;
  if ((pte & _PAGE_PRESENT) === 0) return (pte & _PAGE_FILE) !== 0 ? "file_pte" : "swap";
  const pfn = kernel.arch.pfn(table, at);
  if (pfn >= FIRST_IO_PFN) return "io";
  const flags = kernel.mem_map.flags[pfn]!;
  if ((flags & PG_reserved) !== 0) return "reserved";
  return (flags & PG_anon) !== 0 ? "anon" : "file";
}

/** The page of a present entry that takes part in accounting; NO_PAGE for all others. */
export function accounted_page(kernel: KernelState, table: Table, at: number): Page {
  const kind = pte_kind(kernel, table, at);
  return kind === "file" || kind === "anon" ? kernel.arch.pfn(table, at) : NO_PAGE;
}
