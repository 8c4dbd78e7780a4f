// How the things of a run look to expressions: kernel structs with the kernel's own field names, and what only a scenario
// has (mappings, ranges of them, processes).

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import { File, i_mmap_lock_of, type MmStruct, type VmArea } from "../../engine/kernel/common/mm_types.ts";
import { PageCache } from "../../engine/kernel/common/page_cache.ts";
import { PrioTreeRoot, VmShared } from "../../engine/kernel/common/prio_tree_types.ts";
import { ListHead } from "../../engine/machine/list.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { Task } from "../../engine/machine/task.ts";
import { root_vmas } from "../../engine/observe/prio_tree_view.ts";
import type { HostObject, Storage, Value } from "../program/expression.ts";

/** A process of a scenario while it runs. */
export interface Process {
  /** As it is called: `editor`, `viewer[3]`. */
  readonly name: string;
  /** Its number in an array of processes, else 0. */
  readonly index: number;
  readonly mm: MmStruct;
  /** Its mapping variables, and those that name its children. */
  readonly variables: Map<string, Value>;
  /** One of its tasks, or somebody for it, has called exit. */
  exited: boolean;
}

/**
 * What a mapping variable holds: the range that mmap or mremap returned. It keeps it, whatever becomes of the vmas there. If
 * the call failed it begins at the negative error, as the system call returns it.
 */
export class Mapping implements HostObject {
  constructor(
    readonly name: string,
    readonly process: Process,
    /** Null for memory without a file. */
    readonly file: File | null,
    readonly start: number,
    /** Bytes, a multiple of the page size. */
    readonly bytes: number,
  ) {}

  get what(): string {
    return `the mapping '${this.name}'`;
  }

  /** A mapping is the vma at its first address, as long as there is one: `vma == viewer[3].V`. */
  get identity(): unknown {
    return this.vma() ?? this;
  }

  fieldNames(): string[] {
    return ["start", "end", "length", "file", "vma"];
  }

  field(name: string): Value | undefined {
    if (name === "start") return this.start;
    if (name === "end") return this.start + this.bytes;
    if (name === "length") return this.bytes;
    if (name === "file") return wrap(this.file);
    return name === "vma" ? wrap(this.vma()) : this.ofVma()?.field(name);
  }

  storage(name: string): Storage | undefined {
    return this.fieldNames().includes(name) ? undefined : this.ofVma()?.storage(name);
  }

  /** Fields that it has not itself are those of its vma. */
  private ofVma(): Struct | undefined {
    const vma = this.vma();
    return vma === null ? undefined : new Struct(vma);
  }

  private vma(): VmArea | null {
    const vma = this.process.mm.mm_rb.find(({ vm_end }) => vm_end > this.start);
    return vma !== undefined && vma.vm_start <= this.start ? vma : null;
  }

  /** The part from byte `from` up to byte `to` of the mapping. */
  slice(from: number, to: number): Value {
    return new Span(this, this.start + from, this.start + to);
  }
}

/** A byte range of a mapping: [start, end), in addresses. */
export class Span implements HostObject {
  readonly what = "a range of a mapping";
  constructor(
    readonly mapping: Mapping,
    readonly start: number,
    readonly end: number,
  ) {}

  get identity(): unknown {
    return this;
  }
}

/** An array of processes: `viewer[3]`. */
export class ProcessArray implements HostObject {
  constructor(
    private readonly name: string,
    readonly processes: readonly Process[],
  ) {}

  get what(): string {
    return `the processes '${this.name}'`;
  }

  get identity(): unknown {
    return this;
  }

  get length(): number {
    return this.processes.length;
  }

  element(index: number): Value {
    return new ProcessValue(this.processes[index]!);
  }
}

/** A process: its mappings by name, and the counters and locks of its mm. */
export class ProcessValue implements HostObject {
  constructor(readonly process: Process) {}

  get what(): string {
    return `the process '${this.process.name}'`;
  }

  /** Events are about the mm_struct. */
  get identity(): unknown {
    return this.process.mm;
  }

  fieldNames(): string[] {
    return [...this.process.variables.keys(), "rss", "anon_rss", "map_count", "mmap_sem", "page_table_lock", "mmap", "mm_rb"];
  }

