// Events in plain words, one line each.

import { PAGE_SIZE } from "../engine/kernel/common/arch.ts";
import { AddressSpace, VmArea } from "../engine/kernel/common/mm_types.ts";
import type { Task } from "../engine/machine/task.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../engine/machine/trace.ts";
import { calls } from "../scenario/catalogue/index.ts";
import type { Statement } from "../scenario/program/program.ts";
import { error_name } from "../scenario/run/calls.ts";
import { SETUP } from "../scenario/run/simulation.ts";
import { format_hex, format_micros, format_plural, format_range, format_time, name_of, name_of_vma } from "./format.ts";
import type { Paint, Style } from "./paint.ts";

export const ALL_EVENTS = Object.keys(TRACEPOINTS) as TracepointName[];

/** The text of a statement as it stands in the scenario, on one line. */
export type StatementText = (statement: Statement) => string;

type Arguments = Readonly<Record<string, unknown>>;
type Words = (args: Arguments, text: StatementText) => string;

const vma_and_range = (vma: VmArea): string => `${name_of_vma(vma)} (${format_range(vma.vm_start, vma.vm_end)})`;
const vma_of = (args: Arguments): VmArea => args["vma"] as VmArea;
const number = (args: Arguments, name: string): number => args[name] as number;
const hex = (args: Arguments, name: string): string => format_hex(number(args, name));
const time = (args: Arguments, name: string): string => format_time(number(args, name));
const object = (args: Arguments, name: string): string => name_of(args[name]) ?? "?";
const range = (args: Arguments): string => format_range(number(args, "start"), number(args, "end"));
const pages = (args: Arguments): string => format_plural((number(args, "end") - number(args, "start")) / PAGE_SIZE, "page");
const hole = (args: Arguments): string => {
  const last = number(args, "last_index");
  return `pages ${number(args, "first_index")} to ${last >= 2 ** 32 - 1 ? "the end" : last} of ${object(args, "mapping")}`;
};
const answer = (args: Arguments): string => (args["value"] === true ? "yes" : "no");

/** What a system call came to; addresses in hexadecimal. */
function result(returned: number, call: string): string {
  if (returned < 0) return `fails with ${error_name(returned)}`;
  if (returned === 0) return "returns";
  return `returns ${calls.get(call)?.value === "address" ? format_hex(returned) : returned}`;
}

/** Where the lock was dropped: inside the vma, or behind it if all of it is done. */
function lockbreak({ vma, mapping, ...args }: Arguments): string {
  const done = vma instanceof VmArea && mapping instanceof AddressSpace && vma.vm_truncate_count === mapping.truncate_count;
  const where = done ? `behind ${name_of_vma(vma)}` : `inside ${name_of(vma)}, to go on at ${hex(args, "restart_addr")}`;
  return `drops ${object(args, "lock")} ${where}`;
}

