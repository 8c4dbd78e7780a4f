// Infers what every expression is, and reports what cannot be: unknown names and fields, operands that do not go together.

import { calls, CONSTANTS, FIELDS, functions, isFlagKind, type FieldEntry, type Kind, type ParameterKind } from "../catalogue/index.ts";
import { COUNTERS } from "../catalogue/functions.ts";
import { problems } from "../program/diagnostics.ts";
import type { CallNode, Expr, Range, ScenarioFile } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { roundUp, staticNumber, type Globals, type MappingInfo, type ProcessInfo } from "./scope.ts";

/** What is known about an expression. */
export interface Static {
  readonly kind: Kind;
  readonly process?: ProcessInfo;
  readonly mapping?: MappingInfo;
  readonly file?: ScenarioFile;
}

/** The names that one body sees besides the global ones. */
export interface Scope {
  readonly globals: Globals;
  /** The process whose mappings are called by their plain names. */
  readonly process: ProcessInfo | null;
  /** Variables of `let` and their kinds. */
  readonly lets: Map<string, Kind>;
  readonly counters: ReadonlySet<keyof typeof COUNTERS>;
  /** Told of each system call in an expression, to check it; null: none can stand here. */
  readonly onCall: ((call: CallNode) => void) | null;
  /** Other names may have values during the run: nothing is said about unknown ones. */
  readonly open: boolean;
  /** For messages. */
  readonly where: string;
}

const WORDS: Readonly<Record<Kind, string>> = {
  number: "a plain number", size: "a size", time: "a time", address: "an address", text: "a text", file: "a file", process: "a process",
  task: "a task", lock: "a lock", mapping: "a mapping", span: "a byte range", null: "NULL", any: "a value",
};

/** What arguments of other kinds than the parameter's own can be, the usual one first. */
const ACCEPTED: Partial<Record<ParameterKind, readonly Kind[]>> = {
  span: ["mapping", "span"], mark: ["size", "number"], size: ["size", "number"], address: ["address", "number", "size"],
};

const ANY: Static = { kind: "any" };
const NUMERIC: ReadonlySet<Kind> = new Set(["number", "size", "address", "time"]);

export class Kinds {
  constructor(
    private readonly reporter: Reporter,
    private readonly scope: Scope,
  ) {}

  /** What `expr` is; `any` where that is known only during the run or a mistake was reported. */
  infer(expr: Expr): Static {
    switch (expr.kind) {
      case "number":
        return { kind: expr.unit === "plain" ? "number" : expr.unit };
      case "text":
        return { kind: "text" };
      case "flags":
      case "bytes":
      case "invalid":
        return ANY;
      case "name": {
        const found = this.name(expr);
        const count = found.process?.declaration.count;
        if (found.kind !== "process" || count === null || count === undefined) return found;
        this.reporter.report(expr.range, problems.needsIndex(expr.name, count));
        return ANY;
      }
      case "member":
        return this.member(expr);
      case "index":
        return this.index(expr);
      case "slice":
        return this.slice(expr);
      case "call":
        return this.call(expr);
      case "syscall":
        return this.systemCall(expr);
      case "unary":
        return this.unary(expr);
      case "binary":
        return this.binary(expr);
      case "conditional":
        return this.conditional(expr);
    }
  }

  /** Checks that `expr` can be a condition. */
  condition(expr: Expr): void {
    const { kind } = this.infer(expr);
    if (!NUMERIC.has(kind) && kind !== "any") this.reporter.report(expr.range, problems.wrongKind("a condition", WORDS[kind]));
  }

  /** Checks that `expr` can be what a parameter of this kind takes. */
  argument(expr: Expr, kind: ParameterKind, nullable = false): Static {
    if (isFlagKind(kind) || (kind === "mark" && expr.kind === "text")) return ANY;
    if (kind === "bytes") return this.bytes(expr);
    const found = this.infer(expr);
    if (kind === "label") {
      if (expr.kind !== "text") this.reporter.report(expr.range, problems.wrongKind("a text in double quotes", WORDS[found.kind]));
      return ANY;
    }
    const wanted = ACCEPTED[kind] ?? [kind as Kind];
    if (found.kind === "any" || kind === "any" || wanted.includes(found.kind) || (nullable && found.kind === "null")) return found;
    if (kind === "time" && found.kind === "number") {
      if (expr.kind !== "number") this.reporter.report(expr.range, problems.wrongKind("a time", WORDS.number));
      else if (expr.value !== 0) this.reporter.report(expr.range, problems.timeWithoutUnit(String(expr.value)));
    } else {
      this.reporter.report(expr.range, problems.wrongKind(kind === "span" ? "a mapping or a byte range of one" : WORDS[wanted[0]!], WORDS[found.kind]));
    }
    return ANY;
  }

