// The structures of include/linux/mm.h, fs.h and sched.h that the truncation path works on.

import { ListHead } from "../../machine/list.ts";
import { Semaphore } from "../../machine/semaphore.ts";
import { SpinLock } from "../../machine/spinlock.ts";
import type { Word } from "../../machine/ulong.ts";
import { PAGE_SIZE, type Table } from "./arch.ts";
import { PageCache } from "./page_cache.ts";
import { kernel } from "../state.ts";
import type { CpuTlb } from "./tlbflush.ts";
import { PrioTreeRoot, VmShared, type PrioTreeVma } from "./prio_tree_types.ts";

/** A virtual address, in bytes: an `unsigned long`. */
export type Addr = number;
/** An offset into a file, in pages: a pgoff_t, an `unsigned long`. */
export type Pgoff = number;

export const VM_READ = 0x1;
export const VM_WRITE = 0x2;
export const VM_EXEC = 0x4;
export const VM_SHARED = 0x8;
export const VM_HUGETLB = 0x400000;
export const VM_NONLINEAR = 0x800000;
/** A driver has mapped pages of its own into the vma, by vm_insert_page. */
export const VM_INSERTPAGE = 0x2000000;

/**
 * The order in which locks nest, the outermost first, as mm/filemap.c and mm/rmap.c write it down. Of i_sem and mmap_sem
 * either may be the outer one there.
 */
export const LOCK_RANK = { i_sem: 1, mmap_sem: 1, page_lock: 2, unmap_mutex: 3, i_mmap_lock: 4, page_table_lock: 5, pte_lock: 6 } as const;

/** A struct vm_area_struct. */
export class VmArea implements PrioTreeVma<number, VmArea> {
  vm_mm!: MmStruct;
  /** First address, page-aligned. */
  vm_start: Addr = 0;
  /** First address behind, page-aligned. */
  vm_end: Addr = 0;
  vm_next: VmArea | null = null;
  vm_flags = 0;
  /** Offset of vm_start in the file, in pages. */
  vm_pgoff: Pgoff = 0;
  vm_file: File | null = null;
  /**
   * The truncate_count of the last call that has dealt with all of this vma; 32 bits. In 2.6.11 and 2.6.38 an unsigned long:
   * a multiple of the page size is the address at which an interrupted call has to resume. Not in 3.0, where it stays 0.
   */
  vm_truncate_count = 0;
  /** Place in the file's prio tree, or in its list of nonlinear vmas. */
  readonly shared: VmShared<number, VmArea> = new VmShared<number, VmArea>(this, 0, 0);
  /** Has it an anon_vma: has an anonymous page ever been mapped in it? The model has no struct anon_vma. */
  anon_vma = false;
  /** Its name in the scenario, e.g. `viewer[3].V`. Not part of the kernel's struct. */
  name = "";

  radix_index(): Pgoff {
    return this.vm_pgoff;
  }

  heap_index(): Pgoff {
    return kernel.arch.word.wrap(this.vm_pgoff + vma_pages(this) - 1);
  }
}

/** Length of a vma in pages. */
export function vma_pages(vma: VmArea): number {
  return (vma.vm_end - vma.vm_start) / PAGE_SIZE;
}

/** linear_page_index(): the page of the file that `address` maps, if the vma is linear; an unsigned long, which may wrap. */
export function linear_page_index(vma: VmArea, address: Addr): Pgoff {
  return kernel.arch.word.wrap((address - vma.vm_start) / PAGE_SIZE + vma.vm_pgoff);
}

/** A struct address_space: a file's page cache and the vmas that map it. */
export class AddressSpace {
  readonly page_tree = new PageCache();
  /** The vmas that map the file linearly. */
  readonly i_mmap: PrioTreeRoot<number, VmArea>;
  /** The vmas made nonlinear by remap_file_pages, in order of that. */
  readonly i_mmap_nonlinear: ListHead<VmArea> = new ListHead<VmArea>();
  /** Guards the tree, the list and the counts of their vmas, up to 2.6.38; see address_space_init_once. */
  declare i_mmap_lock?: SpinLock;
  /** What it became in 3.0. */
  declare i_mmap_mutex?: Semaphore;
  /** Lets one unmap_mapping_range at a time work on the file; 2.6.38 only. */
  declare unmap_mutex?: Semaphore;
  /**
   * Changed under i_mmap_lock by every unmap_mapping_range; read by page faults without it, up to 2.6.11. 32 bits. Not in
   * 3.0, where nothing changes it.
   */
  truncate_count = 0;

