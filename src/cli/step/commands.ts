// The commands of the stepper: their names, their help, and what they do.

import {
  CommandError,
  findCommand,
  helpLines,
  splitCommandLine,
  parseWholeNumber,
  type CommandDescription,
} from "../../console/command.ts";
import { INSPECT_COMMANDS, type InspectCommand, type InspectContext } from "../../console/inspect-commands.ts";
import { NAVIGATION_COMMANDS, type NavigationCommand } from "../../console/navigation-commands.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import { wait_text } from "../../engine/observe/report.ts";
import { isError, type Expr, type Value } from "../../scenario/index.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import { formatStack, type SiteLocation } from "../shared/source-index.ts";
import type { TextStyler } from "../shared/terminal.ts";
import { resolveTarget, parseStepperExpression, type StepperBreakpoints } from "./breakpoints.ts";
import type { StepperControl } from "./stepper-control.ts";
import { formatValueBriefly, formatValueLines } from "./value-formatter.ts";
import type { StepperSession } from "./stepper-session.ts";
import { stopLines, positionLines } from "./stops.ts";

export interface Stepper {
  readonly session: StepperSession;
  readonly control: StepperControl;
  readonly breakpoints: StepperBreakpoints;
  readonly styled: TextStyler;
  print(...lines: readonly string[]): void;
}

interface Command extends CommandDescription {
  /** True to leave the stepper. */
  run(stepper: Stepper, argument: string): Promise<boolean | void> | boolean | void;
}

/** Navigates and prints the new position. */
async function move(stepper: Stepper, run: () => Promise<Stop | null>): Promise<void> {
  const { session, styled } = stepper;
  const pid = session.pid;
  const before = session.stop.step;
  const stop = await run();
  if (stop !== null) stepper.print(...stopLines(session, stop, styled, pid));
  else stepper.print(`Interrupted. 'goto ${before}' leads back to the previous position.`, ...positionLines(session, styled));
}

/** The commands that the debug console does not have. */
const TERMINAL_COMMANDS: readonly Command[] = [
  { names: ["run", "restart"], doc: "go back to the first statement of a task", run: (s) => move(s, () => s.control.restart()) },
  {
    names: ["break", "b", "br"],
    usage: "break PLACE [if EXPR]",
    doc: "stop at FUNCTION, FILE:LINE, LINE of the scenario, or EVENT; 'info break' lists what was set",
    run: (s, text) => s.print(s.breakpoints.add(text)),
  },
  { names: ["delete", "d"], usage: "delete [N]", doc: "remove breakpoint N, or all", run: deleteBreakpoint },
  { names: ["where", "bt", "backtrace", "w"], doc: "show the stack of the selected task", run: showStack },
  {
    names: ["frame", "f"],
    usage: "frame N",
    doc: "select frame N of the stack",
    run: (s, text) => selectFrame(s, parseWholeNumber(text, "frame N")),
  },
  { names: ["up"], doc: "select the caller's frame", run: (s) => selectFrame(s, s.session.frame + 1) },
  { names: ["down"], doc: "select the called function's frame", run: (s) => selectFrame(s, s.session.frame - 1) },
  { names: ["locals"], doc: "show the variables of the selected frame", run: showLocals },
  { names: ["print", "p"], usage: "print EXPR", doc: "show a value: details->restart_addr, data.truncate_count", run: printExpression },
  { names: ["list", "l"], usage: "list [PLACE]", doc: "show source text around the selected frame or PLACE", run: listSource },
  { names: ["tasks", "t"], doc: "list the tasks and their states", run: showTasks },
  { names: ["task"], usage: "task N", doc: "select task N", run: selectTask },
  {
    names: ["help", "h", "?"],
    doc: "this list",
    run: (s) =>
      s.print(
        ...helpLines(STEPPER_COMMANDS),
        "An empty line repeats the last command. ◀ marks a point of the past; + that the end was not reached yet.",
      ),
  },
  { names: ["quit", "q", "exit"], doc: "leave", run: () => true },
];

export const STEPPER_COMMANDS: readonly Command[] = [
  ...NAVIGATION_COMMANDS.map((command): Command => ({ ...command, run: (s, text) => move(s, navigation(s, command, text)) })),
  ...INSPECT_COMMANDS.map((command): Command => ({ ...command, run: (s, text) => inspect(s, command, text) })),
  ...TERMINAL_COMMANDS,
];

function navigation(stepper: Stepper, command: NavigationCommand, text: string): () => Promise<Stop | null> {
  const destination = command.navigation(text, (expression) => {
    const value = evaluated(stepper, expression);
    if (typeof value !== "number") throw new CommandError(`'${expression}' is no number.`);
    return value;
  });
  return () => stepper.control.navigate(destination);
}

async function inspect(stepper: Stepper, command: InspectCommand, text: string): Promise<void> {
  const { session, breakpoints, control, print } = stepper;
  if (command.names[0] === "info" && /^b(reak(points)?)?$/.test(text)) return print(...breakpoints.list());
  const context: InspectContext = {
    recording: session.recording,
    evaluate: (expression) => evaluated(stepper, expression),
    statementText: (statement) => session.sources.statementText(statement),
  };
  const rows = await control.runAside(command.inspect(context, text));
  print(...(rows === null ? ["Interrupted."] : rows.map((row) => row.text)));
}

