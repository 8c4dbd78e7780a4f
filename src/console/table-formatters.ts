// Formatters of short tables of the kernel's vmas and locks.

import type { AddressSpace, MmStruct } from "../engine/kernel/common/mm_types.ts";
import { locks_of, locks_of_inode } from "../engine/observe/locks.ts";
import { vma_of } from "../engine/observe/snapshot.ts";
import type { Program } from "../scenario/program/program.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { statementsOf } from "../scenario/program/traversal.ts";
import { format_integer, format_range, format_table, format_time, formatTruncateCount } from "./format.ts";
import type { OutputLine } from "./inspect-commands.ts";

/** Rows of a table that are printed. */
const MAX_ROWS = 40;

/** The vmas of a file, of a process, or (null) of all processes, in order of addresses. */
export function vmaTable({ system, program }: Simulation, owner: AddressSpace | MmStruct | null): OutputLine[] {
  const { kernel } = system;
  const all = kernel.mms
    .flatMap(({ mm_rb }) => mm_rb)
    .filter((vma) => owner === null || vma.vm_mm === owner || vma.vm_file?.f_mapping === owner);
  if (all.length === 0) return [{ text: "There are no vmas now." }];
  const shown = all.slice(0, MAX_ROWS);
  const rows = shown.map((vma) => {
    const { name, mm, file, start, end, pgoff, flags, vm_truncate_count, pages_mapped, where } = vma_of(kernel, vma);
    return [
      name === "" ? mm : name,
      format_range(start, end),
      flags,
      file ?? "",
      format_integer(pgoff),
      formatTruncateCount(vm_truncate_count),
      format_integer(pages_mapped),
      where ?? "",
    ];
  });
  const head = ["vma", "addresses", "flags", "file", "pgoff", "vm_truncate_count", "pages", "in"];
  return formatLines(
    head,
    rows,
    new Set([4, 5, 6]),
    all.length,
    shown.map(({ name }) => mappingLine(program, name)),
  );
}

/** The locks that are held or waited for, and those of files. */
export function lockTable({ system, machine, program }: Simulation): OutputLine[] {
  const files = new Map(system.kernel.inodes.flatMap((inode) => locks_of_inode(inode).map((lock) => [lock.name, inode.name] as const)));
  const all = locks_of(system.kernel);
  const relevant = all.filter(({ name, holders, waiters }) => files.has(name) || holders.length > 0 || waiters.length > 0);
  const shown = relevant.slice(0, MAX_ROWS);
  const rows = shown.map(({ name, holders, since, waiters, break_lock }) => {
    const held = since === null ? "" : `for ${format_time(Math.max(0, machine.cpu.clock - since))}`;
    return [name, holders.join(", ") || "free", held, waiters.join(", "), break_lock === null ? "" : String(Number(break_lock))];
  });
  const lines = shown.map(({ name }) => program.files.find((file) => file.name === files.get(name))?.nameRange.line ?? null);
  const free = all.length - relevant.length;
  return [
    ...formatLines(["lock", "held by", "", "waiting", "break_lock"], rows, new Set(), relevant.length, lines),
    ...(free > 0 ? [{ text: `${free} other locks are free.` }] : []),
  ];
}

/** The line of the scenario that makes a mapping, by its name (`viewer[3].V`); null if there is none. */
export function mappingLine({ processes, tasks }: Program, name: string): number | null {
  const [, process, variable] = /^(\w+)(?:\[\d+\])?\.(\w+)$/.exec(name) ?? [];
  const bodies = [...processes.filter((one) => one.name === process), ...tasks.filter((task) => task.process.name === process)];
  const inside = bodies
    .flatMap(({ body }) => statementsOf(body))
    .find((statement) => statement.kind === "call" && statement.result === variable);
  return inside?.range.line ?? null;
}

function formatLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
  count: number,
  lines: readonly (number | null)[],
): OutputLine[] {
  const [first, ...rest] = format_table([head, ...rows], right);
  const more = count > rows.length ? [{ text: `… and ${count - rows.length} more` }] : [];
  return [{ text: first! }, ...rest.map((text, at): OutputLine => ({ text, ...(lines[at] == null ? {} : { line: lines[at] }) })), ...more];
}
