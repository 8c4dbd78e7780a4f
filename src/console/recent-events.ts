// The last events before the current position, collected by a replay in a fork of the recording.

import type { ReplayJob, Recording } from "../engine/replay/recording.ts";
import type { Sink, TraceEvent } from "../engine/machine/trace.ts";
import { on_each } from "../engine/observe/subscribe.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { ALL_EVENTS } from "./timeline.ts";

/** The replay starts so many steps back, and if that is too few, that many times further back. */
const FIRST_WINDOW = 16_384;
const WINDOW_GROWTH = 16;

/**
 * The last `count` events before the current statement, each mapped by `note`, the oldest first. `note` is called while the event is
 * passed, when its arguments have their values.
 */
export function* recentEvents<T>(recording: Recording<Simulation>, count: number, note: (event: TraceEvent) => T): ReplayJob<T[]> {
  const { machine } = recording.system;
  const end = machine.outcome === null ? machine.step : machine.step + 1;
  for (let window = FIRST_WINDOW; ; window *= WINDOW_GROWTH) {
    const fork = recording.fork();
    if (end - window > 1) yield* fork.seek(end - window);
    let noted: T[] = [];
    const sink: Sink = (event) => {
      noted.push(note(event));
      if (noted.length >= 2 * count) noted = noted.slice(-count);
    };
    on_each(fork.system.machine, ALL_EVENTS, sink);
    yield* fork.seek(end);
    if (noted.length >= count || end - window <= 1) return noted.slice(-count);
  }
}
