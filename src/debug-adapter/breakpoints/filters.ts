// The exception filters. Clients keep a person's choice by the exact texts: they are fixed.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TracepointName } from "../../engine/machine/trace.ts";

export interface Filter extends DebugProtocol.ExceptionBreakpointsFilter {
  readonly filter: "bug" | "check" | "lockbreak" | "restart" | "vma_complete" | "lock_contended" | "nopage_retry";
  readonly event: TracepointName;
}

function filter(name: Filter["filter"], event: TracepointName, label: string, description: string, on: boolean, conditionDescription: string): Filter {
  return { filter: name, event, label, description, default: on, supportsCondition: true, conditionDescription };
}

export const FILTERS: readonly Filter[] = [
  filter("bug", "bug", "Kernel bugs", "Stop where a check of the kernel fails, and at deadlocks.", true, "Stop only if this holds, e.g. data.truncate_count > 1"),
  filter("check", "check_failed", "Failed checks", "Stop where a check of the scenario fails.", true, "Stop only if this holds, e.g. data.truncate_count > 1"),
  filter("lockbreak", "lockbreak", "lockbreak", "Stop when i_mmap_lock was dropped in the middle of unmap_mapping_range.", true, "Stop only if this holds, e.g. vma == viewer[3].V"),
  filter("restart", "restart", "restart", "Stop when the search for vmas starts over after a lockbreak.", false, "Stop only if this holds, e.g. mapping == data"),
  filter("vma_complete", "vma_complete", "vma_complete", "Stop when a vma was scanned to its end and marked.", false, "Stop only if this holds, e.g. vma == viewer[3].V"),
  filter("lock_contended", "lock_contended", "lock_contended", "Stop when a task finds a lock held and waits.", false, "Stop only if this holds, e.g. lock == data.i_mmap_lock"),
  filter("nopage_retry", "nopage_retry", "nopage_retry", "Stop when a page fault notices a truncation and asks for the page again.", false, "Stop only if this holds, e.g. mapping == data"),
];

export function filterNamed(name: string): Filter | undefined {
  return FILTERS.find((one) => one.filter === name);
}
