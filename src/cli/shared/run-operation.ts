// Runs operations of the engine to their end, a slice at a time, so that progress can be shown and Ctrl-C is handled.

import type { ReplayJob, ReplayProgress } from "../../engine/replay/recording.ts";
import { yieldToEventLoop } from "../../debug-adapter/execution/event-loop.ts";
import type { ProgressLine } from "./terminal.ts";

/** Ctrl-C, which is handled between two slices of an operation. A second one before that ends the program. */
export class Interrupt {
  requested = false;
  private readonly listener = (): void => this.request();

  /** Requests that the operation ends. The second request ends the program at once. */
  request(): void {
    if (this.requested) process.exit(130);
    this.requested = true;
  }

  /** From now on Ctrl-C is a request and does not end the program. */
  listen(): void {
    process.on("SIGINT", this.listener);
  }

  /** From now on Ctrl-C ends the program again. */
  release(): void {
    process.off("SIGINT", this.listener);
  }
}

/**
 * The result of `operation`, or null if the user interrupted it.
 * @param describe returns the text of the progress line
 */
export async function runOperation<T>(
  operation: ReplayJob<T>,
  progress: ProgressLine,
  interrupt: Interrupt,
  describe: (at: ReplayProgress) => string,
): Promise<T | null> {
  progress.restart();
  interrupt.requested = false;
  try {
    for (;;) {
      const { done, value } = operation.next();
      if (done === true) return value;
      progress.update(() => describe(value));
      await yieldToEventLoop();
      if (interrupt.requested) return null;
    }
  } finally {
    operation.return(undefined as T);
    progress.clear();
  }
}
