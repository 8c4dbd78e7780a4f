// Formats checks of the scenario, and the engine's reports with their stacks, for the command line.

import { Recording } from "../../engine/replay/recording.ts";
import { format_schedule } from "../../engine/schedule/schedule.ts";
import {
  headline,
  report_lines,
  report_of,
  backtraces_of,
  type RunFinding,
  type BugReport,
  type TaskBacktrace,
} from "../../engine/observe/report.ts";
import type { Program } from "../../scenario/program/program.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import { scenarioFingerprint } from "../../scenario/explore/scenario-fingerprint.ts";
import { Simulation, type RunOptions } from "../../scenario/run/simulation.ts";
import { runOperation, type Interrupt } from "./run-operation.ts";
import { format_count, format_time } from "./format.ts";
import { shellWord } from "./shell.ts";
import { formatStack, type SourceIndex, type StackLine } from "./source-index.ts";
import type { TextStyler, ProgressLine } from "./terminal.ts";

/** One check: its state and, if it failed, the position and the values. */
export function checkLines({ check, state, failure }: CheckResult, sources: SourceIndex, styled: TextStyler): string[] {
  const word = { passed: styled("green", "passed"), failed: styled("red", "FAILED"), open: styled("yellow", "open  ") }[state];
  const line = `${word}  ${sources.scenarioFile}:${check.range.line}  ${check.text}`;
  if (state === "open") return [line, "        the run ended before its time came"];
  if (failure === null) return [line];
  const inTask = failure.task === "" ? "" : `, in ${failure.task}`;
  return [
    line,
    `        ${failure.why.replace(/\.$/, "")}, at ${format_time(failure.time)}, event ${format_count(failure.event)}${inTask}`,
  ];
}

/** A report with its stacks, the frames as lines of source text. */
export interface FullReport extends BugReport {
  readonly stacks: readonly (Omit<TaskBacktrace, "frames"> & { readonly frames: readonly StackLine[] })[];
  /** How to step to the bug; null if the finding is none. */
  readonly hint: string | null;
}

/** A report with its stacks, as lines. */
export function formatReport(report: FullReport, styled: TextStyler): string[] {
  return [
    ...reportHeader(report, styled),
    ...report.stacks.flatMap(({ state, frames }) => [`Call trace of ${state}:`, ...formatStack(frames).map((line) => `  ${line}`)]),
    ...(report.hint === null ? [] : [report.hint]),
  ];
}

/** A report without its stacks. */
export function reportHeader(report: BugReport, styled: TextStyler): string[] {
  return [styled("red", headline(report)), ...report_lines(report).map((line) => `  ${line}`)];
}

interface ReportContext {
  readonly program: Program;
  readonly options: RunOptions;
  readonly sources: SourceIndex;
  readonly progress: ProgressLine;
  readonly interrupt: Interrupt;
}

/**
 * The report of a finding with which `simulation` has ended, or that was made at its end. The stack of a bug is gone by then: it is
 * taken from a replay up to the statement in which the check failed.
 */
export async function fullReport(simulation: Simulation, finding: RunFinding, context: ReportContext): Promise<FullReport> {
  const { sources, progress, interrupt } = context;
  const { machine } = simulation;
  const start = (watched = false): Simulation =>
    new Simulation(context.program, { ...context.options, build: watched ? "watched" : "steppable" });
  const describe = (): string => "looking for the stacks of the bug";
  let now = simulation;
  if (finding.kind === "bug") {
    const recording = new Recording(start);
    await runOperation(recording.seek(machine.step), progress, interrupt, describe);
    now = recording.system;
  }
  const traces = (await runOperation(backtraces_of(finding, now, start), progress, interrupt, describe)) ?? [];
  return {
    ...report_of(finding, simulation),
    stacks: traces.map(({ task, state, frames }) => ({ task, state, frames: sources.stackLines(frames, task) })),
    hint:
      finding.kind === "bug"
        ? `To see it happen: lockbreak step ${stepArguments(sources.scenario.file, context)}, then 'goto ${machine.step}'.`
        : null,
  };
}

/** The arguments of `lockbreak step` that repeat the run. */
function stepArguments(file: string, { program, options: { kernel, schedule } }: ReportContext): string {
  const words = [shellWord(file)];
  if (schedule !== undefined)
    words.push("--schedule", `'${format_schedule({ kernel: kernel!, scenario_fingerprint: scenarioFingerprint(program), schedule })}'`);
  else if (kernel !== undefined) words.push("--kernel", kernel);
  return words.join(" ");
}
