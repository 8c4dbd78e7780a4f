// All statements of a program, wherever they are nested, and the calls in them.

import type { Body, CallNode, Expr, Program, Statement } from "./program.ts";

/** The statements of a body and of the bodies inside it, in the order of the text. */
export function statements_of(body: Body): Statement[] {
  return body.flatMap((statement) => ("body" in statement ? [statement, ...statements_of(statement.body)] : [statement]));
}

/** Does a body go on for ever? */
export function is_endless(body: Body): boolean {
  return body.some((statement) => statement.kind === "repeat" && statement.count === null);
}

/** The statements of a program by their site. */
export function all_statements({ processes, tasks, triggers }: Program): Statement[] {
  const statements: Statement[] = [];
  for (const { body } of [...processes, ...tasks, ...triggers]) for (const statement of statements_of(body)) statements[statement.site] = statement;
  return statements;
}

/** The calls that a statement makes, without those of its body: itself, or those whose values it uses. */
export function calls_of(statement: Statement): CallNode[] {
  if (statement.kind === "call") return [statement];
  if (statement.kind === "let") return calls_in(statement.value);
  return statement.kind === "if" ? calls_in(statement.test) : [];
}

/** The system calls in an expression, in the order in which they are made. */
export function calls_in(expr: Expr): CallNode[] {
  if (expr.kind === "syscall") return [expr];
  return parts_of(expr).flatMap(calls_in);
}

/** Fields that say what a mapping was made as. */
const OF_MAPPINGS: ReadonlySet<string> = new Set(["start", "end", "length"]);

/** Does the statement, without its body, use something of the kernel's state that changes as others go on? */
export function looks_at_kernel(statement: Statement): boolean {
  switch (statement.kind) {
    case "call":
      return Object.values(statement.args).some(is_look);
    case "let":
      return is_look(statement.value);
    case "if":
      return is_look(statement.test);
    case "repeat":
      return statement.count !== null && is_look(statement.count);
    case "every":
      return is_look(statement.count) || is_look(statement.period);
    case "stop":
      return false;
  }
}

function is_look(expr: Expr): boolean {
  return expr.kind === "call" || (expr.kind === "member" && !OF_MAPPINGS.has(expr.name)) || parts_of(expr).some(is_look);
}

/** Is the number of the round used in a loop's body? */
export function uses_iteration(body: Body): boolean {
  const in_expr = (expr: Expr): boolean => (expr.kind === "name" && expr.name === "iteration") || parts_of(expr).some(in_expr);
  return statements_of(body).some((statement) => Object.values(statement).some((part: unknown) => is_expr(part) && in_expr(part)) || (statement.kind === "call" && Object.values(statement.args).some(in_expr)));
}

/** Is one of these functions used in an expression? */
export function uses_function(expr: Expr, names: ReadonlySet<string>): boolean {
  return (expr.kind === "call" && names.has(expr.name)) || parts_of(expr).some((part) => uses_function(part, names));
}

function is_expr(part: unknown): part is Expr {
  return typeof part === "object" && part !== null && "kind" in part && "range" in part;
}

function parts_of(expr: Expr): readonly Expr[] {
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
