// Accesses to data, for breakpoints on it. A location is a field of an object of the kernel, or an element of an array. The kernel
// reports each write (by the write barriers of tools/instrument, and those of the primitives) and each read that may race with a
// write before it happens; the written value is known at the next statement, or at the next access.

import type { Task } from "./task.ts";

export type DataAccessKind = "read" | "write";

/** Receives an access before it happens. */
export type DataAccessSink = (access: DataAccessKind, object: object, key: string | number) => void;

/** What a data breakpoint watches. It means the same in every replay. */
export interface Location {
  /** The fields it consists of, or the indexes of its elements: compared first. */
  readonly keys: readonly (string | number)[];
  /** Does it belong to `object`, at this moment of the execution that runs? */
  is(object: object): boolean;
  /** Its value in `object`. */
  value(object: object): unknown;
  /** Identifies the object, if no name leads to it. */
  readonly anchor?: Anchor;
}

/**
 * An object that no name leads to, such as the zap_details of a call, identified by the first write to it, which every replay
 * repeats. Objects of one replay mean nothing in the next.
 */
export class Anchor {
  /** The object in the current replay; null before that write. */
  object: object | null = null;

  constructor(
    /** The statement that wrote. */
    readonly step: number,
    /** Which of the writes of that statement it was, from 0. */
    readonly write: number,
  ) {}
}

/** One access to a location. */
export interface DataAccess {
  readonly kind: DataAccessKind;
  /** Which of the accesses to that location by one statement, from 0. */
  readonly nth: number;
  readonly step: number;
  /** Tracepoints passed before. */
  readonly events: number;
  /** Model time, in nanoseconds. */
  readonly time: number;
  readonly task: Task | null;
  readonly before: unknown;
  /** The same as `before` if it was read, or written as it was. */
  readonly after: unknown;
}
