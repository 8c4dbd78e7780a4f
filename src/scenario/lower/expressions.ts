// Expressions and arguments, from the syntax tree to the typed tree of program.ts.

import { calls, CALLS, FLAGS, functions, isFlagKind, signature, type Parameter, type ParameterKind } from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import type * as ast from "../generated/ast.ts";
import type { Arguments, BinaryOperator, Expr, Range, UnaryOperator } from "../program/program.ts";
import { join } from "../syntax/text.ts";
import type { Context } from "./context.ts";
import { readNumber } from "./literals.ts";

/** Operators that can also be written as words. */
const WORDS: Readonly<Record<string, BinaryOperator>> = { and: "&&", or: "||" };

export function lowerExpression(context: Context, node: ast.Expression): Expr {
  // The parts of an infix expression share one node of the text: their ranges follow from their operands.
  if (node.$type === "BinaryExpression") {
    const left = lowerExpression(context, node.left);
    const right = lowerExpression(context, node.right);
    return { kind: "binary", operator: WORDS[node.operator] ?? (node.operator as BinaryOperator), left, right, range: join(left.range, right.range) };
  }
  const range = context.range(node);
  switch (node.$type) {
    case "NumberLiteral":
      return lowerNumber(context, node);
    case "TextLiteral":
      return { kind: "text", value: node.text.slice(1, -1), range };
    case "NameReference":
      return { kind: "name", name: node.name, range };
    case "Parenthesis":
      return { ...lowerExpression(context, node.inner), range };
    case "UnaryExpression":
      return { kind: "unary", operator: node.operator === "not" ? "!" : (node.operator as UnaryOperator), operand: lowerExpression(context, node.operand), range };
    case "Conditional": {
      const [test, then, otherwise] = [node.test, node.then, node.otherwise].map((part) => lowerExpression(context, part)) as [Expr, Expr, Expr];
      return { kind: "conditional", test, then, otherwise, range: join(test.range, otherwise.range) };
    }
    case "Member":
      return { kind: "member", object: lowerExpression(context, node.object), name: node.member, nameRange: context.property(node, "member"), range };
    case "Index": {
      const object = lowerExpression(context, node.object);
      if (node.index.$type !== "RangeExpression") return { kind: "index", object, index: lowerExpression(context, node.index), range };
      return { kind: "slice", object, from: lowerExpression(context, node.index.from), to: lowerExpression(context, node.index.to), range };
    }
    case "RangeExpression":
      context.reporter.report(range, problems.rangeNotHere());
      return { kind: "invalid", range };
    case "Call":
      return lowerFunction(context, node);
    default:
      return { kind: "invalid", range };
  }
}

export function lowerNumber(context: Context, node: ast.NumberLiteral): Expr {
  const range = context.range(node);
  const number = readNumber(node.digits, node.pages);
  if (!("code" in number)) return { kind: "number", ...number, range };
  context.reporter.report(range, number);
  return { kind: "invalid", range };
}

function lowerFunction(context: Context, node: ast.Call): Expr {
  const range = context.range(node);
  const nameRange = context.property(node, "name");
  const entry = context.functions.get(node.name);
  if (entry !== undefined) return { kind: "call", name: node.name, args: lowerArguments(context, node, entry, nameRange), nameRange, range };
  const call = calls.get(node.name);
  if (call !== undefined && call.value !== null) return { kind: "syscall", call: call.name, args: lowerArguments(context, node, call, nameRange), range };
  if (call !== undefined) context.reporter.report(nameRange, problems.callAsValue(node.name));
  else context.reporter.unknown(nameRange, node.name, [...context.functions.keys()], problems.unknownCall, "function");
  return { kind: "invalid", range };
}

