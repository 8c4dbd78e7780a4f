// The kernels, by name: which files each consists of. docs/kernels.md describes what each has changed.

import * as truncate_count from "./common/truncate_count.ts";
import * as v269_lib_prio_tree_bits from "./2.6.9/lib_prio_tree_bits.ts";
import * as v269_memory from "./2.6.9/memory.ts";
import * as v269_memory_blocks from "./2.6.9/memory_blocks.ts";
import * as v269_memory_search from "./2.6.9/memory_search.ts";
import * as vmtrunc4_memory from "./vmtrunc4/memory.ts";
import * as vmtrunc4_memory_blocks from "./vmtrunc4/memory_blocks.ts";
import * as vmtrunc4_memory_search from "./vmtrunc4/memory_search.ts";
import * as vmtrunc5_truncate_count from "./vmtrunc5/truncate_count.ts";
import * as v2611_memory from "./2.6.11/memory.ts";
import * as v2638_filemap from "./2.6.38/filemap.ts";
import * as v2638_fork from "./2.6.38/fork.ts";
import * as v2638_fremap from "./2.6.38/fremap.ts";
import * as v2638_inode from "./2.6.38/inode.ts";
import * as v2638_memory from "./2.6.38/memory.ts";
import * as v2638_memory_blocks from "./2.6.38/memory_blocks.ts";
import * as v2638_memory_fault from "./2.6.38/memory_fault.ts";
import * as v2638_memory_zap from "./2.6.38/memory_zap.ts";
import * as v2638_mmap from "./2.6.38/mmap.ts";
import * as v2638_madvise from "./2.6.38/madvise.ts";
import * as v2638_mremap from "./2.6.38/mremap.ts";
import * as v2638_pte_lock from "./2.6.38/pte_lock.ts";
import * as v2638_tlb from "./2.6.38/tlb.ts";
import * as v2638_truncate from "./2.6.38/truncate.ts";
import * as v30_i_mmap from "./3.0/i_mmap.ts";
import * as v30_inode from "./3.0/inode.ts";
import * as v30_memory from "./3.0/memory.ts";
import * as v30_memory_blocks from "./3.0/memory_blocks.ts";
import * as v30_memory_search from "./3.0/memory_search.ts";
import * as v30_memory_zap from "./3.0/memory_zap.ts";
import * as v30_mremap_resize from "./3.0/mremap_resize.ts";
import * as v30_tlb from "./3.0/tlb.ts";

/** The folder of the files that all kernels share. */
const COMMON = "common";

/** What a kernel replaces of the common functions: the functions of one file, by its name and the folder that it is in. */
export type KernelFiles = Readonly<Record<string, { readonly folder: string; readonly functions: object }>>;

function in_folder(folder: string, files: Readonly<Record<string, object>>): KernelFiles {
  return Object.fromEntries(Object.entries(files).map(([name, functions]) => [name, { folder, functions }]));
}

// Each kernel has the files of the one before it, but for those that its own folder has anew.
const FILES_OF_2_6_9 = in_folder("2.6.9", {
  "memory.ts": v269_memory,
  "memory_blocks.ts": v269_memory_blocks,
  "memory_search.ts": v269_memory_search,
  "lib_prio_tree_bits.ts": v269_lib_prio_tree_bits,
});
const FILES_OF_VMTRUNC4 = in_folder("vmtrunc4", {
  "memory.ts": vmtrunc4_memory,
  "memory_blocks.ts": vmtrunc4_memory_blocks,
  "memory_search.ts": vmtrunc4_memory_search,
});
const FILES_OF_VMTRUNC5 = { ...FILES_OF_VMTRUNC4, ...in_folder("vmtrunc5", { "truncate_count.ts": vmtrunc5_truncate_count }) };
const FILES_OF_2_6_11 = { ...FILES_OF_VMTRUNC5, ...in_folder("2.6.11", { "memory.ts": v2611_memory }) };
const FILES_OF_2_6_38 = {
  ...FILES_OF_2_6_11,
  ...in_folder("2.6.38", {
    "memory.ts": v2638_memory,
    "memory_blocks.ts": v2638_memory_blocks,
    "memory_zap.ts": v2638_memory_zap,
    "memory_fault.ts": v2638_memory_fault,
    "filemap.ts": v2638_filemap,
    "fork.ts": v2638_fork,
    "fremap.ts": v2638_fremap,
    "truncate.ts": v2638_truncate,
    "mmap.ts": v2638_mmap,
    "madvise.ts": v2638_madvise,
    "mremap.ts": v2638_mremap,
    "pte_lock.ts": v2638_pte_lock,
    "tlb.ts": v2638_tlb,
    "inode.ts": v2638_inode,
  }),
};
const FILES_OF_3_0 = {
  ...FILES_OF_2_6_38,
  ...in_folder("3.0", {
    "memory.ts": v30_memory,
    "memory_blocks.ts": v30_memory_blocks,
    "memory_search.ts": v30_memory_search,
    "memory_zap.ts": v30_memory_zap,
    "tlb.ts": v30_tlb,
    "inode.ts": v30_inode,
    "i_mmap.ts": v30_i_mmap,
    "mremap_resize.ts": v30_mremap_resize,
  }),
  // Without counts there is nothing to be done about them: the common functions, which do nothing, are back.
  ...in_folder(COMMON, { "truncate_count.ts": truncate_count }),
};

/** The files of each kernel, the oldest kernel first. */
export const KERNEL_FILES = {
  "2.6.9": FILES_OF_2_6_9,
  vmtrunc4: FILES_OF_VMTRUNC4,
  vmtrunc5: FILES_OF_VMTRUNC5,
  "2.6.11": FILES_OF_2_6_11,
  "2.6.38": FILES_OF_2_6_38,
  "3.0": FILES_OF_3_0,
} satisfies Record<string, KernelFiles>;

export type KernelName = keyof typeof KERNEL_FILES;
/** The oldest first. */
export const KERNEL_NAMES = Object.keys(KERNEL_FILES) as KernelName[];

/** The kernel whose own folder a source file of the model is in, by its path below the folder of this file; null if kernels share it. */
function variant_of(file: string): KernelName | null {
  return KERNEL_NAMES.find((name) => file.startsWith(`${name}/`)) ?? null;
}

/** Is a source file, by its path below the folder of this file, one that all kernels share? */
export function is_common(file: string): boolean {
  return variant_of(file) === null;
}

/** Is a source file part of a kernel? Kernels may have files of other kernels' folders. */
export function has_file(kernel: KernelName, file: string): boolean {
  return is_common(file) || Object.entries(KERNEL_FILES[kernel]).some(([name, { folder }]) => `${folder}/${name}` === file);
}

/** Is the function called `name` in that source file part of a kernel? A kernel's own function stands in for the common one. */
export function has_function(kernel: KernelName, file: string, name: string): boolean {
  if (!is_common(file)) return has_file(kernel, file);
  return !Object.values(KERNEL_FILES[kernel]).some(({ folder, functions }) => folder !== COMMON && Object.hasOwn(functions, name));
}

/**
 * What becomes of break_lock, unless the scenario sets it: up to 2.6.11 it stays set once contended. In March 2005 taking
 * the lock came to clear it.
 */
export function default_break_lock(kernel: KernelName): "sticky" | "cleared" {
  return KERNEL_NAMES.indexOf(kernel) < KERNEL_NAMES.indexOf("2.6.38") ? "sticky" : "cleared";
}
