// Formatters of events: a line of plain text for each.

import { PAGE_SIZE } from "../engine/kernel/common/arch.ts";
import { AddressSpace, VmArea } from "../engine/kernel/common/mm_types.ts";
import type { Task } from "../engine/machine/task.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../engine/machine/trace.ts";
import { callsByName } from "../scenario/catalogue/index.ts";
import type { Statement } from "../scenario/program/program.ts";
import { errorName } from "../scenario/run/invocations.ts";
import { SETUP_TASK_NAME } from "../scenario/run/simulation.ts";
import { format_hex, formatMicros, formatPlural, format_range, format_time, name_of, name_of_vma } from "./format.ts";
import type { TextStyler, TextStyle } from "./text-style.ts";

export const ALL_EVENTS = Object.keys(TRACEPOINTS) as TracepointName[];

/** The text of a statement as it stands in the scenario, on one line. */
export type StatementText = (statement: Statement) => string;

type Arguments = Readonly<Record<string, unknown>>;
type EventFormatter = (args: Arguments, text: StatementText) => string;

const vmaAndRange = (vma: VmArea): string => `${name_of_vma(vma)} (${format_range(vma.vm_start, vma.vm_end)})`;
const vmaOf = (args: Arguments): VmArea => args["vma"] as VmArea;
const number = (args: Arguments, name: string): number => args[name] as number;
const hex = (args: Arguments, name: string): string => format_hex(number(args, name));
const time = (args: Arguments, name: string): string => format_time(number(args, name));
const object = (args: Arguments, name: string): string => name_of(args[name]) ?? "?";
const range = (args: Arguments): string => format_range(number(args, "start"), number(args, "end"));
const pages = (args: Arguments): string => formatPlural((number(args, "end") - number(args, "start")) / PAGE_SIZE, "page");
const hole = (args: Arguments): string => {
  const last = number(args, "last_index");
  return `pages ${number(args, "first_index")} to ${last >= 2 ** 32 - 1 ? "the end" : last} of ${object(args, "mapping")}`;
};
const afterWaiting = (args: Arguments, name: string): string => (number(args, name) > 0 ? `, after waiting ${time(args, name)}` : "");
const yesOrNo = (args: Arguments): string => (args["value"] === true ? "yes" : "no");

/** The result of a system call; addresses in hexadecimal. */
function result(returned: number, call: string): string {
  if (returned < 0) return `fails with ${errorName(returned)}`;
  if (returned === 0) return "returns";
  return `returns ${callsByName.get(call)?.value === "address" ? format_hex(returned) : returned}`;
}

/** Where the lock was dropped: inside the vma, or after it if all of it is done. */
function lockbreak({ vma, mapping, ...args }: Arguments): string {
  const done = vma instanceof VmArea && mapping instanceof AddressSpace && vma.vm_truncate_count === mapping.truncate_count;
  const where = done ? `behind ${name_of_vma(vma)}` : `inside ${name_of(vma)}, to resume at ${hex(args, "restart_addr")}`;
  return `drops ${object(args, "lock")} ${where}`;
}

