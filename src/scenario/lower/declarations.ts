// Declarations and statements, from the syntax tree to a Program. What needs to know other declarations (names, kinds of
// values, limits) is checked afterwards, on the Program (check/).

import { ARCHITECTURES } from "../../engine/kernel/common/arch.ts";
import type { SafeguardName } from "../../engine/kernel/safeguards.ts";
import { BUG_CODES, COST_NAMES, DEFAULT_KERNEL, EVENTS, events, EXPLORE_SETTINGS, KERNELS, SETTINGS, type SettingEntry } from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { evaluate, isError, NOTHING_KNOWN } from "../program/expression.ts";
import type * as ast from "../generated/ast.ts";
import { MAX_PROCESSES, MAX_TIME } from "../program/limits.ts";
import type { Check, Expectation, ExploreSettings, Expr, Force, MachineSettings, Program, Range, ScenarioFile, ScenarioProcess, ScenarioTask, Statement, Trigger } from "../program/program.ts";
import type { Context } from "./context.ts";
import { findCall, lowerArguments, lowerExpression, lowerNumber } from "./expressions.ts";

export function lowerScenario(context: Context, scenario: ast.Scenario, uri: string): Program {
  const of = <T extends ast.Declaration["$type"]>(type: T) => scenario.declarations.filter((d): d is Extract<ast.Declaration, { $type: T }> => d.$type === type);
  const kernel = lowerKernel(context, of("KernelChoice"));
  const machine = lowerMachine(context, of("MachineBlock"));
  const explore = lowerExplore(context, of("ExploreBlock"));
  // Sites are numbered in the order of the text, so all declarations are lowered in that order.
  const lowered = new Map<ast.Declaration, unknown>();
  for (const declaration of scenario.declarations) lowered.set(declaration, lowerDeclaration(context, declaration, machine));
  const all = <T>(type: ast.Declaration["$type"]) => of(type).map((d) => lowered.get(d) as T);
  return {
    uri,
    kernel,
    machine,
    explore,
    files: all<ScenarioFile>("FileDeclaration"),
    processes: all<ScenarioProcess>("ProcessDeclaration"),
    tasks: all<ScenarioTask>("TaskDeclaration"),
    triggers: all<Trigger>("Trigger"),
    forces: all<Force | null>("Force").filter((force) => force !== null),
    checks: all<Check>("Check"),
    expected: lowerExpectation(context, of("Expectation")),
    sites: context.sites,
  };
}

function lowerDeclaration(context: Context, node: ast.Declaration, { cpus, arch }: MachineSettings): unknown {
  switch (node.$type) {
    case "FileDeclaration":
      return lowerFile(context, node, ARCHITECTURES[arch].MAX_LFS_FILESIZE);
    case "ProcessDeclaration":
      return lowerProcess(context, node);
    case "TaskDeclaration":
      return lowerTask(context, node, cpus);
    case "Trigger":
      return lowerTrigger(context, node);
    case "Force":
      return lowerForce(context, node);
    case "Check":
      return lowerCheck(context, node);
    default:
      return null;
  }
}

function lowerKernel(context: Context, nodes: readonly ast.KernelChoice[]): string {
  nodes.slice(1).forEach((node) => context.reporter.report(context.range(node), problems.setTwice("The kernel", context.range(nodes[0]!).line)));
  const node = nodes[0];
  if (node === undefined) return DEFAULT_KERNEL;
  const name = node.name.replaceAll('"', "");
  const known: readonly string[] = KERNELS.map((kernel) => kernel.name);
  if (!known.includes(name)) context.reporter.unknown(context.property(node, "name"), name, known, problems.unknownKernel, known.join(", "));
  return name;
}