  private bytes(expr: Expr): Static {
    if (expr.kind !== "bytes") return ANY;
    this.argument(expr.from, "size");
    this.argument(expr.to, "size");
    const [low, high] = [staticNumber(expr.from), staticNumber(expr.to)];
    if (low !== undefined && high !== undefined && (low < 0 || high <= low)) this.reporter.report(expr.range, problems.emptyRange());
    return ANY;
  }

  private systemCall(expr: Expr & { kind: "syscall" }): Static {
    const { onCall } = this.scope;
    if (onCall === null) this.reporter.report(expr.range, problems.callNotHere(expr.call));
    else onCall(expr);
    return { kind: calls.get(expr.call)!.value ?? "any" };
  }

  /** Checks that `expr` is a plain number. */
  count(expr: Expr): void {
    const { kind } = this.infer(expr);
    if (kind !== "number" && kind !== "any") this.reporter.report(expr.range, problems.wrongKind(WORDS.number, WORDS[kind]));
  }

  private name({ name, range }: Expr & { kind: "name" }): Static {
    const { globals, process, lets, counters, open, where } = this.scope;
    const variable = lets.get(name);
    if (variable !== undefined) return { kind: variable };
    const mapping = process?.mappings.get(name);
    if (mapping !== undefined) return { kind: "mapping", mapping };
    const child = process?.children.get(name);
    if (child !== undefined) return { kind: "process", process: child };
    const file = globals.files.get(name);
    if (file !== undefined) return { kind: "file", file };
    const named = globals.processes.get(name);
    if (named !== undefined) return { kind: "process", process: named };
    if (globals.tasks.has(name)) return { kind: "task" };
    if (counters.has(name as keyof typeof COUNTERS)) return { kind: "number" };
    if (Object.hasOwn(CONSTANTS, name)) return { kind: CONSTANTS[name] === null ? "null" : name === "PAGE_SIZE" ? "size" : "number" };
    if (!open) {
      const candidates = [...lets.keys(), ...(process?.mappings.keys() ?? []), ...(process?.children.keys() ?? []), ...globals.files.keys(), ...globals.processes.keys(), ...globals.tasks.keys(), ...counters, ...Object.keys(CONSTANTS)];
      this.reporter.unknown(range, name, candidates, problems.unknownName, where);
    }
    return ANY;
  }

  private member({ object, name, nameRange }: Expr & { kind: "member" }): Static {
    const found = this.infer(object);
    const mapping = found.process?.mappings.get(name);
    if (mapping !== undefined) return { kind: "mapping", mapping };
    const child = found.process?.children.get(name);
    if (child !== undefined) return { kind: "process", process: child };
    const { kind } = found;
    if (kind === "any") return ANY;
    if (kind === "null") {
      this.reporter.report(nameRange, problems.nullAccess(name));
      return ANY;
    }
    if (!Object.hasOwn(FIELDS, kind)) {
      this.reporter.report(object.range, problems.noFields(WORDS[kind], name));
      return ANY;
    }
    const fields: readonly FieldEntry[] = FIELDS[kind as keyof typeof FIELDS];
    const field = fields.find((f) => f.name === name);
    if (field !== undefined) {
      this.presence(field, nameRange);
      return { kind: field.kind };
    }
    const owner = found.process === undefined ? WORDS[kind] : `process '${found.process.declaration.name}'`;
    this.reporter.unknown(nameRange, name, [...(found.process?.mappings.keys() ?? []), ...(found.process?.children.keys() ?? []), ...fields.map((f) => f.name)], problems.unknownField, owner);
    return ANY;
  }

