// How values look to people: model time, addresses, sizes, and the kernel objects that events and locals name.

import { is_restart_addr } from "../engine/kernel/2.6.11/restart_addr.ts";
import { AddressSpace, File, Inode, MmStruct, VmArea } from "../engine/kernel/mm_types.ts";
import { Semaphore } from "../engine/machine/semaphore.ts";
import { SpinLock } from "../engine/machine/spinlock.ts";
import { Task } from "../engine/machine/task.ts";

/** Nanoseconds of model time in the unit that suits them: `850 ns`, `12.300 µs`, `1.204 ms`, `2.500 s`. */
export function format_time(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}

/** Nanoseconds as microseconds to the nanosecond, so that a column of them can be compared: `1204.350 µs`. */
export function format_micros(ns: number): string {
  return `${(ns / 1e3).toFixed(3)} µs`;
}

export function format_hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A whole number with thin groups: `1 204 350`. Doubles beyond 2^53 (ULONG_MAX) are printed in full. */
export function format_count(value: number): string {
  return format_integer(value).replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

/** A whole number in full; 2^64 stands for ULONG_MAX of a 64-bit arch. */
export function format_integer(value: number): string {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
  return value === 2 ** 64 ? "18446744073709551615" : String(BigInt(value));
}

/** Bytes in the largest unit that divides them: `64M`, `4K`, `100`. */
export function format_size(bytes: number): string {
  for (const [unit, size] of [["G", 2 ** 30], ["M", 2 ** 20], ["K", 2 ** 10]] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** `1 page`, `8 pages`: a number of things. */
export function format_plural(count: number, one: string, many = `${one}s`): string {
  return `${format_count(count)} ${count === 1 ? one : many}`;
}

export function format_range(start: number, end: number): string {
  return `${format_hex(start)}-${format_hex(end)}`;
}

/** The name a person gave a vma, or where it is. */
export function name_of_vma(vma: VmArea): string {
  return vma.name === "" ? `${vma.vm_mm.name}:${format_range(vma.vm_start, vma.vm_end)}` : vma.name;
}

/** The name of a kernel object that has one; undefined for all else. */
export function name_of(value: unknown): string | undefined {
  if (value instanceof VmArea) return name_of_vma(value);
  if (value instanceof AddressSpace) return value.host.name;
  if (value instanceof File) return value.inode.name;
  if (value instanceof Inode || value instanceof MmStruct || value instanceof SpinLock || value instanceof Semaphore || value instanceof Task) return value.name;
  return undefined;
}

/** Whether a number is an address, by the name of the variable, field or argument it comes from. */
export function is_address(name: string): boolean {
  return /(^|_)(addr|address|start|end)$/.test(name);
}

/** A vm_truncate_count; one that is a multiple of the page size is an address, from 2.6.11 on. */
export function format_truncate_count(count: number): string {
  return count !== 0 && is_restart_addr(count) ? format_hex(count) : format_integer(count);
}

/** A plain value in the form that suits its name: addresses in hexadecimal. */
export function format_value(name: string, value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") return is_address(name) ? format_hex(value) : format_integer(value);
  if (typeof value !== "object") return String(value);
  return name_of(value) ?? value.constructor.name;
}

/** Lines of a table, columns padded to their widest cell; those of `right` are aligned to the right. */
export function format_table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows.map((row) => row.map((cell, column) => (right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join("  ").trimEnd());
}
