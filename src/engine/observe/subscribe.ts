// Listening to tracepoints with their arguments' types. What the arguments of a tracepoint are is known where it is passed;
// here is the one place that believes it.

import type { Machine } from "../machine/machine.ts";
import type { TraceEvent, TracepointName } from "../machine/trace.ts";

/** Calls `heard` at every tracepoint `name` that `machine` passes from now on, with its arguments. */
export function on<A>(machine: Machine, name: TracepointName, heard: (args: A, event: TraceEvent) => void): void {
  (machine.sinks[name] ??= []).push((event) => heard(event.args as A, event));
}
