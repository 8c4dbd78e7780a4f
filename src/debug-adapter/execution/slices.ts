// Drives a replay job in slices of some milliseconds, so that requests that arrive meanwhile are handled. Nothing else reads the
// clock, and no execution depends on it.

import type { ReplayJob, SliceLimits } from "../../engine/replay/recording.ts";
import type { ProgressReport } from "./progress.ts";
import { yieldToEventLoop } from "./event-loop.ts";

/** Milliseconds that a slice should take: well below the 20 after which a pause would feel slow. */
const SLICE_TIME = 8;
/** Bounds of a slice, in steps. */
const MIN_SLICE = 500;
const MAX_SLICE = 1_000_000;

/** Limits a slice: to a number of steps that is adapted to the clock, and by the clock itself where single steps take long. */
export class SlicePacer implements SliceLimits {
  steps = 10_000;
  private begin = 0;

  readonly is_deadline_over = (): boolean => performance.now() - this.begin > SLICE_TIME;

  start(): void {
    this.begin = performance.now();
  }

  /** A slice is over: adapts the length of the next one to the time that this one has taken. */
  adapt(): void {
    const factor = Math.min(2, SLICE_TIME / Math.max(performance.now() - this.begin, 0.1));
    this.steps = Math.round(Math.min(MAX_SLICE, Math.max(MIN_SLICE, this.steps * factor)));
  }
}

/**
 * Drives a job to its end. Null if it was cancelled.
 * @param pacer limits the slices
 * @param cancelled is called after each slice
 * @param report is updated after each slice
 */
export async function driveInSlices<T>(
  job: ReplayJob<T>,
  pacer: SlicePacer,
  cancelled: () => boolean,
  report?: ProgressReport,
): Promise<{ readonly value: T } | null> {
  try {
    for (;;) {
      pacer.start();
      const { done, value } = job.next();
      if (done === true) return { value };
      pacer.adapt();
      report?.update(value);
      await yieldToEventLoop();
      if (cancelled()) return null;
    }
  } finally {
    job.return(undefined as T);
    report?.end();
  }
}
