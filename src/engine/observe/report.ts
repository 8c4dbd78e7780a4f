// The report of a finding, the same in all user interfaces: bugs, deadlocks and invariant violations in the style of the kernel's
// own reports. The headline, when and where, the values, the rule that was broken, and the backtraces of the tasks involved.

import type { InvolvedTask } from "../machine/bug.ts";
import type { Frames } from "../machine/hooks.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import { Recording, type ReplayJob } from "../replay/recording.ts";
import { names, type Task } from "../machine/task.ts";
import { VmArea } from "../kernel/common/mm_types.ts";
import { KNOWN_BUGS, known_bugs, RULES } from "./rules.ts";
import type { Violation } from "./consistency.ts";
import { format_count, format_hex, format_integer, format_range, format_table, format_time, is_address, name_of } from "./format.ts";

/** The most tasks that are shown only because they are inside the kernel, and are not known to be involved. */
const MAX_OTHERS = 4;

/** What a report is about: how a run has ended, or an invariant violation that the check at its end has found. */
export type RunFinding = Extract<Outcome, { kind: "bug" | "deadlock" }> | { readonly kind: "violation"; readonly violation: Violation };

/** A run, as far as reports need it. */
export interface ReportedRun {
  readonly machine: Machine;
  /** The name of the kernel. */
  readonly kernel: string;
}

export interface BugReport {
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** The task, when and where, in words. */
  readonly facts: readonly string[];
  /** What shows it, a line each. */
  readonly values: readonly string[];
  /** The rule that was broken; null for a code that has none. */
  readonly rule: string | null;
  /** Known bugs of this kernel that break this rule: `K1: what goes wrong`. */
  readonly known_bugs: readonly string[];
}

/** The report of a finding, without stacks. The machine stands where the run has ended. */
export function report_of(finding: RunFinding, run: ReportedRun): BugReport {
  const { code, message, values } = summary_of(finding);
  return {
    code,
    message,
    facts: facts_of(finding, run),
    values,
    rule: RULES[code]?.rule ?? null,
    known_bugs: known_bugs(code, run.kernel).map((id) => `${id}: ${KNOWN_BUGS[id].what}`),
  };
}

/** The code of a finding, by which it is filtered and expected. */
export function code_of(finding: RunFinding): string {
  return summary_of(finding).code;
}

/** `BUG rss: rss of viewer is 5, but it has 4 present ptes` */
export function headline({ code, message }: Pick<BugReport, "code" | "message">): string {
  return `BUG ${code}: ${message}`;
}

/** All that stands below the headline, up to the stacks. */
export function report_lines({ facts, values, rule, known_bugs }: Pick<BugReport, "facts" | "values" | "rule" | "known_bugs">): string[] {
  const bugs = known_bugs.map((bug) => `known bug: ${bug} (docs/checks.md)`);
  return [...facts, ...values, ...(rule === null ? [] : [`rule: ${rule}`]), ...bugs];
}

function summary_of(finding: RunFinding): Pick<BugReport, "code" | "message" | "values"> {
  switch (finding.kind) {
    case "bug":
      return { code: finding.bug.code, message: finding.bug.message, values: value_lines(finding.bug.values) };
    case "deadlock": {
      const { tasks } = finding;
      const message = tasks.length === 1 ? `${tasks[0]!.name} can never run again` : `none of ${tasks.length} tasks can ever run again`;
      return { code: "deadlock", message, values: tasks.map(wait_text) };
    }
    case "violation":
      return { code: finding.violation.rule, message: finding.violation.message, values: value_lines(finding.violation.values) };
  }
}

