// What a task does to things that others can see, for those who work out in which order it matters. The primitives report
// every such access at the moment at which it happens.

/**
 * Kinds of access. A spinlock is acquired by an attempt that finds it free (`acquire`) or arrived at by one that does not
 * (`arrive`), and then acquired by a waiter (`acquire_waited`). Semaphores and CPUs are taken and given: who cannot have one
 * is not there yet, as far as others can tell. What adds to something (`add`) does so in any order.
 */
export const ACCESS = {
  read: 0,
  write: 1,
  acquire: 2,
  acquire_waited: 3,
  arrive: 4,
  release: 5,
  sample: 6,
  take: 7,
  take_read: 8,
  give: 9,
  give_read: 10,
  add: 11,
} as const;

export type AccessKind = (typeof ACCESS)[keyof typeof ACCESS];

export interface AccessLog {
  /** The executing task accesses `object`, or of its fields `field`, if that is not empty. */
  access(object: object, field: string, kind: AccessKind): void;
}
