// fs/inode.c: what an address_space starts with.

import { SpinLock } from "../../machine/spinlock.ts";
import { LOCK_RANK, type AddressSpace } from "./mm_types.ts";

/** address_space_init_once(): gives a new mapping its locks. */
export function address_space_init_once(mapping: AddressSpace): void {
  mapping.i_mmap_lock = new SpinLock(`${mapping.host.name}.i_mmap_lock`, LOCK_RANK.i_mmap_lock);
}
