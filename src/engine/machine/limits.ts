// The limits of a run. Reaching one ends the run; it says nothing about the kernel.

/** A run was ended because it became too long or too large. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  private constructor(
    readonly limit: "steps" | "time" | "pages",
    readonly value: number,
    message: string,
  ) {
    super(message);
  }

  static steps(limit: number): LimitReached {
    return new LimitReached("steps", limit, `the limit of ${limit} steps was reached`);
  }

  static time(limit: number): LimitReached {
    return new LimitReached("time", limit, `the limit of ${limit} ns of model time was reached`);
  }

  static pages(limit: number): LimitReached {
    return new LimitReached("pages", limit, `the machine ran out of memory: all ${limit} pages are in use`);
  }
}
