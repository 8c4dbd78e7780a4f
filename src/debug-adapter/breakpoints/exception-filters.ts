// The exception filters. Clients keep the choice of the user by the texts, which therefore have to stay as they are.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TracepointName } from "../../engine/machine/trace.ts";

export interface ExceptionFilter extends DebugProtocol.ExceptionBreakpointsFilter {
  readonly filter: "bug" | "check" | "lockbreak" | "restart" | "vma_complete" | "lock_contended" | "nopage_retry";
  readonly event: TracepointName;
}

function exceptionFilter(
  name: ExceptionFilter["filter"],
  event: TracepointName,
  label: string,
  description: string,
  on: boolean,
  conditionDescription: string,
): ExceptionFilter {
  return { filter: name, event, label, description, default: on, supportsCondition: true, conditionDescription };
}

export const EXCEPTION_FILTERS: readonly ExceptionFilter[] = [
  exceptionFilter(
    "bug",
    "bug",
    "Kernel bugs",
    "Stop where a check of the kernel fails, and at deadlocks.",
    true,
    "Stop only if this holds, e.g. data.truncate_count > 1",
  ),
  exceptionFilter(
    "check",
    "check_failed",
    "Failed checks",
    "Stop where a check of the scenario fails.",
    true,
    "Stop only if this holds, e.g. data.truncate_count > 1",
  ),
  exceptionFilter(
    "lockbreak",
    "lockbreak",
    "lockbreak",
    "Stop when i_mmap_lock was dropped in the middle of unmap_mapping_range.",
    true,
    "Stop only if this holds, e.g. vma == viewer[3].V",
  ),
  exceptionFilter(
    "restart",
    "restart",
    "restart",
    "Stop when the search for vmas starts over after a lockbreak.",
    false,
    "Stop only if this holds, e.g. mapping == data",
  ),
  exceptionFilter(
    "vma_complete",
    "vma_complete",
    "vma_complete",
    "Stop when a vma was scanned to its end and marked.",
    false,
    "Stop only if this holds, e.g. vma == viewer[3].V",
  ),
  exceptionFilter(
    "lock_contended",
    "lock_contended",
    "lock_contended",
    "Stop when a task finds a lock held and waits.",
    false,
    "Stop only if this holds, e.g. lock == data.i_mmap_lock",
  ),
  exceptionFilter(
    "nopage_retry",
    "nopage_retry",
    "nopage_retry",
    "Stop when a page fault notices a truncation and asks for the page again.",
    false,
    "Stop only if this holds, e.g. mapping == data",
  ),
];

export function findExceptionFilter(name: string): ExceptionFilter | undefined {
  return EXCEPTION_FILTERS.find((one) => one.filter === name);
}
