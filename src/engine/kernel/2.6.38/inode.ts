// fs/inode.c of 2.6.38: what an address_space starts with.

import { Semaphore } from "../../machine/semaphore.ts";
import { SpinLock } from "../../machine/spinlock.ts";
import { LOCK_RANK, type AddressSpace } from "../common/mm_types.ts";

/** address_space_init_once(): gives a new mapping its locks. */
export function address_space_init_once(mapping: AddressSpace): void {
  mapping.i_mmap_lock = new SpinLock(`${mapping.host.name}.i_mmap_lock`, LOCK_RANK.i_mmap_lock);
  mapping.unmap_mutex = new Semaphore(`${mapping.host.name}.unmap_mutex`, LOCK_RANK.unmap_mutex);
}
