// What is said about findings: checks of the scenario, and bugs and deadlocks of the kernel in the kernel's own style.

import type { KernelBug } from "../engine/machine/bug.ts";
import type { Outcome } from "../engine/machine/machine.ts";
import { Recording } from "../engine/machine/recording.ts";
import type { Task } from "../engine/machine/task.ts";
import type { Program } from "../scenario/program.ts";
import type { CheckResult } from "../scenario/run/checks.ts";
import { Simulation, type RunOptions } from "../scenario/run/simulation.ts";
import { drive, type Interrupt } from "./drive.ts";
import { format_count, format_table, format_time, format_value } from "./format.ts";
import { format_stack, type Sources, type StackLine } from "./sources.ts";
import type { Paint, ProgressLine } from "./terminal.ts";

/** Other tasks whose stacks a report shows. */
const MAX_OTHERS = 4;

export function bug_headline(bug: KernelBug): string {
  return `BUG ${bug.code}: ${bug.message}`;
}

/** Values that show what is wrong, one a line. */
export function value_lines(values: Readonly<Record<string, unknown>>): string[] {
  return format_table(Object.entries(values).map(([name, value]) => [`${name}:`, format_value(name, value)]), new Set());
}

/** A task and what it waits for, in words. */
export function waits(task: Task): string {
  const { name, waiting_on, held } = task;
  const holds = held.length === 0 ? "" : `, and holds ${held.map((lock) => lock.name).join(", ")}`;
  if (waiting_on === null) return `${name} is ${task.state}${holds}`;
  const holders = waiting_on.holders().map((holder) => holder.name);
  const owner = holders.length === 0 ? "is free by now" : `${holders.join(", ")} ${holders.length === 1 ? "holds" : "hold"}`;
  return `${name} waits for ${waiting_on.name}, which ${owner}${holds}`;
}

/** One check: how it came out and, if it failed, where and with which values. */
export function check_lines({ check, state, failure }: CheckResult, sources: Sources, paint: Paint): string[] {
  const word = { passed: paint("green", "passed"), failed: paint("red", "FAILED"), open: paint("yellow", "open  ") }[state];
  const line = `${word}  ${sources.scenario_file}:${check.range.line}  ${check.text}`;
  if (state === "open") return [line, "        the run ended before its time came"];
  if (failure === null) return [line];
  const who = failure.task === "" ? "" : `, in ${failure.task}`;
  return [line, `        ${failure.why.replace(/\.$/, "")}, at ${format_time(failure.time)}, event ${format_count(failure.event)}${who}`];
}

/** What a report needs of a run. */
type Run = Pick<Simulation, "machine" | "kernel">;

/** A bug or deadlock as data: the headline, who, the values and the stacks. */
export interface Report {
  readonly code: string;
  readonly message: string;
  /** When and where, in words. */
  readonly facts: readonly string[];
  readonly values: readonly string[];
  readonly stacks: readonly Trace[];
  /** What to do next, if there is something. */
  readonly hint: string | null;
}

interface Trace {
  readonly task: string;
  /** What the task does or waits for. */
  readonly state: string;
  readonly frames: readonly StackLine[];
}

export function format_report({ code, message, facts, values, stacks, hint }: Report, paint: Paint): string[] {
  return [
    paint("red", `BUG ${code}: ${message}`),
    ...facts.map((fact) => `  ${fact}`),
    ...values.map((value) => `  ${value}`),
    ...stacks.flatMap(({ state, frames }) => [`Call trace of ${state}:`, ...format_stack(frames).map((line) => `  ${line}`)]),
    ...(hint === null ? [] : [hint]),
  ];
}

function trace_of(state: string, simulation: Run, task: Task, sources: Sources): Trace {
  return { task: task.name, state, frames: sources.stack(simulation.machine.backtrace(task), task.name) };
}

/** The stacks of tasks other than number `pid` that are inside the kernel. */
function other_traces(simulation: Run, pid: number | null, sources: Sources): Trace[] {
  const inside = simulation.machine.tasks.filter((task) => task.pid !== pid && simulation.machine.backtrace(task).length > 1);
  return inside.slice(0, MAX_OTHERS).map((task) => trace_of(waits(task), simulation, task, sources));
}

function moment({ machine, kernel }: Run): string {
  return `kernel ${kernel}, at ${format_time(machine.cpu.clock)}, event ${format_count(machine.events)}, step ${format_count(machine.step)}`;
}

interface BugContext {
  readonly program: Program;
  readonly options: RunOptions;
  readonly sources: Sources;
  readonly progress: ProgressLine;
  readonly interrupt: Interrupt;
}

/**
 * The report of a bug that has ended `simulation`. The stack is gone by then: it comes from another execution, which is run
 * up to the statement in which the check failed.
 */
export async function bug_report(simulation: Simulation, { bug, task }: Outcome & { kind: "bug" }, context: BugContext): Promise<Report> {
  const { sources } = context;
  const { machine } = simulation;
  const recording = new Recording((watched) => new Simulation(context.program, { ...context.options, watched }));
  await drive(recording.seek(machine.step), context.progress, context.interrupt, () => "looking for the stack of the bug");
  const then = recording.system;
  const culprit = task === null ? undefined : then.machine.tasks[task.pid - 1];
  const cpu = task?.cpu === machine.helper_cpu ? "the helper CPU" : `CPU ${task?.cpu.id}`;
  return {
    code: bug.code,
    message: bug.message,
    facts: [...(task === null ? [] : [`task ${task.name} (pid ${task.pid}) on ${cpu}`]), moment(simulation)],
    values: value_lines(bug.values),
    stacks: [...(culprit === undefined ? [] : [trace_of(culprit.name, then, culprit, sources)]), ...other_traces(then, culprit?.pid ?? null, sources)],
    hint: `To see it happen: lockbreak step ${sources.scenario.file}, then 'goto ${machine.step}'.`,
  };
}

/** The report of a deadlock: every task and what it waits for, and the stacks. */
export function deadlock_report(simulation: Run, { tasks }: Outcome & { kind: "deadlock" }, sources: Sources): Report {
  return {
    code: "deadlock",
    message: deadlock_message(tasks),
    facts: [moment(simulation)],
    values: tasks.map(waits),
    stacks: other_traces(simulation, null, sources),
    hint: null,
  };
}

export function deadlock_message(tasks: readonly Task[]): string {
  return tasks.length === 1 ? `${tasks[0]!.name} can never go on` : `none of ${tasks.length} tasks can ever go on`;
}
