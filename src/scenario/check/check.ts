// Checks a lowered Program: names, kinds of values, and limits, so that a scenario with mistakes never starts.

import { calls, CONSTANTS, events, KERNELS, LOCKBREAK_EVENTS, LOCKBREAK_KERNELS, signature, type COUNTERS } from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { MAX_REPEATS, MAX_TASKS, MAX_TIME } from "../program/limits.ts";
import type { Body, CallNode, Expr, Program, ScenarioTask, Statement, Trigger } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { checkCallLimits, checkMappings } from "./addresses.ts";
import { Kinds, type Scope, type Static } from "./kinds.ts";
import { checkMemory } from "./memory.ts";
import { collect, staticNumber, TRIGGER_CALLS, type Globals, type ProcessInfo } from "./scope.ts";

/** What kind of body statements stand in: it decides which are possible. */
type Place = "setup" | "task" | "trigger";

/**
 * Reports everything that is wrong in `program`, and what it means to `kernel`, which is to run it.
 * @param memory bytes that the run may need
 */
export function check(program: Program, kernel: string, reporter: Reporter, memory: number): void {
  const globals = collect(program, kernel, reporter);
  const scope = (process: ProcessInfo | null, where: string, open = false, counters: readonly (keyof typeof COUNTERS)[] = []): Scope => ({
    globals, process, lets: new Map(), counters: new Set(counters), onCall: null, open, where,
  });
  const outside = () => scope(null, "here: name mappings with their process, editor.A");
  for (const file of program.files) if (file.truncate_count > 0 && kernel === "3.0") reporter.report(file.range, problems.withoutEffect("3.0 has no truncate_count"));
  for (const process of globals.processes.values()) {
    const { name, count, body } = process.declaration;
    checkBody(body, "setup", scope(process, `in process '${name}'`, false, count === null ? [] : ["index"]), reporter);
    checkMappings(process, globals.arch, reporter);
  }
  if (program.tasks.length > MAX_TASKS) reporter.report(program.tasks[MAX_TASKS]!.nameRange, problems.outOfBounds("The number of tasks", "0", String(MAX_TASKS)));
  const scopes = new Map<string, Scope>();
  for (const task of program.tasks) {
    const process = checkTask(task, globals, reporter);
    const own = scope(process, `in task '${task.name}'`, process === null, process?.declaration.count == null ? [] : ["index"]);
    scopes.set(task.name, own);
    checkBody(task.body, "task", own, reporter);
  }
  for (const trigger of program.triggers) checkTrigger(trigger, kernel, outside, reporter);
  for (const force of program.forces) {
    if (force.lock !== null) new Kinds(reporter, scope(null, "here")).argument(force.lock, "lock");
    if (force.function === "need_lockbreak" && !program.machine.preempt) reporter.report(force.range, problems.withoutEffect("with 'preempt: off' need_lockbreak is constant 0"));
    else if (force.function === "need_lockbreak" && program.machine.cpus === 1) reporter.report(force.range, problems.withoutEffect("with one CPU need_lockbreak is constant 0"));
    else if (force.lock?.kind === "member" && /^i_mmap_(lock|mutex)$/.test(force.lock.name) && !breaksLocks(kernel)) reporter.report(force.range, problems.withoutEffect(`${kernel} never asks whether this lock is wanted`));
  }
  for (const item of program.checks) {
    if (item.task !== null && !globals.tasks.has(item.task)) reporter.unknown(item.taskRange!, item.task, globals.tasks.keys(), problems.unknownName, "as a task");
    // What a task has set is known when it has ended.
    const seen = (item.task === null ? undefined : scopes.get(item.task)) ?? outside();
    const onCall = item.kind === "finally" || item.kind === "after" ? (call: CallNode) => void checkArguments(call, { ...seen, onCall: null }, reporter) : null;
    new Kinds(reporter, { ...seen, onCall }).condition(item.condition);
  }
  if (!reporter.failed) checkMemory(program, globals, memory, reporter);
}

function checkTrigger(trigger: Trigger, kernel: string, scope: () => Scope, reporter: Reporter): void {
  const event = events.get(trigger.event);
  if (LOCKBREAK_EVENTS.includes(trigger.event) && !breaksLocks(kernel)) reporter.report(trigger.range, problems.withoutEffect(`in ${kernel} this event never happens`));
  if (trigger.object !== null) {
    if (event?.object === null) reporter.report(trigger.object.range, problems.tooManyArguments(`on ${trigger.event} { … }`));
    else new Kinds(reporter, scope()).argument(trigger.object, event?.object ?? "file");
  }
  if (trigger.where !== null) {
    const values = new Map(event?.values.map((name) => [name, "any" as const]));
    new Kinds(reporter, { ...scope(), where: `in ${trigger.event}`, open: event === undefined, lets: values }).condition(trigger.where);
  }
  checkBody(trigger.body, "trigger", scope(), reporter);
}

/** Does this kernel drop i_mmap_lock for others? An unknown one is reported elsewhere. */
function breaksLocks(kernel: string): boolean {
  return LOCKBREAK_KERNELS.some((name) => name === kernel) || KERNELS.every(({ name }) => name !== kernel);
}

