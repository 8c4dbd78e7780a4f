// The execution of the catalogue's calls: from arguments to the kernel's own functions.

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import { ERRNO, ESRCH, SIGBUS, SIGSEGV } from "../../engine/kernel/common/errno.ts";
import { k } from "../../engine/kernel/image.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../engine/kernel/common/mm_types.ts";
import { kernel } from "../../engine/kernel/state.ts";
import type { Kernel } from "../../engine/machine/hooks.ts";
import { note_read } from "../../engine/machine/shared.ts";
import { machine } from "../../engine/machine/machine.ts";
import { trace } from "../../engine/machine/tracing.ts";
import type { ByteRange, Value } from "../program/expression.ts";
import type { Barrier } from "./barrier.ts";
import { Mapping, ProcessValue, roundUp, type Process, type Span } from "./values.ts";

/** The arguments of a call by parameter name, evaluated. Which kinds there are is the checker's business. */
export interface CallArguments {
  file(name: string): File;
  /** Null for NULL. */
  fileOrNull(name: string): File | null;
  /** Null if it was left out. */
  process(name: string): Process | null;
  number(name: string): number;
  /** Null if it was left out. */
  optional(name: string): number | null;
  span(name: string): Span;
  /** Null if it was left out. */
  bytes(name: string): ByteRange | null;
  barrier(name: string): Barrier;
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
  /** Whether address spaces may go away, so that who acts on one from outside has to hold on to it. */
  readonly countsUsers: boolean;
}

/** What a call came to. */
export interface CallOutcome {
  /** What the system call returned: a negative error, else what it is for. */
  readonly result: number;
  /** For the variable that takes what the call made. */
  readonly made?: Value;
  /** The signal that an access ended in, and with it the task; 0 for none. */
  readonly signal?: number;
  /** The task has exited. */
  readonly exited?: boolean;
}

const NAMES = new Map<number, string>([...Object.entries(ERRNO).map(([name, number]): [number, string] => [-number, name]), [SIGBUS, "SIGBUS"], [SIGSEGV, "SIGSEGV"]]);

/** The name of what a call or an access came to: a signal, or an error of the kernel (negative). */
export function errorName(error: number): string {
  return NAMES.get(error) ?? `error ${error}`;
}

type Execution = (args: CallArguments, site: CallSite) => Kernel<CallOutcome>;

const PROT: Readonly<Record<string, number>> = { read: VM_READ, write: VM_WRITE, exec: VM_EXEC, none: 0 };

function protection(words: readonly string[]): number {
  return words.reduce((flags, word) => flags | PROT[word]!, 0);
}

const down = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/** An address as the kernel gets it: an unsigned long. */
function address(value: number): number {
  return value < 0 ? value + 2 ** kernel.arch.word.BITS_PER_LONG : value;
}

const SUCCESS: CallOutcome = { result: 0 };

/** Acts on an address space. Unless it is the caller's own, it is held on to meanwhile; `gone` tells what comes of it if it is no more. */
function within(mm: MmStruct, { process, setup, countsUsers }: CallSite, act: Kernel<CallOutcome>, gone: () => CallOutcome): Kernel<CallOutcome> {
  return !countsUsers || setup || process?.mm === mm ? act : holding(mm, act, gone);
}

function* holding(mm: MmStruct, act: Kernel<CallOutcome>, gone: () => CallOutcome): Kernel<CallOutcome> {
  if (!(yield* k.get_task_mm(mm))) return gone();
  const outcome = yield* act;
  yield* k.mmput(mm);
  return outcome;
}

/** A system call on the range that the argument `range` names, from its first address on. */
function onRange(call: (mm: MmStruct, start: number, length: number, args: CallArguments) => Kernel<number>): Execution {
  return (args, site) => {
    const { mapping, start, end } = args.span("range");
    const { mm } = mapping.process;
    return within(mm, site, returning(call(mm, address(start), end - start, args)), () => ({ result: -ESRCH }));
  };
}

function* returning(call: Kernel<number>): Kernel<CallOutcome> {
  return { result: yield* call };
}

/** A system call about a file. */
function onFile(call: (file: File, args: CallArguments) => Kernel<number>): Execution {
  return (args) => returning(call(args.file("file"), args));
}

function access(write: boolean): Execution {
  return (args, site) => {
    const { mapping, start, end } = args.span("range");
    const { mm } = mapping.process;
    const from = address(down(start));
    const to = from + end - down(start);
    const gone = (): CallOutcome => {
      trace("signal", { task: machine.current, signal: SIGSEGV, address: from });
      return { result: 0, signal: SIGSEGV };
    };
    return within(mm, site, signalled(site.setup ? populate(mm, from, to, write) : k.access_user_range(mm, from, to, write)), gone);
  };
}

function* signalled(userAccess: Kernel<number>): Kernel<CallOutcome> {
  return { result: 0, signal: yield* userAccess };
}

function* populate(mm: MmStruct, start: number, end: number, write: boolean): Kernel<number> {
  for (let from = start; from < end; ) {
    const vma = k.find_vma(mm, from);
    if (vma === null || vma.vm_start > from) return SIGSEGV;
    const to = Math.min(end, vma.vm_end);
    const signal = yield* k.populate_user_range(mm, vma, from, to, write);
    if (signal !== 0) return signal;
    from = to;
  }
  return 0;
}

