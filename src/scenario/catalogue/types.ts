// The shape of the catalogue's entries. The catalogue is the one table from which the checker, the interpreter and the
// language server (completion, hover, signature help) take the calls, functions, events and settings.

import type { KernelName } from "../../engine/kernel/variants.ts";

/**
 * The type of the value of an expression. `number` is also the type of truth values (0 and 1); `any` is the type of fields of
 * kernel structs, whose type is known only when they are read.
 */
export type ValueType =
  "number" | "size" | "time" | "address" | "text" | "file" | "process" | "task" | "lock" | "mapping" | "span" | "null" | "any";

/**
 * The type of a parameter. `span` is a mapping or a byte range of one; `bytes` a byte range of a file, `4K .. 8K`; `mark` a size
 * or the keyword `size`; `label` a text.
 */
export type ParameterType =
  "file" | "process" | "task" | "lock" | "span" | "bytes" | "size" | "time" | "address" | "mark" | "label" | "any" | FlagType;

/** The flags of each flag type. */
export const FLAGS = {
  prot: ["read", "write", "exec", "none"],
  sharing: ["shared", "private"],
  moving: ["maymove", "stay"],
  advice: ["dontneed"],
} as const;

export type FlagType = keyof typeof FLAGS;

export function isFlagType(type: ParameterType): type is FlagType {
  return Object.hasOwn(FLAGS, type);
}

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly doc: string;
  /** The value of an omitted argument; null if its omission has a meaning, which `doc` explains. Absent: it is required. */
  readonly default?: number | string | readonly string[] | null;
  /** NULL is possible, too: `doc` explains its meaning. */
  readonly nullable?: boolean;
  /**
   * What the kernel does with a value that is no multiple of the page size: refuse it, round it, or (for a new size)
   * leave the page that it lies in alone; `sector`: it refuses what is no multiple of 512. Absent: it takes any.
   */
  readonly pageRounding?: "refuse" | "up" | "down" | "partial" | "sector";
}

/** A system call, or an action of user code, as a statement. */
export interface CallEntry {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly doc: string;
  /** The kernel function that it enters; null for actions in user mode. */
  readonly kernel: string | null;
  /** What `NAME = CALL(…)` binds NAME to: a mapping, or a new process. Null: the call cannot be assigned. */
  readonly result: "mapping" | "process" | null;
  /** The type of its value in a `let` or an `if`, which is the result of the system call. Null: it has no value. */
  readonly value: "number" | "address" | null;
  /** Is it possible in the body of a process (before model time begins), and in a trigger, as it is in a task? */
  readonly inSetup: boolean;
  readonly inTrigger: boolean;
}

/** A function of expressions. */
export interface FunctionEntry {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: ValueType;
  readonly doc: string;
}

export interface EventEntry {
  readonly name: string;
  /** The type of object that the event concerns, and so of `on EVENT(object)`; null: it takes none. */
  readonly object: "file" | "lock" | "process" | "task" | null;
  /** The names that are in scope in its `where`. */
  readonly values: readonly string[];
  readonly doc: string;
}

export interface FieldEntry {
  readonly name: string;
  readonly type: ValueType;
  readonly doc: string;
  /** The kernels that have it, if not all do, and its meaning in the others, as the predicate of a sentence; null: it is NULL there. */
  readonly availability?: { readonly kernels: readonly KernelName[]; readonly elsewhere: string | null };
}

/** The form of a call, for messages and signature help. */
export function formatSignature({ name, parameters }: { readonly name: string; readonly parameters: readonly Parameter[] }): string {
  return `${name}(${parameters
    .map((p, i) => (p.default === undefined || (i === 0 && p.type === "span") ? p.name : `[${p.name}: …]`))
    .join(", ")})`;
}
