// Rates of the kernel model: statements, ptes zapped, and steps to seek.

import { i386, PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { boot, create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct, type VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { pte_offset } from "../../src/engine/kernel/common/pgtable.ts";
import { $, type Kernel } from "../../src/engine/machine/hooks.ts";
import { DEFAULT_PRIO } from "../../src/engine/machine/task.ts";
import type { BenchRow } from "./prio-tree.ts";

export const MIB = 2 ** 20;
/** Pages zapped for each figure, on as many fresh systems as it takes. */
const PTES = 3_000_000;
/** Statements of one of the rounds of which the best is taken. */
const STATEMENTS = 20_000_000;

/** Measures kernel vmtrunc4 on i386 with two CPUs. */
export function benchKernel(): BenchRow[] {
  return [
    zap("8-page blocks, 64 MiB", true, 64 * MIB),
    zap("8-page blocks, 1 GiB", true, 1024 * MIB),
    zap("1024-page blocks, 64 MiB", false, 64 * MIB),
    zap("1024-page blocks, 1 GiB", false, 1024 * MIB),
    seek(5_000_000),
    seek(50_000_000),
    statements(),
  ];
}

/** A machine with nothing to do, and a file and a process that can map it. */
export function bootWithMapping(preempt: boolean, bytes: number): { system: System; file: File; mm: MmStruct; map: () => Kernel<VmArea> } {
  const limits = { steps: Infinity, time: Infinity, pages: 1 << 20 };
  const system = boot("vmtrunc4", i386, { cpus: 2, preempt, hz: 1000, break_lock: "sticky", costs: {}, limits });
  const file = create_file(system, "data", bytes);
  const mm = create_mm(system, "viewer");
  const map = function* (): Kernel<VmArea> {
    return k.find_vma(mm, yield* k.sys_mmap(mm, file, null, bytes, VM_READ | VM_WRITE | VM_SHARED, 0))!;
  };
  return { system, file, mm, map };
}

/** Runs one task to its end. */
export function run(system: System, body: Kernel<void>): void {
  const { machine } = system;
  machine.spawn("bench", machine.cpus[0]!, DEFAULT_PRIO, null, body, 0);
  const outcome = machine.run(Infinity);
  if (outcome.kind !== "end") throw new Error(`the benchmark ended in ${outcome.kind}`);
}

/** Statements of the innermost loop of the kernel, over an empty page table. */
function statements(): BenchRow {
  const { system, map } = bootWithMapping(true, 4 * MIB);
  let rate = 0;
  run(
    system,
    (function* () {
      const vma = yield* map();
      yield* k.populate_user_range(vma.vm_mm, vma, vma.vm_start, vma.vm_start + PAGE_SIZE, false);
      yield* k.zap_page_range(vma, vma.vm_start, PAGE_SIZE, null);
      const tlb = k.tlb_gather_mmu(vma.vm_mm, 0);
      const table = pte_offset(vma.vm_mm, vma.vm_start)!;
      for (let round = 0; round < 12; round++) {
        const from = $.step;
        const start = performance.now();
        while ($.step - from < STATEMENTS) yield* k.zap_pte_range(tlb, vma, table, vma.vm_start, vma.vm_end, null);
        rate = Math.max(rate, (($.step - from) / (performance.now() - start)) * 1000);
      }
    })(),
  );
  return { name: "statements, free-running", rate, unit: "/s" };
}

/**
 * Ptes per second of truncating a fully populated file to nothing: unmap_mapping_range alone is measured. The best of
 * many rounds, as the first ones are spent by the compiler and others may be disturbed by other processes.
 */
function zap(what: string, preempt: boolean, bytes: number): BenchRow {
  const pages = bytes / PAGE_SIZE;
  let best = Infinity;
  for (let round = 0; round < Math.ceil(PTES / pages); round++) {
    const { system, file, map } = bootWithMapping(preempt, bytes);
    run(
      system,
      (function* () {
        const vma = yield* map();
        system.machine.time_frozen = true;
        yield* k.populate_user_range(vma.vm_mm, vma, vma.vm_start, vma.vm_end, false);
        system.machine.time_frozen = false;
        const start = performance.now();
        yield* k.unmap_mapping_range(file.f_mapping, 0, 0, 1);
        best = Math.min(best, performance.now() - start);
      })(),
    );
  }
  return { name: `ptes zapped, ${what}`, rate: (pages * 1000) / best, unit: "/s" };
}

/** From a fresh boot to a step: a file is mapped, filled and truncated over and over. */
function seek(step: number): BenchRow {
  const bytes = 64 * MIB;
  const start = performance.now();
  const { system, file, map } = bootWithMapping(true, bytes);
  const { machine } = system;
  machine.spawn(
    "truncate",
    machine.cpus[0]!,
    DEFAULT_PRIO,
    null,
    (function* () {
      const vma = yield* map();
      for (;;) {
        yield* k.access_user_range(vma.vm_mm, vma.vm_start, vma.vm_end, true);
        yield* k.do_truncate(file.inode, 0);
        yield* k.do_truncate(file.inode, bytes);
      }
    })(),
    0,
  );
  machine.run(step);
  const spent = performance.now() - start;
  if ($.step !== step) throw new Error(`the benchmark has stopped at step ${$.step}`);
  return { name: `steps of a seek to step ${step.toLocaleString("en")} (${spent.toFixed(0)} ms)`, rate: (step * 1000) / spent, unit: "/s" };
}
