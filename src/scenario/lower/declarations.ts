// Lowers declarations and statements from the syntax tree to a Program. Whatever depends on other declarations (names, types
// of values, limits) is checked afterwards, on the Program (check/).

import { ARCHITECTURES } from "../../engine/kernel/common/arch.ts";
import type { AblationName } from "../../engine/kernel/ablations.ts";
import {
  BUG_CODES,
  COST_NAMES,
  DEFAULT_KERNEL,
  EVENTS,
  eventsByName,
  EXPLORE_SETTINGS,
  KERNELS,
  SETTINGS,
  type SettingEntry,
} from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { evaluate, isError, EMPTY_ENVIRONMENT } from "../program/expression.ts";
import type * as ast from "../generated/ast.ts";
import { MAX_PROCESS_ARRAY_LENGTH, MAX_TIME } from "../program/limits.ts";
import type {
  Check,
  Expectation,
  ExploreSettings,
  Expr,
  Force,
  MachineSettings,
  Program,
  Range,
  ScenarioFile,
  ScenarioProcess,
  ScenarioTask,
  Statement,
  Trigger,
} from "../program/program.ts";
import type { LoweringContext } from "./lowering-context.ts";
import { findCall, lowerArguments, lowerExpression, lowerNumber } from "./expressions.ts";

export function lowerScenario(context: LoweringContext, scenario: ast.Scenario, uri: string): Program {
  const nodesOf = <T extends ast.Declaration["$type"]>(type: T) =>
    scenario.declarations.filter((d): d is Extract<ast.Declaration, { $type: T }> => d.$type === type);
  const kernel = lowerKernel(context, nodesOf("KernelChoice"));
  const machine = lowerMachine(context, nodesOf("MachineBlock"));
  const explore = lowerExplore(context, nodesOf("ExploreBlock"));
  // Sites are numbered in the order of the text, so all declarations are lowered in that order.
  const lowered = new Map<ast.Declaration, unknown>();
  for (const declaration of scenario.declarations) lowered.set(declaration, lowerDeclaration(context, declaration, machine));
  const loweredOf = <T>(type: ast.Declaration["$type"]) => nodesOf(type).map((d) => lowered.get(d) as T);
  return {
    uri,
    kernel,
    machine,
    explore,
    files: loweredOf<ScenarioFile>("FileDeclaration"),
    processes: loweredOf<ScenarioProcess>("ProcessDeclaration"),
    tasks: loweredOf<ScenarioTask>("TaskDeclaration"),
    triggers: loweredOf<Trigger>("Trigger"),
    forces: loweredOf<Force | null>("Force").filter((force) => force !== null),
    checks: loweredOf<Check>("Check"),
    expected: lowerExpectation(context, nodesOf("Expectation")),
    sites: context.sites,
  };
}

function lowerDeclaration(context: LoweringContext, declaration: ast.Declaration, { cpus, arch }: MachineSettings): unknown {
  switch (declaration.$type) {
    case "FileDeclaration":
      return lowerFile(context, declaration, ARCHITECTURES[arch].MAX_LFS_FILESIZE);
    case "ProcessDeclaration":
      return lowerProcess(context, declaration);
    case "TaskDeclaration":
      return lowerTask(context, declaration, cpus);
    case "Trigger":
      return lowerTrigger(context, declaration);
    case "Force":
      return lowerForce(context, declaration);
    case "Check":
      return lowerCheck(context, declaration);
    default:
      return null;
  }
}

function lowerKernel(context: LoweringContext, nodes: readonly ast.KernelChoice[]): string {
  nodes
    .slice(1)
    .forEach((node) =>
      context.reporter.report(context.nodeRange(node), problems.setTwice("The kernel", context.nodeRange(nodes[0]!).line)),
    );
  const node = nodes[0];
  if (node === undefined) return DEFAULT_KERNEL;
  const name = node.name.replaceAll('"', "");
  const known: readonly string[] = KERNELS.map((kernel) => kernel.name);
  if (!known.includes(name)) {
    context.reporter.reportUnknown(context.propertyRange(node, "name"), name, known, problems.unknownKernel, known.join(", "));
  }
  return name;
}

