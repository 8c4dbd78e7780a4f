// Kernel objects as values of expressions, with the kernel's own field names: structs, files, locks, tasks, trees and arrays.

import { File, i_mmap_lock_of, type VmArea } from "../../engine/kernel/common/mm_types.ts";
import { PageCache } from "../../engine/kernel/common/page_cache.ts";
import { PrioTreeRoot, VmShared } from "../../engine/kernel/common/prio_tree_types.ts";
import { ListHead } from "../../engine/machine/list.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { Task } from "../../engine/machine/task.ts";
import { root_vmas } from "../../engine/observe/prio_tree_view.ts";
import type { HostObject, StorageLocation, Value } from "../program/expression.ts";

/** Any kernel struct, with its fields. */
export class StructValue implements HostObject {
  constructor(private readonly object: object) {}

  get description(): string {
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

  storage(name: string): StorageLocation | undefined {
    if (!Object.hasOwn(this.object, name) || isEmbedded((this.object as Record<string, unknown>)[name])) return undefined;
    return { object: this.object, key: name };
  }
}

/** Is the value embedded in the struct, rather than a pointer that can change? */
function isEmbedded(value: unknown): boolean {
  return (
    value instanceof SpinLock ||
    value instanceof Semaphore ||
    value instanceof ListHead ||
    value instanceof PrioTreeRoot ||
    value instanceof PageCache ||
    value instanceof VmShared ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value)
  );
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

  get description(): string {
    return `the file '${this.file.inode.name}'`;
  }

  /** Events concern the address_space. */
  get identity(): unknown {
    return this.file.f_mapping;
  }

  fieldNames(): string[] {
    const { unmap_mutex, i_mmap_mutex } = this.file.f_mapping;
    return [
      "i_size",
      "i_sem",
      "truncate_count",
      ...(unmap_mutex === undefined ? [] : ["unmap_mutex"]),
      i_mmap_mutex === undefined ? "i_mmap_lock" : "i_mmap_mutex",
      "i_mmap",
      "i_mmap_nonlinear",
      "nrpages",
    ];
  }

  field(name: string): Value | undefined {
    const { inode, f_mapping } = this.file;
    if (name === "nrpages") return f_mapping.page_tree.nrpages;
    // Either name works in every kernel, so that one scenario can be compared across kernels.
    if (name === "i_mmap_lock" || name === "i_mmap_mutex") return wrap(i_mmap_lock_of(f_mapping));
    if (name === "unmap_mutex") return wrap(f_mapping.unmap_mutex ?? null);
    return new StructValue(inode).field(name) ?? new StructValue(f_mapping).field(name);
  }

  storage(name: string): StorageLocation | undefined {
    const { inode, f_mapping } = this.file;
    if (name === "nrpages") return { object: f_mapping.page_tree, key: name };
    return new StructValue(inode).storage(name) ?? new StructValue(f_mapping).storage(name);
  }
}

/** A lock: the task that holds it, and the number of waiters. */
class LockValue implements HostObject {
  constructor(private readonly lock: SpinLock | Semaphore) {}

  get description(): string {
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

  storage(name: string): StorageLocation | undefined {
    if (name === "waiters" && this.lock instanceof Semaphore) return { object: this.lock, key: "queue" };
    return this.fieldNames().includes(name) ? { object: this.lock, key: name } : undefined;
  }
}

/** A task, with its CPU and its priority. */
class TaskValue implements HostObject {
  constructor(private readonly task: Task) {}

  get description(): string {
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
    return name === "priority" ? this.task.prio : new StructValue(this.task).field(name);
  }

  storage(name: string): StorageLocation | undefined {
    return name === "preempt_count" || name === "need_resched" ? { object: this.task, key: name } : undefined;
  }
}

/** A file's tree of vmas: its own fields, and the vmas in the order in which a walk visits them. */
class TreeValue implements HostObject {
  readonly description = "a prio_tree_root";
  private vmas: readonly unknown[] | null = null;

  constructor(private readonly root: PrioTreeRoot<number, VmArea>) {}

  get identity(): unknown {
    return this.root;
  }

  fieldNames(): string[] {
    return ["index_bits", "prio_tree_node"];
  }

  field(name: string): Value | undefined {
    return new StructValue(this.root).field(name);
  }

  storage(name: string | number): StorageLocation | undefined {
    return typeof name === "string" ? new StructValue(this.root).storage(name) : undefined;
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
class ArrayValue implements HostObject {
  readonly description = "an array";
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

  storage(index: number): StorageLocation | undefined {
    return ArrayBuffer.isView(this.items) ? { object: this.items, key: index } : undefined;
  }
}

/** The raw value in a storage location. */
export function readStorage({ object, key }: StorageLocation): unknown {
  if (object instanceof Semaphore && key === "owner") return object.holders()[0] ?? null;
  const value = (object as Record<string | number, unknown>)[key];
  return key === "waiters" || key === "queue" ? (value as readonly unknown[]).length : value;
}

/** Any value of the run as a value of expressions. Functions and `undefined` become NULL. */
export function wrap(value: unknown): Value {
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return null;
  if ("description" in value && "identity" in value) return value as HostObject;
  if (value instanceof File) return new FileValue(value);
  if (value instanceof SpinLock || value instanceof Semaphore) return new LockValue(value);
  if (value instanceof Task) return new TaskValue(value);
  if (value instanceof PrioTreeRoot) return new TreeValue(value as PrioTreeRoot<number, VmArea>);
  if (value instanceof ListHead) return new ArrayValue([...entries(value)]);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return new ArrayValue(value as unknown as ArrayLike<unknown>);
  return new StructValue(value);
}

function* entries(head: ListHead<unknown>): Generator<unknown> {
  for (let link = head.next; link !== head; link = link.next) if (link.entry !== null) yield link.entry;
}

/** The kernel object behind a value. */
export function unwrap(value: Value): unknown {
  return typeof value === "object" && value !== null ? value.identity : value;
}
