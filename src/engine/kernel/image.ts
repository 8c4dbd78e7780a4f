// The image: the table of kernel functions through which kernel code calls, so that a variant can replace some of them.
//
// Only types are imported here, and the table is linked at run time: kernel modules import this one for `k`, and their imports
// would otherwise form a cycle.

import type { Kernel } from "../machine/hooks.ts";
import type { ListHead } from "../machine/list.ts";
import type { common } from "./common_functions.ts";
import type { ZapDetails, ZapWork } from "./common/memory.ts";
import type { Addr, AddressSpace, MmStruct, VmArea } from "./common/mm_types.ts";
import type { Page } from "./common/page_alloc.ts";
import type { PrioTreeRoot } from "./common/prio_tree_types.ts";
import type { MmuGather } from "./common/tlb.ts";

/**
 * The functions whose signatures differ between kernels, or that only some kernels have. Declared as methods, because each kernel's
 * take its own zap_details: a kernel's functions call only functions of that kernel, with structs that it has made itself.
 */
interface VariantFunctions {
  /** The vmas it met, up to 2.6.11; the address where it has stopped, from 2.6.38 on, with no gather left if that was for a lockbreak. */
  unmap_vmas(
    tlbp: { tlb: MmuGather | null },
    mm: MmStruct,
    vma: VmArea | null,
    start_addr: Addr,
    end_addr: Addr,
    details: ZapDetails | null,
  ): Kernel<number>;
  /** Returns where it has stopped from 2.6.38 on. */
  zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<Addr>;
  /** Takes `zap_work` in 2.6.38 only, and returns there where it has stopped. */
  unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null, zap_work?: ZapWork): Kernel<Addr>;
  /** The same. */
  zap_pte_range(
    tlb: MmuGather,
    vma: VmArea,
    table: Uint32Array,
    address: Addr,
    end: Addr,
    details: ZapDetails | null,
    zap_work?: ZapWork,
  ): Kernel<Addr>;
  /** In 3.0 false if the batches are full and there is no memory for another: the pages have to be flushed first. */
  tlb_remove_page(tlb: MmuGather, page: Page): boolean;
  // From 2.6.38 on.
  move_ptes(vma: VmArea, old_addr: Addr, new_vma: VmArea, new_addr: Addr, extent: number): Kernel<void>;
  // Only in 3.0.
  zap_ptes_locked(
    tlb: MmuGather,
    vma: VmArea,
    table: Uint32Array,
    address: Addr,
    end: Addr,
    details: ZapDetails | null,
  ): Kernel<Addr | null>;
  tlb_alloc_batch(): boolean;
  unmap_mapping_range(mapping: AddressSpace, holebegin: number | bigint, holelen: number | bigint, even_cows: number): Kernel<void>;
  unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void>;
  unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void>;
  /** Not in 2.6.9; returns nothing in 3.0. */
  unmap_mapping_range_vma(vma: VmArea, start_addr: Addr, end_addr: Addr, details: ZapDetails): Kernel<boolean>;
  /** Not in 2.6.9 and 3.0. */
  reset_vma_truncate_counts(mapping: AddressSpace): Kernel<void>;
  // From 2.6.38 on.
  unlink_file_vmas(first: VmArea): Kernel<void>;
  lock_page(page: Page): Kernel<void>;
  trylock_page(page: Page): Kernel<boolean>;
  unlock_page(page: Page): Kernel<void>;
  truncate_inode_page(mapping: AddressSpace, page: Page): Kernel<void>;
}

/**
 * The linked functions of one kernel in one build, by name: the symbol table of a running kernel.
 *
 * Who may replace functions: `linking.ts`, which puts a kernel's own functions in place of the common ones, and the caller of `boot`
 * through `overrides` (ablations, tests). An image is not changed once a machine runs on it: images are shared by all machines that
 * run the same kernel, and a change would be seen by all of them.
 *
 * What a replacement has to keep: the function's name, its parameters and its return type. A generator function may be replaced by any
 * function that returns a `Kernel<T>`; a plain function stays plain, as its callers do not yield. The contract of the docstring
 * holds for the replacement too: which locks the caller holds, which locks it holds on return, and what the value means. The
 * methods of `VariantFunctions` are checked less strictly, because a kernel passes them its own zap_details; they are called with
 * structs of the same kernel only.
 *
 * Kernel code calls every kernel function that a variant, an ablation or a test may replace as `k.f(…)`, never by importing it.
 */
export type Image = Omit<typeof common, keyof VariantFunctions> & VariantFunctions;

/**
 * The image of the active machine. Undefined until the first `link`; from then on valid wherever kernel code runs, as a machine links
 * its image whenever it becomes the active one. It is another image after another machine was activated: code outside the model
 * activates its machine before it calls through `k`, and keeps no reference to it.
 */
export let k!: Image;

/** Makes `image` the one that kernel code calls through from now on. Called by a machine when it becomes the active one. */
export function link(image: Image): void {
  k = image;
}
