// Events, kernels and machine settings. The texts about events and costs are the engine's own.

import { COSTS } from "../../engine/machine/costs.ts";
import { BUG_CODES, RULES } from "../../engine/observe/checks/rules.ts";
import { TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import type { EventEntry } from "./types.ts";

/** What an event is about (see EventEntry.object), and the values it carries: the arguments of its tracepoint. */
const ABOUT = {
  lock_acquire: ["lock", "lock", "waited"],
  lock_contended: ["lock", "lock", "owner"],
  lock_release: ["lock", "lock", "held"],
  tlb_gather: ["process", "mm", "fullmm"],
  tlb_flush: ["process", "mm", "released", "why"],
  zap_block: ["file", "vma", "start", "end"],
  lockbreak: ["file", "lock", "mapping", "vma", "restart_addr"],
  restart: ["file", "mapping"],
  vma_skip: ["file", "vma"],
  vma_complete: ["file", "vma", "count"],
  truncate_count_wrap: ["file", "mapping"],
  nopage_retry: ["file", "mapping", "vma", "address"],
  page_free: [null, "page"],
  sched_switch: ["task", "previous", "next", "latency"],
  need_resched: ["task", "task"],
  bug: [null],
} as const satisfies Partial<Record<TracepointName, readonly [object: EventEntry["object"], ...values: string[]]>>;

export type EventName = keyof typeof ABOUT;

/** The events that `on` can name: those tracepoints that users filter on. */
export const EVENTS: readonly EventEntry[] = (Object.keys(ABOUT) as EventName[]).map((name) => {
  const [object, ...values] = ABOUT[name];
  return { name, object, values, doc: TRACEPOINTS[name] };
});

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

export { BUG_CODES, COSTS, RULES };
export const COST_NAMES: readonly string[] = Object.keys(COSTS);
