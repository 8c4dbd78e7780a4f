// fs/inode.c of 3.0: what an address_space starts with.

import { Semaphore } from "../../machine/semaphore.ts";
import { LOCK_RANK, type AddressSpace } from "../common/mm_types.ts";

/** address_space_init_once(): gives a new mapping its locks. */
export function address_space_init_once(mapping: AddressSpace): void {
  mapping.i_mmap_mutex = new Semaphore(`${mapping.host.name}.i_mmap_mutex`, LOCK_RANK.i_mmap_lock);
}
