// The semantic checks of a lowered Program: names, types and limits, so that a scenario with errors never starts.

import {
  callsByName,
  CONSTANTS,
  eventsByName,
  KERNELS,
  LOCKBREAK_EVENTS,
  LOCKBREAK_KERNELS,
  formatSignature,
  type IMPLICIT_VARIABLES,
} from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { MAX_REPEATS, MAX_TASKS, MAX_TIME } from "../program/limits.ts";
import type { Body, CallNode, Expr, Program, ScenarioTask, Statement, Trigger } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { checkCallAddresses, checkMappings } from "./address-checks.ts";
import { TypeChecker, type StaticScope, type InferredType } from "./type-checker.ts";
import { checkMemory } from "./memory-estimate.ts";
import { collectDeclarations, constantValue, TRIGGER_CALLS, type GlobalScope, type ProcessInfo } from "./declarations.ts";

/** The kind of body that a statement is in: it decides which statements are possible. */
type BodyKind = "setup" | "task" | "trigger";

/**
 * Reports all semantic errors of `program`, and the statements that have another meaning, or none, in `kernel`, which will run it.
 * @param memory bytes that the run may need
 */
export function checkProgram(program: Program, kernel: string, reporter: DiagnosticReporter, memory: number): void {
  const globals = collectDeclarations(program, kernel, reporter);
  const scope = (
    process: ProcessInfo | null,
    location: string,
    allowsUnknownNames = false,
    counters: readonly (keyof typeof IMPLICIT_VARIABLES)[] = [],
  ): StaticScope => ({
    globals,
    process,
    lets: new Map(),
    counters: new Set(counters),
    onSystemCall: null,
    allowsUnknownNames,
    location,
  });
  const outerScope = () => scope(null, "here: name mappings with their process, editor.A");
  for (const file of program.files) {
    if (file.truncate_count > 0 && kernel === "3.0") reporter.report(file.range, problems.withoutEffect("3.0 has no truncate_count"));
  }
  for (const process of globals.processes.values()) {
    const { name, count, body } = process.declaration;
    checkBody(body, "setup", scope(process, `in process '${name}'`, false, count === null ? [] : ["index"]), reporter);
    checkMappings(process, globals.arch, reporter);
  }
  if (program.tasks.length > MAX_TASKS) {
    reporter.report(program.tasks[MAX_TASKS]!.nameRange, problems.outOfBounds("The number of tasks", "0", String(MAX_TASKS)));
  }
  const scopes = new Map<string, StaticScope>();
  for (const task of program.tasks) {
    const process = resolveTaskProcess(task, globals, reporter);
    const taskScope = scope(process, `in task '${task.name}'`, process === null, process?.declaration.count == null ? [] : ["index"]);
    scopes.set(task.name, taskScope);
    checkBody(task.body, "task", taskScope, reporter);
  }
  for (const trigger of program.triggers) checkTrigger(trigger, kernel, outerScope, reporter);
  for (const force of program.forces) {
    if (force.lock !== null) new TypeChecker(reporter, scope(null, "here")).checkArgument(force.lock, "lock");
    if (force.function === "need_lockbreak" && !program.machine.preempt)
      reporter.report(force.range, problems.withoutEffect("with 'preempt: off' need_lockbreak is constant 0"));
    else if (force.function === "need_lockbreak" && program.machine.cpus === 1)
      reporter.report(force.range, problems.withoutEffect("with one CPU need_lockbreak is constant 0"));
    else if (force.lock?.kind === "member" && /^i_mmap_(lock|mutex)$/.test(force.lock.name) && !hasLockbreaks(kernel))
      reporter.report(force.range, problems.withoutEffect(`${kernel} never checks whether a task waits for this lock`));
  }
  for (const check of program.checks) {
    if (check.task !== null && !globals.tasks.has(check.task)) {
      reporter.reportUnknown(check.taskRange!, check.task, globals.tasks.keys(), problems.unknownName, "as a task");
    }
    // A check `after` a task sees the variables of that task.
    const checkScope = (check.task === null ? undefined : scopes.get(check.task)) ?? outerScope();
    const onSystemCall =
      check.kind === "finally" || check.kind === "after"
        ? (call: CallNode) => void checkArguments(call, { ...checkScope, onSystemCall: null }, reporter)
        : null;
    new TypeChecker(reporter, { ...checkScope, onSystemCall }).checkCondition(check.condition);
  }
  if (!reporter.failed) checkMemory(program, globals, memory, reporter);
}

