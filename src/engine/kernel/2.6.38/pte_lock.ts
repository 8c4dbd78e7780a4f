// include/linux/mm.h of 2.6.38: each table of ptes has a lock (CONFIG_SPLIT_PTLOCK_CPUS).

import type { SpinLock } from "../../machine/spinlock.ts";
import { pmd_addr_start } from "../common/pgtable.ts";
import { PteLock, type Addr, type MmStruct } from "../common/mm_types.ts";

/** pte_lockptr(): the lock of the table that has the pte of `address`, whether that table exists by now or not. */
export function pte_lockptr(mm: MmStruct, address: Addr): SpinLock {
  const start = pmd_addr_start(address);
  let lock = mm.pte_locks.get(start);
  if (lock === undefined) mm.pte_locks.set(start, (lock = new PteLock(mm.name, start)));
  return lock;
}
