// Page sizes, address spaces and page-table formats of the architectures (include/asm-i386, asm-x86_64 of 2.6.11).
//
// A page table is a Uint32Array with the bytes the hardware would see: one word an entry on i386, two (low, high) where
// entries have 64 bits. Flag bits are in the low word everywhere.

import { ulong32, ulong64, type Word } from "../machine/ulong.ts";

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;

export const _PAGE_PRESENT = 0x001;
export const _PAGE_RW = 0x002;
export const _PAGE_USER = 0x004;
export const _PAGE_ACCESSED = 0x020;
export const _PAGE_DIRTY = 0x040;
/** In an entry that is not present: it holds a page offset of a file, not a swap entry. Shares its bit with dirty. */
export const _PAGE_FILE = 0x040;
/** An entry that points to a lower table. */
export const _PAGE_TABLE = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY;

/** A page table, or a part of real memory that holds one. */
export type Table = Uint32Array;

export interface Arch {
  readonly name: "i386" | "x86_64";
  readonly word: Word<number>;
  /** First address that user mappings cannot use. */
  readonly TASK_SIZE: number;
  /** Where the search for a free range begins. */
  readonly TASK_UNMAPPED_BASE: number;
  /** Words an entry takes. */
  readonly stride: 1 | 2;
  readonly PTRS_PER_PTE: number;
  /** Bytes that one entry covers at each level above the ptes, topmost first. */
  readonly upper_sizes: readonly number[];
  /** Bits of a file offset (in pages) that an entry can hold. */
  readonly PTE_FILE_MAX_BITS: number;
  /** The page frame number of a present entry. */
  pfn(table: Table, at: number): number;
  set_present(table: Table, at: number, pfn: number, flags: number): void;
  /** The file offset, in pages, of an entry with _PAGE_FILE. */
  pte_to_pgoff(table: Table, at: number): number;
  set_file(table: Table, at: number, pgoff: number): void;
  set_swap(table: Table, at: number, type: number, offset: number): void;
}

export const i386: Arch = {
  name: "i386",
  word: ulong32,
  TASK_SIZE: 0xc000_0000,
  TASK_UNMAPPED_BASE: 0x4000_0000,
  stride: 1,
  PTRS_PER_PTE: 1024,
  upper_sizes: [2 ** 22],
  PTE_FILE_MAX_BITS: 29,
  pfn: (table, at) => table[at]! >>> PAGE_SHIFT,
  set_present(table, at, pfn, flags) {
    table[at] = (pfn << PAGE_SHIFT) | flags;
  },
  // Bits 1 to 5 hold the low five bits of the offset, bits 8 to 31 the others: bits 0, 6 and 7 are taken.
  pte_to_pgoff: (table, at) => ((table[at]! >>> 1) & 0x1f) + (table[at]! >>> 8) * 32,
  set_file(table, at, pgoff) {
    table[at] = ((pgoff & 0x1f) << 1) | ((pgoff >>> 5) << 8) | _PAGE_FILE;
  },
  set_swap(table, at, type, offset) {
    table[at] = (type << 1) | (offset << 8);
  },
};

const HIGH = 2 ** 32;
const PER_HIGH_WORD = 2 ** 20;

export const x86_64: Arch = {
  name: "x86_64",
  word: ulong64,
  TASK_SIZE: 0x8000_0000_0000,
  TASK_UNMAPPED_BASE: 0x2aaa_aaaa_a000,
  stride: 2,
  PTRS_PER_PTE: 512,
  upper_sizes: [2 ** 39, 2 ** 30, 2 ** 21],
  PTE_FILE_MAX_BITS: 52,
  pfn: (table, at) => (table[at]! >>> PAGE_SHIFT) + (table[at + 1]! & 0xfffff) * PER_HIGH_WORD,
  set_present(table, at, pfn, flags) {
    table[at] = (pfn << PAGE_SHIFT) | flags;
    table[at + 1] = Math.floor(pfn / PER_HIGH_WORD);
  },
  pte_to_pgoff: (table, at) => (table[at]! >>> PAGE_SHIFT) + table[at + 1]! * PER_HIGH_WORD,
  set_file(table, at, pgoff) {
    table[at] = ((pgoff % PER_HIGH_WORD) << PAGE_SHIFT) | _PAGE_FILE;
    table[at + 1] = Math.floor(pgoff / PER_HIGH_WORD);
  },
  set_swap(table, at, type, offset) {
    table[at] = (type << 1) | ((offset << 8) >>> 0);
    table[at + 1] = Math.floor((offset * 256) / HIGH);
  },
};
