// The evaluator of expressions: of checks, conditions of triggers and breakpoints, watches, and `print`.
//
// Numbers are whole and exact from -2^53 to 2^53; an arithmetic result beyond that is an error, never a wrong number.
// Values read from the kernel may be larger (ULONG_MAX of a 64-bit arch): they can be compared, not calculated with.
// Operators and precedence are C's. Division truncates towards zero and the remainder has the sign of the dividend; bits are
// those of a two's complement of unlimited width, so ~0 is -1; truth is 1 or 0; && || ?: evaluate only the operands that they need.

import { problems, type Diagnostic, type Problem } from "./diagnostics.ts";
import type { Arguments, BinaryOperator, Expr, Range } from "./program.ts";
import { nearestName } from "./spelling.ts";

/** A value that is neither a number nor a text: a file, a lock, a vma. The run wraps its own objects in these. */
export interface HostObject {
  /** With an article, for messages: "the file 'data'", "a vm_area_struct". */
  readonly description: string;
  /** Two host objects are equal if their identities are the same. */
  readonly identity: unknown;
  /** The value of a field; undefined if there is no such field. */
  field?(name: string): Value | undefined;
  fieldNames?(): Iterable<string>;
  /** For arrays: the number of elements, and the element at an index from 0. */
  readonly length?: number;
  element?(index: number): Value;
  /** The memory that holds a field or an element; undefined if it is calculated, or is an object of its own. */
  storage?(name: string | number): StorageLocation | undefined;
  /** For mappings: their bytes from one offset up to another. */
  slice?(from: number, to: number): Value;
}

/** A field of an object of the run, or an element of an array. */
export interface StorageLocation {
  readonly object: object;
  readonly key: string | number;
}

export type Value = number | string | null | HostObject;

/** What a function returns if it has no value: the reason. */
export interface EvaluationFailure {
  readonly failure: string;
}

