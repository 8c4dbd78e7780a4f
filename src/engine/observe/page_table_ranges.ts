// The page tables of an address space as plain data: neighbouring entries that continue each other are one range.

import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, PAGE_SIZE, type Table } from "../kernel/common/arch.ts";
import type { MmStruct } from "../kernel/common/mm_types.ts";
import type { KernelState } from "../kernel/state.ts";
import { pte_kind, walk_ptes, type PteKind } from "./page_walk.ts";

export interface PageTableRange {
  /** Addresses, in bytes; the end is behind the last page. */
  readonly start: number;
  readonly end: number;
  readonly kind: PteKind;
  /** For pages of a file: which. Null for other entries, and for pages that a truncation has taken from their file. */
  readonly file: string | null;
  /** Page of the file (present or remembered) or swap entry at `start`, one more with each page; null for others. */
  readonly index: number | null;
  /** Of present entries: `w` writable, `d` dirty, `a` accessed, `-` where not. */
  readonly flags: string;
}

/** All entries of `mm` that are not empty, in order of addresses. */
export function page_table_ranges(kernel: KernelState, mm: MmStruct): PageTableRange[] {
  const ranges: PageTableRange[] = [];
  walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at, address) => {
    const next = describe(kernel, table, at, address);
    const last = ranges.at(-1);
    if (last !== undefined && continues(last, next)) ranges[ranges.length - 1] = { ...last, end: next.end };
    else ranges.push(next);
  });
  return ranges;
}

function describe(kernel: KernelState, table: Table, at: number, address: number): PageTableRange {
  const { arch, mem_map, mappings } = kernel;
  const kind = pte_kind(kernel, table, at);
  const pte = table[at]!;
  const flag = (bit: number, letter: string): string => ((pte & bit) !== 0 ? letter : "-");
  const flags = (pte & _PAGE_PRESENT) === 0 ? "" : flag(_PAGE_RW, "w") + flag(_PAGE_DIRTY, "d") + flag(_PAGE_ACCESSED, "a");
  const range = { start: address, end: address + PAGE_SIZE, kind, flags };
  if (kind === "file_pte") return { ...range, file: null, index: arch.pte_to_pgoff(table, at) };
  if (kind === "swap") return { ...range, file: null, index: arch.swp_offset(table, at) };
  if (kind !== "file") return { ...range, file: null, index: null };
  const page = arch.pfn(table, at);
  return { ...range, file: mappings[mem_map.mapping[page]!]?.host.name ?? null, index: mem_map.index[page]! };
}

function continues(last: PageTableRange, next: PageTableRange): boolean {
  if (last.end !== next.start || last.kind !== next.kind || last.file !== next.file || last.flags !== next.flags) return false;
  return last.index === null || last.index + (last.end - last.start) / PAGE_SIZE === next.index;
}
