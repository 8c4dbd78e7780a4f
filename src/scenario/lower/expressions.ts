// Lowers expressions and arguments from the syntax tree to the AST of program.ts.

import {
  callsByName,
  CALLS,
  FLAGS,
  functionsByName,
  isFlagType,
  formatSignature,
  type Parameter,
  type ParameterType,
} from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import type * as ast from "../generated/ast.ts";
import type { Arguments, BinaryOperator, Expr, Range, UnaryOperator } from "../program/program.ts";
import { joinRanges } from "../syntax/line-map.ts";
import type { LoweringContext } from "./lowering-context.ts";
import { parseNumber } from "./literals.ts";

/** Operators that have a keyword. */
const OPERATOR_OF_KEYWORD: Readonly<Record<string, BinaryOperator>> = { and: "&&", or: "||" };

export function lowerExpression(context: LoweringContext, node: ast.Expression): Expr {
  // The operands of an infix expression share one CST node: the range is joined from those of the operands.
  if (node.$type === "BinaryExpression") {
    const left = lowerExpression(context, node.left);
    const right = lowerExpression(context, node.right);
    return {
      kind: "binary",
      operator: OPERATOR_OF_KEYWORD[node.operator] ?? (node.operator as BinaryOperator),
      left,
      right,
      range: joinRanges(left.range, right.range),
    };
  }
  const range = context.nodeRange(node);
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
      return {
        kind: "unary",
        operator: node.operator === "not" ? "!" : (node.operator as UnaryOperator),
        operand: lowerExpression(context, node.operand),
        range,
      };
    case "Conditional": {
      const [test, then, otherwise] = [node.test, node.then, node.otherwise].map((part) => lowerExpression(context, part)) as [
        Expr,
        Expr,
        Expr,
      ];
      return { kind: "conditional", test, then, otherwise, range: joinRanges(test.range, otherwise.range) };
    }
    case "Member":
      return {
        kind: "member",
        object: lowerExpression(context, node.object),
        name: node.member,
        nameRange: context.propertyRange(node, "member"),
        range,
      };
    case "Index": {
      const object = lowerExpression(context, node.object);
      if (node.index.$type !== "RangeExpression") return { kind: "index", object, index: lowerExpression(context, node.index), range };
      return { kind: "slice", object, from: lowerExpression(context, node.index.from), to: lowerExpression(context, node.index.to), range };
    }
    case "RangeExpression":
      context.reporter.report(range, problems.rangeNotHere());
      return { kind: "invalid", range };
    case "Call":
      return lowerCallExpression(context, node);
    default:
      return { kind: "invalid", range };
  }
}

export function lowerNumber(context: LoweringContext, node: ast.NumberLiteral): Expr {
  const range = context.nodeRange(node);
  const number = parseNumber(node.digits, node.pages);
  if (!("code" in number)) return { kind: "number", ...number, range };
  context.reporter.report(range, number);
  return { kind: "invalid", range };
}

function lowerCallExpression(context: LoweringContext, node: ast.Call): Expr {
  const range = context.nodeRange(node);
  const nameRange = context.propertyRange(node, "name");
  const entry = context.functions.get(node.name);
  if (entry !== undefined) {
    return { kind: "call", name: node.name, args: lowerArguments(context, node, entry, nameRange), nameRange, range };
  }
  const call = callsByName.get(node.name);
  if (call !== undefined && call.value !== null) {
    return { kind: "syscall", call: call.name, args: lowerArguments(context, node, call, nameRange), range };
  }
  if (call !== undefined) context.reporter.report(nameRange, problems.callAsValue(node.name));
  else context.reporter.reportUnknown(nameRange, node.name, [...context.functions.keys()], problems.unknownCall, "function");
  return { kind: "invalid", range };
}