/** What gives names and functions their values. Pure for the evaluator: its answers do not change while an expression is evaluated. */
export interface Environment {
  /** The value that a name is bound to; undefined if there is none. */
  lookup(name: string): Value | undefined;
  /** All bound names, for "did you mean". */
  names(): Iterable<string>;
  /** The value of a function of the catalogue; arguments by parameter name, the keyword `size` as the text "size". */
  callFunction(name: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure;
  /** What the last call of this system call with these arguments returned. */
  lastResult(call: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure;
}

/** An environment without bindings: for constant expressions. */
export const EMPTY_ENVIRONMENT: Environment = {
  lookup: () => undefined,
  names: () => [],
  callFunction: () => ({ failure: "it is known only during a run" }),
  lastResult: () => ({ failure: "it is known only during a run" }),
};

/** A byte range of a file, as an argument. */
export class ByteRange implements HostObject {
  readonly description = "a byte range";
  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  get identity(): string {
    return `${this.from} .. ${this.to}`;
  }
}

/** The diagnostic of an expression that has no value. */
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

/** Is the result of `evaluate` an error? */
export function isError(value: Value | EvaluationError): value is EvaluationError {
  return value instanceof EvaluationError;
}

/** C's truth: everything but 0, NULL and the empty text. */
export function isTrue(value: Value): boolean {
  return value !== 0 && value !== null && value !== "";
}

/**
 * Evaluates `expr` in the environment `env`.
 * @returns its value, or an EvaluationError with a code, a message and the range of the part that has no value. It throws only if
 * the environment does
 */
export function evaluate(expr: Expr, env: Environment): Value | EvaluationError {
  switch (expr.kind) {
    case "number":
    case "text":
      return expr.value;
    case "flags":
      return expr.flags.join("|");
    case "name":
      return valueOrError(
        env.lookup(expr.name),
        () => problems.unknownName(expr.name, "here", nearestName(expr.name, env.names())),
        expr.range,
      );
    case "member":
      return evaluateMember(expr, env);
    case "index":
      return evaluateElement(expr, env);
    case "slice":
      return evaluateSlice(expr, env);
    case "call":
      return evaluateCall(expr, expr.args, env, (args) => env.callFunction(expr.name, args));
    case "syscall":
      return evaluateCall(expr, expr.args, env, (args) => env.lastResult(expr.call, args));
    case "bytes":
      return evaluateByteRange(expr, env);
    case "unary":
      return evaluateUnary(expr, env);
    case "binary":
      return evaluateBinary(expr, env);
    case "conditional": {
      const test = evaluate(expr.test, env);
      return isError(test) ? test : evaluate(isTrue(test) ? expr.then : expr.otherwise, env);
    }
    case "invalid":
      return new EvaluationError(problems.notEvaluated("it contains a mistake"), expr.range);
  }
}

/** The type of a value, for messages. */
export function describeValue(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return "a number";
  return typeof value === "string" ? "a text" : value.description;
}

function valueOrError(value: Value | undefined, problem: () => Problem, range: Range): Value | EvaluationError {
  return value === undefined ? new EvaluationError(problem(), range) : value;
}

function evaluateMember(expr: Expr & { kind: "member" }, env: Environment): Value | EvaluationError {
  const object = evaluate(expr.object, env);
  if (isError(object)) return object;
  if (object === null) return new EvaluationError(problems.nullAccess(expr.name), expr.range);
  if (typeof object !== "object" || object.field === undefined) {
    return new EvaluationError(problems.noFields(describeValue(object), expr.name), expr.nameRange);
  }
  const { description } = object;
  return valueOrError(
    object.field(expr.name),
    () => problems.unknownField(expr.name, description, nearestName(expr.name, object.fieldNames?.() ?? [])),
    expr.nameRange,
  );
}

function evaluateElement(expr: Expr & { kind: "index" }, env: Environment): Value | EvaluationError {
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

function evaluateSlice(expr: Expr & { kind: "slice" }, env: Environment): Value | EvaluationError {
  const object = evaluate(expr.object, env);
  if (isError(object)) return object;
  const from = evaluate(expr.from, env);
  if (isError(from)) return from;
  const to = evaluate(expr.to, env);
  if (isError(to)) return to;
  if (object === null || typeof object !== "object" || object.slice === undefined) {
    return new EvaluationError(problems.notSliceable(describeValue(object)), expr.object.range);
  }
  if (typeof from !== "number") return new EvaluationError(problems.noValue("..", describeValue(from)), expr.from.range);
  if (typeof to !== "number") return new EvaluationError(problems.noValue("..", describeValue(to)), expr.to.range);
  if (to <= from) return new EvaluationError(problems.emptyRange(), expr.range);
  return object.slice(from, to);
}

function evaluateByteRange(expr: Expr & { kind: "bytes" }, env: Environment): Value | EvaluationError {
  const from = evaluate(expr.from, env);
  if (isError(from)) return from;
  const to = evaluate(expr.to, env);
  if (isError(to)) return to;
  if (typeof from !== "number") return new EvaluationError(problems.noValue("..", describeValue(from)), expr.from.range);
  if (typeof to !== "number") return new EvaluationError(problems.noValue("..", describeValue(to)), expr.to.range);
  return from < 0 || to <= from ? new EvaluationError(problems.emptyRange(), expr.range) : new ByteRange(from, to);
}

/** The value of a call of the environment, `invoke`, with its arguments evaluated. */
function evaluateCall(
  expr: Expr,
  args: Arguments,
  env: Environment,
  invoke: (values: Readonly<Record<string, Value>>) => Value | EvaluationFailure,
): Value | EvaluationError {
  const values: Record<string, Value> = {};
  for (const [name, arg] of Object.entries(args)) {
    const value = evaluate(arg, env);
    if (isError(value)) return value;
    values[name] = value;
  }
  const result = invoke(values);
  if (typeof result === "object" && result !== null && "failure" in result) {
    return new EvaluationError(problems.notEvaluated(result.failure), expr.range);
  }
  return result;
}

function evaluateUnary(expr: Expr & { kind: "unary" }, env: Environment): Value | EvaluationError {
  const operand = evaluate(expr.operand, env);
  if (isError(operand)) return operand;
  if (expr.operator === "!") return isTrue(operand) ? 0 : 1;
  if (typeof operand !== "number") return new EvaluationError(problems.noValue(expr.operator, describeValue(operand)), expr.operand.range);
  if (expr.operator === "~") return exactInteger(-operand - 1, expr.range);
  return exactInteger(expr.operator === "-" ? -operand : operand, expr.range);
}

function evaluateBinary(expr: Expr & { kind: "binary" }, env: Environment): Value | EvaluationError {
  const { operator } = expr;
  const left = evaluate(expr.left, env);
  if (isError(left)) return left;
  if (operator === "&&" && !isTrue(left)) return 0;
  if (operator === "||" && isTrue(left)) return 1;
  const right = evaluate(expr.right, env);
  if (isError(right)) return right;
  if (operator === "&&" || operator === "||") return isTrue(right) ? 1 : 0;
  if (operator === "==" || operator === "!=") {
    const same = areEqual(left, right);
    if (same === undefined) {
      return new EvaluationError(problems.incomparable(describeValue(left), operator, describeValue(right)), expr.range);
    }
    return same === (operator === "==") ? 1 : 0;
  }
  if (typeof left !== "number") return new EvaluationError(problems.noValue(operator, describeValue(left)), expr.left.range);
  if (typeof right !== "number") return new EvaluationError(problems.noValue(operator, describeValue(right)), expr.right.range);
  return applyArithmetic(operator, left, right, expr);
}

/** Undefined if the two cannot be compared. NULL can be compared with anything that has fields. */
function areEqual(left: Value, right: Value): boolean | undefined {
  if (left === null || right === null) return typeof (left ?? right) === "object" ? left === right : undefined;
  if (typeof left === "object" && typeof right === "object") return left.identity === right.identity;
  return typeof left === typeof right ? left === right : undefined;
}

function applyArithmetic(
  operator: Exclude<BinaryOperator, "&&" | "||" | "==" | "!=">,
  left: number,
  right: number,
  expr: Expr & { kind: "binary" },
): number | EvaluationError {
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
      return exactInteger(left + right, expr.range);
    case "-":
      return exactInteger(left - right, expr.range);
    case "*":
      return exactInteger(left * right, expr.range);
    case "/":
      return right === 0
        ? new EvaluationError(problems.divisionByZero(), expr.right.range)
        : exactInteger(Math.trunc(left / right), expr.range);
    case "%":
      return right === 0 ? new EvaluationError(problems.divisionByZero(), expr.right.range) : exactInteger(left % right, expr.range);
    default:
      return applyBitOperator(operator, left, right, expr);
  }
}

function applyBitOperator(
  operator: "<<" | ">>" | "&" | "^" | "|",
  left: number,
  right: number,
  expr: Expr & { kind: "binary" },
): number | EvaluationError {
  if (!Number.isInteger(left) || !Number.isInteger(right)) return new EvaluationError(problems.overflow(), expr.range);
  const [a, b] = [BigInt(left), BigInt(right)];
  switch (operator) {
    case "&":
      return exactInteger(Number(a & b), expr.range);
    case "|":
      return exactInteger(Number(a | b), expr.range);
    case "^":
      return exactInteger(Number(a ^ b), expr.range);
    default:
      if (right < 0 || right > 63) return new EvaluationError(problems.badShift(), expr.right.range);
      return exactInteger(Number(operator === "<<" ? a << b : a >> b), expr.range);
  }
}

/** A result, if a number represents it exactly. */
function exactInteger(value: number, range: Range): number | EvaluationError {
  // Adding 0 turns -0 into 0.
  return Number.isSafeInteger(value) ? value + 0 : new EvaluationError(problems.overflow(), range);
}
