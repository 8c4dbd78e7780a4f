// Formats values, each on one line, as a pure function of the state. Addresses are hexadecimal, page offsets and counters decimal,
// and a pointer is shown as its target.

import { is_restart_addr } from "../../engine/kernel/2.6.11/restart_addr.ts";
import { AddressSpace, File, Inode, MmStruct, VmArea } from "../../engine/kernel/common/mm_types.ts";
import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { PrioTreeIter, PrioTreeNode, PrioTreeRoot } from "../../engine/kernel/common/prio_tree_types.ts";
import { MmuGather } from "../../engine/kernel/common/tlb.ts";
import { Cpu } from "../../engine/machine/cpu.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Task } from "../../engine/machine/task.ts";
import { format_hex, format_range, format_time, is_address } from "../../engine/observe/format.ts";
import { flags_text } from "../../engine/observe/snapshot.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import { errorName } from "../../scenario/run/invocations.ts";
import { Mapping, ProcessArray, ProcessValue, MappingRange } from "../../scenario/run/values.ts";
import { unwrap, wrap } from "../../scenario/run/kernel-values.ts";
import { WriteValue, WriteListValue } from "./write-values.ts";
import { plural } from "../protocol/number-format.ts";

export { format_range, format_time, is_address } from "../../engine/observe/format.ts";

/** Fields of a struct that its one line shows. */
const PREVIEW_FIELDS = 4;

/** Fields that the kernel's structs do not have. */
const HIDDEN: ReadonlySet<string> = new Set(["id", "name", "word", "leaves"]);
/** Fields of the model's CPU about the limits of the run, which a CPU of the kernel does not have. */
const HIDDEN_IN_CPU: ReadonlySet<string> = new Set(["end", "timed"]);
/** Fields that are times, in nanoseconds. */
const TIMES: ReadonlySet<string> = new Set([
  "clock",
  "next_tick",
  "next_interrupt",
  "time",
  "time_slice",
  "max_hold",
  "total_hold",
  "max_wait",
  "total_wait",
  "max_latency",
  "total_latency",
]);

const TYPES: readonly (readonly [new (...args: never[]) => object, string])[] = [
  [VmArea, "struct vm_area_struct"],
  [MmStruct, "struct mm_struct"],
  [AddressSpace, "struct address_space"],
  [Inode, "struct inode"],
  [File, "struct file"],
  [ZapDetails, "struct zap_details"],
  [MmuGather, "struct mmu_gather"],
  [SpinLock, "spinlock_t"],
  [Task, "struct task_struct"],
  [Cpu, "cpu"],
  [PrioTreeRoot, "struct prio_tree_root"],
  [PrioTreeNode, "struct prio_tree_node"],
  [PrioTreeIter, "struct prio_tree_iter"],
];

/** The type of a value, as C would call it; undefined for what has no such type. */
export function typeOf(value: Value): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Mapping || value instanceof MappingRange) return "mapping";
  if (value instanceof ProcessArray || value instanceof ProcessValue) return "process";
  const { identity } = value;
  if (identity instanceof Semaphore)
    return identity.name.endsWith("mmap_sem")
      ? "struct rw_semaphore"
      : identity.name.endsWith("_mutex")
        ? "struct mutex"
        : "struct semaphore";
  return TYPES.find(([kind]) => identity instanceof kind)?.[1];
}

/** The fields of a struct that are shown, in its order. */
export function visibleFields(value: HostObject): string[] {
  return [...(value.fieldNames?.() ?? [])].filter(
    (name) => !HIDDEN.has(name) && !(HIDDEN_IN_CPU.has(name) && value.identity instanceof Cpu),
  );
}

/** Can the value be expanded? */
export function hasChildren(value: Value): value is HostObject {
  if (typeof value !== "object" || value === null) return false;
  return (value.length ?? 0) > 0 || visibleFields(value).length > 0;
}

/**
 * A value on one line.
 * @param name of the variable or field; it distinguishes addresses and flags from other numbers
 * @param hex show all whole numbers in hexadecimal
 */
export function formatValue(name: string, value: Value, hex: boolean): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return formatNumber(name, value, hex);
  return typeof value === "string" ? JSON.stringify(value) : formatObject(value, hex);
}

function formatNumber(name: string, value: number, hex: boolean): string {
  if (TIMES.has(name)) return format_time(value);
  if (!Number.isInteger(value)) return String(value);
  if (name === "vm_flags") return `${flags_text(value)} (${format_hex(value)})`;
  if (name === "vm_truncate_count" && value !== 0 && is_restart_addr(value)) return format_hex(value);
  if (hex || is_address(name) || /^(table|pgd|pte)$|flags$/.test(name)) return format_hex(value);
  // ULONG_MAX of a 64-bit arch is kept as 2^64, which only ever is compared.
  return value === 2 ** 64 ? "18446744073709551615" : String(value);
}

