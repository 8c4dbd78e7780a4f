// Formatters for values in the terminal and in the debug console. Those that the engine's reports also use are defined there.

import { is_restart_addr } from "../engine/kernel/2.6.11/restart_addr.ts";
import { format_count, format_hex, format_integer } from "../engine/observe/format.ts";

export {
  format_count,
  format_hex,
  format_integer,
  format_range,
  format_table,
  format_time,
  is_address,
  name_of,
  name_of_vma,
} from "../engine/observe/format.ts";

/** Nanoseconds as microseconds to the nanosecond, so that a column of them can be compared: `1204.350 µs`. */
export function formatMicros(ns: number): string {
  return `${(ns / 1e3).toFixed(3)} µs`;
}

/** Bytes in the largest unit that divides them: `64M`, `4K`, `100`. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of [
    ["G", 2 ** 30],
    ["M", 2 ** 20],
    ["K", 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** `1 page`, `8 pages`: a number of things. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${format_count(count)} ${count === 1 ? one : many}`;
}

/** A vm_truncate_count; one that is a multiple of the page size is an address, from 2.6.11 on. */
export function formatTruncateCount(count: number): string {
  return count !== 0 && is_restart_addr(count) ? format_hex(count) : format_integer(count);
}
