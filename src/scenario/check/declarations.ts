// The declarations of a scenario: what its names stand for.

import { ARCHITECTURES, type Arch } from "../../engine/kernel/common/arch.ts";
import { CALLS, callsByName } from "../catalogue/index.ts";
import { CONSTANTS } from "../catalogue/functions.ts";
import { problems } from "../program/diagnostics.ts";
import { evaluate, isError, EMPTY_ENVIRONMENT, type Environment } from "../program/expression.ts";
import { roundUpToPage } from "../program/pages.ts";
import type { Body, Expr, Named, Program, Range, ScenarioFile, ScenarioProcess, ScenarioTask, Statement } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { callsOfStatement, statementsOf } from "../program/traversal.ts";

/** The static properties of a mapping variable. Lengths in bytes; undefined if they are known only during the run. */
export interface MappingInfo {
  readonly name: string;
  /** The number of calls that assign it. */
  assignments: number;
  length: number | undefined;
  file: ScenarioFile | undefined;
  private: boolean;
}

export interface ProcessInfo {
  readonly declaration: ScenarioProcess;
  readonly mappings: Map<string, MappingInfo>;
  /** The children that it forks, by the variables that name them. */
  readonly children: Map<string, ProcessInfo>;
}

/** The names that are in scope in all bodies, and the kernel and arch that the program is checked for. */
export interface GlobalScope {
  /** The kernel that will run the program. */
  readonly kernel: string;
  readonly arch: Arch;
  readonly files: ReadonlyMap<string, ScenarioFile>;
  readonly processes: ReadonlyMap<string, ProcessInfo>;
  readonly tasks: ReadonlyMap<string, ScenarioTask>;
}

const CONSTANT_ENVIRONMENT: Environment = {
  ...EMPTY_ENVIRONMENT,
  lookup: (name) => (Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined),
};

/** The value of a constant expression; undefined if it is not constant. */
export function constantValue(expr: Expr | undefined): number | undefined {
  if (expr === undefined) return undefined;
  const value = evaluate(expr, CONSTANT_ENVIRONMENT);
  return !isError(value) && typeof value === "number" ? value : undefined;
}

/** Collects all declarations; reports names that are declared twice. */
export function collectDeclarations(program: Program, kernel: string, reporter: DiagnosticReporter): GlobalScope {
  const seen = new Map<string, { readonly what: string; readonly line: number }>();
  const declare = (what: string, { name, nameRange }: Named): boolean => {
    const before = seen.get(name);
    if (Object.hasOwn(CONSTANTS, name)) reporter.report(nameRange, problems.reservedName(name));
    else if (before !== undefined) reporter.report(nameRange, problems.duplicate(before.what, name, before.line));
    else seen.set(name, { what, line: nameRange.line });
    return before === undefined;
  };
  const files = new Map(program.files.filter((file) => declare("The file", file)).map((file) => [file.name, file]));
  const processInfo = (declaration: ScenarioProcess): ProcessInfo => ({ declaration, mappings: new Map(), children: new Map() });
  const processes = new Map(program.processes.filter((process) => declare("The process", process)).map((p) => [p.name, processInfo(p)]));
  for (const task of program.tasks) declare("The task", task);
  const globals: GlobalScope = {
    kernel,
    arch: ARCHITECTURES[program.machine.arch],
    files,
    processes,
    tasks: new Map(program.tasks.map((task) => [task.name, task])),
  };

  // A truncation in the set-up leaves lengths that are known only during the run.
  const setupTruncates = program.processes.some((process) =>
    statementsOf(process.body).some((s) => callsOfStatement(s).some(({ call }) => call === "truncate" || call === "ftruncate")),
  );
  const addVariables = (process: ProcessInfo | undefined, body: Body, inTask: boolean) => {
    for (const statement of statementsOf(body)) {
      if (process === undefined || statement.kind !== "call" || statement.result === null) continue;
      const before = seen.get(statement.result);
      const isProcess = callsByName.get(statement.call)!.result === "process";
      if (before !== undefined)
        reporter.report(resultVariableRange(statement), problems.duplicate(before.what, statement.result, before.line));
      else if (Object.hasOwn(CONSTANTS, statement.result))
        reporter.report(resultVariableRange(statement), problems.reservedName(statement.result));
      else if ((isProcess ? process.mappings : process.children).has(statement.result))
        reporter.report(resultVariableRange(statement), problems.twoTypes(statement.result));
      else if (isProcess) addChild(process, statement);
      else addMapping(process.mappings, statement.result, statement, files, inTask || setupTruncates);
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

/** The range of the variable that a call assigns. */
export function resultVariableRange(statement: Statement & { kind: "call" }): Range {
  const { line, column } = statement.range;
  return { line, column, endLine: line, endColumn: column + (statement.result ?? "").length };
}

function addMapping(
  mappings: Map<string, MappingInfo>,
  name: string,
  { call, args }: Statement & { kind: "call" },
  files: ReadonlyMap<string, ScenarioFile>,
  sizeMayChange: boolean,
): void {
  const before = mappings.get(name);
  if (before !== undefined) {
    before.assignments++;
    before.length = undefined;
    return;
  }
  if (call === "mremap") {
    const source = args.range?.kind === "name" ? mappings.get(args.range.name) : undefined;
    const length = args.size === undefined ? source?.length : constantValue(args.size);
    mappings.set(name, {
      name,
      assignments: 1,
      length: length === undefined ? undefined : roundUpToPage(length),
      file: source?.file,
      private: source?.private ?? false,
    });
    return;
  }
  const file = args.file?.kind === "name" ? files.get(args.file.name) : undefined;
  const offset = constantValue(args.offset);
  const rest =
    sizeMayChange || file === undefined || file.size === Infinity || offset === undefined ? undefined : roundUpToPage(file.size) - offset;
  const length = args.length === undefined ? rest : constantValue(args.length);
  const isPrivate = args.flags?.kind === "flags" && args.flags.flags.includes("private");
  mappings.set(name, { name, assignments: 1, length: length === undefined ? undefined : roundUpToPage(length), file, private: isPrivate });
}

/** The names of the calls that are possible in a trigger. */
export const TRIGGER_CALLS = CALLS.filter((call) => call.inTrigger).map((call) => call.name);