/** The process of a task, null if unknown. */
function checkTask(task: ScenarioTask, globals: Globals, reporter: Reporter): ProcessInfo | null {
  const { name, index, range, indexRange } = task.process;
  const process = globals.processes.get(name);
  if (process === undefined) {
    reporter.unknown(range, name, globals.processes.keys(), problems.unknownName, "as a process");
    return null;
  }
  const { count } = process.declaration;
  if (count === null && index !== null) reporter.report(range, problems.noIndex(`'${name}'`));
  else if (count !== null && index === null) reporter.report(range, problems.needsIndex(name, count));
  else if (count !== null && index! >= count) reporter.report(indexRange!, problems.noSuchElement(name, count));
  return process;
}

function checkBody(body: Body, place: Place, scope: Scope, reporter: Reporter): void {
  for (const statement of body) checkStatement(statement, place, scope, reporter);
}

function checkStatement(statement: Statement, place: Place, scope: Scope, reporter: Reporter): void {
  const kinds = new Kinds(reporter, scope);
  const calling = new Kinds(reporter, { ...scope, onCall: (call) => checkCall(call, null, place, scope, reporter) });
  const inner = () => ("body" in statement ? checkBody(statement.body, place, statement.kind === "if" ? scope : { ...scope, counters: new Set([...scope.counters, "iteration"]) }, reporter) : undefined);
  switch (statement.kind) {
    case "call":
      checkCall(statement, statement.result, place, scope, reporter);
      break;
    case "repeat":
      if (statement.count !== null) checkCount(statement.count, kinds, reporter);
      else if (place !== "task") reporter.report(statement.range, problems.notHere("repeat forever", where(place), "it would never end; give a number"));
      break;
    case "every":
      kinds.argument(statement.period, "time");
      checkTime(statement.period, 1, reporter);
      checkCount(statement.count, kinds, reporter);
      if (place !== "task") reporter.report(statement.range, problems.notHere("every", where(place), "no model time passes there; use 'repeat' or a task"));
      break;
    case "if":
      calling.condition(statement.test);
      break;
    case "let": {
      const { name } = statement;
      const { files, processes, tasks } = scope.globals;
      const taken = files.has(name) || processes.has(name) || tasks.has(name) || (scope.process?.mappings.has(name) ?? false) || (scope.process?.children.has(name) ?? false);
      const { kind } = calling.infer(statement.value);
      if (taken || Object.hasOwn(CONSTANTS, name)) reporter.report(statement.nameRange, problems.reservedName(name));
      else scope.lets.set(name, kind);
      break;
    }
    case "stop":
      break;
  }
  inner();
}

/** @param result the variable that takes what the call makes */
function checkCall(call: CallNode, result: string | null, place: Place, scope: Scope, reporter: Reporter): void {
  const entry = calls.get(call.call)!;
  if (place === "setup" && !entry.inSetup) reporter.report(call.range, problems.notHere(entry.name, where(place), "nobody else runs there and no model time passes; put it into a task"));
  else if (place === "trigger" && !entry.inTrigger) reporter.report(call.range, problems.notHere(entry.name, where(place), `there are ${TRIGGER_CALLS.join(", ")}`));
  else if (place === "trigger" && result !== null) reporter.report(call.range, problems.notHere(`${result} = ${entry.name}`, where(place), "triggers have no mappings and children of their own; leave the name out"));
  const owner = entry.parameters.find(({ kind }) => kind === "process");
  if (place === "trigger" && owner !== undefined && call.args[owner.name] === undefined) reporter.report(call.range, problems.missingArgument(owner.name, signature(entry)));
  const found = checkArguments(call, scope, reporter);
  const made = result === null ? undefined : scope.process?.mappings.get(result);
  checkCallLimits(call, entry, found, made, { arch: scope.globals.arch, setup: place === "setup" }, reporter);
}

/** Checks what a call's arguments are; what is known of them, by parameter. */
function checkArguments({ call, args }: CallNode, scope: Scope, reporter: Reporter): Record<string, Static> {
  const kinds = new Kinds(reporter, scope);
  const found: Record<string, Static> = {};
  for (const { name, kind, nullable } of calls.get(call)!.parameters) {
    const arg = args[name];
    if (arg === undefined) continue;
    found[name] = kinds.argument(arg, kind, nullable);
    if (kind === "time") checkTime(arg, 0, reporter);
  }
  return found;
}

function checkCount(expr: Expr, kinds: Kinds, reporter: Reporter): void {
  kinds.count(expr);
  const count = staticNumber(expr);
  if (count !== undefined && (count < 1 || count > MAX_REPEATS)) reporter.report(expr.range, problems.outOfBounds("The number of rounds", "1", String(MAX_REPEATS)));
}

function checkTime(expr: Expr, low: number, reporter: Reporter): void {
  const time = staticNumber(expr);
  if (time !== undefined && (time < low || time > MAX_TIME)) reporter.report(expr.range, problems.outOfBounds("A time", `${low}ns`, "3600s"));
}

function where(place: Place): string {
  return place === "setup" ? "in the body of a process" : place === "trigger" ? "in a trigger" : "in a task";
}