  constructor(
    readonly host: Inode,
    /** What page->mapping holds. */
    readonly id: number,
    word: Word<number>,
  ) {
    this.i_mmap = new PrioTreeRoot<number, VmArea>(word);
  }
}

/** The lock over the vmas that map a file, of whatever kind it is in the running kernel. */
export function i_mmap_lock_of({ i_mmap_lock, i_mmap_mutex }: AddressSpace): SpinLock | Semaphore {
  return (i_mmap_lock ?? i_mmap_mutex)!;
}

/** A struct inode. */
export class Inode {
  readonly i_sem: Semaphore;
  readonly i_mapping: AddressSpace;

  constructor(
    readonly name: string,
    /** Bytes. Written under i_sem, read without it. */
    public i_size: number,
    id: number,
    word: Word<number>,
  ) {
    this.i_sem = new Semaphore(`${name}.i_sem`, LOCK_RANK.i_sem);
    this.i_mapping = new AddressSpace(this, id, word);
  }
}

/** A struct file. */
export class File {
  readonly f_mapping: AddressSpace;
  constructor(readonly inode: Inode) {
    this.f_mapping = inode.i_mapping;
  }
}

/** The lock of one table of ptes, from 2.6.38 on: its ptes are guarded by it instead of page_table_lock. */
export class PteLock extends SpinLock {
  /** What all locks of page tables of the address space are called together. */
  readonly lock_class: string;

  constructor(
    /** The name of the address space that has the table. */
    readonly mm: string,
    /** The first address that the table maps. */
    readonly address: Addr,
  ) {
    super(`pte lock of ${mm} 0x${address.toString(16)}`, LOCK_RANK.pte_lock);
    this.lock_class = `${mm}.pte_lock`;
  }
}

/** A struct mm_struct: one address space. */
export class MmStruct {
  /** First vma in order of addresses; the others follow by vm_next. */
  mmap: VmArea | null = null;
  /** The same vmas in the same order, for look-ups (mm_rb). */
  readonly mm_rb: VmArea[] = [];
  readonly mmap_sem: Semaphore;
  /** Guards the page tables and the counters of pages; from 2.6.38 on the ptes have locks of their own, one for each table. */
  readonly page_table_lock: SpinLock;
  /** Its users: the process until it exits, its tasks, and tasks that act on it from outside. It is freed with the last one. */
  mm_users = 1;
  /** Present ptes of pages that are not reserved. */
  rss = 0;
  /** Those of them that map anonymous pages. */
  anon_rss = 0;
  /** Ptes that hold swap entries (MM_SWAPENTS of 2.6.38; earlier kernels do not count them, and nothing reads it there). */
  swapents = 0;
  /** From 2.6.38 on: the locks of the page tables, by the first address that each maps; those that were ever taken. */
  readonly pte_locks = new Map<Addr, PteLock>();
  /** The TLBs that may hold translations of this address space: those of the CPUs that use it. */
  readonly cpu_vm_mask: CpuTlb[] = [];

  constructor(
    readonly name: string,
    readonly id: number,
    /** The top-level page table. */
    readonly pgd: Table,
  ) {
    this.mmap_sem = new Semaphore(`${name}.mmap_sem`, LOCK_RANK.mmap_sem);
    this.page_table_lock = new SpinLock(`${name}.page_table_lock`, LOCK_RANK.page_table_lock);
  }
}

/** Is a lock held that guards ptes of `mm`? */
export function are_ptes_locked(mm: MmStruct): boolean {
  if (mm.page_table_lock.owner !== null) return true;
  for (const { owner } of mm.pte_locks.values()) if (owner !== null) return true;
  return false;
}

/** A file offset in bytes, in pages, rounded down. */
export function page_index(bytes: number): Pgoff {
  return Math.floor(bytes / PAGE_SIZE);
}

/** Bytes rounded up to whole pages. */
export function page_align(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}
