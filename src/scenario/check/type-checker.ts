// Infers the type of every expression, and reports type errors: unknown names and fields, operands that do not go together.

import {
  callsByName,
  CONSTANTS,
  FIELDS,
  functionsByName,
  isFlagType,
  type FieldEntry,
  type ValueType,
  type ParameterType,
} from "../catalogue/index.ts";
import { IMPLICIT_VARIABLES } from "../catalogue/functions.ts";
import { problems } from "../program/diagnostics.ts";
import type { CallNode, Expr, Range, ScenarioFile } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { roundUpToPage } from "../program/pages.ts";
import { constantValue, type GlobalScope, type MappingInfo, type ProcessInfo } from "./declarations.ts";

/** The type of an expression, and the declaration that it refers to, if that is known before the run. */
export interface InferredType {
  readonly type: ValueType;
  readonly process?: ProcessInfo;
  readonly mapping?: MappingInfo;
  readonly file?: ScenarioFile;
}

/** The names in scope in one body. */
export interface StaticScope {
  readonly globals: GlobalScope;
  /** The process whose mappings and children are in scope without its name. */
  readonly process: ProcessInfo | null;
  /** Variables of `let` and their types. */
  readonly lets: Map<string, ValueType>;
  readonly counters: ReadonlySet<keyof typeof IMPLICIT_VARIABLES>;
  /** Called with each system call in an expression, to check it; null: no system call is possible here. */
  readonly onSystemCall: ((call: CallNode) => void) | null;
  /** Other names may have values during the run: unknown ones are not reported. */
  readonly allowsUnknownNames: boolean;
  /** The body, for messages. */
  readonly location: string;
}

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  number: "a plain number",
  size: "a size",
  time: "a time",
  address: "an address",
  text: "a text",
  file: "a file",
  process: "a process",
  task: "a task",
  lock: "a lock",
  mapping: "a mapping",
  span: "a byte range",
  null: "NULL",
  any: "a value",
};

/** The types that a parameter accepts if they are not its own alone, the usual one first. */
const ASSIGNABLE_TYPES: Partial<Record<ParameterType, readonly ValueType[]>> = {
  span: ["mapping", "span"],
  mark: ["size", "number"],
  size: ["size", "number"],
  address: ["address", "number", "size"],
};

const ANY: InferredType = { type: "any" };
const NUMERIC: ReadonlySet<ValueType> = new Set(["number", "size", "address", "time"]);

export class TypeChecker {
  constructor(
    private readonly reporter: DiagnosticReporter,
    private readonly scope: StaticScope,
  ) {}

  /** The type of `expr`; `any` if only the run knows it, or after a diagnostic. */
  infer(expr: Expr): InferredType {
    switch (expr.kind) {
      case "number":
        return { type: expr.unit === "plain" ? "number" : expr.unit };
      case "text":
        return { type: "text" };
      case "flags":
      case "bytes":
      case "invalid":
        return ANY;
      case "name": {
        const found = this.inferName(expr);
        const count = found.process?.declaration.count;
        if (found.type !== "process" || count === null || count === undefined) return found;
        this.reporter.report(expr.range, problems.needsIndex(expr.name, count));
        return ANY;
      }
      case "member":
        return this.inferMember(expr);
      case "index":
        return this.inferIndex(expr);
      case "slice":
        return this.inferSlice(expr);
      case "call":
        return this.inferCall(expr);
      case "syscall":
        return this.inferSystemCall(expr);
      case "unary":
        return this.inferUnary(expr);
      case "binary":
        return this.inferBinary(expr);
      case "conditional":
        return this.inferConditional(expr);
    }
  }

  /** Checks that `expr` can be a condition. */
  checkCondition(expr: Expr): void {
    const { type } = this.infer(expr);
    if (!NUMERIC.has(type) && type !== "any") this.reporter.report(expr.range, problems.wrongType("a condition", TYPE_NAMES[type]));
  }

  /** Checks that a parameter of this type accepts `expr`; returns the type of `expr`, or `any` after a diagnostic. */
  checkArgument(expr: Expr, type: ParameterType, nullable = false): InferredType {
    if (isFlagType(type) || (type === "mark" && expr.kind === "text")) return ANY;
    if (type === "bytes") return this.checkByteRange(expr);
    const found = this.infer(expr);
    if (type === "label") {
      if (expr.kind !== "text") this.reporter.report(expr.range, problems.wrongType("a text in double quotes", TYPE_NAMES[found.type]));
      return ANY;
    }
    const wanted = ASSIGNABLE_TYPES[type] ?? [type as ValueType];
    if (found.type === "any" || type === "any" || wanted.includes(found.type) || (nullable && found.type === "null")) return found;
    if (type === "time" && found.type === "number") {
      if (expr.kind !== "number") this.reporter.report(expr.range, problems.wrongType("a time", TYPE_NAMES.number));
      else if (expr.value !== 0) this.reporter.report(expr.range, problems.timeWithoutUnit(String(expr.value)));
    } else {
      this.reporter.report(
        expr.range,
        problems.wrongType(type === "span" ? "a mapping or a byte range of one" : TYPE_NAMES[wanted[0]!], TYPE_NAMES[found.type]),
      );
    }
    return ANY;
  }

