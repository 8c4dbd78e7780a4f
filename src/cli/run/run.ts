// `lockbreak run`: runs a scenario and prints what happened; and what `run` and `step` have in common.

import type { Outcome } from "../../engine/machine/machine.ts";
import { report_of } from "../../engine/observe/report.ts";
import type { Program } from "../../scenario/program/program.ts";
import { EvaluationError } from "../../scenario/index.ts";
import { finish } from "../../scenario/run/finish.ts";
import type { Scheduled } from "../../scenario/explore/scheduled.ts";
import { Simulation, type Limits, type RunOptions } from "../../scenario/run/simulation.ts";
import { helperName } from "../../scenario/run/triggers.ts";
import type { Options } from "../shared/arguments.ts";
import { Collector } from "./collector.ts";
import { drive, Interrupt } from "../shared/drive.ts";
import { errors, EXIT } from "../shared/errors.ts";
import { execute, modelTime } from "../../scenario/run/execute.ts";
import { format_count, formatPlural, format_time } from "../shared/format.ts";
import { checkJson, diagnosticJson, machineJson, reportJson, SCHEMA } from "./json.ts";
import { knownKernel } from "../shared/kernels.ts";
import { formatDiagnostic, load, type Loaded } from "../shared/load.ts";
import { checkLines, formatReport, fullReport, type FullReport } from "../shared/report.ts";
import { askedSchedule, checkSchedule } from "./schedule.ts";
import { Sources } from "../shared/sources.ts";
import { summaryLines } from "./summary.ts";
import { painter, ProgressLine, type Paint } from "../shared/terminal.ts";
import { Timeline } from "../../console/timeline.ts";
import { parseEvents } from "./events.ts";

const DEFAULT_MAX_EVENTS = 10_000;
/** Statements: about a minute of a scenario that never ends, and twice what a hundred processes with 256 MiB each need. */
const DEFAULT_STEPS = 200_000_000;

declare const __VERSION__: string;

/** What `run` and `step` can be told about the run. Throws a UserError for what makes no sense. */
function runOptions(options: Options): { readonly run: RunOptions; readonly schedule: Scheduled | null } {
  const named = options.get("kernel");
  const known = named === undefined ? undefined : knownKernel(named);
  const time = options.time("limit-time");
  const limits: Partial<Limits> = { steps: options.number("limit-steps") ?? DEFAULT_STEPS, ...(time === undefined ? {} : { time }) };
  const text = options.get("schedule");
  if (text === undefined) return { run: { limits, ...(known === undefined ? {} : { kernel: known }) }, schedule: null };
  if (time !== undefined) throw errors.scheduled_time();
  const schedule = askedSchedule(text, known);
  return { run: { limits, kernel: schedule.kernel, schedule: schedule.course }, schedule };
}

/** Tells on stderr what is wrong with a scenario; its program if it can run all the same. */
function reportDiagnostics({ file, diagnostics, program }: Loaded): Program | undefined {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  return program;
}

/** `lockbreak step FILE` */
export async function step(file: string, options: Options): Promise<number> {
  const { run, schedule } = runOptions(options);
  const loaded = load(file, { kernel: run.kernel, memory: options.size("limit-memory") });
  const program = reportDiagnostics(loaded);
  if (program === undefined) return EXIT.wrong;
  checkSchedule(schedule, program);
  await (await import("../step/stepper.ts")).step(loaded, program, run, options.all("command"));
  return EXIT.ok;
}

/** `lockbreak run FILE` */
export async function run(file: string, options: Options): Promise<number> {
  const { run: runWith, schedule } = runOptions(options);
  const shown = parseEvents(options.get("events"));
  const maxEvents = options.number("max-events") ?? DEFAULT_MAX_EVENTS;
  const json = options.has("json");
  const loaded = load(file, { kernel: runWith.kernel, memory: options.size("limit-memory") });
  const program = reportDiagnostics(loaded);
  if (program === undefined) {
    if (json) writeJson(invalidDocument(loaded));
    return EXIT.wrong;
  }
  checkSchedule(schedule, program);
  const result = await perform({ loaded, program, options: runWith, shown, maxEvents: maxEvents, json });
  if (json) writeJson(document(loaded, program, result));
  else result.collector.say(...closingLines(result, painter(process.stdout)));
  const message = lastWords(result, file);
  if (message !== null) process.stderr.write(`${message}\n`);
  return result.exit;
}

interface Order {
  readonly loaded: Loaded;
  readonly program: Program;
  readonly options: RunOptions;
  readonly shown: ReturnType<typeof parseEvents>;
  readonly maxEvents: number;
  readonly json: boolean;
}

/** A run that is over. `outcome` is null if it was interrupted. */
interface Result {
  readonly simulation: Simulation;
  readonly sources: Sources;
  readonly collector: Collector;
  readonly outcome: Outcome | null;
  /** Bugs and deadlocks. */
  readonly reports: readonly FullReport[];
  /** They are what the scenario says that it shows. */
  readonly expected: boolean;
  readonly exit: number;
}

