// The values that only a scenario has: mappings, byte ranges of them, and processes.

import { File, type MmStruct, type VmArea } from "../../engine/kernel/common/mm_types.ts";
import type { HostObject, StorageLocation, Value } from "../program/expression.ts";
import { StructValue, wrap } from "./kernel-values.ts";

/** A process of a scenario while it runs. */
export interface Process {
  /** Its name, with the index if it is in an array: `editor`, `viewer[3]`. */
  readonly name: string;
  /** Its index in an array of processes, else 0. */
  readonly index: number;
  readonly mm: MmStruct;
  /** The values of its mapping variables, and of those that name its children. */
  readonly variables: Map<string, Value>;
  /** Has one of its tasks, or another task on its behalf, called exit? */
  exited: boolean;
}

/**
 * The value of a mapping variable: the range that mmap or mremap returned. Later changes of the vmas there do not change it.
 * If the call failed, it begins at the negative error that the system call returned.
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

  get description(): string {
    return `the mapping '${this.name}'`;
  }

  /** A mapping is equal to the vma at its first address, as long as there is one: `vma == viewer[3].V`. */
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
    return name === "vma" ? wrap(this.vma()) : this.vmaValue()?.field(name);
  }

  storage(name: string): StorageLocation | undefined {
    return this.fieldNames().includes(name) ? undefined : this.vmaValue()?.storage(name);
  }

  /** The vma, which has the fields that the mapping lacks. */
  private vmaValue(): StructValue | undefined {
    const vma = this.vma();
    return vma === null ? undefined : new StructValue(vma);
  }

  private vma(): VmArea | null {
    const vma = this.process.mm.mm_rb.find(({ vm_end }) => vm_end > this.start);
    return vma !== undefined && vma.vm_start <= this.start ? vma : null;
  }

  /** The part from byte `from` up to byte `to` of the mapping. */
  slice(from: number, to: number): Value {
    return new MappingRange(this, this.start + from, this.start + to);
  }
}

/** A byte range of a mapping: [start, end), in addresses. */
export class MappingRange implements HostObject {
  readonly description = "a range of a mapping";
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

  get description(): string {
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

  get description(): string {
    return `the process '${this.process.name}'`;
  }

  /** Events concern the mm_struct. */
  get identity(): unknown {
    return this.process.mm;
  }

  fieldNames(): string[] {
    return [...this.process.variables.keys(), "rss", "anon_rss", "map_count", "mmap_sem", "page_table_lock", "mmap", "mm_rb"];
  }

  field(name: string): Value | undefined {
    const { mm, variables } = this.process;
    if (name === "map_count") return mm.mm_rb.length;
    return variables.get(name) ?? new StructValue(mm).field(name);
  }

  storage(name: string): StorageLocation | undefined {
    return this.process.variables.has(name) ? undefined : new StructValue(this.process.mm).storage(name);
  }
}