  private checkByteRange(expr: Expr): InferredType {
    if (expr.kind !== "bytes") return ANY;
    this.checkArgument(expr.from, "size");
    this.checkArgument(expr.to, "size");
    const [low, high] = [constantValue(expr.from), constantValue(expr.to)];
    if (low !== undefined && high !== undefined && (low < 0 || high <= low)) this.reporter.report(expr.range, problems.emptyRange());
    return ANY;
  }

  private inferSystemCall(expr: Expr & { kind: "syscall" }): InferredType {
    const { onSystemCall } = this.scope;
    if (onSystemCall === null) this.reporter.report(expr.range, problems.callNotHere(expr.call));
    else onSystemCall(expr);
    return { type: callsByName.get(expr.call)!.value ?? "any" };
  }

  /** Checks that `expr` is a plain number. */
  checkNumber(expr: Expr): void {
    const { type } = this.infer(expr);
    if (type !== "number" && type !== "any") this.reporter.report(expr.range, problems.wrongType(TYPE_NAMES.number, TYPE_NAMES[type]));
  }

  private inferName({ name, range }: Expr & { kind: "name" }): InferredType {
    const { globals, process, lets, counters, allowsUnknownNames, location } = this.scope;
    const variable = lets.get(name);
    if (variable !== undefined) return { type: variable };
    const mapping = process?.mappings.get(name);
    if (mapping !== undefined) return { type: "mapping", mapping };
    const child = process?.children.get(name);
    if (child !== undefined) return { type: "process", process: child };
    const file = globals.files.get(name);
    if (file !== undefined) return { type: "file", file };
    const named = globals.processes.get(name);
    if (named !== undefined) return { type: "process", process: named };
    if (globals.tasks.has(name)) return { type: "task" };
    if (counters.has(name as keyof typeof IMPLICIT_VARIABLES)) return { type: "number" };
    if (Object.hasOwn(CONSTANTS, name)) return { type: CONSTANTS[name] === null ? "null" : name === "PAGE_SIZE" ? "size" : "number" };
    if (!allowsUnknownNames) {
      const candidates = [
        ...lets.keys(),
        ...(process?.mappings.keys() ?? []),
        ...(process?.children.keys() ?? []),
        ...globals.files.keys(),
        ...globals.processes.keys(),
        ...globals.tasks.keys(),
        ...counters,
        ...Object.keys(CONSTANTS),
      ];
      this.reporter.reportUnknown(range, name, candidates, problems.unknownName, location);
    }
    return ANY;
  }

  private inferMember({ object, name, nameRange }: Expr & { kind: "member" }): InferredType {
    const found = this.infer(object);
    const mapping = found.process?.mappings.get(name);
    if (mapping !== undefined) return { type: "mapping", mapping };
    const child = found.process?.children.get(name);
    if (child !== undefined) return { type: "process", process: child };
    const { type } = found;
    if (type === "any") return ANY;
    if (type === "null") {
      this.reporter.report(nameRange, problems.nullAccess(name));
      return ANY;
    }
    if (!Object.hasOwn(FIELDS, type)) {
      this.reporter.report(object.range, problems.noFields(TYPE_NAMES[type], name));
      return ANY;
    }
    const fields: readonly FieldEntry[] = FIELDS[type as keyof typeof FIELDS];
    const field = fields.find((f) => f.name === name);
    if (field !== undefined) {
      this.checkAvailability(field, nameRange);
      return { type: field.type };
    }
    const owner = found.process === undefined ? TYPE_NAMES[type] : `process '${found.process.declaration.name}'`;
    this.reporter.reportUnknown(
      nameRange,
      name,
      [...(found.process?.mappings.keys() ?? []), ...(found.process?.children.keys() ?? []), ...fields.map((f) => f.name)],
      problems.unknownField,
      owner,
    );
    return ANY;
  }

  /** Reports a field that the kernel does not have. */
  private checkAvailability({ name, availability }: FieldEntry, range: Range): void {
    const { kernel } = this.scope.globals;
    if (availability === undefined || (availability.kernels as readonly string[]).includes(kernel)) return;
    this.reporter.report(
      range,
      availability.elsewhere === null
        ? problems.withoutEffect(`${kernel} has no '${name}'`)
        : problems.notInKernel(name, kernel, availability.elsewhere),
    );
  }

  private inferIndex({ object, index }: Expr & { kind: "index" }): InferredType {
    const found = object.kind === "name" ? this.inferName(object) : this.infer(object);
    this.checkNumber(index);
    if (found.type === "any") return ANY;
    const count = found.process?.declaration.count ?? null;
    if (found.type !== "process" || count === null || object.kind !== "name") {
      this.reporter.report(object.range, problems.noIndex(object.kind === "name" ? `'${object.name}'` : TYPE_NAMES[found.type]));
      return ANY;
    }
    const at = constantValue(index);
    if (at !== undefined && (at < 0 || at >= count)) this.reporter.report(index.range, problems.noSuchElement(object.name, count));
    return found;
  }