/** The call's arguments by parameter name, fixed defaults filled in. */
export function lowerArguments(
  context: LoweringContext,
  node: ast.Call,
  entry: { readonly name: string; readonly parameters: readonly Parameter[] },
  nameRange: Range,
): Arguments {
  const args: Record<string, Expr> = {};
  const { reporter } = context;
  const callForm = formatSignature(entry);
  let named = false;
  // One error in a list of arguments usually causes others that are none.
  let reported = false;
  const reportOnce = (range: Range, problem: Parameters<typeof reporter.report>[1]) => {
    if (!reported) reporter.report(range, problem);
    reported = true;
  };
  for (const [i, argument] of node.arguments.entries()) {
    const range = context.nodeRange(argument);
    named ||= argument.name !== undefined;
    const parameter = argument.name === undefined ? entry.parameters[i] : entry.parameters.find((p) => p.name === argument.name);
    if (argument.name !== undefined && parameter === undefined) {
      reporter.reportUnknown(
        context.propertyRange(argument, "name"),
        argument.name,
        entry.parameters.map((p) => p.name),
        problems.unknownParameter,
        callForm,
      );
      reported = true;
    } else if (argument.name === undefined && named) {
      reportOnce(range, problems.positionalAfterNamed());
    } else if (parameter === undefined) {
      reportOnce(range, problems.tooManyArguments(callForm));
    } else if (parameter.name in args) {
      reportOnce(range, problems.argumentTwice(parameter.name));
    } else {
      args[parameter.name] = lowerArgument(context, argument.value, parameter.type);
    }
  }
  for (const parameter of entry.parameters) {
    if (parameter.name in args || parameter.default === null) continue;
    if (parameter.default === undefined) reportOnce(nameRange, problems.missingArgument(parameter.name, callForm));
    else args[parameter.name] = defaultValue(parameter.default, nameRange);
  }
  return args;
}

function defaultValue(value: number | string | readonly string[], range: Range): Expr {
  if (typeof value === "string") return { kind: "text", value, range };
  return typeof value === "number" ? { kind: "number", value, unit: "plain", range } : { kind: "flags", flags: value, range };
}

function lowerArgument(context: LoweringContext, node: ast.Expression, type: ParameterType): Expr {
  if (isFlagType(type)) {
    const flags: string[] = [];
    const fine = collectFlags(context, node, FLAGS[type], flags);
    const range = context.nodeRange(node);
    return fine ? { kind: "flags", flags, range } : { kind: "invalid", range };
  }
  if (type === "bytes") {
    const range = context.nodeRange(node);
    if (node.$type === "RangeExpression") {
      return { kind: "bytes", from: lowerExpression(context, node.from), to: lowerExpression(context, node.to), range };
    }
    context.reporter.report(range, problems.wrongType("a byte range, FROM .. TO", "one value"));
    return { kind: "invalid", range };
  }
  if (type === "mark" && node.$type === "NameReference" && node.name === "size") {
    return { kind: "text", value: "size", range: context.nodeRange(node) };
  }
  return lowerExpression(context, node);
}

/** Appends the flags of `read|write` to `flags`; false, with a diagnostic, if there is anything else. */
function collectFlags(context: LoweringContext, node: ast.Expression, known: readonly string[], flags: string[]): boolean {
  if (node.$type === "BinaryExpression" && node.operator === "|") {
    return collectFlags(context, node.left, known, flags) && collectFlags(context, node.right, known, flags);
  }
  if (node.$type === "Parenthesis") return collectFlags(context, node.inner, known, flags);
  if (node.$type !== "NameReference") {
    context.reporter.report(context.nodeRange(node), problems.wrongType(`flags (${known.join(", ")})`, "a value"));
    return false;
  }
  if (known.includes(node.name)) {
    flags.push(node.name);
    return true;
  }
  context.reporter.reportUnknown(context.nodeRange(node), node.name, known, problems.unknownFlag, known.join(", "));
  return false;
}

/** The system call that a statement names; null, with a diagnostic, if there is none. */
export function findCall(context: LoweringContext, node: ast.Call): (typeof CALLS)[number] | null {
  const entry = callsByName.get(node.name);
  if (entry !== undefined) return entry;
  const range = context.propertyRange(node, "name");
  if (functionsByName.has(node.name)) context.reporter.report(range, problems.functionAsStatement(node.name));
  else
    context.reporter.reportUnknown(
      range,
      node.name,
      CALLS.map((c) => c.name),
      problems.unknownCall,
      "call",
    );
  return null;
}
