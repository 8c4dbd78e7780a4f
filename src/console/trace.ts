// The last events before a place in time, found by running the execution once more on the side.

import type { Operation, Recording } from "../engine/replay/recording.ts";
import type { Sink, TraceEvent } from "../engine/machine/trace.ts";
import { on_each } from "../engine/observe/subscribe.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { ALL_EVENTS } from "./timeline.ts";

/** So many steps before here are looked at first, and so much more each time after. */
const FIRST_WINDOW = 16_384;
const WINDOW_GROWTH = 16;

/**
 * What `note` makes of the last `count` events before the statement at hand, the oldest first. It is called where an event
 * is passed.
 */
export function* lastEvents<T>(recording: Recording<Simulation>, count: number, note: (event: TraceEvent) => T): Operation<T[]> {
  const { machine } = recording.system;
  const end = machine.outcome === null ? machine.step : machine.step + 1;
  for (let window = FIRST_WINDOW; ; window *= WINDOW_GROWTH) {
    const side = recording.fork();
    if (end - window > 1) yield* side.seek(end - window);
    let noted: T[] = [];
    const sink: Sink = (event) => {
      noted.push(note(event));
      if (noted.length >= 2 * count) noted = noted.slice(-count);
    };
    on_each(side.system.machine, ALL_EVENTS, sink);
    yield* side.seek(end);
    if (noted.length >= count || end - window <= 1) return noted.slice(-count);
  }
}