  field(name: string): Value | undefined {
    const { mm, variables } = this.process;
    if (name === "map_count") return mm.mm_rb.length;
    return variables.get(name) ?? new Struct(mm).field(name);
  }

  storage(name: string): Storage | undefined {
    return this.process.variables.has(name) ? undefined : new Struct(this.process.mm).storage(name);
  }
}

/** Any kernel struct, with its fields. */
class Struct implements HostObject {
  constructor(private readonly object: object) {}

  get what(): string {
    // Bundlers number classes of the same name.
    const name = this.object.constructor.name.replace(/\d+$/, "");
    return `a ${KERNEL_NAMES[name] ?? name}`;
  }

  get identity(): unknown {
    return this.object;
  }

  fieldNames(): Iterable<string> {
    return Object.keys(this.object);
  }

  field(name: string): Value | undefined {
    return Object.hasOwn(this.object, name) ? wrap((this.object as Record<string, unknown>)[name]) : undefined;
  }

  storage(name: string): Storage | undefined {
    if (!Object.hasOwn(this.object, name) || isPart((this.object as Record<string, unknown>)[name])) return undefined;
    return { object: this.object, key: name };
  }
}

/** Is it a part of the struct that has it, and no pointer that may change? */
function isPart(value: unknown): boolean {
  return value instanceof SpinLock || value instanceof Semaphore || value instanceof ListHead || value instanceof PrioTreeRoot || value instanceof PageCache || value instanceof VmShared || Array.isArray(value) || ArrayBuffer.isView(value);
}

const KERNEL_NAMES: Readonly<Record<string, string>> = {
  VmArea: "vm_area_struct",
  MmStruct: "mm_struct",
  AddressSpace: "address_space",
  Inode: "inode",
  ZapDetails: "zap_details",
  MmuGather: "mmu_gather",
  SpinLock: "spinlock_t",
  Semaphore: "rw_semaphore",
  Task: "task_struct",
  PrioTreeRoot: "prio_tree_root",
  Object: "struct",
};

/** A file: the fields of its inode and of its address_space at once, as scenarios write `data.truncate_count`. */
class FileValue implements HostObject {
  constructor(private readonly file: File) {}

  get what(): string {
    return `the file '${this.file.inode.name}'`;
  }

  /** Events are about the address_space. */
  get identity(): unknown {
    return this.file.f_mapping;
  }

  fieldNames(): string[] {
    const { unmap_mutex, i_mmap_mutex } = this.file.f_mapping;
    return ["i_size", "i_sem", "truncate_count", ...(unmap_mutex === undefined ? [] : ["unmap_mutex"]), i_mmap_mutex === undefined ? "i_mmap_lock" : "i_mmap_mutex", "i_mmap", "i_mmap_nonlinear", "nrpages"];
  }

  field(name: string): Value | undefined {
    const { inode, f_mapping } = this.file;
    if (name === "nrpages") return f_mapping.page_tree.nrpages;
    // Whatever kernel runs: so a scenario can be compared between kernels.
    if (name === "i_mmap_lock" || name === "i_mmap_mutex") return wrap(i_mmap_lock_of(f_mapping));
    if (name === "unmap_mutex") return wrap(f_mapping.unmap_mutex ?? null);
    return new Struct(inode).field(name) ?? new Struct(f_mapping).field(name);
  }

  storage(name: string): Storage | undefined {
    const { inode, f_mapping } = this.file;
    if (name === "nrpages") return { object: f_mapping.page_tree, key: name };
    return new Struct(inode).storage(name) ?? new Struct(f_mapping).storage(name);
  }
}

/** A lock: who holds it and how many wait. */
class LockValue implements HostObject {
  constructor(private readonly lock: SpinLock | Semaphore) {}

  get what(): string {
    return `the lock '${this.lock.name}'`;
  }

  get identity(): unknown {
    return this.lock;
  }

  fieldNames(): string[] {
    return this.lock instanceof SpinLock ? ["owner", "waiters", "break_lock"] : ["owner", "waiters"];
  }

