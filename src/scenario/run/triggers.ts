// `on EVENT(object) { calls }`: a helper task on a CPU of its own acts at a moment of the kernel's run. Whoever passed the
// tracepoint waits, from its next statement on, until the helper has ended or waits for what it holds.

import { VmArea } from "../../engine/kernel/common/mm_types.ts";
import type { Sink, TraceEvent, TracepointName } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { evaluate, isError, isTrue } from "../program/expression.ts";
import type { Trigger } from "../program/program.ts";
import { Interpreter } from "./interpret.ts";
import type { Scope } from "./environment.ts";
import type { Simulation } from "./simulation.ts";
import { unwrap, wrap } from "./values.ts";

/** More urgent than any task of a scenario can be asked to be, were it on the same CPU. */
const HELPER_PRIO = 0;

/** What the helper of trigger `number` (from 1) is called that acts at its event `match` (from 1). */
export function helperName({ event }: Trigger, number: number, match: number): string {
  return `on ${event} ${number}.${match}`;
}

/** From now on the triggers of the scenario listen to the events of its machine. */
export function installTriggers(simulation: Simulation): void {
  simulation.program.triggers.forEach((trigger, number) => {
    on_each(simulation.machine, [trigger.event as TracepointName], sink(simulation, trigger, number + 1));
  });
}

function sink(simulation: Simulation, trigger: Trigger, number: number): Sink {
  const { machine } = simulation;
  const scope = simulation.scope(null);
  const about = trigger.object === null ? null : evaluate(trigger.object, scope);
  const object = isError(about) ? null : unwrap(about);
  let matches = 0;
  return (event) => {
    // An object that the kernel does not have is NULL: no event is about it.
    if (trigger.object !== null && (object === null || !isAbout(event, object))) return;
    if (trigger.where !== null && !holds(trigger, scope, event)) return;
    matches += 1;
    if (trigger.occurrence !== null && trigger.occurrence !== matches) return;
    const helper = machine.spawn(helperName(trigger, number, matches), machine.helper_cpu, HELPER_PRIO, null, new Interpreter(simulation, simulation.scope(null), false).run(trigger.body), event.time);
    if (machine.current !== null) machine.hold_for(helper);
  };
}

/** Is the event about `object`: one of its arguments, or the file or the mm_struct of a vma among them? */
function isAbout(event: TraceEvent, object: unknown): boolean {
  return Object.values(event.args).some((arg) => arg === object || (arg instanceof VmArea && (arg.vm_file?.f_mapping === object || arg.vm_mm === object)));
}

/** The condition of a trigger sees what the tracepoint reports. */
function holds({ where }: Trigger, scope: Scope, event: TraceEvent): boolean {
  const seen = Object.entries(event.args).map(([name, value]) => [name, wrap(value)] as const);
  const value = evaluate(where!, scope.with(seen));
  return !isError(value) && isTrue(value);
}