function lowerMachine(context: Context, nodes: readonly ast.MachineBlock[]): MachineSettings {
  const costs: Record<string, number> = {};
  const values = lowerSettings(context, nodes, "The machine", SETTINGS, ({ name, value }, range) => {
    if (!COST_NAMES.includes(name)) context.reporter.unknown(range, name, COST_NAMES, problems.unknownCost, "");
    else costs[name] = lowerCost(context, value);
  });
  return {
    cpus: values["cpus"] as number,
    arch: values["arch"] as MachineSettings["arch"],
    preempt: values["preempt"] === "on",
    hz: values["hz"] as number,
    seed: values["seed"] as number,
    break_lock: values["break_lock"] as MachineSettings["break_lock"],
    without: values["without"] === "nothing" ? null : (values["without"] as SafeguardName),
    costs,
  };
}

function lowerExplore(context: Context, nodes: readonly ast.ExploreBlock[]): ExploreSettings {
  const known = Object.keys(EXPLORE_SETTINGS);
  const values = lowerSettings(context, nodes, "How to explore", EXPLORE_SETTINGS, ({ name }, range) => context.reporter.unknown(range, `cost ${name}`, known, problems.unknownSetting, known.join(", ")));
  return { preemptions: values["preemptions"] as number, ticks: values["ticks"] as number, steps: values["steps"] as number };
}

/** The settings of a block by name: those of `entries`, with their defaults. Costs are for `lowerCostOf`. */
function lowerSettings(
  context: Context,
  nodes: readonly (ast.MachineBlock | ast.ExploreBlock)[],
  what: string,
  entries: Readonly<Record<string, SettingEntry>>,
  lowerCostOf: (node: ast.Setting, range: Range) => void,
): Record<string, number | string | null> {
  const { reporter } = context;
  nodes.slice(1).forEach((node) => reporter.report(context.range(node), problems.setTwice(what, context.range(nodes[0]!).line)));
  const values: Record<string, number | string | null> = Object.fromEntries(Object.values(entries).map((entry) => [entry.name, entry.default]));
  const seen = new Map<string, number>();
  for (const node of nodes[0]?.settings ?? []) {
    const range = context.property(node, "name");
    const key = (node.cost ? "cost " : "") + node.name;
    const before = seen.get(key);
    seen.set(key, before ?? range.line);
    const entry = Object.hasOwn(entries, node.name) ? entries[node.name] : undefined;
    if (before !== undefined) reporter.report(range, problems.setTwice(`'${key}'`, before));
    else if (node.cost) lowerCostOf(node, range);
    else if (entry === undefined) reporter.unknown(range, node.name, Object.keys(entries), problems.unknownSetting, Object.keys(entries).join(", "));
    else values[node.name] = lowerSetting(context, entry, node.value) ?? entry.default;
  }
  return values;
}

function lowerSetting(context: Context, entry: SettingEntry, node: ast.SettingValue): number | string | null {
  const range = context.range(node);
  if (entry.kind === "word") {
    const word = node.$type === "WordValue" ? node.word : node.digits;
    if (entry.values.includes(word)) return word;
    context.reporter.unknown(range, word, entry.values, problems.unknownValue, entry.values.join(", "));
    return null;
  }
  if (node.$type === "WordValue") {
    context.reporter.report(range, problems.wrongKind("a number", "a word"));
    return null;
  }
  return constant(context, lowerNumber(context, node), "plain", `'${entry.name}'`, entry.low, entry.high);
}

function lowerCost(context: Context, node: ast.SettingValue): number {
  if (node.$type === "NumberLiteral") return constant(context, lowerNumber(context, node), "time", "A cost", 0, MAX_TIME) ?? 0;
  context.reporter.report(context.range(node), problems.wrongKind("a time", "a word"));
  return 0;
}

