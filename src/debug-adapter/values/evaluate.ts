// Evaluates watches, hovers, console input and conditions: expressions of the scenario language, in which the variables of a stack
// frame shadow the names of the scenario.

import { is_address } from "../../console/format.ts";
import type { Task } from "../../engine/machine/task.ts";
import {
  evaluate,
  isError,
  parseExpression,
  type Environment,
  type EvaluationError,
  type Expr,
  type EvaluationFailure,
  type Value,
} from "../../scenario/index.ts";
import type { Bindings } from "../../scenario/run/bindings.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import type { Process } from "../../scenario/run/values.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { kernelObjectsInScope, type Locals } from "./frame-scope.ts";

/** The processes of a simulation by their mm_struct. */
const processes = new WeakMap<Simulation, Map<object, Process>>();

/** The process that a task executes in; null for set-up and for the helpers of triggers. */
export function processOf(simulation: Simulation, task: Task | null): Process | null {
  if (task === null || task.mm === null) return null;
  let byMm = processes.get(simulation);
  if (byMm === undefined) {
    byMm = new Map(
      [...simulation.globals.processes.values()].flatMap(({ members }) => members.map((process) => [process.mm, process] as const)),
    );
    processes.set(simulation, byMm);
  }
  return byMm.get(task.mm) ?? null;
}

/** Counters of a file that have the names of functions, too. */
const COUNTERS = ["lockbreaks", "restarts", "completed", "skipped"] as const;

/** The names in scope at a frame: its locals first, then those of the scenario. */
export class FrameEnvironment implements Environment {
  private cachedScope: Bindings | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly task: Task | null,
    private readonly locals: Locals,
  ) {}

  /** Made when a name is not a local: conditions are evaluated often. */
  private get scope(): Bindings {
    return (this.cachedScope ??= this.simulation.bindings(processOf(this.simulation, this.task)));
  }

  lookup(name: string): Value | undefined {
    const local = Object.hasOwn(this.locals, name) ? this.locals[name] : undefined;
    if (local !== undefined) return wrap(local);
    const known = this.scope.lookup(name);
    return known === undefined ? this.counter(name) : known;
  }

  /** A counter of the file in scope: `restarts > 2`. */
  private counter(name: string): Value | undefined {
    if (!(COUNTERS as readonly string[]).includes(name)) return undefined;
    const { mapping } = kernelObjectsInScope({ locals: this.locals, stack: [] });
    return mapping === null ? undefined : this.simulation.statistics.of_file(mapping)[name as (typeof COUNTERS)[number]];
  }

  names(): Iterable<string> {
    return [...Object.keys(this.locals), ...this.scope.names()];
  }

  callFunction(name: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure {
    return this.scope.callFunction(name, args);
  }

  lastResult(call: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure {
    return this.scope.lastResult(call, args);
  }
}

/** An expression, or what is wrong with the text. */
export function parseWatchExpression(text: string): Expr | { readonly mistake: string } {
  if (text.trim() === "") return { mistake: "There is no expression." };
  const { expr, diagnostics } = parseExpression(text);
  return expr ?? { mistake: diagnostics[0]?.message ?? "This is no expression." };
}

/** The value of an expression, and the name by which it is formatted. Throws an AdapterError if it has no value. */
export function evaluateNamed(expr: Expr, environment: Environment): { readonly name: string; readonly value: Value } {
  const value: Value | EvaluationError = evaluate(expr, environment);
  if (isError(value)) throw adapterErrors.notEvaluated(value.message);
  return { name: displayNameOf(expr), value };
}

/** The name by which the value of an expression is formatted: that of an address, if the expression contains one. */
export function displayNameOf(expr: Expr): string {
  switch (expr.kind) {
    case "name":
    case "member":
      return expr.name;
    case "index":
      return displayNameOf(expr.object);
    case "unary":
      return displayNameOf(expr.operand);
    case "conditional":
      return displayNameOf(expr.then);
    case "binary": {
      if (expr.operator !== "+" && expr.operator !== "-" && expr.operator !== "&") return "";
      const left = displayNameOf(expr.left);
      const right = displayNameOf(expr.right);
      // The difference of two addresses is a length.
      if (is_address(left) && is_address(right)) return expr.operator === "-" ? "" : left;
      return is_address(left) ? left : right;
    }
    case "call":
      return expr.name === "pte" ? "pte" : "";
    default:
      return "";
  }
}
