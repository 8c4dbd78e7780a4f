// The commands of the stepper: what they are called, what they do, and their help.

import { CommandError, findCommand, helpLines, split, whole, type Named } from "../../console/command.ts";
import { SHOWS, type ShowCommand, type View } from "../../console/shows.ts";
import { TRAVELS, type TravelCommand } from "../../console/travel.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import { waits } from "../../engine/observe/report.ts";
import { isError, type Expr, type Value } from "../../scenario/index.ts";
import { wrap } from "../../scenario/run/values.ts";
import { formatStack, type Place } from "../shared/sources.ts";
import type { Paint } from "../shared/terminal.ts";
import { findTarget, parse, type Breakpoints } from "./breakpoints.ts";
import type { Motions } from "./motions.ts";
import { brief, printValue } from "./print.ts";
import type { Session } from "./session.ts";
import { describeStop, where } from "./stops.ts";

export interface Stepper {
  readonly session: Session;
  readonly motions: Motions;
  readonly breakpoints: Breakpoints;
  readonly paint: Paint;
  say(...lines: readonly string[]): void;
}

interface Command extends Named {
  /** True to leave the stepper. */
  run(stepper: Stepper, argument: string): Promise<boolean | void> | boolean | void;
}

/** Makes a movement and says where it has led. */
async function move(stepper: Stepper, go: () => Promise<Stop | null>): Promise<void> {
  const { session, paint } = stepper;
  const asked = session.pid;
  const before = session.stop.step;
  const stop = await go();
  if (stop !== null) stepper.say(...describeStop(session, stop, paint, asked));
  else stepper.say(`Interrupted. 'goto ${before}' leads back to where you were.`, ...where(session, paint));
}

/** Commands of the terminal alone. */
const OWN: readonly Command[] = [
  { names: ["run", "restart"], doc: "go back to the first statement of a task", run: (s) => move(s, () => s.motions.restart()) },
  { names: ["break", "b", "br"], form: "break PLACE [if EXPR]", doc: "stop at FUNCTION, FILE:LINE, LINE of the scenario, or EVENT; 'info break' lists what was set", run: (s, text) => s.say(s.breakpoints.add(text)) },
  { names: ["delete", "d"], form: "delete [N]", doc: "remove breakpoint N, or all", run: remove },
  { names: ["where", "bt", "backtrace", "w"], doc: "show the stack of the selected task", run: showStack },
  { names: ["frame", "f"], form: "frame N", doc: "select frame N of the stack", run: (s, text) => selectFrame(s, whole(text, "frame N")) },
  { names: ["up"], doc: "select the caller's frame", run: (s) => selectFrame(s, s.session.frame + 1) },
  { names: ["down"], doc: "select the called function's frame", run: (s) => selectFrame(s, s.session.frame - 1) },
  { names: ["locals"], doc: "show the variables of the selected frame", run: showLocals },
  { names: ["print", "p"], form: "print EXPR", doc: "show a value: details->restart_addr, data.truncate_count", run: print },
  { names: ["list", "l"], form: "list [PLACE]", doc: "show source text around the selected frame or PLACE", run: list },
  { names: ["tasks", "t"], doc: "list the tasks and what they do", run: showTasks },
  { names: ["task"], form: "task N", doc: "select task N", run: selectTask },
  { names: ["help", "h", "?"], doc: "this list", run: (s) => s.say(...helpLines(COMMANDS), "An empty line repeats the last command. ◀ marks a point of the past; + that the end was not reached yet.") },
  { names: ["quit", "q", "exit"], doc: "leave", run: () => true },
];

export const COMMANDS: readonly Command[] = [
  ...TRAVELS.map((command): Command => ({ ...command, run: (s, text) => move(s, travel(s, command, text)) })),
  ...SHOWS.map((command): Command => ({ ...command, run: (s, text) => show(s, command, text) })),
  ...OWN,
];

function travel(stepper: Stepper, command: TravelCommand, text: string): () => Promise<Stop | null> {
  const wanted = command.travel(text, (expression) => {
    const value = evaluated(stepper, expression);
    if (typeof value !== "number") throw new CommandError(`'${expression}' is no number.`);
    return value;
  });
  return () => stepper.motions.go(wanted);
}

async function show(stepper: Stepper, command: ShowCommand, text: string): Promise<void> {
  const { session, breakpoints, motions, say } = stepper;
  if (command.names[0] === "info" && /^b(reak(points)?)?$/.test(text)) return say(...breakpoints.list());
  const view: View = { recording: session.recording, evaluate: (expression) => evaluated(stepper, expression), textOf: (statement) => session.sources.text(statement) };
  const rows = await motions.aside(command.show(view, text));
  say(...(rows === null ? ["Interrupted."] : rows.map((row) => row.text)));
}

function evaluated({ session }: Stepper, text: string): Value {
  const value = session.evaluate(parse(text));
  if (isError(value)) throw new CommandError(`${value.code}: ${value.message}`);
  return value;
}

