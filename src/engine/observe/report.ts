// What is said about a finding, whoever shows it: bugs, deadlocks and wrong books in the style of the kernel's own reports.
// The headline, when and where, the values, the rule that was broken, and whose stacks belong to it.

import type { Party } from "../machine/bug.ts";
import type { Frames } from "../machine/hooks.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import { Recording, type Operation } from "../replay/recording.ts";
import { names, type Task } from "../machine/task.ts";
import { VmArea } from "../kernel/common/mm_types.ts";
import { KNOWN_ANSWERS, known_answers, RULES } from "./rules.ts";
import type { Violation } from "./consistency.ts";
import { format_count, format_hex, format_integer, format_range, format_table, format_time, is_address, name_of } from "./format.ts";

/** At most so many tasks are shown that are inside the kernel and have no part in it that is known. */
const MAX_OTHERS = 4;

/** What a report is about: how a run has ended, or what its books are found to be at the end. */
export type Finding = Extract<Outcome, { kind: "bug" | "deadlock" }> | { readonly kind: "violation"; readonly violation: Violation };

/** A run, as far as reports need it. */
export interface Run {
  readonly machine: Machine;
  /** The name of the kernel. */
  readonly kernel: string;
}

export interface Report {
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** Who, when and where, in words. */
  readonly facts: readonly string[];
  /** What shows it, a line each. */
  readonly values: readonly string[];
  /** The rule that was broken; null for a code that has none. */
  readonly rule: string | null;
  /** Wrong answers that this kernel is known to give, and that break this rule: `K1: what goes wrong`. */
  readonly known: readonly string[];
}

/** The report of a finding, without stacks. The machine stands where the run has ended. */
export function report_of(finding: Finding, run: Run): Report {
  const { code, message, values } = brief(finding);
  return {
    code,
    message,
    facts: facts_of(finding, run),
    values,
    rule: RULES[code]?.rule ?? null,
    known: known_answers(code, run.kernel).map((id) => `${id}: ${KNOWN_ANSWERS[id].what}`),
  };
}

/** The code of a finding, by which it is filtered and expected. */
export function code_of(finding: Finding): string {
  return brief(finding).code;
}

/** `BUG rss: rss of viewer is 5, but it has 4 present ptes` */
export function headline({ code, message }: Pick<Report, "code" | "message">): string {
  return `BUG ${code}: ${message}`;
}

/** All that stands below the headline, up to the stacks. */
export function report_lines({ facts, values, rule, known }: Pick<Report, "facts" | "values" | "rule" | "known">): string[] {
  return [...facts, ...values, ...(rule === null ? [] : [`rule: ${rule}`]), ...known.map((answer) => `known: ${answer} (docs/checks.md)`)];
}

function brief(finding: Finding): Pick<Report, "code" | "message" | "values"> {
  switch (finding.kind) {
    case "bug":
      return { code: finding.bug.code, message: finding.bug.message, values: value_lines(finding.bug.values) };
    case "deadlock": {
      const { tasks } = finding;
      const message = tasks.length === 1 ? `${tasks[0]!.name} can never go on` : `none of ${tasks.length} tasks can ever go on`;
      return { code: "deadlock", message, values: tasks.map(waits) };
    }
    case "violation":
      return { code: finding.violation.rule, message: finding.violation.message, values: value_lines(finding.violation.values) };
  }
}

function facts_of(finding: Finding, { machine, kernel }: Run): string[] {
  const moment = `kernel ${kernel}, at ${format_time(machine.cpu.clock)}, event ${format_count(machine.events)}, step ${format_count(machine.step)}`;
  if (finding.kind === "violation") return [`kernel ${kernel}, found when all tasks had ended`];
  if (finding.kind === "deadlock" || finding.task === null) return [moment];
  const { name, pid, cpu } = finding.task;
  return [`task ${name} (pid ${pid}) on ${cpu === machine.helper_cpu ? "the helper CPU" : `CPU ${cpu.id}`}`, moment];
}

/** Values that show what is wrong, a line each. */
function value_lines(values: Readonly<Record<string, unknown>>): string[] {
  return format_table(Object.entries(values).map(([name, value]) => [`${name}:`, value_text(name, value)]), new Set());
}

function value_text(name: string, value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") return is_address(name) ? format_hex(value) : format_integer(value);
  if (value instanceof VmArea) return `${value.name} ${format_range(value.vm_start, value.vm_end)}, page ${value.vm_pgoff} of ${value.vm_file?.inode.name ?? "nothing"}`.trimStart();
  return typeof value === "object" ? (name_of(value) ?? value.constructor.name) : String(value);
}

/** A task and what it waits for, in words. */
export function waits(task: Task): string {
  const { name, waiting_on, held } = task;
  const holds = held.length === 0 ? "" : `, and holds ${names(held)}`;
  if (waiting_on === null) return `${name} is ${task.state}${holds}`;
  const holders = waiting_on.holders();
  const owner = holders.length === 0 ? "is free by now" : `${names(holders)} ${holders.length === 1 ? "holds" : "hold"}`;
  return `${name} waits for ${waiting_on.name}, which ${owner}${holds}`;
}

/** A stack that belongs to a report. */
export interface Trace {
  /** Whose. */
  readonly task: string;
  /** What it does, did or waits for, in words. */
  readonly state: string;
  /** Innermost frame first. */
  readonly frames: Frames;
}

/**
 * The stacks that belong to a finding: that of the task it was found in, those of the parties, and those of tasks that were
 * inside the kernel meanwhile.
 *
 * @param now the run again, standing before the statement in which the finding was made
 * @param start starts the run once more, to see what a party did earlier
 */
export function* traces_of<S extends { readonly machine: Machine }>(finding: Finding, now: S, start: () => S): Operation<Trace[]> {
  if (finding.kind === "violation") return [];
  const { machine } = now;
  const parties = finding.kind === "bug" ? finding.bug.parties : [];
  const culprit = finding.kind === "bug" ? finding.task : null;
  const traces: Trace[] = culprit === null ? [] : [trace(machine, culprit.pid, (task) => task.name)];
  for (const party of parties) traces.push(yield* party_trace(party, now, start));
  const shown = new Set([culprit?.pid, ...parties.filter(({ step }) => step === null).map(({ task }) => task.pid)]);
  machine.activate();
  const others = machine.tasks.filter(({ pid }) => !shown.has(pid)).map(({ pid }) => trace(machine, pid, waits));
  return [...traces, ...others.filter(({ frames }) => frames.length > 1).slice(0, MAX_OTHERS)];
}

function* party_trace<S extends { readonly machine: Machine }>({ task, role, step }: Party, now: S, start: () => S): Operation<Trace> {
  const words = ({ name }: Task): string => `${name}, which ${role}`;
  if (step === null) return trace(now.machine, task.pid, words);
  const recording = new Recording(start);
  yield* recording.seek(step);
  return trace(recording.system.machine, task.pid, words);
}

function trace(machine: Machine, pid: number, state: (task: Task) => string): Trace {
  machine.activate();
  const task = machine.tasks[pid - 1]!;
  return { task: task.name, state: state(task), frames: machine.backtrace(task) };
}
