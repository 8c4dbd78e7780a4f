// Drives an operation a slice of some milliseconds at a time, so that requests that arrive meanwhile are heard. Nothing
// else reads the clock, and nothing of an execution depends on it.

import type { Operation, Speed } from "../../engine/replay/recording.ts";
import type { Report } from "./progress.ts";
import { nextTurn } from "./turn.ts";

/** What a slice should take, in milliseconds: well below the 20 after which a pause would feel slow. */
const SLICE_TIME = 8;
/** Bounds of a slice, in steps. */
const MIN_SLICE = 500;
const MAX_SLICE = 1_000_000;

/** The length of a slice: in steps, which follows the clock, and by the clock itself where single steps take long. */
export class Pace implements Speed {
  slice = 10_000;
  private begin = 0;

  readonly overdue = (): boolean => performance.now() - this.begin > SLICE_TIME;

  start(): void {
    this.begin = performance.now();
  }

  /** A slice is over: the next one is to take as long as it should. */
  adapt(): void {
    const factor = Math.min(2, SLICE_TIME / Math.max(performance.now() - this.begin, 0.1));
    this.slice = Math.round(Math.min(MAX_SLICE, Math.max(MIN_SLICE, this.slice * factor)));
  }
}

/**
 * Drives an operation to its end. Null if it was dropped.
 * @param pace of the slices that it takes
 * @param dropped asked after each slice
 * @param report told of each slice
 */
export async function inTurns<T>(operation: Operation<T>, pace: Pace, dropped: () => boolean, report?: Report): Promise<{ readonly value: T } | null> {
  try {
    for (;;) {
      pace.start();
      const { done, value } = operation.next();
      if (done === true) return { value };
      pace.adapt();
      report?.update(value);
      await nextTurn();
      if (dropped()) return null;
    }
  } finally {
    operation.return(undefined as T);
    report?.end();
  }
}
