// Random mixes of system calls by up to four tasks on up to four CPUs, as plain data, and booting a system that makes them.

import fc from "fast-check";
import { ARCHITECTURES, PAGE_SIZE, type Arch } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { machine } from "../../src/engine/machine/machine.ts";
import { trace } from "../../src/engine/machine/tracing.ts";
import { spawn, start } from "./support.ts";

/** Pages of the file, and of the part of each address space that is played with. */
const FILE = 48;
const AREA = 96;

export type Call =
  | {
      readonly call: "mmap";
      readonly at: number;
      readonly pages: number;
      readonly pgoff: number;
      readonly shared: boolean;
      readonly writable: boolean;
    }
  | { readonly call: "munmap" | "madvise" | "msync" | "swap_out"; readonly at: number; readonly pages: number }
  | { readonly call: "mremap"; readonly at: number; readonly pages: number; readonly newPages: number; readonly to: number | null }
  | { readonly call: "invalidate" | "direct_write"; readonly index: number; readonly pages: number }
  | { readonly call: "fork" | "reap" | "exit" | "yield" }
  | { readonly call: "mprotect"; readonly at: number; readonly pages: number; readonly writable: boolean }
  | { readonly call: "remap"; readonly at: number; readonly pages: number; readonly pgoff: number }
  | { readonly call: "touch"; readonly at: number; readonly pages: number; readonly write: boolean }
  | { readonly call: "truncate"; readonly size: number }
  | { readonly call: "sleep"; readonly ns: number };

export interface Plan {
  readonly kernel: KernelName;
  readonly arch: Arch["name"];
  readonly preempt: boolean;
  readonly cleared: boolean;
  readonly cpus: number;
  readonly tasks: readonly {
    readonly cpu: number;
    readonly prio: number;
    readonly mm: number;
    readonly at: number;
    readonly calls: readonly Call[];
  }[];
}

const at = fc.integer({ min: 0, max: AREA - 1 });
const pages = fc.integer({ min: 1, max: 32 });
const pgoff = fc.integer({ min: 0, max: FILE });
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constant("mmap"), at, pages, pgoff, shared: fc.boolean(), writable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom("munmap", "madvise", "msync", "swap_out"), at, pages }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("mremap"), at, pages, newPages: pages, to: fc.option(at) }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constantFrom("invalidate", "direct_write"), index: fc.nat(FILE), pages }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constantFrom("fork", "fork", "fork", "reap", "reap", "yield", "exit") }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant("mprotect"), at, pages, writable: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("remap"), at, pages: fc.integer({ min: 1, max: 4 }), pgoff }) },
  { weight: 6, arbitrary: fc.record({ call: fc.constant("touch"), at, pages, write: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ call: fc.constant("truncate"), size: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: FILE * PAGE_SIZE })) }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("sleep"), ns: fc.integer({ min: 1, max: 50_000 }) }) },
) as fc.Arbitrary<Call>;

export function plan(kernel: KernelName): fc.Arbitrary<Plan> {
  const task = fc.record({
    cpu: fc.nat(3),
    prio: fc.constantFrom(10, 120, 120),
    mm: fc.nat(1),
    at: fc.nat(20_000),
    calls: fc.array(call, { minLength: 2, maxLength: 16 }),
  });
  return fc.record({
    kernel: fc.constant(kernel),
    arch: fc.constantFrom(...(Object.keys(ARCHITECTURES) as Arch["name"][])),
    preempt: fc.boolean(),
    cleared: fc.boolean(),
    cpus: fc.integer({ min: 1, max: 4 }),
    tasks: fc.array(task, { minLength: 1, maxLength: 4 }),
  });
}

export interface World {
  readonly system: System;
  readonly file: File;
  /** Address spaces that were forked and are not gone; each is reaped by one task, and is used by no other. */
  readonly children: MmStruct[];
}

