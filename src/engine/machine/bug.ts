// The kernel's assertions. A failed one stops the run and is reported in the kernel's own style.

import type { Task } from "./task.ts";

/** A task besides the culprit whose stack belongs to a finding. */
export interface InvolvedTask {
  readonly task: Task;
  /** What it has to do with it, as the predicate of a sentence: `holds data.i_mmap_lock`. */
  readonly role: string;
  /** The statement at which it did that; null if it is what it does now. */
  readonly step: number | null;
}

/** A kernel assertion that failed: a finding about the modelled kernel, not a fault of Lockbreak. */
export class KernelBug extends Error {
  override readonly name = "KernelBug";
  constructor(
    /** Stable identifier of the rule that was broken, e.g. `lock-recursion`. */
    readonly code: string,
    /** One sentence: what is wrong. */
    message: string,
    /** The values that show it. */
    readonly values: Readonly<Record<string, unknown>> = {},
    readonly involved: readonly InvolvedTask[] = [],
  ) {
    super(message);
  }
}

/** The kernel's BUG(): stops the run with a report. */
export function BUG(code: string, message: string, values?: Readonly<Record<string, unknown>>, involved?: readonly InvolvedTask[]): never {
  throw new KernelBug(code, message, values, involved);
}

/** The kernel's BUG_ON(): stops the run with a report if `condition` holds. */
export function BUG_ON(condition: boolean, code: string, message: string, values?: Readonly<Record<string, unknown>>): void {
  if (condition) BUG(code, message, values);
}