function lowerMachine(context: LoweringContext, nodes: readonly ast.MachineBlock[]): MachineSettings {
  const costs: Record<string, number> = {};
  const values = lowerSettings(context, nodes, "The machine", SETTINGS, ({ name, value }, range) => {
    if (!COST_NAMES.includes(name)) context.reporter.reportUnknown(range, name, COST_NAMES, problems.unknownCost, "");
    else costs[name] = lowerCost(context, value);
  });
  return {
    cpus: values["cpus"] as number,
    arch: values["arch"] as MachineSettings["arch"],
    preempt: values["preempt"] === "on",
    hz: values["hz"] as number,
    seed: values["seed"] as number,
    break_lock: values["break_lock"] as MachineSettings["break_lock"],
    without: values["without"] === "nothing" ? null : (values["without"] as AblationName),
    costs,
  };
}

function lowerExplore(context: LoweringContext, nodes: readonly ast.ExploreBlock[]): ExploreSettings {
  const known = Object.keys(EXPLORE_SETTINGS);
  const values = lowerSettings(context, nodes, "How to explore", EXPLORE_SETTINGS, ({ name }, range) =>
    context.reporter.reportUnknown(range, `cost ${name}`, known, problems.unknownSetting, known.join(", ")),
  );
  return { preemptions: values["preemptions"] as number, ticks: values["ticks"] as number, steps: values["steps"] as number };
}

/** The settings of a block by name: those of `entries`, with their defaults. `onCost` takes the costs. */
function lowerSettings(
  context: LoweringContext,
  nodes: readonly (ast.MachineBlock | ast.ExploreBlock)[],
  what: string,
  entries: Readonly<Record<string, SettingEntry>>,
  onCost: (node: ast.Setting, range: Range) => void,
): Record<string, number | string | null> {
  const { reporter } = context;
  nodes.slice(1).forEach((node) => reporter.report(context.nodeRange(node), problems.setTwice(what, context.nodeRange(nodes[0]!).line)));
  const values: Record<string, number | string | null> = Object.fromEntries(
    Object.values(entries).map((entry) => [entry.name, entry.default]),
  );
  const seen = new Map<string, number>();
  for (const node of nodes[0]?.settings ?? []) {
    const range = context.propertyRange(node, "name");
    const key = (node.cost ? "cost " : "") + node.name;
    const firstLine = seen.get(key);
    seen.set(key, firstLine ?? range.line);
    const entry = Object.hasOwn(entries, node.name) ? entries[node.name] : undefined;
    if (firstLine !== undefined) reporter.report(range, problems.setTwice(`'${key}'`, firstLine));
    else if (node.cost) onCost(node, range);
    else if (entry === undefined)
      reporter.reportUnknown(range, node.name, Object.keys(entries), problems.unknownSetting, Object.keys(entries).join(", "));
    else values[node.name] = lowerSetting(context, entry, node.value) ?? entry.default;
  }
  return values;
}

function lowerSetting(context: LoweringContext, entry: SettingEntry, node: ast.SettingValue): number | string | null {
  const range = context.nodeRange(node);
  if (entry.kind === "enum") {
    const value = node.$type === "EnumValue" ? node.value : node.digits;
    if (entry.values.includes(value)) return value;
    context.reporter.reportUnknown(range, value, entry.values, problems.unknownValue, entry.values.join(", "));
    return null;
  }
  if (node.$type === "EnumValue") {
    context.reporter.report(range, problems.wrongType("a number", "a name"));
    return null;
  }
  return evaluateConstant(context, lowerNumber(context, node), "plain", `'${entry.name}'`, entry.low, entry.high);
}

function lowerCost(context: LoweringContext, node: ast.SettingValue): number {
  if (node.$type === "NumberLiteral") return evaluateConstant(context, lowerNumber(context, node), "time", "A cost", 0, MAX_TIME) ?? 0;
  context.reporter.report(context.nodeRange(node), problems.wrongType("a time", "a name"));
  return 0;
}

/** The value of a constant expression; null, with a diagnostic, if it is not constant or out of bounds. */
function evaluateConstant(
  context: LoweringContext,
  expr: Expr,
  unit: "plain" | "size" | "time",
  what: string,
  low: number,
  high: number,
): number | null {
  const { reporter } = context;
  if (expr.kind === "invalid") return null;
  if (expr.kind === "number" && expr.unit !== unit && !(expr.unit === "plain" && (unit === "size" || expr.value === 0))) {
    if (unit === "time" && expr.unit === "plain") reporter.report(expr.range, problems.timeWithoutUnit(String(expr.value)));
    else
      reporter.report(
        expr.range,
        problems.wrongType(`a ${unit === "plain" ? "plain number" : unit}`, `a ${expr.unit === "plain" ? "plain number" : expr.unit}`),
      );
    return null;
  }
  const value = evaluate(expr, EMPTY_ENVIRONMENT);
  if (isError(value) || typeof value !== "number") {
    if (isError(value) && value.code !== problems.unknownName.code && value.code !== problems.notEvaluated.code)
      reporter.report(value.range, value);
    else reporter.report(expr.range, problems.notConstant(what));
    return null;
  }
  if (value >= low && value <= high) return value;
  const format = (n: number) =>
    unit === "time" ? `${n}ns` : n >= 1024 ** 3 && n % 1024 ** 3 === 0 && unit === "size" ? `${n / 1024 ** 3}G` : String(n);
  reporter.report(expr.range, problems.outOfBounds(what, format(low), format(high)));
  return null;
}