  private inferSlice(expr: Expr & { kind: "slice" }): InferredType {
    const { object, from, to } = expr;
    const found = this.infer(object);
    this.checkArgument(from, "size");
    this.checkArgument(to, "size");
    if (found.type !== "mapping") {
      if (found.type !== "any") this.reporter.report(object.range, problems.notSliceable(TYPE_NAMES[found.type]));
      return ANY;
    }
    const [low, high] = [constantValue(from), constantValue(to)];
    const { mapping } = found;
    if (low !== undefined && high !== undefined && high <= low) {
      this.reporter.report(expr.range, problems.emptyRange());
      return ANY;
    }
    if (mapping?.length !== undefined && high !== undefined && roundUpToPage(high) > mapping.length) {
      this.reporter.report(expr.range, problems.outsideMapping(mapping.name, formatSizeLiteral(mapping.length)));
      return ANY;
    }
    return { ...found, type: "span" };
  }

  private inferCall(expr: Expr & { kind: "call" }): InferredType {
    const entry = functionsByName.get(expr.name)!;
    for (const parameter of entry.parameters) {
      const arg = expr.args[parameter.name];
      if (arg !== undefined) this.checkArgument(arg, parameter.type);
    }
    return { type: entry.result };
  }

  private inferUnary({ operator, operand }: Expr & { kind: "unary" }): InferredType {
    const { type } = this.infer(operand);
    if (operator === "!") return { type: "number" };
    if (type === "any" || NUMERIC.has(type)) return { type };
    this.reporter.report(operand.range, problems.noValue(operator, TYPE_NAMES[type]));
    return ANY;
  }

  private inferConditional({ test, then, otherwise }: Expr & { kind: "conditional" }): InferredType {
    this.checkCondition(test);
    const first = this.infer(then);
    const second = this.infer(otherwise);
    return first.type === second.type ? first : ANY;
  }

  private inferBinary(expr: Expr & { kind: "binary" }): InferredType {
    const { operator } = expr;
    const left = this.infer(expr.left).type;
    const right = this.infer(expr.right).type;
    const result = binaryType(operator, left, right, isZero(expr.left) || isZero(expr.right));
    if (result !== null) return { type: result };
    const bare =
      left === "time" && expr.right.kind === "number" ? expr.right : right === "time" && expr.left.kind === "number" ? expr.left : null;
    if (bare?.unit === "plain" && operator !== "<<" && operator !== ">>")
      this.reporter.report(bare.range, problems.timeWithoutUnit(String(bare.value)));
    else this.reporter.report(expr.range, problems.incomparable(TYPE_NAMES[left], operator, TYPE_NAMES[right]));
    return operator.startsWith("=") || operator.startsWith("!") || operator.startsWith("<") || operator.startsWith(">")
      ? { type: "number" }
      : ANY;
  }
}

const isZero = (expr: Expr) => expr.kind === "number" && expr.value === 0;

/** The type of a binary expression; null if its operands do not go together. */
function binaryType(operator: string, left: ValueType, right: ValueType, zero: boolean): ValueType | null {
  if (operator === "&&" || operator === "||") return "number";
  const comparison = ["==", "!=", "<", "<=", ">", ">="].includes(operator);
  if (left === "any" || right === "any") return comparison ? "number" : "any";
  if ((operator === "==" || operator === "!=") && !NUMERIC.has(left) && !NUMERIC.has(right)) {
    return left === right || left === "null" || right === "null" ? "number" : null;
  }
  if (!NUMERIC.has(left) || !NUMERIC.has(right)) return null;
  const times = Number(left === "time") + Number(right === "time");
  if (comparison) return times === 1 && !zero ? null : "number";
  switch (operator) {
    case "+":
    case "-":
      if (times === 1 && !zero) return null;
      if (times > 0) return "time";
      if (left === "address" && right === "address") return operator === "-" ? "size" : null;
      return left === "address" || right === "address" ? "address" : left === "size" || right === "size" ? "size" : "number";
    case "*":
      if (times > 0) return left === "number" || right === "number" ? "time" : null;
      return left === "size" || right === "size" ? "size" : "number";
    case "/":
    case "%":
      if (right === "time") return left === "time" ? (operator === "/" ? "number" : "time") : null;
      if (left === "time") return right === "number" ? "time" : null;
      return operator === "/" && right !== "number" ? "number" : left;
    default:
      return times > 0 ? null : left;
  }
}

/** A number of bytes as the shortest size literal. */
export function formatSizeLiteral(bytes: number): string {
  for (const [unit, factor] of [
    ["G", 1024 ** 3],
    ["M", 1024 ** 2],
    ["K", 1024],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
