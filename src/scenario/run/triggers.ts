// `on EVENT(object) { calls }`: a helper task on a CPU of its own acts in the middle of a run. The task that passed the
// tracepoint is held, from its next statement on, until the helper has ended or waits for a lock that the held task holds.

import { VmArea } from "../../engine/kernel/common/mm_types.ts";
import type { Sink, TraceEvent, TracepointName } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { evaluate, isError, isTrue } from "../program/expression.ts";
import type { Trigger } from "../program/program.ts";
import { Interpreter } from "./interpreter.ts";
import type { Bindings } from "./bindings.ts";
import type { Simulation } from "./simulation.ts";
import { unwrap, wrap } from "./kernel-values.ts";

/** At least as urgent as every task of a scenario. */
const HELPER_PRIO = 0;

/** The name of the helper that trigger `number` (from 1) spawns at its event `match` (from 1). */
export function helperName({ event }: Trigger, number: number, match: number): string {
  return `on ${event} ${number}.${match}`;
}

/** Subscribes the triggers of the scenario to the events of its machine. */
export function installTriggers(simulation: Simulation): void {
  simulation.program.triggers.forEach((trigger, number) => {
    on_each(simulation.machine, [trigger.event as TracepointName], triggerSink(simulation, trigger, number + 1));
  });
}

function triggerSink(simulation: Simulation, trigger: Trigger, number: number): Sink {
  const { machine } = simulation;
  const bindings = simulation.bindings(null);
  const about = trigger.object === null ? null : evaluate(trigger.object, bindings);
  const object = isError(about) ? null : unwrap(about);
  let matches = 0;
  return (event) => {
    // An object that the kernel does not have is NULL: no event concerns it.
    if (trigger.object !== null && (object === null || !concerns(event, object))) return;
    if (trigger.where !== null && !conditionHolds(trigger, bindings, event)) return;
    matches += 1;
    if (trigger.occurrence !== null && trigger.occurrence !== matches) return;
    const helper = machine.spawn(
      helperName(trigger, number, matches),
      machine.helper_cpu,
      HELPER_PRIO,
      null,
      new Interpreter(simulation, simulation.bindings(null), false).run(trigger.body),
      event.time,
    );
    if (machine.current !== null) machine.hold_for(helper);
  };
}

/** Does the event concern `object`: is it an argument, or the file or the mm_struct of a vma among the arguments? */
function concerns(event: TraceEvent, object: unknown): boolean {
  return Object.values(event.args).some(
    (arg) => arg === object || (arg instanceof VmArea && (arg.vm_file?.f_mapping === object || arg.vm_mm === object)),
  );
}

/** Does the condition of a trigger hold? The arguments of the tracepoint are in scope. */
function conditionHolds({ where }: Trigger, bindings: Bindings, event: TraceEvent): boolean {
  const seen = Object.entries(event.args).map(([name, value]) => [name, wrap(value)] as const);
  const value = evaluate(where!, bindings.extend(seen));
  return !isError(value) && isTrue(value);
}