function checkTrigger(trigger: Trigger, kernel: string, scope: () => StaticScope, reporter: DiagnosticReporter): void {
  const event = eventsByName.get(trigger.event);
  if (LOCKBREAK_EVENTS.includes(trigger.event) && !hasLockbreaks(kernel)) {
    reporter.report(trigger.range, problems.withoutEffect(`in ${kernel} this event never happens`));
  }
  if (trigger.object !== null) {
    if (event?.object === null) reporter.report(trigger.object.range, problems.tooManyArguments(`on ${trigger.event} { … }`));
    else new TypeChecker(reporter, scope()).checkArgument(trigger.object, event?.object ?? "file");
  }
  if (trigger.where !== null) {
    const values = new Map(event?.values.map((name) => [name, "any" as const]));
    new TypeChecker(reporter, {
      ...scope(),
      location: `in ${trigger.event}`,
      allowsUnknownNames: event === undefined,
      lets: values,
    }).checkCondition(trigger.where);
  }
  checkBody(trigger.body, "trigger", scope(), reporter);
}

/** Does this kernel drop i_mmap_lock for waiting tasks? An unknown kernel is reported elsewhere. */
function hasLockbreaks(kernel: string): boolean {
  return LOCKBREAK_KERNELS.some((name) => name === kernel) || KERNELS.every(({ name }) => name !== kernel);
}

/** The process of a task; null, with a diagnostic, if it is unknown. */
function resolveTaskProcess(task: ScenarioTask, globals: GlobalScope, reporter: DiagnosticReporter): ProcessInfo | null {
  const { name, index, range, indexRange } = task.process;
  const process = globals.processes.get(name);
  if (process === undefined) {
    reporter.reportUnknown(range, name, globals.processes.keys(), problems.unknownName, "as a process");
    return null;
  }
  const { count } = process.declaration;
  if (count === null && index !== null) reporter.report(range, problems.noIndex(`'${name}'`));
  else if (count !== null && index === null) reporter.report(range, problems.needsIndex(name, count));
  else if (count !== null && index! >= count) reporter.report(indexRange!, problems.noSuchElement(name, count));
  return process;
}

function checkBody(body: Body, bodyKind: BodyKind, scope: StaticScope, reporter: DiagnosticReporter): void {
  for (const statement of body) checkStatement(statement, bodyKind, scope, reporter);
}

function checkStatement(statement: Statement, bodyKind: BodyKind, scope: StaticScope, reporter: DiagnosticReporter): void {
  const types = new TypeChecker(reporter, scope);
  const callableTypes = new TypeChecker(reporter, { ...scope, onSystemCall: (call) => checkCall(call, null, bodyKind, scope, reporter) });
  const checkInnerBody = () =>
    "body" in statement
      ? checkBody(
          statement.body,
          bodyKind,
          statement.kind === "if" ? scope : { ...scope, counters: new Set([...scope.counters, "iteration"]) },
          reporter,
        )
      : undefined;
  switch (statement.kind) {
    case "call":
      checkCall(statement, statement.result, bodyKind, scope, reporter);
      break;
    case "repeat":
      if (statement.count !== null) checkCount(statement.count, types, reporter);
      else if (bodyKind !== "task")
        reporter.report(
          statement.range,
          problems.notHere("repeat forever", describeBodyKind(bodyKind), "it would never end; give a number"),
        );
      break;
    case "every":
      types.checkArgument(statement.period, "time");
      checkTime(statement.period, 1, reporter);
      checkCount(statement.count, types, reporter);
      if (bodyKind !== "task") {
        reporter.report(
          statement.range,
          problems.notHere("every", describeBodyKind(bodyKind), "no model time passes there; use 'repeat' or a task"),
        );
      }
      break;
    case "if":
      callableTypes.checkCondition(statement.test);
      break;
    case "let": {
      const { name } = statement;
      const { files, processes, tasks } = scope.globals;
      const isDeclared =
        files.has(name) ||
        processes.has(name) ||
        tasks.has(name) ||
        (scope.process?.mappings.has(name) ?? false) ||
        (scope.process?.children.has(name) ?? false);
      const { type } = callableTypes.infer(statement.value);
      if (isDeclared || Object.hasOwn(CONSTANTS, name)) reporter.report(statement.nameRange, problems.reservedName(name));
      else scope.lets.set(name, type);
      break;
    }
    case "stop":
      break;
  }
  checkInnerBody();
}

