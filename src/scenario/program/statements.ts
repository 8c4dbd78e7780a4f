// All statements of a program, wherever they are nested, and the calls in them.

import type { Body, CallNode, Expr, Program, Statement } from "./program.ts";

/** The statements of a body and of the bodies inside it, in the order of the text. */
export function statementsOf(body: Body): Statement[] {
  return body.flatMap((statement) => ("body" in statement ? [statement, ...statementsOf(statement.body)] : [statement]));
}

/** Does a body go on for ever? */
export function isEndless(body: Body): boolean {
  return body.some((statement) => statement.kind === "repeat" && statement.count === null);
}

/** The statements of a program by their site. */
export function allStatements({ processes, tasks, triggers }: Program): Statement[] {
  const statements: Statement[] = [];
  for (const { body } of [...processes, ...tasks, ...triggers]) for (const statement of statementsOf(body)) statements[statement.site] = statement;
  return statements;
}

/** The calls that a statement makes, without those of its body: itself, or those whose values it uses. */
export function callsOf(statement: Statement): CallNode[] {
  if (statement.kind === "call") return [statement];
  if (statement.kind === "let") return callsIn(statement.value);
  return statement.kind === "if" ? callsIn(statement.test) : [];
}

/** The system calls in an expression, in the order in which they are made. */
export function callsIn(expr: Expr): CallNode[] {
  if (expr.kind === "syscall") return [expr];
  return partsOf(expr).flatMap(callsIn);
}

/** Fields that say what a mapping was made as. */
const OF_MAPPINGS: ReadonlySet<string> = new Set(["start", "end", "length"]);

/** Does the statement, without its body, use something of the kernel's state that changes as others go on? */
export function looksAtKernel(statement: Statement): boolean {
  switch (statement.kind) {
    case "call":
      return Object.values(statement.args).some(isLook);
    case "let":
      return isLook(statement.value);
    case "if":
      return isLook(statement.test);
    case "repeat":
      return statement.count !== null && isLook(statement.count);
    case "every":
      return isLook(statement.count) || isLook(statement.period);
    case "stop":
      return false;
  }
}

function isLook(expr: Expr): boolean {
  return expr.kind === "call" || (expr.kind === "member" && !OF_MAPPINGS.has(expr.name)) || partsOf(expr).some(isLook);
}

/** Is the number of the round used in a loop's body? */
export function usesIteration(body: Body): boolean {
  const inExpr = (expr: Expr): boolean => (expr.kind === "name" && expr.name === "iteration") || partsOf(expr).some(inExpr);
  return statementsOf(body).some((statement) => Object.values(statement).some((part: unknown) => isExpr(part) && inExpr(part)) || (statement.kind === "call" && Object.values(statement.args).some(inExpr)));
}

/** Is one of these functions used in an expression? */
export function usesFunction(expr: Expr, names: ReadonlySet<string>): boolean {
  return (expr.kind === "call" && names.has(expr.name)) || partsOf(expr).some((part) => usesFunction(part, names));
}

function isExpr(part: unknown): part is Expr {
  return typeof part === "object" && part !== null && "kind" in part && "range" in part;
}

function partsOf(expr: Expr): readonly Expr[] {
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
