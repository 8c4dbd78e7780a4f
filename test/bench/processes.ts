// Rates of what processes do: touching their memory, forking, and exiting.

import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { VM_READ, VM_SHARED, VM_WRITE } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { bootWithMapping, MIB, run } from "./kernel.ts";
import type { BenchRow } from "./prio-tree.ts";

const GIB = 1024 * MIB;
/** Rounds, of which the best counts: the first ones are spent by the compiler, and others may be disturbed by other processes. */
const ROUNDS = 7;
const VMAS = 10_000;
const READ_WRITE = VM_READ | VM_WRITE | VM_SHARED;

/** Measures kernel vmtrunc4 on i386 with two CPUs. */
export function benchProcesses(): BenchRow[] {
  return [touch(), fork(), exit()];
}

/** The shortest of some rounds, each on a system of its own: the time, in milliseconds, that `round` says its work took. */
export function best(round: () => number): number {
  return Math.min(...Array.from({ length: ROUNDS }, round));
}

/** A rate, with the time that all of it took in its name. */
export function row(what: string, count: number, ms: number): BenchRow {
  return { name: `${what} (${ms.toPrecision(3)} ms)`, rate: (count * 1000) / ms, unit: "/s" };
}

/** Milliseconds that kernel code takes. */
function* timed(work: Kernel<unknown>): Kernel<number> {
  const start = performance.now();
  yield* work;
  return performance.now() - start;
}

/** Page faults, one for each page of a mapping. */
function touch(): BenchRow {
  const ms = best(() => {
    const { system, map } = bootWithMapping(true, GIB);
    let spent = 0;
    run(
      system,
      (function* () {
        const { vm_mm, vm_start, vm_end } = yield* map();
        spent = yield* timed(k.access_user_range(vm_mm, vm_start, vm_end, true));
      })(),
    );
    return spent;
  });
  return row("pages touched, all of 1 GiB", GIB / PAGE_SIZE, ms);
}

/** Vmas of one page each, every other page of a file, so that none merge. */
function fork(): BenchRow {
  const ms = best(() => {
    const { system, file, mm } = bootWithMapping(true, 2 * VMAS * PAGE_SIZE);
    const base = system.kernel.arch.TASK_UNMAPPED_BASE;
    let spent = 0;
    run(
      system,
      (function* () {
        for (let at = 0; at < VMAS; at++) yield* k.sys_mmap(mm, file, base + at * PAGE_SIZE, PAGE_SIZE, READ_WRITE, 2 * at);
        yield* k.access_user_range(mm, base, base + VMAS * PAGE_SIZE, true);
        spent = yield* timed(k.copy_mm(mm, "child"));
      })(),
    );
    return spent;
  });
  return row(`vmas forked, ${VMAS.toLocaleString("en")} with a page each`, VMAS, ms);
}

function exit(): BenchRow {
  const ms = best(() => {
    const { system, mm, map } = bootWithMapping(true, GIB);
    let spent = 0;
    run(
      system,
      (function* () {
        const vma = yield* map();
        system.machine.time_frozen = true;
        yield* k.populate_user_range(mm, vma, vma.vm_start, vma.vm_end, false);
        system.machine.time_frozen = false;
        spent = yield* timed(k.mmput(mm));
      })(),
    );
    return spent;
  });
  return row("pages unmapped by exit, all of 1 GiB", GIB / PAGE_SIZE, ms);
}
