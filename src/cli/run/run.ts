// The subcommands `lockbreak run` and `lockbreak step`: their options, and the run with its output.

import type { Outcome } from "../../engine/machine/machine.ts";
import { report_of } from "../../engine/observe/report.ts";
import type { Program } from "../../scenario/program/program.ts";
import { EvaluationError } from "../../scenario/index.ts";
import { concludeRun } from "../../scenario/run/verdict.ts";
import type { ReplaySchedule } from "../../scenario/explore/replay-schedule.ts";
import { Simulation, type RunLimits, type RunOptions } from "../../scenario/run/simulation.ts";
import { helperName } from "../../scenario/run/triggers.ts";
import type { CliOptions } from "../shared/arguments.ts";
import { EventCollector } from "./event-collector.ts";
import { runOperation, Interrupt } from "../shared/run-operation.ts";
import { cliErrors, EXIT } from "../shared/errors.ts";
import { execute, modelTime } from "../../scenario/run/execution.ts";
import { format_count, formatPlural, format_time } from "../shared/format.ts";
import { checkJson, diagnosticJson, machineJson, reportJson, RUN_SCHEMA } from "./run-json.ts";
import { kernelNamed } from "../shared/kernel-options.ts";
import { formatDiagnostic, loadScenario, type LoadedScenario } from "../shared/load-scenario.ts";
import { checkLines, formatReport, fullReport, type FullReport } from "../shared/report.ts";
import { requestedSchedule, checkSchedule } from "./schedule.ts";
import { SourceIndex } from "../shared/source-index.ts";
import { summaryLines } from "./summary.ts";
import { stylerFor, ProgressLine, type TextStyler } from "../shared/terminal.ts";
import { Timeline } from "../../console/timeline.ts";
import { parseEventSelection } from "./event-selection.ts";

const DEFAULT_MAX_EVENTS = 10_000;
/** Statements: about a minute of a scenario that never ends, and twice what a hundred processes with 256 MiB each need. */
const DEFAULT_STEPS = 200_000_000;

declare const __VERSION__: string;

/** Parses the options that `run` and `step` share. Throws a UserError if they are invalid. */
function runOptions(options: CliOptions): { readonly run: RunOptions; readonly schedule: ReplaySchedule | null } {
  const named = options.get("kernel");
  const known = named === undefined ? undefined : kernelNamed(named);
  const time = options.time("limit-time");
  const limits: Partial<RunLimits> = { steps: options.number("limit-steps") ?? DEFAULT_STEPS, ...(time === undefined ? {} : { time }) };
  const text = options.get("schedule");
  if (text === undefined) return { run: { limits, ...(known === undefined ? {} : { kernel: known }) }, schedule: null };
  if (time !== undefined) throw cliErrors.scheduledTime();
  const schedule = requestedSchedule(text, known);
  return { run: { limits, kernel: schedule.kernel, schedule: schedule.schedule }, schedule };
}

/** Prints the diagnostics of a scenario on stderr; returns its program, unless one of them is an error. */
function reportDiagnostics({ file, diagnostics, program }: LoadedScenario): Program | undefined {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  return program;
}

/** `lockbreak step FILE` */
export async function stepCommand(file: string, options: CliOptions): Promise<number> {
  const { run, schedule } = runOptions(options);
  const loaded = loadScenario(file, { kernel: run.kernel, memory: options.size("limit-memory") });
  const program = reportDiagnostics(loaded);
  if (program === undefined) return EXIT.wrong;
  checkSchedule(schedule, program);
  await (await import("../step/stepper.ts")).runStepper(loaded, program, run, options.all("command"));
  return EXIT.ok;
}

