// How numbers read in what people are told, here and in the extension, which may not import the engine and its format_time.

/** Nanoseconds of model time in the unit that suits them: `850 ns`, `12.300 µs`, `1.204 ms`, `2.500 s`. */
export function format_time(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} µs`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(3)} ms` : `${(ns / 1e9).toFixed(3)} s`;
}

/** A number of things: `1 page`, `8 pages`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