/** The value of an expression that must be known beforehand; null if it is not, or is out of bounds, reported. */
function constant(context: Context, expr: Expr, unit: "plain" | "size" | "time", what: string, low: number, high: number): number | null {
  const { reporter } = context;
  if (expr.kind === "invalid") return null;
  if (expr.kind === "number" && expr.unit !== unit && !(expr.unit === "plain" && (unit === "size" || expr.value === 0))) {
    if (unit === "time" && expr.unit === "plain") reporter.report(expr.range, problems.timeWithoutUnit(String(expr.value)));
    else reporter.report(expr.range, problems.wrongKind(`a ${unit === "plain" ? "plain number" : unit}`, `a ${expr.unit === "plain" ? "plain number" : expr.unit}`));
    return null;
  }
  const value = evaluate(expr, NOTHING_KNOWN);
  if (isError(value) || typeof value !== "number") {
    if (isError(value) && value.code !== problems.unknownName.code && value.code !== problems.notEvaluated.code) reporter.report(value.range, value);
    else reporter.report(expr.range, problems.notConstant(what));
    return null;
  }
  if (value >= low && value <= high) return value;
  const show = (n: number) => (unit === "time" ? `${n}ns` : n >= 1024 ** 3 && n % 1024 ** 3 === 0 && unit === "size" ? `${n / 1024 ** 3}G` : String(n));
  reporter.report(expr.range, problems.outOfBounds(what, show(low), show(high)));
  return null;
}

function lowerFile(context: Context, node: ast.FileDeclaration, largest: number): ScenarioFile {
  const size = lowerExpression(context, node.size);
  const bytes = constant(context, size, "size", "The size of a file", 0, largest);
  if (bytes === 0) context.reporter.report(size.range, problems.emptyFile(node.name));
  const count = node.count === undefined ? 0 : constant(context, lowerExpression(context, node.count), "plain", "truncate_count", 0, 2 ** 32 - 1);
  // A size that was reported counts as endless: no range in the file is then reported as well.
  return { name: node.name, nameRange: context.property(node, "name"), range: context.range(node), size: bytes === null || bytes === 0 ? Infinity : bytes, truncate_count: count ?? 0 };
}

function lowerProcess(context: Context, node: ast.ProcessDeclaration): ScenarioProcess {
  const count = node.count === undefined ? null : (constant(context, lowerExpression(context, node.count), "plain", "The number of processes", 1, MAX_PROCESSES) ?? 1);
  return { name: node.name, nameRange: context.property(node, "name"), range: context.range(node), count, body: lowerBody(context, node.body) };
}

function lowerTask(context: Context, node: ast.TaskDeclaration, cpus: number): ScenarioTask {
  const number = (part: ast.Expression | undefined, unit: "plain" | "time", what: string, high: number) =>
    part === undefined ? null : constant(context, lowerExpression(context, part), unit, what, 0, high);
  const index = node.index === undefined ? null : (number(node.index, "plain", "The index of the process", MAX_PROCESSES) ?? 0);
  const cpu = number(node.cpu, "plain", "The CPU", Number.MAX_SAFE_INTEGER) ?? 0;
  if (cpu >= cpus) context.reporter.report(context.range(node.cpu), problems.noSuchCpu(cpu, cpus));
  return {
    name: node.name,
    nameRange: context.property(node, "name"),
    range: context.head(node, node.body),
    process: { name: node.process, index, range: context.property(node, "process"), indexRange: node.index === undefined ? null : context.range(node.index) },
    cpu,
    priority: number(node.priority, "plain", "The priority", 139),
    at: number(node.time, "time", "The start", MAX_TIME) ?? 0,
    body: lowerBody(context, node.body),
  };
}

function lowerTrigger(context: Context, node: ast.Trigger): Trigger {
  const range = context.head(node, node.body);
  if (!events.has(node.event)) context.reporter.unknown(context.property(node, "event"), node.event, EVENTS.map((e) => e.name), problems.unknownEvent, "");
  return {
    event: node.event,
    object: node.object === undefined ? null : lowerExpression(context, node.object),
    occurrence: node.occurrence === undefined ? null : constant(context, lowerNumber(context, node.occurrence), "plain", "The number of the event", 1, Number.MAX_SAFE_INTEGER),
    where: node.condition === undefined ? null : lowerExpression(context, node.condition),
    body: lowerBody(context, node.body),
    range,
  };
}

