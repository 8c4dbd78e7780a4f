// How findings look on the command line: checks of the scenario, and the engine's reports with their stacks.

import { Recording } from "../../engine/replay/recording.ts";
import { format_schedule } from "../../engine/schedule/schedule.ts";
import { headline, report_lines, report_of, traces_of, type Finding, type Report, type Trace } from "../../engine/observe/report.ts";
import type { Program } from "../../scenario/program/program.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import { fingerprintOf } from "../../scenario/explore/fingerprint.ts";
import { Simulation, type RunOptions } from "../../scenario/run/simulation.ts";
import { drive, type Interrupt } from "./drive.ts";
import { format_count, format_time } from "./format.ts";
import { shellWord } from "./shell.ts";
import { formatStack, type Sources, type StackLine } from "./sources.ts";
import type { Paint, ProgressLine } from "./terminal.ts";

/** One check: how it came out and, if it failed, where and with which values. */
export function checkLines({ check, state, failure }: CheckResult, sources: Sources, paint: Paint): string[] {
  const word = { passed: paint("green", "passed"), failed: paint("red", "FAILED"), open: paint("yellow", "open  ") }[state];
  const line = `${word}  ${sources.scenarioFile}:${check.range.line}  ${check.text}`;
  if (state === "open") return [line, "        the run ended before its time came"];
  if (failure === null) return [line];
  const who = failure.task === "" ? "" : `, in ${failure.task}`;
  return [line, `        ${failure.why.replace(/\.$/, "")}, at ${format_time(failure.time)}, event ${format_count(failure.event)}${who}`];
}

/** A report with its stacks, the frames as lines of source text. */
export interface FullReport extends Report {
  readonly stacks: readonly (Omit<Trace, "frames"> & { readonly frames: readonly StackLine[] })[];
  /** What to do next, if there is something. */
  readonly hint: string | null;
}

/** A report with its stacks, as lines. */
export function formatReport(report: FullReport, paint: Paint): string[] {
  return [
    ...reportHead(report, paint),
    ...report.stacks.flatMap(({ state, frames }) => [`Call trace of ${state}:`, ...formatStack(frames).map((line) => `  ${line}`)]),
    ...(report.hint === null ? [] : [report.hint]),
  ];
}

/** A report without its stacks. */
export function reportHead(report: Report, paint: Paint): string[] {
  return [paint("red", headline(report)), ...report_lines(report).map((line) => `  ${line}`)];
}

interface ReportContext {
  readonly program: Program;
  readonly options: RunOptions;
  readonly sources: Sources;
  readonly progress: ProgressLine;
  readonly interrupt: Interrupt;
}

/**
 * The report of a finding in which `simulation` has ended, or that was made at its end. The stack of a bug is gone by then:
 * it comes from another execution, which is run up to the statement in which the check failed.
 */
export async function fullReport(simulation: Simulation, finding: Finding, context: ReportContext): Promise<FullReport> {
  const { sources, progress, interrupt } = context;
  const { machine } = simulation;
  const start = (watched = false): Simulation => new Simulation(context.program, { ...context.options, build: watched ? "watched" : "stepped" });
  const looking = (): string => "looking for the stacks of the bug";
  let now = simulation;
  if (finding.kind === "bug") {
    const recording = new Recording(start);
    await drive(recording.seek(machine.step), progress, interrupt, looking);
    now = recording.system;
  }
  const traces = (await drive(traces_of(finding, now, start), progress, interrupt, looking)) ?? [];
  return {
    ...report_of(finding, simulation),
    stacks: traces.map(({ task, state, frames }) => ({ task, state, frames: sources.stack(frames, task) })),
    hint: finding.kind === "bug" ? `To see it happen: lockbreak step ${argumentsOf(sources.scenario.file, context)}, then 'goto ${machine.step}'.` : null,
  };
}

/** What the command line says of a run. */
function argumentsOf(file: string, { program, options: { kernel, schedule } }: ReportContext): string {
  const words = [shellWord(file)];
  if (schedule !== undefined) words.push("--schedule", `'${format_schedule({ kernel: kernel!, of: fingerprintOf(program), course: schedule })}'`);
  else if (kernel !== undefined) words.push("--kernel", kernel);
  return words.join(" ");
}
