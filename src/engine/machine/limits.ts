// What ends a run without saying anything about the kernel: its limits, and mistakes of the program that the tasks execute.

/** A run was ended because it became too long or too large. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  private constructor(
    readonly limit: "steps" | "time" | "pages" | "units" | "schedule" | "redundant",
    readonly value: number,
    message: string,
  ) {
    super(message);
  }

  static steps(limit: number): LimitReached {
    return new LimitReached("steps", limit, `the limit of ${limit} steps was reached`);
  }

  static time(limit: number): LimitReached {
    return new LimitReached("time", limit, `the limit of ${limit / 1e9} s of model time was reached`);
  }

  static units(limit: number): LimitReached {
    return new LimitReached("units", limit, `the limit of ${limit} visible operations was reached`);
  }

  /** A search has seen all that could follow. */
  static redundant(): LimitReached {
    return new LimitReached("redundant", 0, "what follows has been looked at before");
  }

  /** A schedule names a process that cannot go on. */
  static misfit(process: string, unit: number): LimitReached {
    return new LimitReached("schedule", unit, `the schedule does not fit this scenario: '${process}' cannot go on after ${unit} visible operations`);
  }

  static pages(limit: number): LimitReached {
    return new LimitReached("pages", limit, `the machine ran out of memory: all ${limit} pages are in use`);
  }
}

/** The program that a task executes asks for something that does not exist. Its author has to mend it. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  /** @param cause where and what: the program's own diagnostic */
  constructor(
    message: string,
    override readonly cause: unknown,
  ) {
    super(message);
  }
}
