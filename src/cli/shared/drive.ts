// Drives operations of the engine to their end, a slice at a time, so that progress can be shown and Ctrl-C be heard.

import type { Operation, Progress } from "../../engine/replay/recording.ts";
import { nextTurn } from "../../debug-adapter/execution/turn.ts";
import type { ProgressLine } from "./terminal.ts";

/** Ctrl-C, heard between two slices of an operation. A second one, unheard, ends the program. */
export class Interrupt {
  requested = false;
  private readonly listener = (): void => this.request();

  /** Asks for an end. The second request ends the program at once. */
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
 * The result of `operation`, or null if it was interrupted and dropped.
 * @param describe what the progress line says
 */
export async function drive<T>(operation: Operation<T>, progress: ProgressLine, interrupt: Interrupt, describe: (at: Progress) => string): Promise<T | null> {
  progress.restart();
  interrupt.requested = false;
  try {
    for (;;) {
      const { done, value } = operation.next();
      if (done === true) return value;
      progress.update(() => describe(value));
      await nextTurn();
      if (interrupt.requested) return null;
    }
  } finally {
    operation.return(undefined as T);
    progress.clear();
  }
}