/** `lockbreak run FILE` */
export async function runCommand(file: string, options: CliOptions): Promise<number> {
  const { run: runWith, schedule } = runOptions(options);
  const shown = parseEventSelection(options.get("events"));
  const maxEvents = options.number("max-events") ?? DEFAULT_MAX_EVENTS;
  const json = options.has("json");
  const loaded = loadScenario(file, { kernel: runWith.kernel, memory: options.size("limit-memory") });
  const program = reportDiagnostics(loaded);
  if (program === undefined) {
    if (json) writeJson(invalidDocument(loaded));
    return EXIT.wrong;
  }
  checkSchedule(schedule, program);
  const result = await executeRun({ loaded, program, options: runWith, shown, maxEvents, json });
  if (json) writeJson(runDocument(loaded, program, result));
  else result.collector.print(...closingLines(result, stylerFor(process.stdout)));
  const message = failureMessage(result, file);
  if (message !== null) process.stderr.write(`${message}\n`);
  return result.exit;
}

interface RunRequest {
  readonly loaded: LoadedScenario;
  readonly program: Program;
  readonly options: RunOptions;
  readonly shown: ReturnType<typeof parseEventSelection>;
  readonly maxEvents: number;
  readonly json: boolean;
}

/** The result of a run. `outcome` is null if the user interrupted it. */
interface RunResult {
  readonly simulation: Simulation;
  readonly sources: SourceIndex;
  readonly collector: EventCollector;
  readonly outcome: Outcome | null;
  /** Bugs and deadlocks. */
  readonly reports: readonly FullReport[];
  /** The scenario expects these reports. */
  readonly expected: boolean;
  readonly exit: number;
}

async function executeRun({ loaded, program, options, shown, maxEvents, json }: RunRequest): Promise<RunResult> {
  const simulation = new Simulation(program, options);
  const sources = new SourceIndex(loaded, program);
  const progress = new ProgressLine();
  const interrupt = new Interrupt();
  interrupt.listen();
  const { machine } = simulation;
  const timeline = new Timeline(
    stylerFor(process.stdout),
    (statement) => sources.statementText(statement),
    machine.helper_cpu.id,
    taskNames(program),
  );
  const collector = new EventCollector(simulation, shown, maxEvents, json ? null : timeline, progress);
  if (!json) collector.print(title(simulation), "");
  const outcome = await runOperation(collector.flushing(execute(simulation)), progress, interrupt, ({ step }) => {
    const time = format_time(modelTime(machine));
    return `${format_count(step)} steps, ${time} of model time, ${format_count(machine.events)} events (Ctrl-C ends)`;
  });
  const { findings, expected } = outcome === null ? { findings: [], expected: false } : concludeRun(simulation, outcome);
  const reports: FullReport[] = [];
  for (const finding of findings) reports.push(await fullReport(simulation, finding, { program, options, sources, progress, interrupt }));
  interrupt.release();
  collector.flush();
  const failed = (reports.length > 0 && !expected) || simulation.checks.results.some(({ state }) => state === "failed");
  return { simulation, sources, collector, outcome, reports, expected, exit: runExitCode(outcome, failed) };
}

/** The names of the tasks, and of the first helper of each trigger. */
function taskNames({ tasks, triggers }: Program): string[] {
  return [...tasks.map(({ name }) => name), ...triggers.map((trigger, at) => helperName(trigger, at + 1, 1))];
}

function runExitCode(outcome: Outcome | null, failed: boolean): number {
  if (outcome === null) return EXIT.interrupted;
  if (outcome.kind === "error") return EXIT.wrong;
  if (failed) return EXIT.failed;
  return outcome.kind === "limit" ? EXIT.limit : EXIT.ok;
}

function title({ program, kernel }: Simulation): string {
  const { cpus, preempt } = program.machine;
  return `${program.uri}: kernel ${kernel}, ${formatPlural(cpus, "CPU")}, preempt ${preempt ? "on" : "off"}`;
}