  field(name: string): Value | undefined {
    if (name === "owner") return wrap(this.lock.holders()[0] ?? null);
    if (name === "waiters") return this.lock instanceof SpinLock ? this.lock.waiters.length : this.lock.queue.length;
    return name === "break_lock" && this.lock instanceof SpinLock ? this.lock.break_lock : undefined;
  }

  storage(name: string): Storage | undefined {
    if (name === "waiters" && this.lock instanceof Semaphore) return { object: this.lock, key: "queue" };
    return this.fieldNames().includes(name) ? { object: this.lock, key: name } : undefined;
  }
}

/** A task: where it runs and how urgent it is. */
class TaskValue implements HostObject {
  constructor(private readonly task: Task) {}

  get what(): string {
    return `the task '${this.task.name}'`;
  }

  get identity(): unknown {
    return this.task;
  }

  fieldNames(): string[] {
    return ["cpu", "priority", "state", "name", "pid", "preempt_count", "need_resched", "time_slice", "waiting_on", "held"];
  }

  field(name: string): Value | undefined {
    if (name === "cpu") return this.task.cpu.id;
    return name === "priority" ? this.task.prio : new Struct(this.task).field(name);
  }

  storage(name: string): Storage | undefined {
    return name === "preempt_count" || name === "need_resched" ? { object: this.task, key: name } : undefined;
  }
}

/** A file's tree of vmas: its own fields, and the vmas in the order in which a walk visits them. */
class TreeValue implements HostObject {
  readonly what = "a prio_tree_root";
  private vmas: readonly unknown[] | null = null;

  constructor(private readonly root: PrioTreeRoot<number, VmArea>) {}

  get identity(): unknown {
    return this.root;
  }

  fieldNames(): string[] {
    return ["index_bits", "prio_tree_node"];
  }

  field(name: string): Value | undefined {
    return new Struct(this.root).field(name);
  }

  storage(name: string | number): Storage | undefined {
    return typeof name === "string" ? new Struct(this.root).storage(name) : undefined;
  }

  get length(): number {
    return this.visited.length;
  }

  element(index: number): Value {
    return wrap(this.visited[index]);
  }

  private get visited(): readonly unknown[] {
    return (this.vmas ??= root_vmas(this.root));
  }
}

/** An array of the run: numbers or structs. */
class List implements HostObject {
  readonly what = "an array";
  constructor(private readonly items: ArrayLike<unknown>) {}

  get identity(): unknown {
    return this.items;
  }

  get length(): number {
    return this.items.length;
  }

  element(index: number): Value {
    return wrap(this.items[index]);
  }

  storage(index: number): Storage | undefined {
    return ArrayBuffer.isView(this.items) ? { object: this.items, key: index } : undefined;
  }
}

/** What is kept there, as a raw value of the run. */
export function stored({ object, key }: Storage): unknown {
  if (object instanceof Semaphore && key === "owner") return object.holders()[0] ?? null;
  const value = (object as Record<string | number, unknown>)[key];
  return key === "waiters" || key === "queue" ? (value as readonly unknown[]).length : value;
}

/** Anything of the run as a value of expressions. Functions and what is undefined become NULL. */
export function wrap(value: unknown): Value {
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return null;
  if ("what" in value && "identity" in value) return value as HostObject;
  if (value instanceof File) return new FileValue(value);
  if (value instanceof SpinLock || value instanceof Semaphore) return new LockValue(value);
  if (value instanceof Task) return new TaskValue(value);
  if (value instanceof PrioTreeRoot) return new TreeValue(value as PrioTreeRoot<number, VmArea>);
  if (value instanceof ListHead) return new List([...entries(value)]);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return new List(value as unknown as ArrayLike<unknown>);
  return new Struct(value);
}

function* entries(head: ListHead<unknown>): Generator<unknown> {
  for (let link = head.next; link !== head; link = link.next) if (link.entry !== null) yield link.entry;
}

/** The kernel object behind a value. */
export function unwrap(value: Value): unknown {
  return typeof value === "object" && value !== null ? value.identity : value;
}

/** A number of bytes up to whole pages, as system calls round lengths. */
export function roundUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}
