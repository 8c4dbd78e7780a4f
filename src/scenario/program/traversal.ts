// Traversal of the AST of a program: all statements at any depth, and the calls and expressions in them.

import type { Body, CallNode, Expr, Program, Statement } from "./program.ts";

/** The statements of a body and of the bodies inside it, in the order of the text. */
export function statementsOf(body: Body): Statement[] {
  return body.flatMap((statement) => ("body" in statement ? [statement, ...statementsOf(statement.body)] : [statement]));
}

/** Does a body contain a loop without an end? Such a task is divergent by design. */
export function repeatsForever(body: Body): boolean {
  return body.some((statement) => statement.kind === "repeat" && statement.count === null);
}

/** The statements of a program, indexed by site. */
export function statementsBySite({ processes, tasks, triggers }: Program): Statement[] {
  const statements: Statement[] = [];
  for (const { body } of [...processes, ...tasks, ...triggers]) {
    for (const statement of statementsOf(body)) statements[statement.site] = statement;
  }
  return statements;
}

/** The calls that a statement makes, without those of its body: itself, or the calls in its expression. */
export function callsOfStatement(statement: Statement): CallNode[] {
  if (statement.kind === "call") return [statement];
  if (statement.kind === "let") return callsIn(statement.value);
  return statement.kind === "if" ? callsIn(statement.test) : [];
}

/** The system calls in an expression, in the order in which they are made. */
export function callsIn(expr: Expr): CallNode[] {
  if (expr.kind === "syscall") return [expr];
  return childrenOf(expr).flatMap(callsIn);
}

/** Fields of a mapping that no kernel operation changes. */
const STATIC_MAPPING_FIELDS: ReadonlySet<string> = new Set(["start", "end", "length"]);

/** Does the statement, without its body, read kernel state that other tasks can change? */
export function readsKernelState(statement: Statement): boolean {
  switch (statement.kind) {
    case "call":
      return Object.values(statement.args).some(isKernelRead);
    case "let":
      return isKernelRead(statement.value);
    case "if":
      return isKernelRead(statement.test);
    case "repeat":
      return statement.count !== null && isKernelRead(statement.count);
    case "every":
      return isKernelRead(statement.count) || isKernelRead(statement.period);
    case "stop":
      return false;
  }
}

function isKernelRead(expr: Expr): boolean {
  return expr.kind === "call" || (expr.kind === "member" && !STATIC_MAPPING_FIELDS.has(expr.name)) || childrenOf(expr).some(isKernelRead);
}

/** Does the body of a loop read `iteration`? */
export function usesIteration(body: Body): boolean {
  const inExpr = (expr: Expr): boolean => (expr.kind === "name" && expr.name === "iteration") || childrenOf(expr).some(inExpr);
  return statementsOf(body).some(
    (statement) =>
      Object.values(statement).some((part: unknown) => isExpr(part) && inExpr(part)) ||
      (statement.kind === "call" && Object.values(statement.args).some(inExpr)),
  );
}

/** Does an expression call one of these functions? */
export function usesFunction(expr: Expr, names: ReadonlySet<string>): boolean {
  return (expr.kind === "call" && names.has(expr.name)) || childrenOf(expr).some((part) => usesFunction(part, names));
}

function isExpr(part: unknown): part is Expr {
  return typeof part === "object" && part !== null && "kind" in part && "range" in part;
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "member":
      return [expr.object];
    case "index":
      return [expr.object, expr.index];
    case "slice":
      return [expr.object, expr.from, expr.to];
    case "bytes":
      return [expr.from, expr.to];
    case "call":
    case "syscall":
      return Object.values(expr.args);
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "conditional":
      return [expr.test, expr.then, expr.otherwise];
    default:
      return [];
  }
}
