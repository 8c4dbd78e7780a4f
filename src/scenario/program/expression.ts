// Evaluates expressions: checks, conditions of triggers and breakpoints, watches, `print`.
//
// Numbers are whole and exact from -2^53 to 2^53; an arithmetic result beyond that is an error, never a wrong number.
// Values read from the kernel may be larger (ULONG_MAX of a 64-bit arch): they can be compared, not calculated with.
// Operators and precedence are C's. Division cuts towards zero and the remainder has the sign of the dividend; bits are
// those of a two's complement of unlimited width, so ~0 is -1; truth is 1 or 0; && || ?: evaluate no more than they need.

import { problems, type Diagnostic, type Problem } from "./diagnostics.ts";
import type { Arguments, BinaryOperator, Expr, Range } from "./program.ts";
import { suggest } from "./suggest.ts";

/** Something of the run that is no number or text: a file, a lock, a vma. The run wraps its own objects in these. */
export interface HostObject {
  /** With an article, for messages: "the file 'data'", "a vm_area_struct". */
  readonly what: string;
  /** Two host objects are equal if this is the same. */
  readonly identity: unknown;
  /** The value of a field; undefined if there is no such field. */
  field?(name: string): Value | undefined;
  fieldNames?(): Iterable<string>;
  /** For arrays: how many elements, and the one at an index from 0. */
  readonly length?: number;
  element?(index: number): Value;
  /** Where a field or an element is kept; undefined if it is calculated, or is an object of its own. */
  storage?(name: string | number): Storage | undefined;
  /** For mappings: their bytes from one offset up to another. */
  slice?(from: number, to: number): Value;
}

/** A field of an object of the run, or an element of an array. */
export interface Storage {
  readonly object: object;
  readonly key: string | number;
}

export type Value = number | string | null | HostObject;

/** A function's answer when it has no value: why. */
export interface Failure {
  readonly failure: string;
}

/** Where names and functions get their values. Pure as seen from here: nothing may change while an expression is evaluated. */
export interface Environment {
  /** The value of a plain name; undefined if it has none. */
  name(name: string): Value | undefined;
  /** All plain names, for "did you mean". */
  names(): Iterable<string>;
  /** The value of a function of the catalogue; arguments by parameter name, the word `size` as the text "size". */
  call(name: string, args: Readonly<Record<string, Value>>): Value | Failure;
  /** What the last system call like this returned. */
  returned(call: string, args: Readonly<Record<string, Value>>): Value | Failure;
}

/** An environment without names: for values that must be known beforehand. */
export const NOTHING_KNOWN: Environment = {
  name: () => undefined,
  names: () => [],
  call: () => ({ failure: "it is known only during a run" }),
  returned: () => ({ failure: "it is known only during a run" }),
};

/** A byte range of a file, as an argument. */
export class ByteRange implements HostObject {
  readonly what = "a byte range";
  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  get identity(): string {
    return `${this.from} .. ${this.to}`;
  }
}

/** Why an expression has no value. */
export class EvaluationError implements Diagnostic {
  readonly code: string;
  readonly severity = "error";
  readonly message: string;

  constructor(
    problem: Problem,
    readonly range: Range,
  ) {
    this.code = problem.code;
    this.message = problem.message;
  }
}

export function isError(value: Value | EvaluationError): value is EvaluationError {
  return value instanceof EvaluationError;
}

/** C's truth: everything but 0, NULL and the empty text. */
export function isTrue(value: Value): boolean {
  return value !== 0 && value !== null && value !== "";
}

