// The shape of the catalogue's entries. The catalogue is the one table from which the checker, the execution and the
// editor's completion, hover and signature help take what they know about calls, functions, events and settings.

import type { KernelName } from "../../engine/kernel/variants.ts";

/**
 * What the value of an expression is.
 * `number` also stands for truth (0 and 1); `any` for fields of kernel structs, whose kind is known only when they are read.
 */
export type Kind = "number" | "size" | "time" | "address" | "text" | "file" | "process" | "task" | "lock" | "mapping" | "span" | "null" | "any";

/**
 * What an argument may be. `span` is a mapping or a byte range of one; `bytes` a byte range of a file, `4K .. 8K`; `mark` a size
 * or the word `size`; `label` a text.
 */
export type ParameterKind = "file" | "process" | "task" | "lock" | "span" | "bytes" | "size" | "time" | "address" | "mark" | "label" | "any" | FlagKind;

/** The flag words of the kinds of arguments that take some. */
export const FLAGS = {
  prot: ["read", "write", "exec", "none"],
  sharing: ["shared", "private"],
  moving: ["maymove", "stay"],
  advice: ["dontneed"],
} as const;

export type FlagKind = keyof typeof FLAGS;

export function isFlagKind(kind: ParameterKind): kind is FlagKind {
  return Object.hasOwn(FLAGS, kind);
}

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly doc: string;
  /** The value of an argument left out; null if leaving it out has a meaning that `doc` tells. Absent: it is required. */
  readonly default?: number | string | readonly string[] | null;
  /** NULL is possible, too: `doc` tells what it means. */
  readonly nullable?: boolean;
  /**
   * What the kernel does with a value that is no multiple of the page size: refuse it, round it, or (for a new size)
   * leave the page that it lies in alone; `sector`: it refuses what is no multiple of 512. Absent: it takes any.
   */
  readonly pages?: "refuse" | "up" | "down" | "partial" | "sector";
}

/** A system call, or what user code does, as a statement. */
export interface CallEntry {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly doc: string;
  /** The kernel function that it enters; null for what happens in user mode only. */
  readonly kernel: string | null;
  /** What `NAME = CALL(…)` makes NAME: a mapping variable, or the name of a new process. Null: that is not possible. */
  readonly result: "mapping" | "process" | null;
  /** What its value is in a `let` or an `if`: what the kernel returned. Null: it has none. */
  readonly value: "number" | "address" | null;
  /** Where it can stand besides tasks: in the body of a process (before model time begins), in a trigger. */
  readonly inSetup: boolean;
  readonly inTrigger: boolean;
}

/** A function of expressions. */
export interface FunctionEntry {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Kind;
  readonly doc: string;
}

export interface EventEntry {
  readonly name: string;
  /** What the event is about, and so what `on EVENT(object)` takes; null: it takes none. */
  readonly object: "file" | "lock" | "process" | "task" | null;
  /** The names that its `where` sees. */
  readonly values: readonly string[];
  readonly doc: string;
}

export interface FieldEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly doc: string;
  /** The kernels that have it, if not all do, and what it is in the others: the predicate of a sentence; null: NULL. */
  readonly only?: { readonly kernels: readonly KernelName[]; readonly elsewhere: string | null };
}

/** How a call is written, for messages and signature help. */
export function signature({ name, parameters }: { readonly name: string; readonly parameters: readonly Parameter[] }): string {
  return `${name}(${parameters.map((p, i) => (p.default === undefined || (i === 0 && p.kind === "span") ? p.name : `[${p.name}: …]`)).join(", ")})`;
}
