// Listens to a run's events and prints or keeps as many of them as are wanted. Memory stays bounded, whatever the run does.

import type { Operation } from "../../engine/replay/recording.ts";
import type { Sink, TracepointName } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { eventJson } from "./json.ts";
import type { ProgressLine } from "../shared/terminal.ts";
import type { Timeline } from "../../console/timeline.ts";

export class Collector {
  /** As plain data, if no timeline is printed. */
  readonly events: object[] = [];
  shown = 0;
  /** Events that would have been shown, had there not been so many. */
  omitted = 0;
  private buffer = "";

  /**
   * @param wanted the kinds that are shown, up to `limit` events
   * @param timeline prints them; null keeps them in `events`
   */
  constructor(
    simulation: Simulation,
    wanted: readonly TracepointName[],
    private readonly limit: number,
    private readonly timeline: Timeline | null,
    private readonly progress: ProgressLine,
  ) {
    const { machine } = simulation;
    const sink: Sink = (event) => {
      // The set-up takes no model time and is no part of the story.
      if (!machine.timeless) this.take(event);
    };
    on_each(machine, new Set(wanted), sink);
  }

  private take(event: Parameters<Sink>[0]): void {
    if (this.shown >= this.limit) {
      this.omitted += 1;
      return;
    }
    this.shown += 1;
    if (this.timeline === null) this.events.push(eventJson(event));
    else this.buffer += `${this.shown === 1 ? `${this.timeline.header()}\n` : ""}${this.timeline.line(event)}\n`;
  }

  /** The operation, with what it prints written after each slice. */
  *flushing<T>(operation: Operation<T>): Operation<T> {
    for (;;) {
      const { done, value } = operation.next();
      this.flush();
      if (done === true) return value;
      yield value;
    }
  }

  /** Prints lines behind the events. */
  say(...lines: readonly string[]): void {
    this.buffer += lines.map((line) => `${line}\n`).join("");
    this.flush();
  }

  /** Writes what has come together. */
  flush(): void {
    if (this.buffer === "") return;
    this.progress.clear();
    process.stdout.write(this.buffer);
    this.buffer = "";
  }
}