function formatMapping({ start, bytes, file }: Mapping): string {
  if (start < 0) return `none: ${errorName(start)}`;
  return `${format_range(start, start + bytes)} of ${file?.inode.name ?? "memory"}`;
}

function formatObject(value: HostObject, hex: boolean): string {
  if (value instanceof Mapping) return formatMapping(value);
  if (value instanceof MappingRange) return format_range(value.start, value.end);
  if (value instanceof ProcessArray) return plural(value.length, "process", "processes");
  if (value instanceof WriteValue) return formatWrite(value, hex);
  if (value instanceof WriteListValue) return `${value.more ? "the last " : ""}${plural(value.length, "write", "writes")}`;
  if (value instanceof ProcessValue) return `process ${value.process.name}, rss ${value.process.mm.rss}`;
  const struct = formatStruct(unwrap(value));
  if (struct !== undefined) return struct;
  return value.length === undefined ? preview(value, hex) : plural(value.length, "element", "elements");
}

/** `event 412 · 1.204 ms · shrink: 0x0 → 0x40050000` */
function formatWrite({ access, fieldName }: WriteValue, hex: boolean): string {
  const { events, time, task, before, after } = access;
  const [old, now] = [before, after].map((raw) => formatValue(fieldName, wrap(raw), hex));
  return `event ${events} · ${format_time(time)} · ${task?.name ?? ""}: ${old === now ? `${now}, as before` : `${old} → ${now}`}`;
}

/** Kernel structs that have a name or a state of their own. */
function formatStruct(object: unknown): string | undefined {
  if (object instanceof VmArea) return formatVma(object);
  if (object instanceof MmStruct) return `mm_struct of ${object.name}, rss ${object.rss}`;
  if (object instanceof AddressSpace) return `address_space of ${object.host.name}, truncate_count ${object.truncate_count}`;
  if (object instanceof Inode) return `inode of ${object.name}, i_size ${object.i_size}`;
  if (object instanceof File) return `file ${object.inode.name}`;
  if (object instanceof SpinLock || object instanceof Semaphore) return formatLock(object);
  if (object instanceof Task) return `${object.name}, pid ${object.pid}, CPU ${object.cpu.id}`;
  if (object instanceof Cpu)
    return `CPU ${object.id}, ${format_time(object.clock)}, ${object.current === null ? "idle" : `executing ${object.current.name}`}`;
  if (object instanceof MmuGather) return formatGather(object);
  if (object instanceof PrioTreeNode) return `[${object.radix_index}, ${object.heap_index}] ${formatEntry(object.entry)}`;
  if (object instanceof PrioTreeRoot)
    return object.prio_tree_node === null
      ? "empty"
      : `index_bits ${object.index_bits}, root [${object.prio_tree_node.radix_index}, ${object.prio_tree_node.heap_index}]`;
  return undefined;
}

function formatGather({ mm, nr, freed }: MmuGather): string {
  const batch = nr < 0 ? "fast mode" : `${plural(nr, "page", "pages")} in the batch`;
  return `${mm === null ? "unused" : `of ${mm.name}`}, ${batch}, ${freed} freed`;
}

function formatEntry(entry: unknown): string {
  return entry instanceof VmArea ? vmaDisplayName(entry) : "";
}

/** The name of a vma in the scenario; of a vma without one, the name of its process. */
export function vmaDisplayName(vma: VmArea): string {
  return vma.name === "" ? (vma.vm_mm?.name ?? "") : vma.name;
}

function formatVma(vma: VmArea): string {
  return `${vmaDisplayName(vma)} ${format_range(vma.vm_start, vma.vm_end)} ${flags_text(vma.vm_flags)}`.trim();
}

/** The tasks that hold a lock, since when, and the tasks that wait for it. */
export function formatLock(lock: SpinLock | Semaphore): string {
  const waiters = lock instanceof SpinLock ? lock.waiters : lock.queue.map(({ task }) => task);
  const waiting = waiters.length === 0 ? "" : `, wanted by ${waiters.map(({ name }) => name).join(", ")}`;
  const holders = lock.holders();
  if (holders.length === 0) return `free${waiting}`;
  return `held by ${holders.map(({ name }) => name).join(", ")} since ${format_time(lock.acquired_at)}${waiting}`;
}

/** The first plain fields of a struct. */
function preview(value: HostObject, hex: boolean): string {
  const names = visibleFields(value);
  const shown: string[] = [];
  for (const name of names) {
    const field = value.field?.(name) ?? null;
    if (typeof field === "object" && field !== null) continue;
    shown.push(`${name}: ${formatValue(name, field, hex)}`);
    if (shown.length === PREVIEW_FIELDS) break;
  }
  return `{${shown.join(", ")}${shown.length < names.length ? `${shown.length > 0 ? ", " : ""}…` : ""}}`;
}