/** The call's arguments by parameter name, fixed defaults filled in. */
export function lowerArguments(context: Context, node: ast.Call, entry: { readonly name: string; readonly parameters: readonly Parameter[] }, nameRange: Range): Arguments {
  const args: Record<string, Expr> = {};
  const { reporter } = context;
  const form = signature(entry);
  let named = false;
  // One mistake in a list of arguments makes others likely that are none.
  let broken = false;
  const wrong = (range: Range, problem: Parameters<typeof reporter.report>[1]) => {
    if (!broken) reporter.report(range, problem);
    broken = true;
  };
  for (const [i, argument] of node.arguments.entries()) {
    const range = context.range(argument);
    named ||= argument.name !== undefined;
    const parameter = argument.name === undefined ? entry.parameters[i] : entry.parameters.find((p) => p.name === argument.name);
    if (argument.name !== undefined && parameter === undefined) {
      reporter.unknown(context.property(argument, "name"), argument.name, entry.parameters.map((p) => p.name), problems.unknownParameter, form);
      broken = true;
    } else if (argument.name === undefined && named) {
      wrong(range, problems.positionalAfterNamed());
    } else if (parameter === undefined) {
      wrong(range, problems.tooManyArguments(form));
    } else if (parameter.name in args) {
      wrong(range, problems.argumentTwice(parameter.name));
    } else {
      args[parameter.name] = lowerArgument(context, argument.value, parameter.kind);
    }
  }
  for (const parameter of entry.parameters) {
    if (parameter.name in args || parameter.default === null) continue;
    if (parameter.default === undefined) wrong(nameRange, problems.missingArgument(parameter.name, form));
    else args[parameter.name] = defaultValue(parameter.default, nameRange);
  }
  return args;
}

function defaultValue(value: number | string | readonly string[], range: Range): Expr {
  if (typeof value === "string") return { kind: "text", value, range };
  return typeof value === "number" ? { kind: "number", value, unit: "plain", range } : { kind: "flags", flags: value, range };
}

function lowerArgument(context: Context, node: ast.Expression, kind: ParameterKind): Expr {
  if (isFlagKind(kind)) {
    const flags: string[] = [];
    const fine = collectFlags(context, node, FLAGS[kind], flags);
    const range = context.range(node);
    return fine ? { kind: "flags", flags, range } : { kind: "invalid", range };
  }
  if (kind === "bytes") {
    const range = context.range(node);
    if (node.$type === "RangeExpression") return { kind: "bytes", from: lowerExpression(context, node.from), to: lowerExpression(context, node.to), range };
    context.reporter.report(range, problems.wrongKind("a byte range, FROM .. TO", "one value"));
    return { kind: "invalid", range };
  }
  if (kind === "mark" && node.$type === "NameReference" && node.name === "size") return { kind: "text", value: "size", range: context.range(node) };
  return lowerExpression(context, node);
}

/** The words of `read|write`, appended to `flags`; false if something else was found and reported. */
function collectFlags(context: Context, node: ast.Expression, known: readonly string[], flags: string[]): boolean {
  if (node.$type === "BinaryExpression" && node.operator === "|") {
    return collectFlags(context, node.left, known, flags) && collectFlags(context, node.right, known, flags);
  }
  if (node.$type === "Parenthesis") return collectFlags(context, node.inner, known, flags);
  if (node.$type !== "NameReference") {
    context.reporter.report(context.range(node), problems.wrongKind(`flags (${known.join(", ")})`, "a value"));
    return false;
  }
  if (known.includes(node.name)) {
    flags.push(node.name);
    return true;
  }
  context.reporter.unknown(context.range(node), node.name, known, problems.unknownFlag, known.join(", "));
  return false;
}

/** The system call that a statement names, or null, reported. */
export function findCall(context: Context, node: ast.Call): (typeof CALLS)[number] | null {
  const entry = calls.get(node.name);
  if (entry !== undefined) return entry;
  const range = context.property(node, "name");
  if (functions.has(node.name)) context.reporter.report(range, problems.functionAsStatement(node.name));
  else context.reporter.unknown(range, node.name, CALLS.map((c) => c.name), problems.unknownCall, "call");
  return null;
}
