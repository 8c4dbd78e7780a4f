// Page sizes, address spaces and page-table formats of the architectures (include/asm-i386, asm-x86_64 of 2.6.11).
//
// A page table is a Uint32Array with the bytes the hardware would see: one word an entry on i386, two (low, high) where
// entries have 64 bits. Flag bits are in the low word everywhere.

import { ulong32, ulong64, type Word } from "../../machine/ulong.ts";

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
  readonly name: "i386" | "i386-pae" | "x86_64";
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
  /** How many bits of a file offset, in pages, remap_file_pages believes an entry to hold. */
  readonly PTE_FILE_MAX_BITS: number;
  /** The largest size of a file, in bytes: what the page cache can index. */
  readonly MAX_LFS_FILESIZE: number;
  /** The page frame number of a present entry. */
  pfn(table: Table, at: number): number;
  set_present(table: Table, at: number, pfn: number, flags: number): void;
  /** The file offset, in pages, of an entry with _PAGE_FILE. */
  pte_to_pgoff(table: Table, at: number): number;
  set_file(table: Table, at: number, pgoff: number): void;
  set_swap(table: Table, at: number, type: number, offset: number): void;
  /** The offset of an entry that holds a swap entry. */
  swp_offset(table: Table, at: number): number;
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
  MAX_LFS_FILESIZE: 2 ** 43 - 1,
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
  swp_offset: (table, at) => table[at]! >>> 8,
};

const HIGH = 2 ** 32;
const PER_HIGH_WORD = 2 ** 20;

/** The formats that both archs with entries of 64 bits share. */
const wide = {
  stride: 2,
  PTRS_PER_PTE: 512,
  pfn: (table, at) => (table[at]! >>> PAGE_SHIFT) + (table[at + 1]! & 0xfffff) * PER_HIGH_WORD,
  set_present(table, at, pfn, flags) {
    table[at] = (pfn << PAGE_SHIFT) | flags;
    table[at + 1] = Math.floor(pfn / PER_HIGH_WORD);
  },
} as const satisfies Partial<Arch>;

/** i386 with CONFIG_X86_PAE: the address space and the file sizes of i386, in entries of 64 bits and three levels. */
export const i386_pae: Arch = {
  ...wide,
  name: "i386-pae",
  word: ulong32,
  TASK_SIZE: i386.TASK_SIZE,
  TASK_UNMAPPED_BASE: i386.TASK_UNMAPPED_BASE,
  upper_sizes: [2 ** 30, 2 ** 21],
  PTE_FILE_MAX_BITS: 32,
  MAX_LFS_FILESIZE: i386.MAX_LFS_FILESIZE,
  // File offsets and swap entries have the high word to themselves.
  pte_to_pgoff: (table, at) => table[at + 1]!,
  set_file(table, at, pgoff) {
    table[at] = _PAGE_FILE;
    table[at + 1] = pgoff;
  },
  set_swap(table, at, type, offset) {
    table[at] = 0;
    table[at + 1] = type | (offset << 5);
  },
  swp_offset: (table, at) => table[at + 1]! >>> 5,
};

/** Of an offset in a file pte: what lies within the 46 bits of a physical address. */
const PGOFF_HIGH_MASK = 2 ** 14 - 1;

export const x86_64: Arch = {
  ...wide,
  name: "x86_64",
  word: ulong64,
  TASK_SIZE: 0x8000_0000_0000,
  TASK_UNMAPPED_BASE: 0x2aaa_aaaa_b000,
  upper_sizes: [2 ** 39, 2 ** 30, 2 ** 21],
  // As in 2.6.11, although only 34 bits come back.
  PTE_FILE_MAX_BITS: 46,
  // 2^63 - 1 in the kernel; the model's numbers are exact up to here.
  MAX_LFS_FILESIZE: 2 ** 53 - 1,
  pte_to_pgoff: (table, at) => (table[at]! >>> PAGE_SHIFT) + (table[at + 1]! & PGOFF_HIGH_MASK) * PER_HIGH_WORD,
  set_file(table, at, pgoff) {
    table[at] = ((pgoff % PER_HIGH_WORD) << PAGE_SHIFT) | _PAGE_FILE;
    table[at + 1] = Math.floor(pgoff / PER_HIGH_WORD);
  },
  set_swap(table, at, type, offset) {
    table[at] = (type << 1) | ((offset << 8) >>> 0);
    table[at + 1] = Math.floor((offset * 256) / HIGH);
  },
  swp_offset: (table, at) => (table[at]! >>> 8) + table[at + 1]! * 2 ** 24,
};

export const ARCHITECTURES: Readonly<Record<Arch["name"], Arch>> = { i386, "i386-pae": i386_pae, x86_64 };
