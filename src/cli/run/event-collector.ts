// Subscribes to a run's events and prints or collects them, up to a limit, which bounds the memory of any run.

import type { ReplayJob } from "../../engine/replay/recording.ts";
import type { Sink, TracepointName } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { eventJson } from "./run-json.ts";
import type { ProgressLine } from "../shared/terminal.ts";
import type { Timeline } from "../../console/timeline.ts";

export class EventCollector {
  /** As plain data, if no timeline is printed. */
  readonly events: object[] = [];
  shown = 0;
  /** Events beyond the limit. */
  omitted = 0;
  private buffer = "";

  /**
   * @param selected the kinds that are shown, up to `limit` events
   * @param timeline prints them; null keeps them in `events`
   */
  constructor(
    simulation: Simulation,
    selected: readonly TracepointName[],
    private readonly limit: number,
    private readonly timeline: Timeline | null,
    private readonly progress: ProgressLine,
  ) {
    const { machine } = simulation;
    const sink: Sink = (event) => {
      // The set-up takes no model time and is not shown.
      if (!machine.time_frozen) this.collect(event);
    };
    on_each(machine, new Set(selected), sink);
  }

  private collect(event: Parameters<Sink>[0]): void {
    if (this.shown >= this.limit) {
      this.omitted += 1;
      return;
    }
    this.shown += 1;
    if (this.timeline === null) this.events.push(eventJson(event));
    else this.buffer += `${this.shown === 1 ? `${this.timeline.header()}\n` : ""}${this.timeline.line(event)}\n`;
  }

  /** The operation, with the collected output written after each slice. */
  *flushing<T>(operation: ReplayJob<T>): ReplayJob<T> {
    for (;;) {
      const { done, value } = operation.next();
      this.flush();
      if (done === true) return value;
      yield value;
    }
  }

  /** Prints lines after the events. */
  print(...lines: readonly string[]): void {
    this.buffer += lines.map((line) => `${line}\n`).join("");
    this.flush();
  }

  /** Writes the buffered output. */
  flush(): void {
    if (this.buffer === "") return;
    this.progress.clear();
    process.stdout.write(this.buffer);
    this.buffer = "";
  }
}
