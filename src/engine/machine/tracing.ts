// Emitting tracepoints on the machine that runs. Every one is counted, so that the number of an event does not depend on its
// subscribers; the event object is made only if there are any. The build (tools/instrument/tracepoints.ts) asks for subscribers
// before a call, so that its arguments are not made in vain.

import { $ } from "./hooks.ts";
import { machine } from "./machine.ts";
import type { TracepointName } from "./trace.ts";

/** Reports that the tracepoint `name` was passed. `args` may be left unevaluated: they must have no effects. */
export function trace(name: TracepointName, args: Readonly<Record<string, unknown>>): void {
  const number = (machine.events += 1);
  const sinks = machine.sinks[name];
  if (sinks === undefined) return;
  const event = { number, name, step: $.step, time: machine.cpu.clock, cpu: machine.cpu.id, task: machine.current, args };
  for (const sink of sinks) sink(event);
}
