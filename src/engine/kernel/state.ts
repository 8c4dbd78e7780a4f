// All that the kernel keeps in global variables, gathered in one object so that each run has its own.

import type { Arch } from "./common/arch.ts";
import { MmStruct, type AddressSpace, type Inode, type VmArea } from "./common/mm_types.ts";
import { MemMap } from "./common/page_alloc.ts";
import { SwapMap } from "./common/swapfile.ts";
import { MmuGather } from "./common/tlb.ts";
import { CpuTlb } from "./common/tlbflush.ts";

export interface KernelConfig {
  readonly arch: Arch;
  /** num_online_cpus(). */
  readonly cpus: number;
  /** CONFIG_PREEMPT: decides the size of a zap block. */
  readonly preempt: boolean;
  /** How many pages may be in use at a time. */
  readonly page_limit: number;
}

export class KernelState {
  readonly arch: Arch;
  readonly mem_map: MemMap;
  readonly swap_map = new SwapMap();
  /** One per CPU, that of the triggers' helpers included; and, in 3.0, all that are in use. */
  readonly mmu_gathers: MmuGather[];
  /** One per CPU, that of the triggers' helpers included. */
  readonly tlbs: readonly CpuTlb[];
  /** Free vm_area_structs of each CPU's slab cache, the one freed last on top. */
  readonly vm_area_cachep: readonly VmArea[][];
  readonly inodes: Inode[] = [];
  readonly mms: MmStruct[] = [];
  /** address_space by page->mapping. */
  readonly mappings: AddressSpace[] = [];
  /** Bytes of address space that unmap_vmas unmaps between two checks: 8 pages, or 1024 without CONFIG_PREEMPT. */
  readonly ZAP_BLOCK_SIZE: number;

  constructor(readonly config: KernelConfig) {
    this.arch = config.arch;
    this.mem_map = new MemMap(config.page_limit);
    this.mmu_gathers = Array.from({ length: config.cpus + 1 }, () => new MmuGather());
    this.tlbs = Array.from({ length: config.cpus + 1 }, (_, cpu) => new CpuTlb(cpu));
    this.vm_area_cachep = Array.from({ length: config.cpus + 1 }, () => []);
    this.ZAP_BLOCK_SIZE = (config.preempt ? 8 : 1024) * 4096;
  }

  /** mm_alloc(): makes an empty address space. */
  mm_alloc(name: string): MmStruct {
    const { PTRS_PER_PTE, stride } = this.arch;
    const mm = new MmStruct(name, this.mms.length + 1, new Uint32Array(PTRS_PER_PTE * stride));
    this.mms.push(mm);
    return mm;
  }
}

/** The state of the kernel that is running. */
export let kernel!: KernelState;

/** Makes `state` that of the running kernel. */
export function use_kernel_state(state: KernelState): void {
  kernel = state;
}
