// The windows in which a reverse search looks for the last hit: they end at the present step, and grow while they hold none.

/** Part of the steps up to now that the first window covers, and the steps that it covers at least. */
const FIRST_WINDOW = { fraction: 1 / 64, minimum: 4_096 };

/** Each window covers this many times the steps of the one before. */
export const WINDOW_GROWTH = 32;

/** Steps of the first window of a search that begins at step `now`: a power of two. */
export function first_window(now: number): number {
  return Math.max(FIRST_WINDOW.minimum, 2 ** Math.ceil(Math.log2(now * FIRST_WINDOW.fraction)));
}
