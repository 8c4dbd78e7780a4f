// Accesses of tasks to what they share, for an analysis of which orders make a difference. The primitives report every such
// access at the moment at which it happens.

/**
 * Kinds of access. A spinlock is acquired by an attempt that finds it free (`acquire`), or contended for by one that does not
 * (`contend`) and acquired by that waiter later (`acquire_contended`). Semaphores and CPUs are acquired and released exclusively or
 * shared; a task that cannot have one yet has not accessed it, as far as other tasks can observe. `sample` reads break_lock. Several `add`s
 * to one object commute.
 */
export const ACCESS = {
  read: 0,
  write: 1,
  acquire: 2,
  acquire_contended: 3,
  contend: 4,
  release: 5,
  sample: 6,
  acquire_exclusive: 7,
  acquire_shared: 8,
  release_exclusive: 9,
  release_shared: 10,
  add: 11,
} as const;

export type AccessKind = (typeof ACCESS)[keyof typeof ACCESS];

export interface AccessLog {
  /** The executing task accesses `object`, or of its fields `field`, if that is not empty. */
  access(object: object, field: string, kind: AccessKind): void;
}
