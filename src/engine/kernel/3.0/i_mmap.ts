// Taking and releasing the lock over the vmas that map a file, for callers that do not depend on its kind. In 3.0 it is a
// mutex: its waiters sleep, and its holder may sleep.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import type { AddressSpace } from "../common/mm_types.ts";

/** mutex_lock(&mapping->i_mmap_mutex) */
export function i_mmap_lock_write(mapping: AddressSpace): Kernel<void> {
  return k.down_write(mapping.i_mmap_mutex!);
}

/** mutex_unlock(&mapping->i_mmap_mutex) */
export function i_mmap_unlock_write(mapping: AddressSpace): Kernel<void> {
  return k.up_write(mapping.i_mmap_mutex!);
}