/** Boots a plan: two address spaces, each with the whole file mapped and touched, and the tasks. Every call ends in `syscall_exit`. */
export function world({ kernel, arch, preempt, cleared, cpus, tasks }: Plan): World {
  // So many steps none of these plans takes, unless two calls keep each other from ending.
  const system = start({
    kernel,
    arch: ARCHITECTURES[arch],
    preempt,
    cpus,
    break_lock: cleared ? "cleared" : "sticky",
    limits: { steps: 1e6, time: 1e12, pages: 1 << 16 },
  });
  const world: World = { system, file: create_file(system, "data", FILE * PAGE_SIZE), children: [] };
  const mms = ["a", "b"].map((name) => create_mm(system, name));
  for (const { cpu, prio, mm: owner, at: begin, calls } of tasks) {
    const mm = mms[owner]!;
    mm.mm_users += 1;
    spawn(system, mm.name, { cpu: cpu % cpus, prio, at: begin, mm }, function* () {
      yield* execute(world, mm, { call: "mmap", at: 0, pages: FILE, pgoff: 0, shared: true, writable: true });
      yield* execute(world, mm, { call: "touch", at: 0, pages: FILE, write: true });
      for (const one of calls) {
        if (one.call === "exit") break;
        yield* execute(world, mm, one);
      }
      yield* k.mmput(mm);
    });
  }
  // What the processes hold themselves: half of them go away with their last task.
  for (const mm of mms) mm.mm_users -= tasks.length % 2;
  return world;
}

/** Makes one call, and passes the tracepoint at its end as a scenario's calls do. */
function* execute(world: World, mm: MmStruct, one: Call): Kernel<void> {
  yield* make(world, mm, one);
  trace("syscall_exit", { task: machine.current, call: one.call, error: 0, result: 0 });
}

function* make({ system: { kernel }, file, children }: World, mm: MmStruct, one: Call): Kernel<void> {
  const base = kernel.arch.TASK_UNMAPPED_BASE;
  const address = (page: number): number => base + page * PAGE_SIZE;
  const protection = (writable: boolean): number => VM_READ | (writable ? VM_WRITE : 0);
  if (one.call === "mmap")
    yield* k.sys_mmap(mm, file, address(one.at), one.pages * PAGE_SIZE, protection(one.writable) | (one.shared ? VM_SHARED : 0), one.pgoff);
  else if (one.call === "munmap") yield* k.sys_munmap(mm, address(one.at), one.pages * PAGE_SIZE);
  else if (one.call === "madvise") yield* k.sys_madvise(mm, address(one.at), one.pages * PAGE_SIZE);
  else if (one.call === "msync") yield* k.sys_msync(mm, address(one.at), one.pages * PAGE_SIZE);
  else if (one.call === "swap_out") yield* k.swap_out_range(mm, address(one.at), address(one.at + one.pages));
  else if (one.call === "mremap")
    yield* k.sys_mremap(
      mm,
      address(one.at),
      one.pages * PAGE_SIZE,
      one.newPages * PAGE_SIZE,
      true,
      one.to === null ? null : address(one.to),
    );
  else if (one.call === "invalidate") yield* k.invalidate_inode_pages2_range(file.f_mapping, one.index, one.index + one.pages - 1);
  else if (one.call === "direct_write") yield* k.generic_file_direct_write(file.inode, one.index * PAGE_SIZE, one.pages * PAGE_SIZE);
  else if (one.call === "fork") children.push(yield* k.copy_mm(mm, `${mm.name}.${kernel.mms.length}`));
  else if (one.call === "reap") yield* reap(children.shift());
  else if (one.call === "yield") yield* k.sys_sched_yield();
  else if (one.call === "mprotect") yield* k.sys_mprotect(mm, address(one.at), one.pages * PAGE_SIZE, protection(one.writable));
  else if (one.call === "remap") yield* k.sys_remap_file_pages(mm, address(one.at), one.pages * PAGE_SIZE, one.pgoff);
  else if (one.call === "touch") yield* k.access_user_range(mm, address(one.at), address(one.at + one.pages), one.write);
  else if (one.call === "truncate") yield* k.do_truncate(file.inode, one.size);
  else if (one.call === "sleep") yield* k.sleep_ns(one.ns);
}

/** A child reads and writes, and exits. */
function* reap(child: MmStruct | undefined): Kernel<void> {
  if (child === undefined) return;
  for (const { vm_start, vm_end } of [...child.mm_rb])
    yield* k.access_user_range(child, vm_start, Math.min(vm_end, vm_start + 4 * PAGE_SIZE), vm_start % (2 * PAGE_SIZE) === 0);
  yield* k.mmput(child);
}

/** Does a task of the plan make one of these calls? */
export function hasCall({ tasks }: Plan, ...names: readonly Call["call"][]): boolean {
  return tasks.some(({ calls }) => calls.some((one) => names.includes(one.call)));
}
