// How model time looks to people: by itself, as the extension shows it, too, which knows nothing else of the engine.

/** Nanoseconds of model time in the unit that suits them: `850 ns`, `12.300 µs`, `1.204 ms`, `2.500 s`. */
export function format_time(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}