function lowerFile(context: LoweringContext, node: ast.FileDeclaration, maxSize: number): ScenarioFile {
  const size = lowerExpression(context, node.size);
  const bytes = evaluateConstant(context, size, "size", "The size of a file", 0, maxSize);
  if (bytes === 0) context.reporter.report(size.range, problems.emptyFile(node.name));
  const count =
    node.count === undefined
      ? 0
      : evaluateConstant(context, lowerExpression(context, node.count), "plain", "truncate_count", 0, 2 ** 32 - 1);
  // A size with an error counts as infinite, so that no range in the file is reported as well.
  return {
    name: node.name,
    nameRange: context.propertyRange(node, "name"),
    range: context.nodeRange(node),
    size: bytes === null || bytes === 0 ? Infinity : bytes,
    truncate_count: count ?? 0,
  };
}

function lowerProcess(context: LoweringContext, node: ast.ProcessDeclaration): ScenarioProcess {
  const count =
    node.count === undefined
      ? null
      : (evaluateConstant(context, lowerExpression(context, node.count), "plain", "The number of processes", 1, MAX_PROCESS_ARRAY_LENGTH) ??
        1);
  return {
    name: node.name,
    nameRange: context.propertyRange(node, "name"),
    range: context.nodeRange(node),
    count,
    body: lowerBody(context, node.body),
  };
}

function lowerTask(context: LoweringContext, node: ast.TaskDeclaration, cpus: number): ScenarioTask {
  const lowerNumberPart = (part: ast.Expression | undefined, unit: "plain" | "time", what: string, high: number) =>
    part === undefined ? null : evaluateConstant(context, lowerExpression(context, part), unit, what, 0, high);
  const index =
    node.index === undefined ? null : (lowerNumberPart(node.index, "plain", "The index of the process", MAX_PROCESS_ARRAY_LENGTH) ?? 0);
  const cpu = lowerNumberPart(node.cpu, "plain", "The CPU", Number.MAX_SAFE_INTEGER) ?? 0;
  if (cpu >= cpus) context.reporter.report(context.nodeRange(node.cpu), problems.noSuchCpu(cpu, cpus));
  return {
    name: node.name,
    nameRange: context.propertyRange(node, "name"),
    range: context.headRange(node, node.body),
    process: {
      name: node.process,
      index,
      range: context.propertyRange(node, "process"),
      indexRange: node.index === undefined ? null : context.nodeRange(node.index),
    },
    cpu,
    priority: lowerNumberPart(node.priority, "plain", "The priority", 139),
    at: lowerNumberPart(node.time, "time", "The start", MAX_TIME) ?? 0,
    body: lowerBody(context, node.body),
  };
}

function lowerTrigger(context: LoweringContext, node: ast.Trigger): Trigger {
  const range = context.headRange(node, node.body);
  if (!eventsByName.has(node.event)) {
    context.reporter.reportUnknown(
      context.propertyRange(node, "event"),
      node.event,
      EVENTS.map((e) => e.name),
      problems.unknownEvent,
      "",
    );
  }
  return {
    event: node.event,
    object: node.object === undefined ? null : lowerExpression(context, node.object),
    occurrence:
      node.occurrence === undefined
        ? null
        : evaluateConstant(context, lowerNumber(context, node.occurrence), "plain", "The number of the event", 1, Number.MAX_SAFE_INTEGER),
    where: node.condition === undefined ? null : lowerExpression(context, node.condition),
    body: lowerBody(context, node.body),
    range,
  };
}

