// The implementations of the calls of the catalogue: each invokes functions of the kernel with the bound arguments.

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
import { Mapping, ProcessValue, type Process, type MappingRange } from "./values.ts";
import { roundDownToPage, roundUpToPage } from "../program/pages.ts";

/** The arguments of an invocation by parameter name. The checker has checked their types. */
export interface BoundArguments {
  file(name: string): File;
  /** Null for NULL. */
  fileOrNull(name: string): File | null;
  /** Null if it was omitted. */
  process(name: string): Process | null;
  number(name: string): number;
  /** Null if it was omitted. */
  optionalNumber(name: string): number | null;
  mappingRange(name: string): MappingRange;
  /** Null if it was omitted. */
  bytes(name: string): ByteRange | null;
  barrier(name: string): Barrier;
  flags(name: string): readonly string[];
}

/** The context of an invocation. */
export interface InvocationContext {
  /** The calling process; null in a trigger, whose calls act in the process of their arguments. */
  readonly process: Process | null;
  /** The name of the variable that the call assigns; null if it assigns none. */
  readonly result: string | null;
  /** Is this the set-up of the scenario, in which no other task runs and no model time passes? */
  readonly setup: boolean;
  /** Can address spaces go away, so that a call from outside has to hold a reference (mm_users)? */
  readonly tracksMmUsers: boolean;
}

/** The result of an invocation. */
export interface InvocationResult {
  /** What the system call returned: a negative error, or its value. */
  readonly result: number;
  /** The value of the variable that the call assigns. */
  readonly value?: Value;
  /** The signal that terminated the access, and with it the task; 0 for none. */
  readonly signal?: number;
  /** The task has exited. */
  readonly exited?: boolean;
}

const ERROR_NAMES = new Map<number, string>([
  ...Object.entries(ERRNO).map(([name, number]): [number, string] => [-number, name]),
  [SIGBUS, "SIGBUS"],
  [SIGSEGV, "SIGSEGV"],
]);

/** The name of a signal, or of an error of the kernel (negative). */
export function errorName(error: number): string {
  return ERROR_NAMES.get(error) ?? `error ${error}`;
}

type Invocation = (args: BoundArguments, context: InvocationContext) => Kernel<InvocationResult>;

const PROT_FLAGS: Readonly<Record<string, number>> = { read: VM_READ, write: VM_WRITE, exec: VM_EXEC, none: 0 };

function protection(flags: readonly string[]): number {
  return flags.reduce((bits, flag) => bits | PROT_FLAGS[flag]!, 0);
}

/** An address as the kernel takes it: an unsigned long. */
function unsignedLong(value: number): number {
  return value < 0 ? value + 2 ** kernel.arch.word.BITS_PER_LONG : value;
}

const SUCCESS: InvocationResult = { result: 0 };

/** Runs `body` on an address space, with a reference to it unless it is the caller's own. `ifExited`: the result if it no longer exists. */
function withMmReference(
  mm: MmStruct,
  { process, setup, tracksMmUsers }: InvocationContext,
  body: Kernel<InvocationResult>,
  ifExited: () => InvocationResult,
): Kernel<InvocationResult> {
  return !tracksMmUsers || setup || process?.mm === mm ? body : referenceMm(mm, body, ifExited);
}

function* referenceMm(mm: MmStruct, body: Kernel<InvocationResult>, ifExited: () => InvocationResult): Kernel<InvocationResult> {
  if (!(yield* k.get_task_mm(mm))) return ifExited();
  const outcome = yield* body;
  yield* k.mmput(mm);
  return outcome;
}

/** A system call on the range that the argument `range` names, from its first address on. */
function rangeCall(call: (mm: MmStruct, start: number, length: number, args: BoundArguments) => Kernel<number>): Invocation {
  return (args, context) => {
    const { mapping, start, end } = args.mappingRange("range");
    const { mm } = mapping.process;
    return withMmReference(mm, context, resultOf(call(mm, unsignedLong(start), end - start, args)), () => ({ result: -ESRCH }));
  };
}

function* resultOf(call: Kernel<number>): Kernel<InvocationResult> {
  return { result: yield* call };
}

/** A system call about a file. */
function fileCall(call: (file: File, args: BoundArguments) => Kernel<number>): Invocation {
  return (args) => resultOf(call(args.file("file"), args));
}

function accessCall(write: boolean): Invocation {
  return (args, context) => {
    const { mapping, start, end } = args.mappingRange("range");
    const { mm } = mapping.process;
    const from = unsignedLong(roundDownToPage(start));
    const to = from + end - roundDownToPage(start);
    const gone = (): InvocationResult => {
      trace("signal", { task: machine.current, signal: SIGSEGV, address: from });
      return { result: 0, signal: SIGSEGV };
    };
    return withMmReference(
      mm,
      context,
      signalOf(context.setup ? populate(mm, from, to, write) : k.access_user_range(mm, from, to, write)),
      gone,
    );
  };
}

function* signalOf(userAccess: Kernel<number>): Kernel<InvocationResult> {
  return { result: 0, signal: yield* userAccess };
}

function* populate(mm: MmStruct, start: number, end: number, write: boolean): Kernel<number> {
  for (let from = start; from < end;) {
    const vma = k.find_vma(mm, from);
    if (vma === null || vma.vm_start > from) return SIGSEGV;
    const to = Math.min(end, vma.vm_end);
    const signal = yield* k.populate_user_range(mm, vma, from, to, write);
    if (signal !== 0) return signal;
    from = to;
  }
  return 0;
}

