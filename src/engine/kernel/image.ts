// The image: the table of kernel functions through which kernel code calls, so that a variant can replace some of them.
//
// Types only are imported here, and the table is linked at run time: kernel modules import this one for `k`, and would
// otherwise be evaluated in a circle.

import type { Kernel } from "../machine/hooks.ts";
import type { ListHead } from "../machine/list.ts";
import type { common } from "./common.ts";
import type { GatherRef, ZapDetails } from "./memory.ts";
import type { Addr, AddressSpace, MmStruct, VmArea } from "./mm_types.ts";
import type { PrioTreeRoot } from "./prio_tree_types.ts";

/**
 * The functions that no two kernels need have in common. Declared as methods, because each kernel's take its own
 * zap_details: a kernel's functions call only functions of that kernel, with what it has made itself.
 */
interface VariantFunctions {
  unmap_vmas(tlbp: GatherRef, mm: MmStruct, vma: VmArea | null, start_addr: Addr, end_addr: Addr, details: ZapDetails | null): Kernel<number>;
  unmap_mapping_range(mapping: AddressSpace, holebegin: number | bigint, holelen: number | bigint, even_cows: number): Kernel<void>;
  unmap_mapping_range_tree(root: PrioTreeRoot<number, VmArea>, details: ZapDetails): Kernel<void>;
  unmap_mapping_range_list(head: ListHead<VmArea>, details: ZapDetails): Kernel<void>;
  /** Not in 2.6.9. */
  unmap_mapping_range_vma(vma: VmArea, start_addr: Addr, end_addr: Addr, details: ZapDetails): Kernel<boolean>;
  /** Not in 2.6.9. */
  reset_vma_truncate_counts(mapping: AddressSpace): Kernel<void>;
}

export type Image = typeof common & VariantFunctions;

/** The functions of the kernel that is running. */
export let k!: Image;

/** Makes `image` the kernel that runs from now on. */
export function link(image: Image): void {
  k = image;
}
