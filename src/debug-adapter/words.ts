// How numbers read in what people are told, here and in the extension, which imports this instead of the engine.

export { format_time } from "../engine/observe/format_time.ts";

/** A number of things: `1 page`, `8 pages`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