function facts_of(finding: RunFinding, { machine, kernel }: ReportedRun): string[] {
  const position = `event ${format_count(machine.events)}, step ${format_count(machine.step)}`;
  const moment = `kernel ${kernel}, at ${format_time(machine.cpu.clock)}, ${position}`;
  if (finding.kind === "violation") return [`kernel ${kernel}, found when all tasks had ended`];
  if (finding.kind === "deadlock" || finding.task === null) return [moment];
  const { name, pid, cpu } = finding.task;
  return [`task ${name} (pid ${pid}) on ${cpu === machine.helper_cpu ? "the helper CPU" : `CPU ${cpu.id}`}`, moment];
}

/** Values that show what is wrong, a line each. */
function value_lines(values: Readonly<Record<string, unknown>>): string[] {
  return format_table(
    Object.entries(values).map(([name, value]) => [`${name}:`, value_text(name, value)]),
    new Set(),
  );
}

function value_text(name: string, value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") return is_address(name) ? format_hex(value) : format_integer(value);
  if (value instanceof VmArea) {
    const file = value.vm_file?.inode.name ?? "nothing";
    return `${value.name} ${format_range(value.vm_start, value.vm_end)}, page ${value.vm_pgoff} of ${file}`.trimStart();
  }
  return typeof value === "object" ? (name_of(value) ?? value.constructor.name) : String(value);
}

/** A task and what it waits for, in words. */
export function wait_text(task: Task): string {
  const { name, waiting_on, held } = task;
  const holds = held.length === 0 ? "" : `, and holds ${names(held)}`;
  if (waiting_on === null) return `${name} is ${task.state}${holds}`;
  const holders = waiting_on.holders();
  const owner = holders.length === 0 ? "is free by now" : `${names(holders)} ${holders.length === 1 ? "holds" : "hold"}`;
  return `${name} waits for ${waiting_on.name}, which ${owner}${holds}`;
}

/** A backtrace that belongs to a report. */
export interface TaskBacktrace {
  /** The name of the task. */
  readonly task: string;
  /** What the task does, did or waits for, in words. */
  readonly state: string;
  /** Innermost frame first. */
  readonly frames: Frames;
}

/**
 * The backtraces that belong to a finding: of the task in which it was found, of the tasks involved, and of tasks that were
 * inside the kernel meanwhile.
 *
 * @param now the run again, standing before the statement in which the finding was made
 * @param start starts the run once more, for what a task involved did earlier
 */
export function* backtraces_of<S extends { readonly machine: Machine }>(
  finding: RunFinding,
  now: S,
  start: () => S,
): ReplayJob<TaskBacktrace[]> {
  if (finding.kind === "violation") return [];
  const { machine } = now;
  const parties = finding.kind === "bug" ? finding.bug.involved : [];
  const reporter = finding.kind === "bug" ? finding.task : null;
  const backtraces: TaskBacktrace[] = reporter === null ? [] : [backtrace_of(machine, reporter.pid, (task) => task.name)];
  for (const party of parties) backtraces.push(yield* backtrace_of_involved(party, now, start));
  const shown = new Set([reporter?.pid, ...parties.filter(({ step }) => step === null).map(({ task }) => task.pid)]);
  machine.activate();
  const others = machine.tasks.filter(({ pid }) => !shown.has(pid)).map(({ pid }) => backtrace_of(machine, pid, wait_text));
  return [...backtraces, ...others.filter(({ frames }) => frames.length > 1).slice(0, MAX_OTHERS)];
}

function* backtrace_of_involved<S extends { readonly machine: Machine }>(
  { task, role, step }: InvolvedTask,
  now: S,
  start: () => S,
): ReplayJob<TaskBacktrace> {
  const words = ({ name }: Task): string => `${name}, which ${role}`;
  if (step === null) return backtrace_of(now.machine, task.pid, words);
  const recording = new Recording(start);
  yield* recording.seek(step);
  return backtrace_of(recording.system.machine, task.pid, words);
}

function backtrace_of(machine: Machine, pid: number, state: (task: Task) => string): TaskBacktrace {
  machine.activate();
  const task = machine.tasks[pid - 1]!;
  return { task: task.name, state: state(task), frames: machine.backtrace(task) };
}
