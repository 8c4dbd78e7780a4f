// The execution of the catalogue's calls: from arguments to the kernel's own functions.

import { EINVAL, ENOMEM } from "../../engine/kernel/errno.ts";
import { SIGBUS, SIGSEGV } from "../../engine/kernel/fault.ts";
import { k } from "../../engine/kernel/image.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type File } from "../../engine/kernel/mm_types.ts";
import { PAGE_SIZE } from "../../engine/kernel/arch.ts";
import type { Kernel } from "../../engine/machine/hooks.ts";
import { Mapping, round_up, Span, type Process } from "./values.ts";

/** The arguments of a call by parameter name, evaluated. Which kinds there are is the checker's business. */
export interface CallArguments {
  file(name: string): File;
  number(name: string): number;
  /** Null if it was left out. */
  optional(name: string): number | null;
  span(name: string): Span;
  flags(name: string): readonly string[];
}

/** Where a call is made. */
export interface CallSite {
  /** The process that makes it; null in a trigger, whose calls are made in the process of what they are about. */
  readonly process: Process | null;
  /** The name of the variable that takes the result. */
  readonly result: string | null;
  /** In the set-up of a scenario: no other task runs, no model time passes. */
  readonly setup: boolean;
}

/** What a call came to: its result for the variable, and the error or signal it ended with (0: none). */
export interface CallOutcome {
  readonly value?: Mapping;
  readonly error: number;
}

const ERRORS: Readonly<Record<number, string>> = { [SIGBUS]: "SIGBUS", [SIGSEGV]: "SIGSEGV", [-ENOMEM]: "ENOMEM", [-EINVAL]: "EINVAL" };

/** The name of what a call or an access came to: a signal, or an error of the kernel (negative). */
export function error_name(error: number): string {
  return ERRORS[error] ?? `error ${error}`;
}

type Execution = (args: CallArguments, site: CallSite) => Kernel<CallOutcome>;

const PROT: Readonly<Record<string, number>> = { read: VM_READ, write: VM_WRITE, exec: VM_EXEC, none: 0 };

function protection(words: readonly string[]): number {
  return words.reduce((flags, word) => flags | PROT[word]!, 0);
}

const up = (address: number): number => round_up(address);
const down = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

function* access(args: CallArguments, site: CallSite, write: boolean): Kernel<CallOutcome> {
  const { mapping, start, end } = args.span("range");
  const { mm } = mapping.process;
  if (!site.setup) return { error: yield* k.access_user_range(mm, down(start), end, write) };
  for (let from = down(start); from < end; ) {
    const vma = k.find_vma(mm, from);
    if (vma === null || vma.vm_start > from) return { error: SIGSEGV };
    const to = Math.min(end, vma.vm_end);
    const error = yield* k.populate_user_range(mm, vma, from, to, write);
    if (error !== 0) return { error };
    from = to;
  }
  return { error: 0 };
}

export const EXECUTIONS: Readonly<Record<string, Execution>> = {
  *mmap(args, { process, result }) {
    const file = args.file("file");
    const offset = args.number("offset");
    const bytes = round_up(args.optional("length") ?? file.inode.i_size - offset);
    const flags = protection(args.flags("prot")) | (args.flags("flags").includes("shared") ? VM_SHARED : 0);
    const vma = yield* k.sys_mmap(process!.mm, file, args.optional("at"), bytes, flags, offset / PAGE_SIZE);
    if (typeof vma === "number") return { error: vma };
    // A mapping that was merged with its neighbour is found at its page of the file.
    const start = vma.vm_start + (offset / PAGE_SIZE - vma.vm_pgoff) * PAGE_SIZE;
    const name = `${process!.name}.${result ?? file.inode.name}`;
    if (vma.name === "") vma.name = name;
    return { value: new Mapping(name, process!, file, start, bytes), error: 0 };
  },
  *munmap(args) {
    const { mapping, start, end } = args.span("range");
    return { error: yield* k.sys_munmap(mapping.process.mm, start, up(end) - start) };
  },
  *mprotect(args) {
    const { mapping, start, end } = args.span("range");
    return { error: yield* k.sys_mprotect(mapping.process.mm, start, up(end) - start, protection(args.flags("prot"))) };
  },
  *remap_file_pages(args) {
    const { mapping, start, end } = args.span("range");
    return { error: yield* k.sys_remap_file_pages(mapping.process.mm, down(start), down(end) - down(start), args.number("offset") / PAGE_SIZE) };
  },
  *truncate(args) {
    return { error: yield* k.do_truncate(args.file("file").inode, args.number("size")) };
  },
  touch: (args, site) => access(args, site, false),
  read: (args, site) => access(args, site, false),
  write: (args, site) => access(args, site, true),
  *sleep(args) {
    yield* k.sleep_ns(args.number("time"));
    return { error: 0 };
  },
  *compute(args) {
    yield* k.compute_ns(args.number("time"));
    return { error: 0 };
  },
};