const EVENT_TEXTS: Readonly<Record<TracepointName, EventFormatter>> = {
  lock_acquire: (args) => `takes ${object(args, "lock")}${afterWaiting(args, "waited")}`,
  lock_contended: (args) => `waits for ${object(args, "lock")}, which ${object(args, "owner")} holds`,
  lock_release: (args) => `releases ${object(args, "lock")}, held for ${time(args, "held")}`,
  tlb_gather: (args) => `begins to gather pages of ${object(args, "mm")}`,
  tlb_flush: (args) => {
    const why = args["why"] === "batch_full" ? ": the batch was full" : "";
    return `flushes the TLBs for ${object(args, "mm")} and releases ${formatPlural(number(args, "released"), "page")}${why}`;
  },
  tlb_stale: (args) => `reaches ${hex(args, "address")} of ${object(args, "mm")} through an old entry of its TLB`,
  zap_block: (args) => `unmaps ${pages(args)} of ${name_of_vma(vmaOf(args))} (${range(args)})`,
  lockbreak,
  restart: (args) => `starts the search for vmas of ${object(args, "mapping")} over`,
  vma_skip: (args) => `skips ${name_of_vma(vmaOf(args))}: it is up to date`,
  vma_complete: (args) => `has completed ${vmaAndRange(vmaOf(args))}`,
  truncate_count_wrap: (args) => `truncate_count of ${object(args, "mapping")} has wrapped: all its vmas are reset`,
  nopage_retry: (args) => `notices a truncation in its page fault at ${hex(args, "address")} in ${name_of_vma(vmaOf(args))} and asks again`,
  page_free: (args) => `frees page ${number(args, "page")}`,
  sched_switch: (args) => {
    const fromNoTask = args["previous"] === null || object(args, "previous") === SETUP_TASK_NAME;
    return `gets the CPU${fromNoTask ? "" : ` from ${object(args, "previous")}`}${afterWaiting(args, "latency")}`;
  },
  need_resched: (args) => `${object(args, "task")} is asked to give up its CPU`,
  bug: (args) => `BUG ${String(args["code"])}: ${String(args["message"])}`,
  check_failed: (args) => `fails: ${String(args["check"])} (${String(args["why"])})`,
  signal: (args) => `gets ${errorName(number(args, "signal"))} at ${hex(args, "address")}`,
  syscall_enter: (args, text) => `calls ${text(args["statement"] as Statement)}`,
  syscall_exit: (args) => `${result(number(args, "result"), String(args["call"]))} from ${String(args["call"])}`,
  unmap_begin: (args) =>
    `begins to unmap ${hole(args)}${args["truncate_count"] === null ? "" : `, as number ${number(args, "truncate_count")}`}`,
  unmap_pass: (args) =>
    `turns to the ${String(args["pass"])} of ${object(args, "mapping")}${args["non_empty"] === true ? "" : ", which is empty"}`,
  unmap_end: (args) => `has unmapped ${hole(args)}`,
  truncate_begin: (args) => `begins to make ${object(args, "mapping")} ${number(args, "size")} bytes long`,
  removed_mapped: (args) =>
    `has taken page ${number(args, "index")} of ${object(args, "mapping")} out of the page cache, and it is still mapped`,
  truncate_end: (args) => `has made ${object(args, "mapping")} ${number(args, "size")} bytes long`,
  i_mmap_update: (args) =>
    `is about to ${String(args["change"])} ${name_of_vma(vmaOf(args))}: the vmas of ${object(args, "mapping")} change`,
  i_mmap_updated: (args) => `has changed the vmas of ${object(args, "mapping")}`,
  pte_set: (args) => `maps page ${number(args, "page")} at ${hex(args, "address")} in ${name_of_vma(vmaOf(args))}`,
  wp_reuse: (args) => `makes page ${number(args, "page")} writable at ${hex(args, "address")} in ${name_of_vma(vmaOf(args))}`,
  pte_move: (args) => `moves a pte from ${hex(args, "old_addr")} to ${hex(args, "new_addr")}`,
  vma_copy: (args) => `has copied the ptes of ${name_of_vma(vmaOf(args))}`,
  vma_enter: (args) => `turns to ${name_of_vma(vmaOf(args))}, to unmap ${range(args)}`,
  vma_resume: (args) => `resumes ${name_of_vma(vmaOf(args))} at ${hex(args, "restart_addr")}`,
  vma_continue: (args) => `continues in ${name_of_vma(vmaOf(args))} at ${hex(args, "start")}`,
  vma_reset: (args) => `resets vm_truncate_count of ${name_of_vma(vmaOf(args))}`,
  restart_save: (args) => `saves the restart point in ${name_of_vma(vmaOf(args))} at ${hex(args, "restart_addr")}`,
  break_addr: (args) => `stops unmapping ${name_of_vma(vmaOf(args))} at ${hex(args, "break_addr")}`,
  tlb_finish: (args) => `ends the gather for ${object(args, "mm")}, ${formatPlural(number(args, "freed"), "page")} fewer resident`,
  bad_pte: (args) => `clears a pte at ${hex(args, "address")} in ${name_of_vma(vmaOf(args))} that should not be there`,
  hugetlb_zap: (args) => `unmaps the huge pages of ${name_of_vma(vmaOf(args))} (${range(args)})`,
  resched_check: (args) => `should it give up the CPU? ${yesOrNo(args)}`,
  lockbreak_check: (args) => `is ${object(args, "lock")} wanted? ${yesOrNo(args)}`,
  cond_resched: () => "offers the CPU",
};

const STYLES: Partial<Record<TracepointName, TextStyle>> = {
  lockbreak: "yellow",
  restart: "yellow",
  vma_complete: "green",
  bug: "red",
  check_failed: "red",
  signal: "red",
  lock_contended: "magenta",
  nopage_retry: "magenta",
  truncate_count_wrap: "magenta",
  syscall_enter: "cyan",
  syscall_exit: "cyan",
};

/** The task of an event: the one that was executing, or the one to which a CPU switches. */
export function eventTask({ name, task, args }: TraceEvent): Task | null {
  return name === "sched_switch" ? (args["next"] as Task) : task;
}

/** The text of an event, without its time and task. */
export function describeEvent({ name, args }: TraceEvent, text: StatementText): string {
  return EVENT_TEXTS[name](args, text);
}

/** Formats the lines of a timeline. */
export class Timeline {
  private readonly taskWidth: number;

  /** @param helper number of the CPU that the triggers' helpers run on */
  constructor(
    private readonly styled: TextStyler,
    private readonly text: StatementText,
    private readonly helper: number,
    tasks: readonly string[],
  ) {
    this.taskWidth = Math.min(24, Math.max(4, ...tasks.map(({ length }) => length)));
  }

  /** What stands above the columns. */
  header(): string {
    return this.styled(
      "bold",
      `${"event".padStart(7)}  ${"time".padStart(14)}  ${"CPU".padEnd(6)}  ${"task".padEnd(this.taskWidth)}  what happens`,
    );
  }

  /** An event as a line: its number, time in microseconds, CPU, task, and what happens. */
  line(event: TraceEvent): string {
    const cpu = event.cpu === this.helper ? "helper" : `CPU${event.cpu}`;
    const style = STYLES[event.name];
    const words = describeEvent(event, this.text);
    const when = this.styled("dim", `${String(event.number).padStart(7)}  ${formatMicros(event.time).padStart(14)}  ${cpu.padEnd(6)}`);
    return `${when}  ${(eventTask(event)?.name ?? "").padEnd(this.taskWidth)}  ${style === undefined ? words : this.styled(style, words)}`;
  }
}
