// Subscribing to tracepoints with the types of their arguments. The arguments of a tracepoint are fixed where it is passed; the
// cast here is the only place that relies on it.

import type { Machine } from "../machine/machine.ts";
import type { Sink, TraceEvent, TracepointName } from "../machine/trace.ts";

/** A tracepoint that was passed, with arguments of type `A`. */
export type TypedEvent<A> = Omit<TraceEvent, "args"> & { readonly args: A };

/** Calls `heard` at every tracepoint `name` that `machine` passes from now on. */
export function on<A>(machine: Machine, name: TracepointName, handler: (event: TypedEvent<A>) => void): void {
  on_each(machine, [name], handler as unknown as Sink);
}

/**
 * Calls `sink` at every tracepoint of `names` that `machine` passes from now on, whatever its arguments are. The machine's
 * sinks are made anew and not changed: code that has kept the old object can put it back.
 */
export function on_each(machine: Machine, names: Iterable<TracepointName>, sink: Sink): void {
  machine.sinks = { ...machine.sinks };
  for (const name of names) machine.sinks[name] = [...(machine.sinks[name] ?? []), sink];
}