  /** Says so if the kernel does not have this field. */
  private presence({ name, only }: FieldEntry, range: Range): void {
    const { kernel } = this.scope.globals;
    if (only === undefined || (only.kernels as readonly string[]).includes(kernel)) return;
    this.reporter.report(range, only.elsewhere === null ? problems.withoutEffect(`${kernel} has no '${name}'`) : problems.notInKernel(name, kernel, only.elsewhere));
  }

  private index({ object, index }: Expr & { kind: "index" }): Static {
    const found = object.kind === "name" ? this.name(object) : this.infer(object);
    this.count(index);
    if (found.kind === "any") return ANY;
    const count = found.process?.declaration.count ?? null;
    if (found.kind !== "process" || count === null || object.kind !== "name") {
      this.reporter.report(object.range, problems.noIndex(object.kind === "name" ? `'${object.name}'` : WORDS[found.kind]));
      return ANY;
    }
    const at = staticNumber(index);
    if (at !== undefined && (at < 0 || at >= count)) this.reporter.report(index.range, problems.noSuchElement(object.name, count));
    return found;
  }

  private slice(expr: Expr & { kind: "slice" }): Static {
    const { object, from, to } = expr;
    const found = this.infer(object);
    this.argument(from, "size");
    this.argument(to, "size");
    if (found.kind !== "mapping") {
      if (found.kind !== "any") this.reporter.report(object.range, problems.notSliceable(WORDS[found.kind]));
      return ANY;
    }
    const [low, high] = [staticNumber(from), staticNumber(to)];
    const { mapping } = found;
    if (low !== undefined && high !== undefined && high <= low) {
      this.reporter.report(expr.range, problems.emptyRange());
      return ANY;
    }
    if (mapping?.length !== undefined && high !== undefined && roundUp(high) > mapping.length) {
      this.reporter.report(expr.range, problems.outsideMapping(mapping.name, showSize(mapping.length)));
      return ANY;
    }
    return { ...found, kind: "span" };
  }

  private call(expr: Expr & { kind: "call" }): Static {
    const entry = functions.get(expr.name)!;
    for (const parameter of entry.parameters) {
      const arg = expr.args[parameter.name];
      if (arg !== undefined) this.argument(arg, parameter.kind);
    }
    return { kind: entry.result };
  }

  private unary({ operator, operand }: Expr & { kind: "unary" }): Static {
    const { kind } = this.infer(operand);
    if (operator === "!") return { kind: "number" };
    if (kind === "any" || NUMERIC.has(kind)) return { kind };
    this.reporter.report(operand.range, problems.noValue(operator, WORDS[kind]));
    return ANY;
  }

  private conditional({ test, then, otherwise }: Expr & { kind: "conditional" }): Static {
    this.condition(test);
    const first = this.infer(then);
    const second = this.infer(otherwise);
    return first.kind === second.kind ? first : ANY;
  }

  private binary(expr: Expr & { kind: "binary" }): Static {
    const { operator } = expr;
    const left = this.infer(expr.left).kind;
    const right = this.infer(expr.right).kind;
    const result = combine(operator, left, right, isZero(expr.left) || isZero(expr.right));
    if (result !== null) return { kind: result };
    const bare = left === "time" && expr.right.kind === "number" ? expr.right : right === "time" && expr.left.kind === "number" ? expr.left : null;
    if (bare?.unit === "plain" && operator !== "<<" && operator !== ">>") this.reporter.report(bare.range, problems.timeWithoutUnit(String(bare.value)));
    else this.reporter.report(expr.range, problems.incomparable(WORDS[left], operator, WORDS[right]));
    return operator.startsWith("=") || operator.startsWith("!") || operator.startsWith("<") || operator.startsWith(">") ? { kind: "number" } : ANY;
  }
}

const isZero = (expr: Expr) => expr.kind === "number" && expr.value === 0;

/** The kind of a binary expression; null if its operands do not go together. */
function combine(operator: string, left: Kind, right: Kind, zero: boolean): Kind | null {
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

/** Bytes as a person writes them. */
export function showSize(bytes: number): string {
  for (const [unit, factor] of [["G", 1024 ** 3], ["M", 1024 ** 2], ["K", 1024]] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