function lowerForce(context: LoweringContext, node: ast.Force): Force | null {
  const { reporter } = context;
  const calls: { from: number; to: number }[] = [];
  for (const numbers of node.calls) {
    const read = (part: ast.NumberLiteral) =>
      evaluateConstant(context, lowerNumber(context, part), "plain", "A call number", 1, Number.MAX_SAFE_INTEGER);
    const from = read(numbers.from);
    const to = numbers.to === undefined ? (from ?? 0) + 1 : read(numbers.to);
    if (from === null || to === null) continue;
    if (to <= from) reporter.report(context.nodeRange(numbers), problems.emptyRange());
    else if (from < (calls.at(-1)?.to ?? 1)) reporter.report(context.nodeRange(numbers), problems.callNumbers());
    else calls.push({ from, to });
  }
  const name = node.function;
  if (name !== "need_resched" && name !== "need_lockbreak") {
    reporter.reportUnknown(context.propertyRange(node, "function"), name, ["need_resched", "need_lockbreak"], problems.unknownForce, "");
    return null;
  }
  const lock = node.object === undefined ? null : lowerExpression(context, node.object);
  if (lock !== null && name === "need_resched") reporter.report(lock.range, problems.tooManyArguments("force need_resched at N"));
  return { function: name, lock, calls, range: context.nodeRange(node) };
}

function lowerCheck(context: LoweringContext, node: ast.Check): Check {
  const { offset, end } = node.$cstNode!;
  // Reports show a check on one line, without its comments.
  const text = context.text
    .slice(offset, end)
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n\r]*/g, " ")
    .replace(/\s+/g, " ");
  return {
    kind: node.kind,
    task: node.task ?? null,
    taskRange: node.task === undefined ? null : context.propertyRange(node, "task"),
    condition: lowerExpression(context, node.condition),
    text,
    range: context.nodeRange(node),
  };
}

function lowerExpectation(context: LoweringContext, nodes: readonly ast.Expectation[]): Expectation | null {
  nodes
    .slice(1)
    .forEach((node) =>
      context.reporter.report(context.nodeRange(node), problems.setTwice("The expected bug", context.nodeRange(nodes[0]!).line)),
    );
  const node = nodes[0];
  if (node === undefined) return null;
  if (!BUG_CODES.includes(node.code)) {
    context.reporter.reportUnknown(context.propertyRange(node, "code"), node.code, BUG_CODES, problems.unknownBug, "");
  }
  return { kind: "expect", code: node.code, text: `expect bug ${node.code}`, range: context.nodeRange(node) };
}

function lowerBody(context: LoweringContext, block: ast.Block): Statement[] {
  return block.statements.map((node) => lowerStatement(context, node)).filter((statement) => statement !== null);
}

/** The statement; null, with a diagnostic, if it has no meaning. */
function lowerStatement(context: LoweringContext, node: ast.Statement): Statement | null {
  const head = (body: ast.Block): Range => context.headRange(node, body);
  const expr = (part: ast.Expression) => lowerExpression(context, part);
  const site = context.sites++;
  switch (node.$type) {
    case "Repeat":
      return {
        kind: "repeat",
        site,
        count: node.count === undefined ? null : expr(node.count),
        body: lowerBody(context, node.body),
        range: head(node.body),
      };
    case "Every":
      return {
        kind: "every",
        site,
        period: expr(node.period),
        count: expr(node.count),
        body: lowerBody(context, node.body),
        range: head(node.body),
      };
    case "If":
      return { kind: "if", site, test: expr(node.condition), body: lowerBody(context, node.body), range: head(node.body) };
    case "Let":
      return {
        kind: "let",
        site,
        name: node.name,
        nameRange: context.propertyRange(node, "name"),
        value: expr(node.value),
        range: context.nodeRange(node),
      };
    case "Stop":
      return { kind: "stop", site, range: context.nodeRange(node) };
    case "CallStatement":
      return lowerCall(context, node.call, null, site, context.nodeRange(node));
    case "Assignment":
      if (node.value.$type === "Call") return lowerCall(context, node.value, node.name, site, context.nodeRange(node));
      context.reporter.report(context.nodeRange(node.value), problems.noResult());
      return null;
  }
}

function lowerCall(context: LoweringContext, node: ast.Call, result: string | null, site: number, range: Range): Statement | null {
  const entry = findCall(context, node);
  if (entry === null) return null;
  const args = lowerArguments(context, node, entry, context.propertyRange(node, "name"));
  if (result !== null && entry.result === null) context.reporter.report(context.nodeRange(node), problems.noResult());
  return { kind: "call", site, call: entry.name, args, result, range };
}
