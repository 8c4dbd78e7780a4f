// Taking and releasing the lock over the vmas that map a file, for callers that do not depend on its kind.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import type { AddressSpace } from "./mm_types.ts";

/** spin_lock(&mapping->i_mmap_lock) */
export function i_mmap_lock_write(mapping: AddressSpace): Kernel<void> {
  return k.spin_lock(mapping.i_mmap_lock!);
}

/** spin_unlock(&mapping->i_mmap_lock) */
export function i_mmap_unlock_write(mapping: AddressSpace): Kernel<void> {
  return k.spin_unlock(mapping.i_mmap_lock!);
}
