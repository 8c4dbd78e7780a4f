// The image: the table of kernel functions through which kernel code calls, so that a variant can replace some of them.
//
// Types only are imported here, and the table is linked at run time: kernel modules import this one for `k`, and would
// otherwise be evaluated in a circle.

import type { Kernel } from "../machine/hooks.ts";
import type { ListHead } from "../machine/list.ts";
import type { common } from "./common_functions.ts";
import type { ZapDetails, ZapWork } from "./common/memory.ts";
import type { Addr, AddressSpace, MmStruct, VmArea } from "./common/mm_types.ts";
import type { Page } from "./common/page_alloc.ts";
import type { PrioTreeRoot } from "./common/prio_tree_types.ts";
import type { MmuGather } from "./common/tlb.ts";

/**
 * The functions that no two kernels need have in common. Declared as methods, because each kernel's take its own
 * zap_details: a kernel's functions call only functions of that kernel, with what it has made itself.
 */
interface VariantFunctions {
  /** The vmas it met, up to 2.6.11; the address where it has stopped, from 2.6.38 on, with no gather left if that was for a lockbreak. */
  unmap_vmas(tlbp: { tlb: MmuGather | null }, mm: MmStruct, vma: VmArea | null, start_addr: Addr, end_addr: Addr, details: ZapDetails | null): Kernel<number>;
  /** Says where it has stopped from 2.6.38 on. */
  zap_page_range(vma: VmArea, address: Addr, size: number, details: ZapDetails | null): Kernel<Addr>;
  /** Takes `zap_work` in 2.6.38 alone, and says there where it has stopped. */
  unmap_page_range(tlb: MmuGather, vma: VmArea, address: Addr, end: Addr, details: ZapDetails | null, zap_work?: ZapWork): Kernel<Addr>;
  /** The same. */
  zap_pte_range(tlb: MmuGather, table: Uint32Array, address: Addr, end: Addr, details: ZapDetails | null, zap_work?: ZapWork): Kernel<Addr>;
  unmap_mapping_range(mapping: AddressSpace, holebegin: number | bigint, holelen: number | bigint, even_cows: number): Kernel<void>;
  unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void>;
  unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void>;
  /** Not in 2.6.9; says nothing in 3.0. */
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

export type Image = Omit<typeof common, keyof VariantFunctions> & VariantFunctions;

/** The functions of the kernel that is running. */
export let k!: Image;

/** Makes `image` the kernel that runs from now on. */
export function link(image: Image): void {
  k = image;
}