/** The value of `expr`, or why it has none. Never throws (unless the environment does). */
export function evaluate(expr: Expr, env: Environment): Value | EvaluationError {
  switch (expr.kind) {
    case "number":
    case "text":
      return expr.value;
    case "flags":
      return expr.flags.join("|");
    case "name":
      return known(env.name(expr.name), () => problems.unknownName(expr.name, "here", suggest(expr.name, env.names())), expr.range);
    case "member":
      return member(expr, env);
    case "index":
      return element(expr, env);
    case "slice":
      return slice(expr, env);
    case "call":
      return answer(expr, expr.args, env, (args) => env.call(expr.name, args));
    case "syscall":
      return answer(expr, expr.args, env, (args) => env.returned(expr.call, args));
    case "bytes":
      return bytes(expr, env);
    case "unary":
      return unary(expr, env);
    case "binary":
      return binary(expr, env);
    case "conditional": {
      const test = evaluate(expr.test, env);
      return isError(test) ? test : evaluate(isTrue(test) ? expr.then : expr.otherwise, env);
    }
    case "invalid":
      return new EvaluationError(problems.notEvaluated("it contains a mistake"), expr.range);
  }
}

/** A word for a value in messages. */
export function describeValue(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return "a number";
  return typeof value === "string" ? "a text" : value.what;
}

function known(value: Value | undefined, problem: () => Problem, range: Range): Value | EvaluationError {
  return value === undefined ? new EvaluationError(problem(), range) : value;
}

function member(expr: Expr & { kind: "member" }, env: Environment): Value | EvaluationError {
  const object = evaluate(expr.object, env);
  if (isError(object)) return object;
  if (object === null) return new EvaluationError(problems.nullAccess(expr.name), expr.range);
  if (typeof object !== "object" || object.field === undefined) return new EvaluationError(problems.noFields(describeValue(object), expr.name), expr.nameRange);
  const { what } = object;
  return known(object.field(expr.name), () => problems.unknownField(expr.name, what, suggest(expr.name, object.fieldNames?.() ?? [])), expr.nameRange);
}

function element(expr: Expr & { kind: "index" }, env: Environment): Value | EvaluationError {
  const object = evaluate(expr.object, env);
  if (isError(object)) return object;
  const index = evaluate(expr.index, env);
  if (isError(index)) return index;
  if (object === null || typeof object !== "object" || object.element === undefined || object.length === undefined) {
    return new EvaluationError(problems.notIndexable(describeValue(object)), expr.object.range);
  }
  if (typeof index !== "number") return new EvaluationError(problems.noValue("[]", describeValue(index)), expr.index.range);
  if (!Number.isInteger(index) || index < 0 || index >= object.length) {
    return new EvaluationError(problems.badIndex(String(index), object.length), expr.index.range);
  }
  return object.element(index);
}

function slice(expr: Expr & { kind: "slice" }, env: Environment): Value | EvaluationError {
  const object = evaluate(expr.object, env);
  if (isError(object)) return object;
  const from = evaluate(expr.from, env);
  if (isError(from)) return from;
  const to = evaluate(expr.to, env);
  if (isError(to)) return to;
  if (object === null || typeof object !== "object" || object.slice === undefined) return new EvaluationError(problems.notSliceable(describeValue(object)), expr.object.range);
  if (typeof from !== "number") return new EvaluationError(problems.noValue("..", describeValue(from)), expr.from.range);
  if (typeof to !== "number") return new EvaluationError(problems.noValue("..", describeValue(to)), expr.to.range);
  if (to <= from) return new EvaluationError(problems.emptyRange(), expr.range);
  return object.slice(from, to);
}

function bytes(expr: Expr & { kind: "bytes" }, env: Environment): Value | EvaluationError {
  const from = evaluate(expr.from, env);
  if (isError(from)) return from;
  const to = evaluate(expr.to, env);
  if (isError(to)) return to;
  if (typeof from !== "number") return new EvaluationError(problems.noValue("..", describeValue(from)), expr.from.range);
  if (typeof to !== "number") return new EvaluationError(problems.noValue("..", describeValue(to)), expr.to.range);
  return from < 0 || to <= from ? new EvaluationError(problems.emptyRange(), expr.range) : new ByteRange(from, to);
}

/** What the environment answers when it is asked with these arguments. */
function answer(expr: Expr, given: Arguments, env: Environment, ask: (args: Readonly<Record<string, Value>>) => Value | Failure): Value | EvaluationError {
  const args: Record<string, Value> = {};
  for (const [name, arg] of Object.entries(given)) {
    const value = evaluate(arg, env);
    if (isError(value)) return value;
    args[name] = value;
  }
  const result = ask(args);
  if (typeof result === "object" && result !== null && "failure" in result) return new EvaluationError(problems.notEvaluated(result.failure), expr.range);
  return result;
}