/** @param result the variable that the call assigns */
function checkCall(call: CallNode, result: string | null, bodyKind: BodyKind, scope: StaticScope, reporter: DiagnosticReporter): void {
  const entry = callsByName.get(call.call)!;
  if (bodyKind === "setup" && !entry.inSetup)
    reporter.report(
      call.range,
      problems.notHere(entry.name, describeBodyKind(bodyKind), "no other task runs there and no model time passes; put it into a task"),
    );
  else if (bodyKind === "trigger" && !entry.inTrigger)
    reporter.report(call.range, problems.notHere(entry.name, describeBodyKind(bodyKind), `there are ${TRIGGER_CALLS.join(", ")}`));
  else if (bodyKind === "trigger" && result !== null)
    reporter.report(
      call.range,
      problems.notHere(
        `${result} = ${entry.name}`,
        describeBodyKind(bodyKind),
        "triggers have no mappings and children of their own; leave the name out",
      ),
    );
  const owner = entry.parameters.find(({ type }) => type === "process");
  if (bodyKind === "trigger" && owner !== undefined && call.args[owner.name] === undefined) {
    reporter.report(call.range, problems.missingArgument(owner.name, formatSignature(entry)));
  }
  const argumentTypes = checkArguments(call, scope, reporter);
  const made = result === null ? undefined : scope.process?.mappings.get(result);
  checkCallAddresses(call, entry, argumentTypes, made, { arch: scope.globals.arch, setup: bodyKind === "setup" }, reporter);
}

/** Checks the arguments of a call; returns their types by parameter. */
function checkArguments({ call, args }: CallNode, scope: StaticScope, reporter: DiagnosticReporter): Record<string, InferredType> {
  const types = new TypeChecker(reporter, scope);
  const argumentTypes: Record<string, InferredType> = {};
  for (const { name, type, nullable } of callsByName.get(call)!.parameters) {
    const arg = args[name];
    if (arg === undefined) continue;
    argumentTypes[name] = types.checkArgument(arg, type, nullable);
    if (type === "time") checkTime(arg, 0, reporter);
  }
  return argumentTypes;
}

function checkCount(expr: Expr, types: TypeChecker, reporter: DiagnosticReporter): void {
  types.checkNumber(expr);
  const count = constantValue(expr);
  if (count !== undefined && (count < 1 || count > MAX_REPEATS)) {
    reporter.report(expr.range, problems.outOfBounds("The number of rounds", "1", String(MAX_REPEATS)));
  }
}

function checkTime(expr: Expr, low: number, reporter: DiagnosticReporter): void {
  const time = constantValue(expr);
  if (time !== undefined && (time < low || time > MAX_TIME)) {
    reporter.report(expr.range, problems.outOfBounds("A time", `${low}ns`, "3600s"));
  }
}

function describeBodyKind(bodyKind: BodyKind): string {
  return bodyKind === "setup" ? "in the body of a process" : bodyKind === "trigger" ? "in a trigger" : "in a task";
}
