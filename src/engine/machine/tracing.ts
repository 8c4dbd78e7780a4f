// Emitting tracepoints on the machine that runs. Every one is counted, so that an event's number does not depend on
// subscribers; the event object is made only if there are some.

import { $ } from "./hooks.ts";
import { machine } from "./machine.ts";
import type { TracepointName } from "./trace.ts";

/** Reports that the tracepoint `name` was passed. */
export function trace(name: TracepointName, args: Readonly<Record<string, unknown>>): void {
  const number = (machine.events += 1);
  const sinks = machine.sinks[name];
  if (sinks === undefined) return;
  const event = { number, name, step: $.step, time: machine.cpu.clock, cpu: machine.cpu.id, task: machine.current, args };
  for (const sink of sinks) sink(event);
}

/** Counts tracepoints that have no subscriber: hot paths check for a sink themselves before they make the arguments. */
export function count_event(count = 1): void {
  machine.events += count;
}
