// fs/inode.c: what an address_space starts with.

import { SpinLock } from "../machine/spinlock.ts";
import type { AddressSpace } from "./mm_types.ts";

/** address_space_init_once(): gives a new mapping its locks. */
export function address_space_init_once(mapping: AddressSpace): void {
  mapping.i_mmap_lock = new SpinLock(`${mapping.host.name}.i_mmap_lock`);
}
