// Boots a kernel on a machine.

import { Machine, type MachineConfig } from "../machine/machine.ts";
import { TimedPolicy } from "../schedule/timed.ts";
import type { Arch } from "./common/arch.ts";
import { File, Inode, MmStruct } from "./common/mm_types.ts";
import { link, type Image } from "./image.ts";
import { image_of, image_with, type Build } from "./linking.ts";
import { KernelState, use_kernel_state } from "./state.ts";
import type { KernelName } from "./variants.ts";

/** A machine with a kernel running on it: one execution. */
export interface System {
  readonly machine: Machine;
  readonly kernel: KernelState;
  readonly image: Image;
}

/**
 * Boots kernel `name` on a machine. `overrides` replaces functions of the kernel, for tests that observe it and for
 * ablations.
 * @param build `watched`: the kernel reports every write; `plain`: the machine cannot be stopped and has no backtraces
 */
export function boot(
  name: KernelName,
  arch: Arch,
  config: MachineConfig,
  overrides: Partial<Image> = {},
  build: Build = "steppable",
): System {
  const machine = new Machine(config, (machine) => new TimedPolicy(machine));
  machine.has_stacks = build !== "plain";
  const kernel = new KernelState({ arch, cpus: config.cpus, preempt: config.preempt, page_limit: config.limits.pages });
  // Booting again and again with one and the same image keeps the compiled code of the kernel valid.
  const own = image_of(name, build);
  const image = Object.keys(overrides).length === 0 ? own : image_with(own, overrides);
  machine.on_activate = () => {
    link(image);
    use_kernel_state(kernel);
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
