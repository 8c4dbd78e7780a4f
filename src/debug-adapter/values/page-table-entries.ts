// Describes page-table entries and pages in words.

import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, _PAGE_RW } from "../../engine/kernel/common/arch.ts";
import { FIRST_IO_PFN } from "../../engine/kernel/common/pgtable.ts";
import { PG_anon, PG_reserved } from "../../engine/kernel/common/page_alloc.ts";
import type { KernelState } from "../../engine/kernel/state.ts";

const FLAGS = [
  [_PAGE_RW, "rw"],
  [_PAGE_DIRTY, "dirty"],
  [_PAGE_ACCESSED, "accessed"],
] as const;

/** An entry of a page table in words: `page 31 rw dirty, data[5]`. Of an entry with 64 bits, only the low word is given. */
export function describePte(kernel: KernelState, entry: number): string {
  const { arch, mem_map } = kernel;
  const table = Uint32Array.of(entry, 0);
  if (entry === 0) return "none";
  if ((entry & _PAGE_PRESENT) === 0)
    return (entry & _PAGE_FILE) !== 0 ? `page ${arch.pte_to_pgoff(table, 0)} of the file` : `swap entry ${arch.swp_offset(table, 0)}`;
  const page = arch.pfn(table, 0);
  const flags = FLAGS.filter(([bit]) => (entry & bit) !== 0)
    .map(([, word]) => ` ${word}`)
    .join("");
  if (page >= FIRST_IO_PFN) return `device memory ${page}${flags}`;
  if (mem_map.tables[page] !== undefined) return `page table in page ${page}`;
  return `page ${page}${flags}, ${describePage(kernel, page)}`;
}

/** What a page holds: `data[5]`. */
export function describePage({ mem_map, mappings }: KernelState, page: number): string {
  const flags = mem_map.flags[page]!;
  if ((flags & PG_reserved) !== 0) return "reserved";
  if ((flags & PG_anon) !== 0) return "anonymous";
  const file = mappings[mem_map.mapping[page]!]?.host.name;
  return file === undefined ? "of no file any more" : `${file}[${mem_map.index[page]}]`;
}
