// What the names of a scenario stand for.

import { ARCHITECTURES, type Arch } from "../../engine/kernel/common/arch.ts";
import { CALLS, calls } from "../catalogue/index.ts";
import { CONSTANTS } from "../catalogue/functions.ts";
import { problems } from "../program/diagnostics.ts";
import { evaluate, isError, NOTHING_KNOWN, type Environment } from "../program/expression.ts";
import { PAGE_SIZE } from "../program/limits.ts";
import type { Body, Expr, Named, Program, Range, ScenarioFile, ScenarioProcess, ScenarioTask, Statement } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { callsOf } from "../program/statements.ts";

/** What is known beforehand about a mapping variable. Lengths in bytes; undefined if only the run will tell. */
export interface MappingInfo {
  readonly name: string;
  /** How many calls assign it. */
  assignments: number;
  length: number | undefined;
  file: ScenarioFile | undefined;
  private: boolean;
}

export interface ProcessInfo {
  readonly declaration: ScenarioProcess;
  readonly mappings: Map<string, MappingInfo>;
  /** What it forks, by the variables that name the children. */
  readonly children: Map<string, ProcessInfo>;
}

/** The names that all bodies share, and the arch that they are checked for. */
export interface Globals {
  /** The kernel that is to run. */
  readonly kernel: string;
  readonly arch: Arch;
  readonly files: ReadonlyMap<string, ScenarioFile>;
  readonly processes: ReadonlyMap<string, ProcessInfo>;
  readonly tasks: ReadonlyMap<string, ScenarioTask>;
}

export const roundUp = (bytes: number) => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;

const CONSTANTS_ONLY: Environment = { ...NOTHING_KNOWN, name: (name) => (Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined) };

/** The value of an expression that does not depend on the run, or undefined. */
export function staticNumber(expr: Expr | undefined): number | undefined {
  if (expr === undefined) return undefined;
  const value = evaluate(expr, CONSTANTS_ONLY);
  return !isError(value) && typeof value === "number" ? value : undefined;
}

/** Gathers all declared names; reports those declared twice. */
export function collect(program: Program, kernel: string, reporter: Reporter): Globals {
  const seen = new Map<string, { readonly what: string; readonly line: number }>();
  const declare = (what: string, { name, nameRange }: Named): boolean => {
    const before = seen.get(name);
    if (Object.hasOwn(CONSTANTS, name)) reporter.report(nameRange, problems.reservedName(name));
    else if (before !== undefined) reporter.report(nameRange, problems.duplicate(before.what, name, before.line));
    else seen.set(name, { what, line: nameRange.line });
    return before === undefined;
  };
  const files = new Map(program.files.filter((file) => declare("The file", file)).map((file) => [file.name, file]));
  const made = (declaration: ScenarioProcess): ProcessInfo => ({ declaration, mappings: new Map(), children: new Map() });
  const processes = new Map(program.processes.filter((process) => declare("The process", process)).map((p) => [p.name, made(p)]));
  for (const task of program.tasks) declare("The task", task);
  const globals: Globals = { kernel, arch: ARCHITECTURES[program.machine.arch], files, processes, tasks: new Map(program.tasks.map((task) => [task.name, task])) };

  // A truncation before or between the set-ups leaves lengths that only the run knows.
  const truncated = program.processes.some((process) => [...statements(process.body)].some((s) => callsOf(s).some(({ call }) => call === "truncate" || call === "ftruncate")));
  const addVariables = (process: ProcessInfo | undefined, body: Body, inTask: boolean) => {
    for (const statement of statements(body)) {
      if (process === undefined || statement.kind !== "call" || statement.result === null) continue;
      const before = seen.get(statement.result);
      const isProcess = calls.get(statement.call)!.result === "process";
      if (before !== undefined) reporter.report(resultRange(statement), problems.duplicate(before.what, statement.result, before.line));
      else if (Object.hasOwn(CONSTANTS, statement.result)) reporter.report(resultRange(statement), problems.reservedName(statement.result));
      else if ((isProcess ? process.mappings : process.children).has(statement.result)) reporter.report(resultRange(statement), problems.twoKinds(statement.result));
      else if (isProcess) addChild(process, statement);
      else addMapping(process.mappings, statement.result, statement, files, inTask || truncated);
    }
  };
  for (const process of processes.values()) addVariables(process, process.declaration.body, false);
  for (const task of program.tasks) addVariables(processes.get(task.process.name), task.body, true);
  return globals;
}

/** A child has the mappings of its parent. */
function addChild(process: ProcessInfo, { result, range }: Statement & { kind: "call" }): void {
  if (process.children.has(result!)) return;
  const declaration: ScenarioProcess = { name: `${process.declaration.name}.${result!}`, nameRange: range, range, count: null, body: [] };
  process.children.set(result!, { declaration, mappings: process.mappings, children: new Map() });
}

/** Where the variable stands that an assignment gives a value. */
export function resultRange(statement: Statement & { kind: "call" }): Range {
  const { line, column } = statement.range;
  return { line, column, endLine: line, endColumn: column + (statement.result ?? "").length };
}

function addMapping(mappings: Map<string, MappingInfo>, name: string, { call, args }: Statement & { kind: "call" }, files: ReadonlyMap<string, ScenarioFile>, unsure: boolean): void {
  const before = mappings.get(name);
  if (before !== undefined) {
    before.assignments++;
    before.length = undefined;
    return;
  }
  if (call === "mremap") {
    const source = args.range?.kind === "name" ? mappings.get(args.range.name) : undefined;
    const length = args.size === undefined ? source?.length : staticNumber(args.size);
    mappings.set(name, { name, assignments: 1, length: length === undefined ? undefined : roundUp(length), file: source?.file, private: source?.private ?? false });
    return;
  }
  const file = args.file?.kind === "name" ? files.get(args.file.name) : undefined;
  const offset = staticNumber(args.offset);
  const rest = unsure || file === undefined || file.size === Infinity || offset === undefined ? undefined : roundUp(file.size) - offset;
  const length = args.length === undefined ? rest : staticNumber(args.length);
  const isPrivate = args.flags?.kind === "flags" && args.flags.flags.includes("private");
  mappings.set(name, { name, assignments: 1, length: length === undefined ? undefined : roundUp(length), file, private: isPrivate });
}

/** All statements of a body, nested ones too, in the order of the text. */
export function* statements(body: Body): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    if ("body" in statement) yield* statements(statement.body);
  }
}

/** The calls that can stand in a trigger. */
export const TRIGGER_CALLS = CALLS.filter((call) => call.inTrigger).map((call) => call.name);
