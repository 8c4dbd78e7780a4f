// The kernel's assertions. A failed one stops the run and is reported in the kernel's own style.

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
  ) {
    super(message);
  }
}

/** The kernel's BUG(): stops the run with a report. */
export function BUG(code: string, message: string, values?: Readonly<Record<string, unknown>>): never {
  throw new KernelBug(code, message, values);
}

/** The kernel's BUG_ON(): stops the run with a report if `condition` holds. */
export function BUG_ON(condition: boolean, code: string, message: string, values?: Readonly<Record<string, unknown>>): void {
  if (condition) BUG(code, message, values);
}