/** Executes one line; true if it asks to leave. */
export async function executeLine(stepper: Stepper, line: string): Promise<boolean> {
  const { word, argument } = split(line);
  try {
    return (await findCommand(COMMANDS, word, argument).run(stepper, argument)) === true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    stepper.say(error.message);
    return false;
  }
}

function remove({ breakpoints, say }: Stepper, text: string): void {
  if (text === "") breakpoints.clear();
  else breakpoints.delete(whole(text, "delete N"));
  say(...breakpoints.list());
}

function selectedTask({ session }: Stepper): Task {
  if (session.task === null) throw new CommandError("No task is selected: 'tasks' lists them.");
  return session.task;
}

function showStack(stepper: Stepper): void {
  const task = selectedTask(stepper);
  const lines = formatStack(stepper.session.sources.stack(stepper.session.frames(), task.name));
  if (lines.length === 0) throw new CommandError(`${task.name} ${task.state === "done" ? "has ended" : "has not begun yet"}: it has no stack.`);
  stepper.say(...lines.map((line, number) => `${number === stepper.session.frame ? "*" : " "} ${line}`));
}

function selectFrame(stepper: Stepper, number: number): void {
  selectedTask(stepper);
  const frames = stepper.session.frames().length;
  if (frames === 0) throw new CommandError("This task has no stack now.");
  if (number < 0) throw new CommandError("This is the innermost frame.");
  if (number >= frames) throw new CommandError(`This is the outermost frame: there are frames 0 to ${frames - 1}.`);
  stepper.session.frame = number;
  stepper.say(...where(stepper.session, stepper.paint));
}

function showLocals(stepper: Stepper): void {
  const frame = stepper.session.frames()[stepper.session.frame];
  if (frame === undefined) throw new CommandError("There is no frame here: 'tasks' lists the tasks, 'task N' selects one.");
  const locals = Object.entries(frame[1]);
  stepper.say(...(locals.length === 0 ? ["No variables here."] : locals.map(([name, value]) => `${name} = ${brief(name, wrap(value))}`)));
}

function print(stepper: Stepper, text: string): void {
  if (text === "") throw new CommandError("Print what? Write: print EXPRESSION");
  const expr = parse(text);
  const value = evaluated(stepper, text);
  const [first, ...rest] = printValue(lastName(expr), value);
  stepper.say(`${text} = ${first!}`, ...rest);
}

/** The name that tells what kind of number a value is. */
function lastName(expr: Expr): string {
  return expr.kind === "member" || expr.kind === "name" ? expr.name : "";
}

const LISTED = 5;

function list(stepper: Stepper, text: string): void {
  const { session, breakpoints, paint } = stepper;
  const current = session.place();
  if (text === "" && current === undefined) throw new CommandError("There is no frame here. Write: list FUNCTION, FILE:LINE or LINE");
  const { file, line: wanted } = text === "" ? current! : listedPlace(text, session);
  const lines = session.sources.lines(file);
  if (lines.length === 0) throw new CommandError(`The source of ${file} is not in this package.`);
  const marked = session.sources.linesOf(file, (candidate) => breakpoints.at(candidate));
  const center = Math.min(wanted, lines.length);
  const first = Math.max(1, center - LISTED);
  const shown = lines.slice(first - 1, center + LISTED).map((line, at) => {
    const number = first + at;
    const here = current?.file === file && current.line === number;
    const mark = `${marked.has(number) ? paint("red", "●") : " "}${here ? "▶" : " "}`;
    return `${mark} ${String(number).padStart(4)}  ${here ? paint("bold", line) : line}`.trimEnd();
  });
  stepper.say(file, ...shown);
}

/** The place that `list` is asked for: a line need not have a statement to be looked at. */
function listedPlace(text: string, session: Session): Pick<Place, "file" | "line"> {
  if (/^\d+$/.test(text)) return { file: session.sources.scenarioFile, line: Number(text) };
  const [site] = findTarget(text, session).sites ?? [];
  const place = site === undefined ? undefined : session.sources.place(site);
  if (place === undefined) throw new CommandError("An event stands in no file.");
  const line = /:(\d+)$/.exec(text);
  return { file: place.file, line: line === null ? place.line : Number(line[1]) };
}

function showTasks({ session, say }: Stepper): void {
  const rows = session.tasks.map((task) => `${task.pid === session.pid ? "*" : " "} ${String(task.pid).padStart(3)}  ${session.cpuName(task).padEnd(6)}  ${waits(task)}`);
  say(...rows);
}

function selectTask(stepper: Stepper, text: string): void {
  const { session } = stepper;
  const named = session.tasks.find(({ name }) => name === text)?.pid;
  const pid = named ?? whole(text, "task N, a number from 'tasks', or a task's name");
  if (session.tasks[pid - 1] === undefined) throw new CommandError(`There is no task ${pid} at this point of time. 'tasks' lists them.`);
  session.pid = pid;
  session.frame = 0;
  stepper.say(...where(session, stepper.paint));
}