/** What a program gets from fstat(). */
function sizeOf({ inode }: File): number {
  note_read(inode, "i_size");
  return inode.i_size;
}

function* mmap(owner: Process, args: CallArguments, result: string | null): Kernel<CallOutcome> {
  const file = args.fileOrNull("file");
  const offset = args.number("offset");
  const bytes = args.optional("length") ?? roundUp((file === null ? 0 : sizeOf(file)) - offset);
  const flags = protection(args.flags("prot")) | (args.flags("flags").includes("shared") ? VM_SHARED : 0);
  const at = args.optional("at");
  const start = yield* k.old_mmap(owner.mm, file, at === null ? null : address(at), bytes, flags, offset);
  const name = `${owner.name}.${result ?? file?.inode.name ?? "memory"}`;
  const vma = owner.mm.mm_rb.find(({ vm_end }) => vm_end > start);
  if (start >= 0 && vma?.name === "") vma.name = name;
  return { result: start, made: new Mapping(name, owner, file, start, roundUp(bytes)) };
}

function* mremap({ mapping, start, end }: Span, args: CallArguments, { process, result }: CallSite): Kernel<CallOutcome> {
  const length = args.optional("size") ?? end - start;
  const at = args.optional("at");
  const moved = yield* k.sys_mremap(mapping.process.mm, address(start), end - start, length, !args.flags("flags").includes("stay"), at === null ? null : address(at));
  const name = result === null ? mapping.name : `${process!.name}.${result}`;
  return { result: moved, made: new Mapping(name, mapping.process, mapping.file, moved, roundUp(length)) };
}

function* fork(parent: Process, result: string | null): Kernel<CallOutcome> {
  const name = `${parent.name}.${result ?? "child"}`;
  const before = kernel.mms.filter((mm) => mm.name.replace(/ \(\d+\)$/, "") === name).length;
  const mm = yield* k.copy_mm(parent.mm, before === 0 ? name : `${name} (${before + 1})`);
  const child: Process = { name: mm.name, index: parent.index, mm, variables: new Map(), exited: false };
  for (const vma of mm.mm_rb) if (vma.name.startsWith(`${parent.name}.`)) vma.name = child.name + vma.name.slice(parent.name.length);
  for (const [variable, value] of parent.variables) {
    if (value instanceof Mapping && value.process === parent) child.variables.set(variable, new Mapping(`${child.name}.${variable}`, child, value.file, value.start, value.bytes));
  }
  return { result: mm.id, made: new ProcessValue(child) };
}

/** Gives up the process's own use of its address space, which its tasks may still use. */
function* exit(owner: Process): Kernel<CallOutcome> {
  if (owner.exited) return SUCCESS;
  owner.exited = true;
  yield* k.mmput(owner.mm);
  return SUCCESS;
}

export const EXECUTIONS: Readonly<Record<string, Execution>> = {
  mmap(args, site) {
    const owner = args.process("in") ?? site.process!;
    return within(owner.mm, site, mmap(owner, args, site.result), () => ({ result: -ESRCH }));
  },
  munmap: onRange((mm, start, length) => k.sys_munmap(mm, start, length)),
  mprotect: onRange((mm, start, length, args) => k.sys_mprotect(mm, start, length, protection(args.flags("prot")))),
  mremap(args, site) {
    const span = args.span("range");
    return within(span.mapping.process.mm, site, mremap(span, args, site), () => ({ result: -ESRCH }));
  },
  remap_file_pages: onRange((mm, start, length, args) => k.sys_remap_file_pages(mm, start, length, Math.floor(args.number("offset") / PAGE_SIZE))),
  madvise: onRange((mm, start, length) => k.sys_madvise(mm, start, length)),
  msync: onRange((mm, start, length) => k.sys_msync(mm, start, length)),
  fork(args, site) {
    const parent = args.process("process") ?? site.process!;
    return within(parent.mm, site, fork(parent, site.result), () => ({ result: -ESRCH }));
  },
  *exit(args, { process }) {
    const owner = args.process("process") ?? process!;
    yield* exit(owner);
    return { result: 0, exited: owner === process };
  },
  truncate: onFile(({ inode }, args) => k.do_truncate(inode, args.number("size"))),
  ftruncate: onFile(({ inode }, args) => k.do_truncate(inode, args.number("size"))),
  invalidate: onFile(({ f_mapping }, args) => {
    const range = args.bytes("range");
    const last = range === null ? kernel.arch.word.ULONG_MAX : Math.ceil(range.to / PAGE_SIZE) - 1;
    return k.invalidate_inode_pages2_range(f_mapping, Math.floor((range?.from ?? 0) / PAGE_SIZE), last);
  }),
  direct_write: onFile(({ inode }, args) => {
    const { from, to } = args.bytes("range")!;
    return k.generic_file_direct_write(inode, from, to - from);
  }),
  swap_out: onRange((mm, start, length) => k.swap_out_range(mm, down(start), start + length)),
  touch: access(false),
  read: access(false),
  write: access(true),
  *sleep(args) {
    yield* k.sleep_ns(args.number("time"));
    return SUCCESS;
  },
  *compute(args) {
    yield* k.compute_ns(args.number("time"));
    return SUCCESS;
  },
  *yield() {
    yield* k.sys_sched_yield();
    return SUCCESS;
  },
  *barrier(args) {
    yield* args.barrier("name").arrive();
    return SUCCESS;
  },
};
