// Watching data. A location is a field of an object of the kernel, or an element of an array. The kernel tells before
// each write (the write barriers of tools/instrument, and those of the primitives) and before each read that may race
// with a write; what comes of a write is seen at the next statement, or at the next access.

import type { Task } from "./task.ts";

export type AccessKind = "read" | "write";

/** Told of an access before it happens. */
export type AccessSink = (access: AccessKind, object: object, key: string | number) => void;

/** Something whose accesses can be told apart from those of everything else. The same one in every replay. */
export interface Location {
  /** The fields it consists of, or the indexes of its elements: what is looked at first. */
  readonly keys: readonly (string | number)[];
  /** Is that field of `object` meant, at this moment of the execution that runs? */
  is(object: object): boolean;
  /** Its value in `object`. */
  value(object: object): unknown;
  /** Which object is meant, if no name leads to it. */
  readonly anchor?: Anchor;
}

/**
 * An object that no name leads to, such as the zap_details of a call: told by the first write to it, as every execution
 * repeats it. Objects of one replay mean nothing in the next.
 */
export class Anchor {
  /** The object in the execution that is looked at; null before that write. */
  object: object | null = null;

  constructor(
    /** The statement that wrote. */
    readonly step: number,
    /** Which of its writes that was, from 0. */
    readonly write: number,
  ) {}
}

/** One access to a location. */
export interface Access {
  readonly kind: AccessKind;
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
