// The kernels that can be run, by name: the common functions with each variant's own laid over them, and booting one.
// docs/kernels.md tells what each has changed.

import { Machine, type MachineConfig } from "../machine/machine.ts";
import type { Arch } from "./arch.ts";
import { common } from "./common.ts";
import { link, type Image } from "./image.ts";
import { File, Inode, MmStruct } from "./mm_types.ts";
import { KernelState, use } from "./state.ts";
import * as truncate_count from "./truncate_count.ts";
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
import * as v2638_fremap from "./2.6.38/fremap.ts";
import * as v2638_inode from "./2.6.38/inode.ts";
import * as v2638_memory from "./2.6.38/memory.ts";
import * as v2638_memory_blocks from "./2.6.38/memory_blocks.ts";
import * as v2638_memory_fault from "./2.6.38/memory_fault.ts";
import * as v2638_memory_zap from "./2.6.38/memory_zap.ts";
import * as v2638_mmap from "./2.6.38/mmap.ts";
import * as v2638_tlb from "./2.6.38/tlb.ts";
import * as v2638_truncate from "./2.6.38/truncate.ts";
import * as v30_i_mmap from "./3.0/i_mmap.ts";
import * as v30_inode from "./3.0/inode.ts";
import * as v30_memory from "./3.0/memory.ts";
import * as v30_memory_blocks from "./3.0/memory_blocks.ts";
import * as v30_memory_search from "./3.0/memory_search.ts";
import * as v30_memory_zap from "./3.0/memory_zap.ts";
import * as v30_tlb from "./3.0/tlb.ts";

/** What a kernel lays over the common functions: the functions of one file, by its name and the folder that it is in. */
type Files = Readonly<Record<string, { readonly folder: string; readonly functions: object }>>;

function in_folder(folder: string, files: Readonly<Record<string, object>>): Files {
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
    "fremap.ts": v2638_fremap,
    "truncate.ts": v2638_truncate,
    "mmap.ts": v2638_mmap,
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
  }),
  // Without counts there is nothing to be done about them: the common functions, which do nothing, are back.
  ...in_folder("", { "truncate_count.ts": truncate_count }),
};

const FILES = {
  "2.6.9": FILES_OF_2_6_9,
  vmtrunc4: FILES_OF_VMTRUNC4,
  vmtrunc5: FILES_OF_VMTRUNC5,
  "2.6.11": FILES_OF_2_6_11,
  "2.6.38": FILES_OF_2_6_38,
  "3.0": FILES_OF_3_0,
} satisfies Record<string, Files>;

export type KernelName = keyof typeof FILES;
/** The oldest first. */
export const KERNEL_NAMES = Object.keys(FILES) as KernelName[];

/** How the build has made the functions of a kernel, and what their names end with then (tools/instrument). */
const BUILDS = {
  /** Can be stopped before every statement. */
  stepped: "",
  /** The same, with a barrier before every write. */
  watched: "$watched",
  /** Neither, and without stacks. */
  plain: "$plain",
} as const;

export type Build = keyof typeof BUILDS;

/**
 * The image that the functions of a kernel make. Those that were built in one way only are the same in all images. The cast is
 * the linker's: a kernel has no symbol that it does not call. Spread at last: only so are functions of an image found as fast
 * as fields.
 */
function link_image(files: Files, ending: string): Image {
  const all = Object.values(files).reduce((image: Record<string, unknown>, { functions }) => ({ ...image, ...functions }), { ...common });
  const names = Object.keys(all).filter((name) => !name.includes("$"));
  return { ...Object.fromEntries(names.map((name) => [name, all[name + ending] ?? all[name]])) } as unknown as Image;
}

/** The images that have been asked for. */
const linked = new Map<string, Image>();

/** The functions of a kernel, linked when they are first asked for: a run needs one image of many, and each takes a millisecond. */
export function image_of(name: KernelName, build: Build = "stepped"): Image {
  const key = name + BUILDS[build];
  let image = linked.get(key);
  if (image === undefined) linked.set(key, (image = link_image(FILES[name], BUILDS[build])));
  return image;
}

/** The folder of its own that a source file of the model is in, below the folder of this file; null if kernels share it. */
export function variant_of(file: string): KernelName | null {
  return KERNEL_NAMES.find((name) => file.startsWith(`${name}/`)) ?? null;
}

/** Is a source file part of a kernel? Kernels may have files of other kernels' folders. */
export function has_file(kernel: KernelName, file: string): boolean {
  return variant_of(file) === null || Object.entries(FILES[kernel]).some(([name, { folder }]) => `${folder}/${name}` === file);
}

/** Is the function called `name` in that source file part of a kernel? A kernel's own function stands in for the common one. */
export function has_function(kernel: KernelName, file: string, name: string): boolean {
  if (variant_of(file) !== null) return has_file(kernel, file);
  return !Object.values(FILES[kernel]).some(({ folder, functions }) => folder !== "" && Object.hasOwn(functions, name));
}

/**
 * What becomes of break_lock, unless a machine is told otherwise: up to 2.6.11 it stays set once contended. In March 2005 taking
 * the lock came to clear it.
 */
export function default_break_lock(kernel: KernelName): "sticky" | "cleared" {
  return KERNEL_NAMES.indexOf(kernel) < KERNEL_NAMES.indexOf("2.6.38") ? "sticky" : "cleared";
}

/** A machine with a kernel running on it: one execution. */
export interface System {
  readonly machine: Machine;
  readonly kernel: KernelState;
  readonly image: Image;
}

/** Images with functions laid over them, by those. */
const replaced = new WeakMap<Partial<Image>, Map<Image, Image>>();

/** An image with `replace` laid over it, made once for the two. */
function image_with(image: Image, replace: Partial<Image>): Image {
  const made = replaced.get(replace) ?? new Map<Image, Image>();
  replaced.set(replace, made);
  const found = made.get(image) ?? { ...image, ...replace };
  made.set(image, found);
  return found;
}

/**
 * Boots kernel `name` on a machine. `replace` lays further functions over the kernel's, for tests that watch it or take a
 * safeguard out.
 * @param build `watched`: the machine can be told of every write; `plain`: it cannot be stopped, nor asked for backtraces
 */
export function boot(name: KernelName, arch: Arch, config: MachineConfig, replace: Partial<Image> = {}, build: Build = "stepped"): System {
  const machine = new Machine(config);
  machine.has_stacks = build !== "plain";
  const kernel = new KernelState({ arch, cpus: config.cpus, preempt: config.preempt, page_limit: config.limits.pages });
  // Booting again and again with one and the same image keeps the compiled code of the kernel valid.
  const own = image_of(name, build);
  const image = Object.keys(replace).length === 0 ? own : image_with(own, replace);
  machine.on_activate = () => {
    link(image);
    use(kernel);
  };
  machine.on_switch = (cpu, { mm }) => {
    if (mm instanceof MmStruct) image.switch_mm(kernel.tlbs[cpu.id]!, mm);
  };
  machine.activate();
  return { machine, kernel, image };
}

/** Makes a file of `size` bytes with nothing in the page cache. */
export function create_file({ kernel, image }: System, name: string, size: number): File {
  const id = kernel.inodes.length + 1;
  const inode = new Inode(name, size, id, kernel.arch.word);
  kernel.inodes.push(inode);
  kernel.mappings[id] = inode.i_mapping;
  image.address_space_init_once(inode.i_mapping);
  return new File(inode);
}

/** Makes an empty address space. */
export function create_mm({ kernel }: System, name: string): MmStruct {
  return kernel.mm_alloc(name);
}
