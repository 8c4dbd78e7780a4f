// Which lock guards a pte: up to 2.6.11 one lock guards all ptes of an address space.

import type { SpinLock } from "../../machine/spinlock.ts";
import type { Addr, MmStruct } from "./mm_types.ts";

/** pte_lockptr(): the lock of the pte of `address`. */
export function pte_lockptr(mm: MmStruct, _address: Addr): SpinLock {
  return mm.page_table_lock;
}