function unary(expr: Expr & { kind: "unary" }, env: Environment): Value | EvaluationError {
  const operand = evaluate(expr.operand, env);
  if (isError(operand)) return operand;
  if (expr.operator === "!") return isTrue(operand) ? 0 : 1;
  if (typeof operand !== "number") return new EvaluationError(problems.noValue(expr.operator, describeValue(operand)), expr.operand.range);
  if (expr.operator === "~") return exact(-operand - 1, expr.range);
  return exact(expr.operator === "-" ? -operand : operand, expr.range);
}

function binary(expr: Expr & { kind: "binary" }, env: Environment): Value | EvaluationError {
  const { operator } = expr;
  const left = evaluate(expr.left, env);
  if (isError(left)) return left;
  if (operator === "&&" && !isTrue(left)) return 0;
  if (operator === "||" && isTrue(left)) return 1;
  const right = evaluate(expr.right, env);
  if (isError(right)) return right;
  if (operator === "&&" || operator === "||") return isTrue(right) ? 1 : 0;
  if (operator === "==" || operator === "!=") {
    const same = equal(left, right);
    if (same === undefined) return new EvaluationError(problems.incomparable(describeValue(left), operator, describeValue(right)), expr.range);
    return same === (operator === "==") ? 1 : 0;
  }
  if (typeof left !== "number") return new EvaluationError(problems.noValue(operator, describeValue(left)), expr.left.range);
  if (typeof right !== "number") return new EvaluationError(problems.noValue(operator, describeValue(right)), expr.right.range);
  return calculate(operator, left, right, expr);
}

/** Undefined if the two cannot be compared. NULL can be compared with anything that has fields. */
function equal(left: Value, right: Value): boolean | undefined {
  if (left === null || right === null) return typeof (left ?? right) === "object" ? left === right : undefined;
  if (typeof left === "object" && typeof right === "object") return left.identity === right.identity;
  return typeof left === typeof right ? left === right : undefined;
}

function calculate(operator: Exclude<BinaryOperator, "&&" | "||" | "==" | "!=">, left: number, right: number, expr: Expr & { kind: "binary" }): number | EvaluationError {
  switch (operator) {
    case "<":
      return left < right ? 1 : 0;
    case "<=":
      return left <= right ? 1 : 0;
    case ">":
      return left > right ? 1 : 0;
    case ">=":
      return left >= right ? 1 : 0;
    case "+":
      return exact(left + right, expr.range);
    case "-":
      return exact(left - right, expr.range);
    case "*":
      return exact(left * right, expr.range);
    case "/":
      return right === 0 ? new EvaluationError(problems.divisionByZero(), expr.right.range) : exact(Math.trunc(left / right), expr.range);
    case "%":
      return right === 0 ? new EvaluationError(problems.divisionByZero(), expr.right.range) : exact(left % right, expr.range);
    default:
      return bits(operator, left, right, expr);
  }
}

function bits(operator: "<<" | ">>" | "&" | "^" | "|", left: number, right: number, expr: Expr & { kind: "binary" }): number | EvaluationError {
  if (!Number.isInteger(left) || !Number.isInteger(right)) return new EvaluationError(problems.overflow(), expr.range);
  const [a, b] = [BigInt(left), BigInt(right)];
  switch (operator) {
    case "&":
      return exact(Number(a & b), expr.range);
    case "|":
      return exact(Number(a | b), expr.range);
    case "^":
      return exact(Number(a ^ b), expr.range);
    default:
      if (right < 0 || right > 63) return new EvaluationError(problems.badShift(), expr.right.range);
      return exact(Number(operator === "<<" ? a << b : a >> b), expr.range);
  }
}

/** A result, if it is a number that can be trusted. */
function exact(value: number, range: Range): number | EvaluationError {
  // Adding 0 turns -0 into 0.
  return Number.isSafeInteger(value) ? value + 0 : new EvaluationError(problems.overflow(), range);
}