/** The size that fstat() returns. */
function sizeOf({ inode }: File): number {
  note_read(inode, "i_size");
  return inode.i_size;
}

function* mmap(owner: Process, args: BoundArguments, result: string | null): Kernel<InvocationResult> {
  const file = args.fileOrNull("file");
  const offset = args.number("offset");
  const bytes = args.optionalNumber("length") ?? roundUpToPage((file === null ? 0 : sizeOf(file)) - offset);
  const flags = protection(args.flags("prot")) | (args.flags("flags").includes("shared") ? VM_SHARED : 0);
  const at = args.optionalNumber("at");
  const start = yield* k.old_mmap(owner.mm, file, at === null ? null : unsignedLong(at), bytes, flags, offset);
  const name = `${owner.name}.${result ?? file?.inode.name ?? "memory"}`;
  const vma = owner.mm.mm_rb.find(({ vm_end }) => vm_end > start);
  if (start >= 0 && vma?.name === "") vma.name = name;
  return { result: start, value: new Mapping(name, owner, file, start, roundUpToPage(bytes)) };
}

function* mremap(
  { mapping, start, end }: MappingRange,
  args: BoundArguments,
  { process, result }: InvocationContext,
): Kernel<InvocationResult> {
  const length = args.optionalNumber("size") ?? end - start;
  const at = args.optionalNumber("at");
  const moved = yield* k.sys_mremap(
    mapping.process.mm,
    unsignedLong(start),
    end - start,
    length,
    !args.flags("flags").includes("stay"),
    at === null ? null : unsignedLong(at),
  );
  const name = result === null ? mapping.name : `${process!.name}.${result}`;
  return { result: moved, value: new Mapping(name, mapping.process, mapping.file, moved, roundUpToPage(length)) };
}

function* fork(parent: Process, result: string | null): Kernel<InvocationResult> {
  const name = `${parent.name}.${result ?? "child"}`;
  const before = kernel.mms.filter((mm) => mm.name.replace(/ \(\d+\)$/, "") === name).length;
  const mm = yield* k.copy_mm(parent.mm, before === 0 ? name : `${name} (${before + 1})`);
  const child: Process = { name: mm.name, index: parent.index, mm, variables: new Map(), exited: false };
  for (const vma of mm.mm_rb) if (vma.name.startsWith(`${parent.name}.`)) vma.name = child.name + vma.name.slice(parent.name.length);
  for (const [variable, value] of parent.variables) {
    if (value instanceof Mapping && value.process === parent) {
      child.variables.set(variable, new Mapping(`${child.name}.${variable}`, child, value.file, value.start, value.bytes));
    }
  }
  return { result: mm.id, value: new ProcessValue(child) };
}

/** Drops the reference of the process to its address space; those of its tasks remain. */
function* exit(owner: Process): Kernel<InvocationResult> {
  if (owner.exited) return SUCCESS;
  owner.exited = true;
  yield* k.mmput(owner.mm);
  return SUCCESS;
}

export const INVOCATIONS: Readonly<Record<string, Invocation>> = {
  mmap(args, context) {
    const owner = args.process("in") ?? context.process!;
    return withMmReference(owner.mm, context, mmap(owner, args, context.result), () => ({ result: -ESRCH }));
  },
  munmap: rangeCall((mm, start, length) => k.sys_munmap(mm, start, length)),
  mprotect: rangeCall((mm, start, length, args) => k.sys_mprotect(mm, start, length, protection(args.flags("prot")))),
  mremap(args, context) {
    const span = args.mappingRange("range");
    return withMmReference(span.mapping.process.mm, context, mremap(span, args, context), () => ({ result: -ESRCH }));
  },
  remap_file_pages: rangeCall((mm, start, length, args) =>
    k.sys_remap_file_pages(mm, start, length, Math.floor(args.number("offset") / PAGE_SIZE)),
  ),
  madvise: rangeCall((mm, start, length) => k.sys_madvise(mm, start, length)),
  msync: rangeCall((mm, start, length) => k.sys_msync(mm, start, length)),
  fork(args, context) {
    const parent = args.process("process") ?? context.process!;
    return withMmReference(parent.mm, context, fork(parent, context.result), () => ({ result: -ESRCH }));
  },
  *exit(args, { process }) {
    const owner = args.process("process") ?? process!;
    yield* exit(owner);
    return { result: 0, exited: owner === process };
  },
  truncate: fileCall(({ inode }, args) => k.do_truncate(inode, args.number("size"))),
  ftruncate: fileCall(({ inode }, args) => k.do_truncate(inode, args.number("size"))),
  invalidate: fileCall(({ f_mapping }, args) => {
    const range = args.bytes("range");
    const last = range === null ? kernel.arch.word.ULONG_MAX : Math.ceil(range.to / PAGE_SIZE) - 1;
    return k.invalidate_inode_pages2_range(f_mapping, Math.floor((range?.from ?? 0) / PAGE_SIZE), last);
  }),
  direct_write: fileCall(({ inode }, args) => {
    const { from, to } = args.bytes("range")!;
    return k.generic_file_direct_write(inode, from, to - from);
  }),
  swap_out: rangeCall((mm, start, length) => k.swap_out_range(mm, roundDownToPage(start), start + length)),
  touch: accessCall(false),
  read: accessCall(false),
  write: accessCall(true),
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
