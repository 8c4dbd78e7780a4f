// The kernels that can be run, by name: the common functions with each variant's own laid over them, and booting one.

import { Machine, type MachineConfig } from "../machine/machine.ts";
import { x86_64, i386, type Arch } from "./arch.ts";
import { common } from "./common.ts";
import { link, type Image } from "./image.ts";
import { File, Inode, MmStruct } from "./mm_types.ts";
import { KernelState, use } from "./state.ts";
import * as v269_memory from "./2.6.9/memory.ts";
import * as v269_prio_tree from "./2.6.9/prio_tree.ts";
import * as vmtrunc4_memory from "./vmtrunc4/memory.ts";

// The casts are the linker's: a kernel has no symbol that it does not call.
export const IMAGES = {
  "2.6.9": { ...common, ...v269_memory, ...v269_prio_tree } as unknown as Image,
  vmtrunc4: { ...common, ...vmtrunc4_memory } as unknown as Image,
};

export type KernelName = keyof typeof IMAGES;
export const KERNEL_NAMES = Object.keys(IMAGES) as KernelName[];

export const ARCHITECTURES: Readonly<Record<Arch["name"], Arch>> = { i386, x86_64 };

/** A machine with a kernel running on it: one execution. */
export interface System {
  readonly machine: Machine;
  readonly kernel: KernelState;
  readonly image: Image;
}

/**
 * Boots kernel `name` on a machine. `replace` lays further functions over the kernel's, for tests that watch it or take a
 * safeguard out.
 */
export function boot(name: KernelName, arch: Arch, config: MachineConfig, replace: Partial<Image> = {}): System {
  const machine = new Machine(config);
  const kernel = new KernelState({ arch, cpus: config.cpus, preempt: config.preempt, page_limit: config.limits.pages });
  // Booting again and again with one and the same image keeps the compiled code of the kernel valid.
  const image = Object.keys(replace).length === 0 ? IMAGES[name] : { ...IMAGES[name], ...replace };
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
export function create_file({ kernel }: System, name: string, size: number): File {
  const id = kernel.inodes.length + 1;
  const inode = new Inode(name, size, id, kernel.arch.word);
  kernel.inodes.push(inode);
  kernel.mappings[id] = inode.i_mapping;
  return new File(inode);
}

/** Makes an empty address space. */
export function create_mm({ kernel }: System, name: string): MmStruct {
  const mm = new MmStruct(name, kernel.mms.length + 1, new Uint32Array(kernel.arch.PTRS_PER_PTE * kernel.arch.stride));
  kernel.mms.push(mm);
  return mm;
}
