// Drives an operation a slice of some milliseconds at a time, so that requests that arrive meanwhile are heard. Nothing
// else reads the clock, and nothing of an execution depends on it.

import type { Operation } from "../engine/machine/recording.ts";
import { next_turn } from "./turn.ts";

/** What a slice should take, in milliseconds: well below the 20 after which a pause would feel slow. */
const SLICE_TIME = 8;
/** Bounds of a slice, in steps. */
const MIN_SLICE = 500;
const MAX_SLICE = 1_000_000;

/** Something with slices of so many steps. */
export interface Sliced {
  slice: number;
}

/**
 * Drives an operation to its end. Null if it was dropped.
 * @param sliced whose slices it takes; they are made longer or shorter as the clock tells
 * @param dropped asked after each slice
 */
export async function in_turns<T>(operation: Operation<T>, sliced: Sliced, dropped: () => boolean): Promise<{ readonly value: T } | null> {
  try {
    for (;;) {
      const begin = performance.now();
      const { done, value } = operation.next();
      if (done === true) return { value };
      const factor = Math.min(2, SLICE_TIME / Math.max(performance.now() - begin, 0.1));
      sliced.slice = Math.round(Math.min(MAX_SLICE, Math.max(MIN_SLICE, sliced.slice * factor)));
      await next_turn();
      if (dropped()) return null;
    }
  } finally {
    operation.return(undefined as T);
  }
}
