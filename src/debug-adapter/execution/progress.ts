// Tells a client how far something has come that takes longer than a moment, and lets it be cancelled there.

import type { Progress } from "../../engine/replay/recording.ts";
import type { Emit } from "../protocol/answer.ts";

/** Milliseconds after which a client is told, and between two messages. */
const PATIENCE = 500;
const UPDATE = 200;

/** One thing that may take long. */
export interface Report {
  update(at: Progress): void;
  end(): void;
}

export class ProgressReporter {
  /** The client shows progress. */
  enabled = false;
  private nextId = 1;
  private readonly running = new Map<string, () => void>();

  constructor(private readonly emit: Emit) {}

  /**
   * Something begins.
   * @param cancel is called when the client cancels it
   */
  begin(title: string, cancel: () => void): Report {
    const id = `lockbreak ${this.nextId++}`;
    const start = performance.now();
    let last = start + PATIENCE - UPDATE;
    let shown = false;
    return {
      update: (at) => {
        const now = performance.now();
        if (!this.enabled || now - last < UPDATE) return;
        last = now;
        const more = { progressId: id, message: describe(at), ...(at.target === null ? {} : { percentage: Math.min(100, Math.round((100 * at.step) / at.target)) }) };
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

  /** The client does not want to wait for it any longer. */
  cancel(id: string): void {
    this.running.get(id)?.();
  }
}

function describe({ step, target }: Progress): string {
  const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, " ");
  return target === null ? `step ${count(step)}` : `step ${count(step)} of ${count(target)}`;
}
