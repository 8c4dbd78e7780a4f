// Reports the progress of long operations to the client, where the user can cancel them.

import type { ReplayProgress } from "../../engine/replay/recording.ts";
import type { SendEvent } from "../protocol/request-result.ts";

/** Milliseconds until the first event about an operation, and between two events. */
const INITIAL_DELAY = 500;
const UPDATE_INTERVAL = 200;

/** The progress of one operation. */
export interface ProgressReport {
  update(at: ReplayProgress): void;
  end(): void;
}

export class ProgressReporter {
  /** The client supports progress events. */
  enabled = false;
  private nextId = 1;
  private readonly running = new Map<string, () => void>();

  constructor(private readonly emit: SendEvent) {}

  /**
   * Starts the report of an operation; no event is sent if it ends soon.
   * @param cancel is called when the client cancels it
   */
  begin(title: string, cancel: () => void): ProgressReport {
    const id = `lockbreak ${this.nextId++}`;
    const start = performance.now();
    let last = start + INITIAL_DELAY - UPDATE_INTERVAL;
    let shown = false;
    return {
      update: (at) => {
        const now = performance.now();
        if (!this.enabled || now - last < UPDATE_INTERVAL) return;
        last = now;
        const more = {
          progressId: id,
          message: progressText(at),
          ...(at.target === null ? {} : { percentage: Math.min(100, Math.round((100 * at.step) / at.target)) }),
        };
        if (shown) return this.emit("progressUpdate", more);
        shown = true;
        this.running.set(id, cancel);
        this.emit("progressStart", { title, cancellable: true, ...more });
      },
      end: () => {
        if (!shown) return;
        this.running.delete(id);
        this.emit("progressEnd", { progressId: id });
      },
    };
  }

  /** The client has cancelled the operation with this progress id. */
  cancel(id: string): void {
    this.running.get(id)?.();
  }
}

function progressText({ step, target }: ReplayProgress): string {
  const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, " ");
  return target === null ? `step ${count(step)}` : `step ${count(step)} of ${count(target)}`;
}
