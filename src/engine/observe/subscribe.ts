// Listening to tracepoints with their arguments' types. What the arguments of a tracepoint are is known where it is passed;
// here is the one place that believes it.

import type { Machine } from "../machine/machine.ts";
import type { Sink, TraceEvent, TracepointName } from "../machine/trace.ts";

/** A tracepoint that was passed, with arguments of type `A`. */
export type Heard<A> = Omit<TraceEvent, "args"> & { readonly args: A };

/** Calls `heard` at every tracepoint `name` that `machine` passes from now on. */
export function on<A>(machine: Machine, name: TracepointName, heard: (event: Heard<A>) => void): void {
  on_each(machine, [name], heard as unknown as Sink);
}

/**
 * Calls `sink` at every tracepoint of `names` that `machine` passes from now on, whatever its arguments are. The machine's
 * sinks are made anew and not changed: whoever has kept the old ones can put them back.
 */
export function on_each(machine: Machine, names: Iterable<TracepointName>, sink: Sink): void {
  machine.sinks = { ...machine.sinks };
  for (const name of names) machine.sinks[name] = [...(machine.sinks[name] ?? []), sink];
}
