// The text of model time. In a file of its own because the extension imports it, and nothing else of the engine.

/** Nanoseconds of model time in the unit that suits them: `850 ns`, `12.300 µs`, `1.204 ms`, `2.500 s`. */
export function format_time(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}
