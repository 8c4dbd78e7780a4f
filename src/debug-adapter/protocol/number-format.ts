// Numbers with units, as texts. The extension imports this instead of the engine.

export { format_time } from "../../engine/observe/format_time.ts";

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 };

/** Nanoseconds from a text with a unit, such as `1.204 ms` or `300us`; null if it is no such text. */
export function parseTime(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d*)?)\s*([nuµμm]?s)$/i.exec(text.trim()) ?? [];
  return number === undefined ? null : Math.round(Number(number) * UNITS[unit!.toLowerCase()]!);
}

/** A number of things: `1 page`, `8 pages`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
