// Booting small systems for tests, and following what they do.

import assert from "node:assert/strict";
import { i386, type Arch } from "../../src/engine/kernel/common/arch.ts";
import type { Image } from "../../src/engine/kernel/image.ts";
import { boot, type System } from "../../src/engine/kernel/boot.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import type { MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import type { MachineConfig, Outcome } from "../../src/engine/machine/machine.ts";
import { DEFAULT_PRIO, type Task } from "../../src/engine/machine/task.ts";
import type { TraceEvent, TracepointName } from "../../src/engine/machine/trace.ts";

export interface Options extends Partial<MachineConfig> {
  readonly kernel?: KernelName;
  readonly arch?: Arch;
  /** Overrides of kernel functions. */
  readonly replace?: Partial<Image>;
}

/** A machine with two CPUs and a preemptible vmtrunc4 on i386, unless said otherwise. */
export function start({ kernel = "vmtrunc4", arch = i386, replace, ...config }: Options = {}): System {
  const limits = { steps: 1e7, time: 1e12, pages: 1 << 16 };
  return boot(kernel, arch, { cpus: 2, preempt: true, hz: 1000, break_lock: "sticky", costs: {}, limits, ...config }, replace);
}

export interface TaskOptions {
  readonly cpu?: number;
  readonly prio?: number;
  readonly at?: number;
  readonly mm?: MmStruct;
}

/** Adds a task that executes `body`; on CPU 0 from the beginning, unless said otherwise. */
export function spawn(
  { machine }: System,
  name: string,
  { cpu = 0, prio = DEFAULT_PRIO, at = 0, mm }: TaskOptions,
  body: () => Kernel<void>,
): Task {
  return machine.spawn(name, machine.cpus[cpu]!, prio, mm ?? null, body(), at);
}

/** Listens to tracepoints: what `show` makes of each is noted, in order. */
export function note<T>({ machine }: System, names: readonly TracepointName[], show: (event: TraceEvent) => T): T[] {
  const noted: T[] = [];
  for (const name of names) (machine.sinks[name] ??= []).push((event) => noted.push(show(event)));
  return noted;
}

/** Runs to the end, which has to be of this kind. */
export function run<K extends Outcome["kind"]>({ machine }: System, kind: K): Extract<Outcome, { kind: K }> {
  const outcome = machine.run(Infinity);
  assert.equal(outcome.kind, kind, outcome.kind === "bug" ? outcome.bug.message : undefined);
  return outcome as Extract<Outcome, { kind: K }>;
}
