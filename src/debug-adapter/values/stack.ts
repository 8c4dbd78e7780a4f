// Threads and stacks: the scenario's tasks, and the kernel's frames on top of the frame of the scenario's statement.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { format_time } from "../../console/format.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import type { Task, TaskState } from "../../engine/machine/task.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/values.ts";
import { errors } from "../protocol/errors.ts";
import { formatValue } from "./format.ts";
import type { Locals } from "./reach.ts";
import type { Debuggee } from "../launch/launch.ts";
import { parametersAt } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";

/** A stack frame of the stop at hand. */
export interface StackFrame {
  readonly task: Task;
  /** Its place in the task's stack, from 0, the innermost. */
  readonly number: number;
  /** The site it stands at; null if its task has not begun or has ended. */
  readonly site: number | null;
  /** Its own variables. */
  readonly locals: Locals;
  /** The variables of all frames of the stack, innermost first, to find what is in reach. */
  readonly stack: readonly Locals[];
  readonly shown: DebugProtocol.StackFrame;
}

/** What marks a branch. */
export const BRANCH = "↳";

/** The tasks that a client sees: helpers of triggers only while they live. */
export function threads({ machine, setup }: Simulation, stopped: number | null, branch: boolean): DebugProtocol.Thread[] {
  return machine.tasks
    .filter((task) => task.state !== "done" || task.pid === stopped || (task !== setup && task.cpu !== machine.helper_cpu))
    .map((task) => ({ id: task.pid, name: `${branch ? `${BRANCH} ` : ""}${threadName(machine, task)}` }));
}

function threadName(machine: Machine, task: Task): string {
  if (machine.timeless && task.cpu === machine.helper_cpu) return `${task.name} (before time begins)`;
  const cpu = task.cpu === machine.helper_cpu ? "helper CPU" : `CPU ${task.cpu.id}`;
  return `${task.name} (${cpu}, ${describeState(task)})`;
}

const STATES: Readonly<Record<TaskState, (task: Task) => string>> = {
  runnable: () => "runnable",
  running: () => "running",
  spinning: ({ waiting_on }) => `spinning on ${waiting_on?.name ?? "a lock"}`,
  // Under a schedule nobody sleeps until some time.
  sleeping: ({ started, wake_time }) => (wake_time === Infinity ? (started ? "sleeping" : "not begun") : `${started ? "sleeping until" : "begins at"} ${format_time(wake_time)}`),
  waiting: ({ waiting_on }) => `waiting for ${waiting_on?.name ?? "a lock"}`,
  held: ({ held_by }) => `waiting for '${held_by?.name ?? "a trigger"}'`,
  done: () => "ended",
};

/** What a task is doing, in words. */
export function describeState(task: Task): string {
  return STATES[task.state](task);
}

/** A site as a frame of a client's stack shows it; null for one that stands nowhere. */
export function shownAt(sources: Sources, debuggee: Debuggee, site: number): Omit<DebugProtocol.StackFrame, "id"> | null {
  const place = sources.place(site, debuggee);
  return place === null ? null : { name: place.name, source: place.source, ...sources.clientRange(place.range) };
}

/** The name of a frame with what a client wants in it: `memory.ts!unmap_mapping_range_vma(vma = viewer[0].V …, start_addr = 0x40010000) line 66`. */
export function formatFrame({ site, locals, shown }: StackFrame, { module = false, parameters = false, parameterNames = parameters, parameterValues = false, line = false, hex = false }: DebugProtocol.StackFrameFormat): string {
  const valueOf = (name: string): string => formatValue(name, wrap(locals[name]), hex);
  const listed = parametersAt(site).map((name) => [...(parameterNames ? [name] : []), ...(parameterValues ? [valueOf(name)] : [])].join(" = "));
  const called = (parameters || parameterNames || parameterValues) && listed.length > 0 ? `(${listed.join(", ")})` : "";
  return `${module && shown.source?.name !== undefined ? `${shown.source.name}!` : ""}${shown.name}${called}${line ? ` line ${shown.line}` : ""}`;
}

/** The stacks of one stop. They mean nothing after the next resume, nor do their ids. */
export class Stacks {
  private readonly byPid = new Map<number, readonly StackFrame[]>();
  private readonly byId = new Map<number, StackFrame>();

  constructor(
    private readonly sources: Sources,
    private nextId: number,
  ) {}

  /** An id that no frame has had. */
  get followingId(): number {
    return this.nextId;
  }

  /** The stack of a task, innermost frame first. */
  of(simulation: Simulation, debuggee: Debuggee, pid: number): readonly StackFrame[] {
    let stack = this.byPid.get(pid);
    if (stack === undefined) {
      const task = simulation.machine.tasks[pid - 1];
      if (task === undefined) throw errors.no_thread(pid);
      stack = this.build(simulation, debuggee, task);
      this.byPid.set(pid, stack);
      for (const frame of stack) this.byId.set(frame.shown.id, frame);
    }
    return stack;
  }

  frame(id: number): StackFrame {
    const frame = this.byId.get(id);
    if (frame === undefined) throw errors.no_frame();
    return frame;
  }

  private build({ machine }: Simulation, debuggee: Debuggee, task: Task): StackFrame[] {
    const frames = machine.backtrace(task);
    if (frames.length === 0) return this.outside(debuggee, task);
    const stack = frames.map(([, locals]) => locals);
    return frames.flatMap(([site, locals], number) => {
      const shown = shownAt(this.sources, debuggee, site);
      return shown === null ? [] : [{ task, number, site, locals, stack, shown: { id: this.nextId++, ...shown } }];
    });
  }

  /** A task that has not begun or has ended stands at its declaration: there is still the state to look at. */
  private outside(debuggee: Debuggee, task: Task): StackFrame[] {
    const declaration = debuggee.program.tasks.find(({ name }) => name === task.name);
    if (declaration === undefined) return [];
    const name = task.state === "done" ? `${task.name} has ended` : `${task.name} has not begun`;
    const source = this.sources.scenarioSource(debuggee);
    return [{ task, number: 0, site: null, locals: {}, stack: [], shown: { id: this.nextId++, name, source, ...this.sources.clientRange(declaration.nameRange) } }];
  }
}