function evaluated({ session }: Stepper, text: string): Value {
  const value = session.evaluate(parseStepperExpression(text));
  if (isError(value)) throw new CommandError(`${value.code}: ${value.message}`);
  return value;
}

/** Executes one line; true if it is `quit`. */
export async function executeLine(stepper: Stepper, line: string): Promise<boolean> {
  const { word, argument } = splitCommandLine(line);
  try {
    return (await findCommand(STEPPER_COMMANDS, word, argument).run(stepper, argument)) === true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    stepper.print(error.message);
    return false;
  }
}

function deleteBreakpoint({ breakpoints, print }: Stepper, text: string): void {
  if (text === "") breakpoints.clear();
  else breakpoints.delete(parseWholeNumber(text, "delete N"));
  print(...breakpoints.list());
}

function selectedTask({ session }: Stepper): Task {
  if (session.task === null) throw new CommandError("No task is selected: 'tasks' lists them.");
  return session.task;
}

function showStack(stepper: Stepper): void {
  const task = selectedTask(stepper);
  const lines = formatStack(stepper.session.sources.stackLines(stepper.session.frames(), task.name));
  if (lines.length === 0)
    throw new CommandError(`${task.name} ${task.state === "done" ? "has ended" : "has not begun yet"}: it has no stack.`);
  stepper.print(...lines.map((line, number) => `${number === stepper.session.frame ? "*" : " "} ${line}`));
}

function selectFrame(stepper: Stepper, number: number): void {
  selectedTask(stepper);
  const frames = stepper.session.frames().length;
  if (frames === 0) throw new CommandError("This task has no stack now.");
  if (number < 0) throw new CommandError("This is the innermost frame.");
  if (number >= frames) throw new CommandError(`This is the outermost frame: there are frames 0 to ${frames - 1}.`);
  stepper.session.frame = number;
  stepper.print(...positionLines(stepper.session, stepper.styled));
}

function showLocals(stepper: Stepper): void {
  const frame = stepper.session.frames()[stepper.session.frame];
  if (frame === undefined) throw new CommandError("There is no frame here: 'tasks' lists the tasks, 'task N' selects one.");
  const locals = Object.entries(frame[1]);
  stepper.print(
    ...(locals.length === 0 ? ["No variables here."] : locals.map(([name, value]) => `${name} = ${formatValueBriefly(name, wrap(value))}`)),
  );
}

function printExpression(stepper: Stepper, text: string): void {
  if (text === "") throw new CommandError("Print what? Write: print EXPRESSION");
  const expr = parseStepperExpression(text);
  const value = evaluated(stepper, text);
  const [first, ...rest] = formatValueLines(lastName(expr), value);
  stepper.print(`${text} = ${first!}`, ...rest);
}

/** The last name of an expression, by which a number is formatted. */
function lastName(expr: Expr): string {
  return expr.kind === "member" || expr.kind === "name" ? expr.name : "";
}

const LISTED = 5;

function listSource(stepper: Stepper, text: string): void {
  const { session, breakpoints, styled } = stepper;
  const current = session.location();
  if (text === "" && current === undefined) throw new CommandError("There is no frame here. Write: list FUNCTION, FILE:LINE or LINE");
  const { file, line: wanted } = text === "" ? current! : listedLocation(text, session);
  const lines = session.sources.lines(file);
  if (lines.length === 0) throw new CommandError(`The source of ${file} is not in this package.`);
  const marked = session.sources.linesWithSites(file, (candidate) => breakpoints.hasSite(candidate));
  const center = Math.min(wanted, lines.length);
  const first = Math.max(1, center - LISTED);
  const shown = lines.slice(first - 1, center + LISTED).map((line, at) => {
    const number = first + at;
    const here = current?.file === file && current.line === number;
    const mark = `${marked.has(number) ? styled("red", "●") : " "}${here ? "▶" : " "}`;
    return `${mark} ${String(number).padStart(4)}  ${here ? styled("bold", line) : line}`.trimEnd();
  });
  stepper.print(file, ...shown);
}

/** The location that `list` shows: unlike a breakpoint it may be a line without a statement. */
function listedLocation(text: string, session: StepperSession): Pick<SiteLocation, "file" | "line"> {
  if (/^\d+$/.test(text)) return { file: session.sources.scenarioFile, line: Number(text) };
  const [site] = resolveTarget(text, session).sites ?? [];
  const place = site === undefined ? undefined : session.sources.location(site);
  if (place === undefined) throw new CommandError("An event stands in no file.");
  const line = /:(\d+)$/.exec(text);
  return { file: place.file, line: line === null ? place.line : Number(line[1]) };
}

function showTasks({ session, print }: Stepper): void {
  const rows = session.tasks.map(
    (task) =>
      `${task.pid === session.pid ? "*" : " "} ${String(task.pid).padStart(3)}  ${session.cpuName(task).padEnd(6)}  ${wait_text(task)}`,
  );
  print(...rows);
}

function selectTask(stepper: Stepper, text: string): void {
  const { session } = stepper;
  const named = session.tasks.find(({ name }) => name === text)?.pid;
  const pid = named ?? parseWholeNumber(text, "task N, a number from 'tasks', or a task's name");
  if (session.tasks[pid - 1] === undefined) throw new CommandError(`There is no task ${pid} at this point of time. 'tasks' lists them.`);
  session.pid = pid;
  session.frame = 0;
  stepper.print(...positionLines(session, stepper.styled));
}