const WORDS: Readonly<Record<TracepointName, Words>> = {
  lock_acquire: (args) => `takes ${object(args, "lock")}${number(args, "waited") > 0 ? `, after waiting ${time(args, "waited")}` : ""}`,
  lock_contended: (args) => `waits for ${object(args, "lock")}, which ${object(args, "owner")} holds`,
  lock_release: (args) => `releases ${object(args, "lock")}, held for ${time(args, "held")}`,
  tlb_gather: (args) => `begins to gather pages of ${object(args, "mm")}`,
  tlb_flush: (args) => `flushes the TLBs for ${object(args, "mm")} and releases ${format_plural(number(args, "released"), "page")}${args["why"] === "batch_full" ? ": the batch was full" : ""}`,
  zap_block: (args) => `unmaps ${pages(args)} of ${name_of_vma(vma_of(args))} (${range(args)})`,
  lockbreak,
  restart: (args) => `starts the search for vmas of ${object(args, "mapping")} over`,
  vma_skip: (args) => `skips ${name_of_vma(vma_of(args))}: it is up to date`,
  vma_complete: (args) => `has completed ${vma_and_range(vma_of(args))}`,
  truncate_count_wrap: (args) => `truncate_count of ${object(args, "mapping")} has wrapped: all its vmas are reset`,
  nopage_retry: (args) => `notices a truncation in its page fault at ${hex(args, "address")} in ${name_of_vma(vma_of(args))} and asks again`,
  page_free: (args) => `frees page ${number(args, "page")}`,
  sched_switch: (args) => `gets the CPU${args["previous"] === null || object(args, "previous") === SETUP ? "" : ` from ${object(args, "previous")}`}${number(args, "latency") > 0 ? `, after waiting ${time(args, "latency")}` : ""}`,
  need_resched: (args) => `${object(args, "task")} is asked to give up its CPU`,
  bug: (args) => `BUG ${String(args["code"])}: ${String(args["message"])}`,
  check_failed: (args) => `fails: ${String(args["check"])} (${String(args["why"])})`,
  signal: (args) => `gets ${error_name(number(args, "signal"))} at ${hex(args, "address")}`,
  syscall_enter: (args, text) => `calls ${text(args["statement"] as Statement)}`,
  syscall_exit: (args) => `${result(number(args, "result"), String(args["call"]))} from ${String(args["call"])}`,
  unmap_begin: (args) => `begins to unmap ${hole(args)}${args["truncate_count"] === null ? "" : `, as number ${number(args, "truncate_count")}`}`,
  unmap_pass: (args) => `turns to the ${String(args["pass"])} of ${object(args, "mapping")}${args["non_empty"] === true ? "" : ", which is empty"}`,
  unmap_end: (args) => `has unmapped ${hole(args)}`,
  truncate_begin: (args) => `begins to make ${object(args, "mapping")} ${number(args, "size")} bytes long`,
  removed_mapped: (args) => `has taken page ${number(args, "index")} of ${object(args, "mapping")} out of the page cache, and it is still mapped`,
  truncate_end: (args) => `has made ${object(args, "mapping")} ${number(args, "size")} bytes long`,
  i_mmap_update: (args) => `is about to ${String(args["change"])} ${name_of_vma(vma_of(args))}: the vmas of ${object(args, "mapping")} change`,
  i_mmap_updated: (args) => `has changed the vmas of ${object(args, "mapping")}`,
  pte_set: (args) => `maps page ${number(args, "page")} at ${hex(args, "address")} in ${name_of_vma(vma_of(args))}`,
  wp_reuse: (args) => `makes page ${number(args, "page")} writable at ${hex(args, "address")} in ${name_of_vma(vma_of(args))}`,
  pte_move: (args) => `moves a pte from ${hex(args, "old_addr")} to ${hex(args, "new_addr")}`,
  vma_copy: (args) => `has copied the ptes of ${name_of_vma(vma_of(args))}`,
  vma_enter: (args) => `turns to ${name_of_vma(vma_of(args))}, to unmap ${range(args)}`,
  vma_resume: (args) => `resumes ${name_of_vma(vma_of(args))} at ${hex(args, "restart_addr")}`,
  vma_continue: (args) => `goes on in ${name_of_vma(vma_of(args))} at ${hex(args, "start")}`,
  vma_reset: (args) => `resets vm_truncate_count of ${name_of_vma(vma_of(args))}`,
  restart_save: (args) => `remembers to go on in ${name_of_vma(vma_of(args))} at ${hex(args, "restart_addr")}`,
  break_addr: (args) => `stops unmapping ${name_of_vma(vma_of(args))} at ${hex(args, "break_addr")}`,
  tlb_finish: (args) => `ends the gather for ${object(args, "mm")}, ${format_plural(number(args, "freed"), "page")} fewer resident`,
  hugetlb_zap: (args) => `unmaps the huge pages of ${name_of_vma(vma_of(args))} (${range(args)})`,
  resched_check: (args) => `should it give up the CPU? ${answer(args)}`,
  lockbreak_check: (args) => `is ${object(args, "lock")} wanted? ${answer(args)}`,
  cond_resched: () => "offers the CPU",
};

const STYLES: Partial<Record<TracepointName, Style>> = {
  lockbreak: "yellow", restart: "yellow", vma_complete: "green", bug: "red", check_failed: "red", signal: "red",
  lock_contended: "magenta", nopage_retry: "magenta", truncate_count_wrap: "magenta", syscall_enter: "cyan", syscall_exit: "cyan",
};

/** Who an event is about: the task that was executing, or the one that a CPU switches to. */
export function task_of({ name, task, args }: TraceEvent): Task | null {
  return name === "sched_switch" ? (args["next"] as Task) : task;
}

/** An event in words, without when and who. */
export function describe_event({ name, args }: TraceEvent, text: StatementText): string {
  return WORDS[name](args, text);
}

/** Lays out the lines of a timeline. */
export class Timeline {
  private readonly task_width: number;

  /** @param helper number of the CPU that the triggers' helpers run on */
  constructor(
    private readonly paint: Paint,
    private readonly text: StatementText,
    private readonly helper: number,
    tasks: readonly string[],
  ) {
    this.task_width = Math.min(24, Math.max(4, ...tasks.map(({ length }) => length)));
  }

  /** What stands above the columns. */
  header(): string {
    return this.paint("bold", `${"event".padStart(7)}  ${"time".padStart(14)}  ${"CPU".padEnd(6)}  ${"task".padEnd(this.task_width)}  what happens`);
  }

  /** An event as a line: its number, time in microseconds, CPU, task, and what happens. */
  line(event: TraceEvent): string {
    const cpu = event.cpu === this.helper ? "helper" : `CPU${event.cpu}`;
    const style = STYLES[event.name];
    const words = describe_event(event, this.text);
    const when = this.paint("dim", `${String(event.number).padStart(7)}  ${format_micros(event.time).padStart(14)}  ${cpu.padEnd(6)}`);
    return `${when}  ${(task_of(event)?.name ?? "").padEnd(this.task_width)}  ${style === undefined ? words : this.paint(style, words)}`;
  }
}
