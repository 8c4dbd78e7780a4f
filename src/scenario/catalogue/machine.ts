// Events, kernels and machine settings. The texts about events and costs are the engine's own.

import { COSTS } from "../../engine/machine/costs.ts";
import { TRACEPOINTS } from "../../engine/machine/trace.ts";
import type { EventEntry } from "./types.ts";

const OBJECTS = {
  lock_acquire: "lock",
  lock_contended: "lock",
  lock_release: "lock",
  tlb_gather: "process",
  tlb_flush: "process",
  zap_block: "file",
  lockbreak: "file",
  restart: "file",
  vma_skip: "file",
  vma_complete: "file",
  truncate_count_wrap: "file",
  nopage_retry: "file",
  page_free: "file",
  sched_switch: "task",
  need_resched: "task",
  bug: null,
} as const;

export type EventName = keyof typeof OBJECTS;

/** The events that `on` can name: those tracepoints that users filter on. */
export const EVENTS: readonly EventEntry[] = (Object.keys(OBJECTS) as EventName[]).map((name) => ({ name, object: OBJECTS[name], doc: TRACEPOINTS[name] }));

export const KERNELS: readonly { readonly name: string; readonly doc: string }[] = [
  { name: "vmtrunc4", doc: "2.6.9-rc3-mm1 with patches 1 to 4 of the vmtrunc series: i_mmap_lock may be dropped in unmap_mapping_range." },
  { name: "2.6.9", doc: "Before the series: i_mmap_lock is held from beginning to end." },
];
export const DEFAULT_KERNEL = "vmtrunc4";

export type SettingEntry =
  | { readonly name: string; readonly kind: "number"; readonly low: number; readonly high: number; readonly default: number; readonly doc: string }
  | { readonly name: string; readonly kind: "word"; readonly values: readonly string[]; readonly default: string; readonly doc: string };

export const SETTINGS = {
  cpus: { name: "cpus", kind: "number", low: 1, high: 64, default: 2, doc: "How many CPUs there are." },
  arch: { name: "arch", kind: "word", values: ["i386"], default: "i386", doc: "The architecture: i386 has 32-bit addresses and two levels of page tables." },
  preempt: { name: "preempt", kind: "word", values: ["on", "off"], default: "on", doc: "CONFIG_PREEMPT: kernel code can be preempted, and unmapping goes by 8 pages instead of 1024." },
  hz: { name: "hz", kind: "number", low: 1, high: 10_000, default: 1000, doc: "Timer ticks per second of model time." },
  seed: { name: "seed", kind: "number", low: 0, high: 2 ** 32 - 1, default: 1, doc: "What random choices of a run start from." },
  break_lock: { name: "break_lock", kind: "word", values: ["sticky", "cleared"], default: "sticky", doc: "Whether a lock once contended reads contended for ever, as up to 2.6.11, or until it is next taken." },
} as const satisfies Record<string, SettingEntry>;

export const COST_NAMES: readonly string[] = Object.keys(COSTS);