async function perform({ loaded, program, options, shown, maxEvents, json }: Order): Promise<Result> {
  const simulation = new Simulation(program, options);
  const sources = new Sources(loaded, program);
  const progress = new ProgressLine();
  const interrupt = new Interrupt();
  interrupt.listen();
  const { machine } = simulation;
  const timeline = new Timeline(painter(process.stdout), (statement) => sources.text(statement), machine.helper_cpu.id, taskNames(program));
  const collector = new Collector(simulation, shown, maxEvents, json ? null : timeline, progress);
  if (!json) collector.say(title(simulation), "");
  const outcome = await drive(collector.flushing(execute(simulation)), progress, interrupt, ({ step }) => {
    return `${format_count(step)} steps, ${format_time(modelTime(machine))} of model time, ${format_count(machine.events)} events (Ctrl-C ends)`;
  });
  const { findings, expected } = outcome === null ? { findings: [], expected: false } : finish(simulation, outcome);
  const reports: FullReport[] = [];
  for (const finding of findings) reports.push(await fullReport(simulation, finding, { program, options, sources, progress, interrupt }));
  interrupt.release();
  collector.flush();
  const failed = (reports.length > 0 && !expected) || simulation.checks.results.some(({ state }) => state === "failed");
  return { simulation, sources, collector, outcome, reports, expected, exit: exit_code(outcome, failed) };
}

/** Of the tasks, and of the first helper of each trigger. */
function taskNames({ tasks, triggers }: Program): string[] {
  return [...tasks.map(({ name }) => name), ...triggers.map((trigger, at) => helperName(trigger, at + 1, 1))];
}

function exit_code(outcome: Outcome | null, failed: boolean): number {
  if (outcome === null) return EXIT.interrupted;
  if (outcome.kind === "error") return EXIT.wrong;
  if (failed) return EXIT.failed;
  return outcome.kind === "limit" ? EXIT.limit : EXIT.ok;
}

function title({ program, kernel }: Simulation): string {
  const { cpus, preempt } = program.machine;
  return `${program.uri}: kernel ${kernel}, ${formatPlural(cpus, "CPU")}, preempt ${preempt ? "on" : "off"}`;
}

/** What stands below the timeline. */
function closingLines({ simulation, sources, collector, outcome, reports, expected }: Result, paint: Paint): string[] {
  const { results } = simulation.checks;
  const more = collector.omitted === 0 ? [] : [`… and ${formatPlural(collector.omitted, "more event")}: --max-events N shows more, --events KIND,… fewer kinds`];
  const failed = results.filter(({ state }) => state === "failed").length + (expected ? 0 : reports.length);
  const held = results.filter(({ state }) => state === "passed").length;
  const checks = results.length === 0 ? [] : ["", paint("bold", "Checks"), ...results.flatMap((result) => checkLines(result, sources, paint)).map((line) => `  ${line}`)];
  const verdict = failed > 0 ? paint("red", "FAILED") : outcome?.kind === "end" || expected ? paint("green", "PASSED") : paint("yellow", "INCOMPLETE");
  const holds = results.length === 0 ? "no checks" : `${held} of ${results.length} checks hold`;
  const bugs = reports.length === 0 ? "" : `${formatPlural(reports.length, "bug")}${expected ? ", as expected" : ""}; `;
  const { machine } = simulation;
  return [
    ...more,
    ...(collector.shown > 0 ? [""] : []),
    ...summaryLines(simulation.statistics.summary(), machine, paint),
    ...checks,
    ...reports.flatMap((report) => ["", ...formatReport(report, paint)]),
    "",
    `${verdict}: ${bugs}${holds}; ${formatPlural(machine.events, "event")}, ${formatPlural(machine.step, "step")}, ${format_time(modelTime(machine))} of model time`,
  ];
}

const HINTS = {
  steps: "raise it with --limit-steps N",
  time: "raise it with --limit-time T",
  pages: "use smaller files or fewer processes, or touch less",
  units: "the schedule leads to an execution that does not end",
  schedule: "was it made for this scenario, or has the scenario changed since",
  redundant: "this is for searches only",
} as const;

/** The one line on stderr about a run that has not ended by itself. */
function lastWords({ outcome, simulation, expected }: Result, file: string): string | null {
  const now = format_time(modelTime(simulation.machine));
  if (outcome === null) return `lockbreak: interrupted after ${formatPlural(simulation.machine.step, "step")}, at ${now} of model time`;
  if (outcome.kind === "limit") return `lockbreak: error LB030: ${outcome.limit.message}, at ${now}: ${HINTS[outcome.limit.limit]}.`;
  if (outcome.kind === "error") {
    const { cause, message } = outcome.error;
    return cause instanceof EvaluationError ? formatDiagnostic(file, cause) : `${file}: error: ${message}`;
  }
  if (outcome.kind === "deadlock" && !expected) return `lockbreak: error LB031: deadlock at ${now}: ${report_of(outcome, simulation).message}.`;
  return null;
}

function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

function invalidDocument({ file, diagnostics }: Loaded): object {
  const outcome = { kind: "invalid", exit_code: EXIT.wrong, message: null, step: 0, event: 0, time: 0 };
  return {
    schema: SCHEMA, lockbreak: __VERSION__, scenario: file, kernel: null, machine: null, outcome, events: [], events_omitted: 0, summary: null, checks: [], reports: [],
    diagnostics: diagnostics.map(diagnosticJson),
  };
}

function document(loaded: Loaded, program: Program, result: Result): object {
  const { simulation, collector, outcome, reports } = result;
  const { machine } = simulation;
  const message = lastWords(result, loaded.file);
  return {
    schema: SCHEMA,
    lockbreak: __VERSION__,
    scenario: loaded.file,
    kernel: simulation.kernel,
    machine: machineJson(program, simulation.kernel),
    outcome: { kind: outcome?.kind ?? "interrupted", exit_code: result.exit, message, step: machine.step, event: machine.events, time: modelTime(machine) },
    events: collector.events,
    events_omitted: collector.omitted,
    summary: simulation.statistics.summary(),
    checks: simulation.checks.results.map(checkJson),
    reports: reports.map((report) => reportJson(report, result.expected)),
    diagnostics: loaded.diagnostics.map(diagnosticJson),
  };
}
