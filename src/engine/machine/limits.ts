// What ends a run without saying anything about the kernel: its limits, and mistakes of the program that the tasks execute.

/** A run was ended because it became too long or too large, or does not fit its schedule, or is sleep-set blocked in a search. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  private constructor(
    readonly limit: "steps" | "time" | "pages" | "transitions" | "schedule" | "sleep_set_blocked",
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

  static transitions(limit: number): LimitReached {
    return new LimitReached("transitions", limit, `the limit of ${limit} transitions was reached`);
  }

  /** All enabled processes are in the sleep set: every continuation is equivalent to one that the search has explored. */
  static sleep_set_blocked(): LimitReached {
    return new LimitReached("sleep_set_blocked", 0, "what follows has been explored before");
  }

  /** A schedule names a process that is not enabled after `transition` transitions. */
  static schedule_mismatch(process: string, transition: number): LimitReached {
    const message = `the schedule does not fit this scenario: '${process}' is not enabled after ${transition} transitions`;
    return new LimitReached("schedule", transition, message);
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
