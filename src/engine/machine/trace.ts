// Tracepoints: the only way in which the kernel model speaks. Debugger, statistics, timeline and tests subscribe.

import type { Task } from "./task.ts";

/** What a tracepoint reports, by name. The first group is what users filter on; the second lets tests follow a run exactly. */
export const TRACEPOINTS = {
  lock_acquire: "a lock was taken",
  lock_contended: "a task found a lock held and waits",
  lock_release: "a lock was released",
  tlb_gather: "an mmu_gather began",
  tlb_flush: "gathered pages were flushed and released",
  tlb_stale: "a user access went through a translation that the page tables no longer hold",
  zap_block: "one block of a vma was unmapped",
  lockbreak: "i_mmap_lock was dropped in the middle of unmap_mapping_range",
  restart: "the search for vmas starts over after a lockbreak",
  vma_skip: "a vma was up to date and skipped",
  vma_complete: "a vma was scanned to its end and marked",
  truncate_count_wrap: "truncate_count wrapped and all vmas were reset",
  nopage_retry: "a page fault noticed a truncation and asked for the page again",
  page_free: "the last reference to a page was dropped",
  sched_switch: "a CPU switched to another task",
  need_resched: "a task was asked to give up its CPU",
  bug: "a check of the kernel failed",
  check_failed: "a check of the scenario failed",
  signal: "a task got a signal for an access that could not be served",
  syscall_enter: "a task entered a system call",
  syscall_exit: "a task left a system call",
  unmap_begin: "unmap_mapping_range took its truncate_count",
  unmap_pass: "unmap_mapping_range turns to the tree or to the nonlinear list",
  unmap_end: "unmap_mapping_range is done",
  truncate_begin: "a truncation of a file begins",
  removed_mapped: "a page was taken out of the page cache that is still mapped",
  truncate_end: "a truncation of a file is done: unmapped, and taken out of the page cache",
  i_mmap_update: "the tree or list of a file's vmas is about to change",
  i_mmap_updated: "the tree or list of a file's vmas has changed",
  pte_set: "a pte was made to map a page",
  wp_reuse: "a write fault made a pte writable that had not been, without a copy",
  pte_move: "mremap moved a pte",
  vma_copy: "fork copied the ptes of a vma",
  vma_enter: "unmap_mapping_range turns to one vma",
  vma_resume: "a vma is resumed at its restart point",
  vma_continue: "a vma is continued in place after a break of unmap_vmas",
  vma_reset: "a vma's vm_truncate_count was reset after a wrap",
  restart_save: "a restart point was remembered",
  break_addr: "unmap_vmas stopped before the end",
  tlb_finish: "an mmu_gather ended",
  bad_pte: "an unmapping met a pte that should not be there, and cleared it",
  hugetlb_zap: "a hugetlb vma was unmapped by its own routine",
  resched_check: "need_resched was asked",
  lockbreak_check: "need_lockbreak was asked",
  cond_resched: "a task offered its CPU",
} as const;

export type TracepointName = keyof typeof TRACEPOINTS;

/** The tracepoints by which the truncation path is understood, without those of every block or page. */
export const ESSENTIAL_TRACEPOINTS = [
  "lock_contended",
  "lockbreak",
  "restart",
  "vma_skip",
  "vma_complete",
  "truncate_count_wrap",
  "nopage_retry",
  "bug",
  "check_failed",
  "syscall_enter",
  "syscall_exit",
] as const satisfies readonly TracepointName[];

/** One tracepoint that was passed. Arguments may be live kernel objects: take what you need before you return. */
export interface TraceEvent {
  /** Position in the run's stream of events, from 1. */
  readonly number: number;
  readonly name: TracepointName;
  readonly step: number;
  /** Model time of the CPU, in nanoseconds. */
  readonly time: number;
  readonly cpu: number;
  readonly task: Task | null;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Sink = (event: TraceEvent) => void;
