// Threads and stacks: the scenario's tasks, and the kernel's frames on top of the frame of the scenario's statement.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { format_time } from "../../console/format.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import type { Task, TaskState } from "../../engine/machine/task.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { formatValue } from "./format.ts";
import type { Locals } from "./frame-scope.ts";
import type { Debuggee } from "../launch/debuggee.ts";
import { parametersAt } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";

/** A stack frame of the current stop. */
export interface StackFrame {
  readonly task: Task;
  /** Its index in the task's stack, from 0, the innermost. */
  readonly number: number;
  /** The site of its statement; null if its task has not begun or has ended. */
  readonly site: number | null;
  /** Its own variables. */
  readonly locals: Locals;
  /** The variables of all frames of the stack, innermost first, in which objects in scope are searched. */
  readonly stack: readonly Locals[];
  readonly protocolFrame: DebugProtocol.StackFrame;
}

/** The mark of a branch in the names of threads and in descriptions of stops. */
export const BRANCH_MARK = "↳";

/** The tasks as threads: helpers of triggers only until they end. */
export function visibleThreads({ machine, setup }: Simulation, stopped: number | null, branch: boolean): DebugProtocol.Thread[] {
  return machine.tasks
    .filter((task) => task.state !== "done" || task.pid === stopped || (task !== setup && task.cpu !== machine.helper_cpu))
    .map((task) => ({ id: task.pid, name: `${branch ? `${BRANCH_MARK} ` : ""}${threadName(machine, task)}` }));
}

function threadName(machine: Machine, task: Task): string {
  if (machine.time_frozen && task.cpu === machine.helper_cpu) return `${task.name} (before time begins)`;
  const cpu = task.cpu === machine.helper_cpu ? "helper CPU" : `CPU ${task.cpu.id}`;
  return `${task.name} (${cpu}, ${describeState(task)})`;
}

const STATES: Readonly<Record<TaskState, (task: Task) => string>> = {
  runnable: () => "runnable",
  running: () => "running",
  spinning: ({ waiting_on }) => `spinning on ${waiting_on?.name ?? "a lock"}`,
  // Under a schedule, no task has a time to wake up.
  sleeping: ({ started, wake_time }) =>
    wake_time === Infinity ? (started ? "sleeping" : "not begun") : `${started ? "sleeping until" : "begins at"} ${format_time(wake_time)}`,
  waiting: ({ waiting_on }) => `waiting for ${waiting_on?.name ?? "a lock"}`,
  held: ({ held_by }) => `waiting for '${held_by?.name ?? "a trigger"}'`,
  done: () => "ended",
};

/** The state of a task in words. */
export function describeState(task: Task): string {
  return STATES[task.state](task);
}

/** A site as a frame of the protocol; null for a site without a location. */
export function protocolFrameAt(sources: Sources, debuggee: Debuggee, site: number): Omit<DebugProtocol.StackFrame, "id"> | null {
  const place = sources.locate(site, debuggee);
  return place === null ? null : { name: place.name, source: place.source, ...sources.toClientRange(place.range) };
}

/**
 * The name of a frame in the format that the client wants:
 * `memory.ts!unmap_mapping_range_vma(vma = viewer[0].V …, start_addr = 0x40010000) line 66`.
 */
export function formatFrame(
  { site, locals, protocolFrame }: StackFrame,
  {
    module = false,
    parameters = false,
    parameterNames = parameters,
    parameterValues = false,
    line = false,
    hex = false,
  }: DebugProtocol.StackFrameFormat,
): string {
  const valueOf = (name: string): string => formatValue(name, wrap(locals[name]), hex);
  const listed = parametersAt(site).map((name) =>
    [...(parameterNames ? [name] : []), ...(parameterValues ? [valueOf(name)] : [])].join(" = "),
  );
  const called = (parameters || parameterNames || parameterValues) && listed.length > 0 ? `(${listed.join(", ")})` : "";
  const { name, source } = protocolFrame;
  return `${module && source?.name !== undefined ? `${source.name}!` : ""}${name}${called}${line ? ` line ${protocolFrame.line}` : ""}`;
}

/** The stacks of one stop. They and their ids are invalid after the next resume. */
export class Stacks {
  private readonly byPid = new Map<number, readonly StackFrame[]>();
  private readonly byId = new Map<number, StackFrame>();

  constructor(
    private readonly sources: Sources,
    private nextId: number,
  ) {}

  /** An id that no frame has. */
  get nextFrameId(): number {
    return this.nextId;
  }

  /** The stack of a task, innermost frame first. */
  stackOf(simulation: Simulation, debuggee: Debuggee, pid: number): readonly StackFrame[] {
    let stack = this.byPid.get(pid);
    if (stack === undefined) {
      const task = simulation.machine.tasks[pid - 1];
      if (task === undefined) throw adapterErrors.unknownThread(pid);
      stack = this.build(simulation, debuggee, task);
      this.byPid.set(pid, stack);
      for (const frame of stack) this.byId.set(frame.protocolFrame.id, frame);
    }
    return stack;
  }

  frame(id: number): StackFrame {
    const frame = this.byId.get(id);
    if (frame === undefined) throw adapterErrors.staleFrame();
    return frame;
  }

  private build({ machine }: Simulation, debuggee: Debuggee, task: Task): StackFrame[] {
    const frames = machine.backtrace(task);
    if (frames.length === 0) return this.declarationFrame(debuggee, task);
    const stack = frames.map(([, locals]) => locals);
    return frames.flatMap(([site, locals], number) => {
      const frame = protocolFrameAt(this.sources, debuggee, site);
      return frame === null ? [] : [{ task, number, site, locals, stack, protocolFrame: { id: this.nextId++, ...frame } }];
    });
  }

  /** The frame of a task that has not begun or has ended: its declaration. It gives access to the scopes. */
  private declarationFrame(debuggee: Debuggee, task: Task): StackFrame[] {
    const declaration = debuggee.program.tasks.find(({ name }) => name === task.name);
    if (declaration === undefined) return [];
    const name = task.state === "done" ? `${task.name} has ended` : `${task.name} has not begun`;
    const source = this.sources.scenarioSource(debuggee);
    return [
      {
        task,
        number: 0,
        site: null,
        locals: {},
        stack: [],
        protocolFrame: { id: this.nextId++, name, source, ...this.sources.toClientRange(declaration.nameRange) },
      },
    ];
  }
}