function lowerForce(context: Context, node: ast.Force): Force | null {
  const { reporter } = context;
  const calls: { from: number; to: number }[] = [];
  for (const numbers of node.calls) {
    const read = (part: ast.NumberLiteral) => constant(context, lowerNumber(context, part), "plain", "A call number", 1, Number.MAX_SAFE_INTEGER);
    const from = read(numbers.from);
    const to = numbers.to === undefined ? (from ?? 0) + 1 : read(numbers.to);
    if (from === null || to === null) continue;
    if (to <= from) reporter.report(context.range(numbers), problems.emptyRange());
    else if (from < (calls.at(-1)?.to ?? 1)) reporter.report(context.range(numbers), problems.callNumbers());
    else calls.push({ from, to });
  }
  const name = node.function;
  if (name !== "need_resched" && name !== "need_lockbreak") {
    reporter.unknown(context.property(node, "function"), name, ["need_resched", "need_lockbreak"], problems.unknownForce, "");
    return null;
  }
  const lock = node.object === undefined ? null : lowerExpression(context, node.object);
  if (lock !== null && name === "need_resched") reporter.report(lock.range, problems.tooManyArguments("force need_resched at N"));
  return { function: name, lock, calls, range: context.range(node) };
}

function lowerCheck(context: Context, node: ast.Check): Check {
  const { offset, end } = node.$cstNode!;
  // Comments and line ends inside a check are of no interest to its reader.
  const text = context.text.slice(offset, end).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n\r]*/g, " ").replace(/\s+/g, " ");
  return { kind: node.kind, task: node.task ?? null, taskRange: node.task === undefined ? null : context.property(node, "task"), condition: lowerExpression(context, node.condition), text, range: context.range(node) };
}

function lowerExpectation(context: Context, nodes: readonly ast.Expectation[]): Expectation | null {
  nodes.slice(1).forEach((node) => context.reporter.report(context.range(node), problems.setTwice("The expected bug", context.range(nodes[0]!).line)));
  const node = nodes[0];
  if (node === undefined) return null;
  if (!BUG_CODES.includes(node.code)) context.reporter.unknown(context.property(node, "code"), node.code, BUG_CODES, problems.unknownBug, "");
  return { kind: "expect", code: node.code, text: `expect bug ${node.code}`, range: context.range(node) };
}

function lowerBody(context: Context, block: ast.Block): Statement[] {
  return block.statements.map((node) => lowerStatement(context, node)).filter((statement) => statement !== null);
}

/** The statement, or null if it has no meaning, reported. */
function lowerStatement(context: Context, node: ast.Statement): Statement | null {
  const head = (body: ast.Block): Range => context.head(node, body);
  const expr = (part: ast.Expression) => lowerExpression(context, part);
  const site = context.sites++;
  switch (node.$type) {
    case "Repeat":
      return { kind: "repeat", site, count: node.count === undefined ? null : expr(node.count), body: lowerBody(context, node.body), range: head(node.body) };
    case "Every":
      return { kind: "every", site, period: expr(node.period), count: expr(node.count), body: lowerBody(context, node.body), range: head(node.body) };
    case "If":
      return { kind: "if", site, test: expr(node.condition), body: lowerBody(context, node.body), range: head(node.body) };
    case "Let":
      return { kind: "let", site, name: node.name, nameRange: context.property(node, "name"), value: expr(node.value), range: context.range(node) };
    case "Stop":
      return { kind: "stop", site, range: context.range(node) };
    case "CallStatement":
      return lowerCall(context, node.call, null, site, context.range(node));
    case "Assignment":
      if (node.value.$type === "Call") return lowerCall(context, node.value, node.name, site, context.range(node));
      context.reporter.report(context.range(node.value), problems.noResult());
      return null;
  }
}

function lowerCall(context: Context, node: ast.Call, result: string | null, site: number, range: Range): Statement | null {
  const entry = findCall(context, node);
  if (entry === null) return null;
  const args = lowerArguments(context, node, entry, context.property(node, "name"));
  if (result !== null && entry.result === null) context.reporter.report(context.range(node), problems.noResult());
  return { kind: "call", site, call: entry.name, args, result, range };
}
