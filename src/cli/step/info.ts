// `info vmas` and `info locks`: short tables of what the kernel has.

import { locks_of, locks_of_inode } from "../../engine/observe/locks.ts";
import { vma_of } from "../../engine/observe/snapshot.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { format_integer, format_range, format_table, format_time, format_truncate_count } from "../format.ts";

/** Rows of a table that are printed. */
const MAX_ROWS = 40;

/** All vmas of all processes, in order of addresses. */
export function info_vmas({ system }: Simulation): string[] {
  const { kernel } = system;
  const all = kernel.mms.flatMap(({ mm_rb }) => mm_rb);
  const rows = all.slice(0, MAX_ROWS).map((vma) => {
    const { name, mm, file, start, end, pgoff, flags, vm_truncate_count, pages_mapped, where } = vma_of(kernel, vma);
    return [name === "" ? mm : name, format_range(start, end), flags, file ?? "", format_integer(pgoff), format_truncate_count(vm_truncate_count), format_integer(pages_mapped), where ?? ""];
  });
  if (rows.length === 0) return ["There are no vmas now."];
  return table(["vma", "addresses", "flags", "file", "pgoff", "vm_truncate_count", "pages", "in"], rows, new Set([4, 5, 6]), all.length);
}

/** The locks that are held or waited for, and those of files. */
export function info_locks({ system, machine }: Simulation): string[] {
  const files = new Set(system.kernel.inodes.flatMap((inode) => locks_of_inode(inode).map(({ name }) => name)));
  const all = locks_of(system.kernel);
  const shown = all.filter(({ name, holders, waiters }) => files.has(name) || holders.length > 0 || waiters.length > 0);
  const rows = shown.slice(0, MAX_ROWS).map(({ name, holders, since, waiters, break_lock }) => {
    const held = since === null ? "" : `for ${format_time(Math.max(0, machine.cpu.clock - since))}`;
    return [name, holders.join(", ") || "free", held, waiters.join(", "), break_lock === null ? "" : String(Number(break_lock))];
  });
  const free = all.length - shown.length;
  return [...table(["lock", "held by", "", "waiting", "break_lock"], rows, new Set(), shown.length), ...(free > 0 ? [`${free} other locks are free.`] : [])];
}

function table(head: readonly string[], rows: readonly (readonly string[])[], right: ReadonlySet<number>, count: number): string[] {
  return [...format_table([head, ...rows], right), ...(count > rows.length ? [`… and ${count - rows.length} more`] : [])];
}
