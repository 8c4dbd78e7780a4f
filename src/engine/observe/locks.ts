// The locks of a kernel, live and as plain data.

import { i_mmap_lock_of, PteLock, type Inode, type MmStruct } from "../kernel/common/mm_types.ts";
import { PageLock } from "../kernel/common/page_alloc.ts";
import type { KernelState } from "../kernel/state.ts";
import type { Semaphore } from "../machine/semaphore.ts";
import { SpinLock } from "../machine/spinlock.ts";
import type { Lockable, Task } from "../machine/task.ts";

export interface LockSnapshot {
  readonly name: string;
  readonly kind: "spinlock" | "semaphore";
  readonly holders: readonly string[];
  /** When it was taken; null while it is free. */
  readonly since: number | null;
  readonly waiters: readonly string[];
  /** Whether a waiter has asked for it; null for semaphores. */
  readonly break_lock: boolean | null;
}

/** All locks: those of files, of pages, and of address spaces. */
export function locks_of(kernel: KernelState): LockSnapshot[] {
  return all_locks(kernel).map((lock) => {
    const holders = names(lock.holders());
    const since = holders.length === 0 ? null : lock.acquired_at;
    if (lock instanceof SpinLock)
      return { name: lock.name, kind: "spinlock", holders, since, waiters: names(lock.waiters), break_lock: lock.break_lock !== 0 };
    return { name: lock.name, kind: "semaphore", holders, since, waiters: names(lock.queue.map(({ task }) => task)), break_lock: null };
  });
}

/** Every lock of a kernel; of those of pages the ones that are held. */
export function all_locks(kernel: KernelState): (SpinLock | Semaphore)[] {
  const of_files = kernel.inodes.flatMap(locks_of_inode);
  const of_pages = [...kernel.mem_map.locks.values()].filter(({ owner }) => owner !== null);
  return [...of_files, ...of_pages, ...kernel.mms.flatMap(locks_of_mm)];
}

/** Of the locks of page tables those that are held. */
function locks_of_mm({ mmap_sem, page_table_lock, pte_locks }: MmStruct): (SpinLock | Semaphore)[] {
  return [mmap_sem, page_table_lock, ...[...pte_locks.values()].filter(({ owner }) => owner !== null)];
}

/** The locks of a file: those that this kernel has. */
export function locks_of_inode({ i_sem, i_mapping }: Inode): (SpinLock | Semaphore)[] {
  return [i_sem, i_mapping.unmap_mutex, i_mmap_lock_of(i_mapping)].filter((lock) => lock !== undefined);
}

function names(tasks: readonly Task[]): string[] {
  return tasks.map(({ name }) => name);
}

/**
 * What a lock is called in statistics: the locks of all page tables of an address space count as one, as in /proc/lock_stat. Null for the
 * locks of pages, which it does not have either: they are too many, and short-lived.
 */
export function lock_class_of(lock: Lockable): string | null {
  if (lock instanceof PageLock) return null;
  return lock instanceof PteLock ? lock.lock_class : lock.name;
}