/** The lines below the timeline: summary, checks, reports, and verdict. */
function closingLines({ simulation, sources, collector, outcome, reports, expected }: RunResult, styled: TextStyler): string[] {
  const { results } = simulation.checks;
  const more =
    collector.omitted === 0
      ? []
      : [`… and ${formatPlural(collector.omitted, "more event")}: --max-events N shows more, --events KIND,… fewer kinds`];
  const failed = results.filter(({ state }) => state === "failed").length + (expected ? 0 : reports.length);
  const held = results.filter(({ state }) => state === "passed").length;
  const checks =
    results.length === 0
      ? []
      : ["", styled("bold", "Checks"), ...results.flatMap((result) => checkLines(result, sources, styled)).map((line) => `  ${line}`)];
  const verdict =
    failed > 0 ? styled("red", "FAILED") : outcome?.kind === "end" || expected ? styled("green", "PASSED") : styled("yellow", "INCOMPLETE");
  const holds = results.length === 0 ? "no checks" : `${held} of ${results.length} checks hold`;
  const bugs = reports.length === 0 ? "" : `${formatPlural(reports.length, "bug")}${expected ? ", as expected" : ""}; `;
  const { machine } = simulation;
  const time = format_time(modelTime(machine));
  const length = `${formatPlural(machine.events, "event")}, ${formatPlural(machine.step, "step")}, ${time} of model time`;
  return [
    ...more,
    ...(collector.shown > 0 ? [""] : []),
    ...summaryLines(simulation.statistics.summary(), machine, styled),
    ...checks,
    ...reports.flatMap((report) => ["", ...formatReport(report, styled)]),
    "",
    `${verdict}: ${bugs}${holds}; ${length}`,
  ];
}

const LIMIT_HINTS = {
  steps: "raise it with --limit-steps N",
  time: "raise it with --limit-time T",
  pages: "use smaller files or fewer processes, or touch less",
  transitions: "the schedule leads to an execution that does not end",
  schedule: "was it made for this scenario, or has the scenario changed since",
  sleep_set_blocked: "this is for searches only",
} as const;

/** The line on stderr about a run that did not reach its end; null if it did. */
function failureMessage({ outcome, simulation, expected }: RunResult, file: string): string | null {
  const now = format_time(modelTime(simulation.machine));
  if (outcome === null) return `lockbreak: interrupted after ${formatPlural(simulation.machine.step, "step")}, at ${now} of model time`;
  if (outcome.kind === "limit") return `lockbreak: error LB030: ${outcome.limit.message}, at ${now}: ${LIMIT_HINTS[outcome.limit.limit]}.`;
  if (outcome.kind === "error") {
    const { cause, message } = outcome.error;
    return cause instanceof EvaluationError ? formatDiagnostic(file, cause) : `${file}: error: ${message}`;
  }
  if (outcome.kind === "deadlock" && !expected)
    return `lockbreak: error LB031: deadlock at ${now}: ${report_of(outcome, simulation).message}.`;
  return null;
}

function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

function invalidDocument({ file, diagnostics }: LoadedScenario): object {
  const outcome = { kind: "invalid", exit_code: EXIT.wrong, message: null, step: 0, event: 0, time: 0 };
  return {
    schema: RUN_SCHEMA,
    lockbreak: __VERSION__,
    scenario: file,
    kernel: null,
    machine: null,
    outcome,
    events: [],
    events_omitted: 0,
    summary: null,
    checks: [],
    reports: [],
    diagnostics: diagnostics.map(diagnosticJson),
  };
}

function runDocument(loaded: LoadedScenario, program: Program, result: RunResult): object {
  const { simulation, collector, outcome, reports } = result;
  const { machine } = simulation;
  const message = failureMessage(result, loaded.file);
  return {
    schema: RUN_SCHEMA,
    lockbreak: __VERSION__,
    scenario: loaded.file,
    kernel: simulation.kernel,
    machine: machineJson(program, simulation.kernel),
    outcome: {
      kind: outcome?.kind ?? "interrupted",
      exit_code: result.exit,
      message,
      step: machine.step,
      event: machine.events,
      time: modelTime(machine),
    },
    events: collector.events,
    events_omitted: collector.omitted,
    summary: simulation.statistics.summary(),
    checks: simulation.checks.results.map(checkJson),
    reports: reports.map((report) => reportJson(report, result.expected)),
    diagnostics: loaded.diagnostics.map(diagnosticJson),
  };
}
