// The files in /proc that a running kernel would show.

import { _PAGE_DIRTY, _PAGE_PRESENT, PAGE_SIZE } from "../engine/kernel/common/arch.ts";
import type { MmStruct, VmArea } from "../engine/kernel/common/mm_types.ts";
import type { KernelState } from "../engine/kernel/state.ts";
import { accounted_page, walk_ptes } from "../engine/observe/page_walk.ts";
import { flags_text } from "../engine/observe/snapshot.ts";
import type { LockStatistics } from "../engine/observe/statistics.ts";
import { format_table } from "./format.ts";

/** The column in which the name of a file begins in /proc/PID/maps, on 32 bits. */
const NAME_COLUMN = 49;
/** The device that all files are on. */
const DEVICE = "03:01";

/** A vma as a line of /proc/PID/maps: addresses, protection, offset in the file, device, inode and name. */
export function mapsLine({ inodes }: KernelState, { vm_start, vm_end, vm_flags, vm_pgoff, vm_file }: VmArea): string {
  const hex = (value: number): string => value.toString(16).padStart(8, "0");
  const where = vm_file === null ? "00:00 0" : `${DEVICE} ${inodes.indexOf(vm_file.inode) + 1}`;
  const line = `${hex(vm_start)}-${hex(vm_end)} ${flags_text(vm_flags)} ${hex(vm_file === null ? 0 : vm_pgoff * PAGE_SIZE)} ${where} `;
  return vm_file === null ? line.trimEnd() : `${line.padEnd(NAME_COLUMN)}${vm_file.inode.name}`;
}

/** A vma as /proc/PID/smaps has it. A page is shared if more than one pte maps it. */
export function smapsLines(kernel: KernelState, mm: MmStruct, vma: VmArea): string[] {
  const pages = { Shared_Clean: 0, Shared_Dirty: 0, Private_Clean: 0, Private_Dirty: 0 };
  walk_ptes(kernel, mm, vma.vm_start, vma.vm_end, (table, at) => {
    if ((table[at]! & _PAGE_PRESENT) === 0 || accounted_page(kernel, table, at) < 0) return;
    const shared = kernel.mem_map._mapcount[kernel.arch.pfn(table, at)]! > 0;
    pages[`${shared ? "Shared" : "Private"}_${(table[at]! & _PAGE_DIRTY) !== 0 ? "Dirty" : "Clean"}`] += 1;
  });
  const rss = Object.values(pages).reduce((sum, count) => sum + count, 0);
  const row = (name: string, bytes: number): string => `${`${name}:`.padEnd(15)}${String(bytes / 1024).padStart(8)} kB`;
  return [
    mapsLine(kernel, vma),
    row("Size", vma.vm_end - vma.vm_start),
    row("Rss", rss * PAGE_SIZE),
    ...Object.entries(pages).map(([name, count]) => row(name, count * PAGE_SIZE)),
  ];
}

/** Locks in the columns of /proc/lock_stat. */
export function lockStatLines(locks: readonly LockStatistics[]): string[] {
  return format_table(lockStatRows(locks), LOCK_STAT_NUMBERS);
}

/** Which of its columns hold numbers. */
export const LOCK_STAT_NUMBERS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);

/** The columns of /proc/lock_stat, as far as there are figures for them, their names first; times in microseconds. */
export function lockStatRows(locks: readonly LockStatistics[]): string[][] {
  const micros = (ns: number): string => (ns / 1000).toFixed(2);
  const head = ["class name", "contentions", "waittime-max", "waittime-total", "acquisitions", "holdtime-max", "holdtime-total"];
  const rows = [...locks]
    .sort((a, b) => b.contentions - a.contentions || b.total_hold - a.total_hold)
    .map(({ lock, contentions, max_wait, total_wait, acquisitions, max_hold, total_hold }) => [
      `${lock}:`,
      String(contentions),
      micros(max_wait),
      micros(total_wait),
      String(acquisitions),
      micros(max_hold),
      micros(total_hold),
    ]);
  return [head, ...rows];
}
