// The text of values, the same in all user interfaces: model time, addresses, and the kernel objects that have a name.

import { AddressSpace, File, Inode, MmStruct, VmArea } from "../kernel/common/mm_types.ts";
import { Semaphore } from "../machine/semaphore.ts";
import { SpinLock } from "../machine/spinlock.ts";
import { Task } from "../machine/task.ts";

export { format_time } from "./format_time.ts";

/** Hexadecimal, as C writes it. */
export function format_hex(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** Half-open, as /proc/PID/maps has it: `0x1000-0x3000`. */
export function format_range(start: number, end: number): string {
  return `${format_hex(start)}-${format_hex(end)}`;
}

/** A whole number in full; 2^64 stands for ULONG_MAX of a 64-bit arch. */
export function format_integer(value: number): string {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
  return value === 2 ** 64 ? "18446744073709551615" : String(BigInt(value));
}

/** A whole number with thin groups: `1 204 350`. */
export function format_count(value: number): string {
  return format_integer(value).replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

/** Is a number an address, by the name of the variable, field or argument it is the value of? */
export function is_address(name: string): boolean {
  return /(^|_)(addr|address|start|end)$/.test(name);
}

/** The name that the scenario gives a vma, or its address range. */
export function name_of_vma(vma: VmArea): string {
  return vma.name === "" ? `${vma.vm_mm.name}:${format_range(vma.vm_start, vma.vm_end)}` : vma.name;
}

/** The name of a kernel object that has one; undefined for all else. */
export function name_of(value: unknown): string | undefined {
  if (value instanceof VmArea) return name_of_vma(value);
  if (value instanceof AddressSpace) return value.host.name;
  if (value instanceof File) return value.inode.name;
  if (
    value instanceof Inode ||
    value instanceof MmStruct ||
    value instanceof SpinLock ||
    value instanceof Semaphore ||
    value instanceof Task
  )
    return value.name;
  return undefined;
}

/** Lines of a table, columns padded to their widest cell; those of `right` are aligned to the right. */
export function format_table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
