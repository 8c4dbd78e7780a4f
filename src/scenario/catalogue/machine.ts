// Events, kernels and machine settings. The documentation of events and costs comes from the engine.

import { ARCHITECTURES } from "../../engine/kernel/common/arch.ts";
import { ABLATIONS } from "../../engine/kernel/ablations.ts";
import { COSTS } from "../../engine/machine/costs.ts";
import { BUG_CODES, RULES } from "../../engine/observe/rules.ts";
import { TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import type { EventEntry } from "./types.ts";

/** The type of object that an event concerns (see EventEntry.object), and the arguments of its tracepoint. */
const EVENT_ARGUMENTS = {
  lock_acquire: ["lock", "lock", "waited"],
  lock_contended: ["lock", "lock", "owner"],
  lock_release: ["lock", "lock", "held"],
  tlb_gather: ["process", "mm", "fullmm"],
  tlb_flush: ["process", "mm", "released", "why"],
  tlb_stale: ["process", "mm", "address", "write", "cpu"],
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
  signal: ["task", "task", "signal", "address"],
  syscall_enter: ["task", "task", "call"],
  syscall_exit: ["task", "task", "call", "error", "result"],
  bug: [null],
} as const satisfies Partial<Record<TracepointName, readonly [object: EventEntry["object"], ...values: string[]]>>;

export type EventName = keyof typeof EVENT_ARGUMENTS;

/** The events that `on` can name. */
export const EVENTS: readonly EventEntry[] = (Object.keys(EVENT_ARGUMENTS) as EventName[]).map((name) => {
  const [object, ...values] = EVENT_ARGUMENTS[name];
  return { name, object, values, doc: TRACEPOINTS[name] };
});

/** The oldest first. */
export const KERNELS: readonly { readonly name: KernelName; readonly doc: string }[] = [
  { name: "2.6.9", doc: "Before the series: i_mmap_lock is held from beginning to end." },
  { name: "vmtrunc4", doc: "2.6.9-rc3-mm1 with patches 1 to 4 of the vmtrunc series: i_mmap_lock may be dropped in unmap_mapping_range." },
  { name: "vmtrunc5", doc: "With patch 5, too, the race caution: vmas that change meanwhile do not count as complete." },
  { name: "2.6.11", doc: "As released, with patch 7: each vma records where an interrupted unmapping resumes." },
  {
    name: "2.6.38",
    doc: "unmap_mutex lets one unmapping at a time work on a file; page faults hold the lock of the page; no page_table_lock over a block.",
  },
  {
    name: "3.0",
    doc: "i_mmap_lock has become the mutex i_mmap_mutex, which an unmapping never drops for waiting tasks; no counts, no blocks.",
  },
];
export const DEFAULT_KERNEL: KernelName = "vmtrunc4";

/** Kernels that drop i_mmap_lock in the middle of an unmapping, and count truncations to find the vmas that are complete. */
export const LOCKBREAK_KERNELS: readonly KernelName[] = ["vmtrunc4", "vmtrunc5", "2.6.11", "2.6.38"];
/** Events of those kernels only. */
export const LOCKBREAK_EVENTS: readonly string[] = [
  "lockbreak",
  "restart",
  "vma_skip",
  "vma_complete",
  "truncate_count_wrap",
] satisfies readonly EventName[];

/** `default` null: it depends on the kernel, as `doc` says. */
export type SettingEntry =
  | {
      readonly name: string;
      readonly kind: "number";
      readonly low: number;
      readonly high: number;
      readonly default: number;
      readonly doc: string;
    }
  | {
      readonly name: string;
      readonly kind: "enum";
      readonly values: readonly string[];
      readonly default: string | null;
      readonly doc: string;
    };

function describeAblations(): string {
  return Object.entries(ABLATIONS)
    .map(([name, { doc }]) => `${name}: ${doc}.`)
    .join(" ");
}

export const SETTINGS = {
  cpus: { name: "cpus", kind: "number", low: 1, high: 64, default: 2, doc: "How many CPUs there are." },
  arch: {
    name: "arch",
    kind: "enum",
    values: Object.keys(ARCHITECTURES),
    default: "i386",
    doc:
      "The architecture: i386 has 32-bit addresses and two levels of page tables, i386-pae three levels of entries " +
      "of 64 bits, x86_64 64-bit addresses and four levels.",
  },
  preempt: {
    name: "preempt",
    kind: "enum",
    values: ["on", "off"],
    default: "on",
    doc: "CONFIG_PREEMPT: kernel code can be preempted, and unmapping goes by 8 pages instead of 1024.",
  },
  hz: { name: "hz", kind: "number", low: 1, high: 10_000, default: 1000, doc: "Timer ticks per second of model time." },
  seed: { name: "seed", kind: "number", low: 0, high: 2 ** 32 - 1, default: 1, doc: "The seed of the random choices of a run." },
  break_lock: {
    name: "break_lock",
    kind: "enum",
    values: ["sticky", "cleared"],
    default: null,
    doc:
      "Whether a lock once contended reads contended for ever, as up to 2.6.11 if not given, or until it is next " +
      "taken, as from 2.6.38 on.",
  },
  without: {
    name: "without",
    kind: "enum",
    values: ["nothing", ...Object.keys(ABLATIONS)],
    default: "nothing",
    doc: `Disables one guard of the kernel (an ablation), to show what it prevents. ${describeAblations()}`,
  },
} as const satisfies Record<string, SettingEntry>;

/** The bounds of `lockbreak explore`. */
export const EXPLORE_SETTINGS = {
  preemptions: {
    name: "preemptions",
    kind: "number",
    low: 0,
    high: 20,
    default: 2,
    doc: "The preemption bound: executions with more preemptions are not explored. A task that waits is not preempted.",
  },
  ticks: {
    name: "ticks",
    kind: "number",
    low: 0,
    high: 20,
    default: 0,
    doc: "The most timer ticks in an execution. A tick can come at any time, and sets need_resched.",
  },
  steps: {
    name: "steps",
    kind: "number",
    low: 10,
    high: 100_000,
    default: 1_000,
    doc: "The bound on visible operations: a longer execution is truncated there.",
  },
} as const satisfies Record<string, SettingEntry>;

export { BUG_CODES, COSTS, RULES };
export const COST_NAMES: readonly string[] = Object.keys(COSTS);
