// Watches, hovers, the console and conditions: the scenario's expression language, with the variables of a stack frame
// before the scenario's own names.

import { is_address } from "../../console/format.ts";
import type { Task } from "../../engine/machine/task.ts";
import { evaluate, isError, parseExpression, type Environment, type EvaluationError, type Expr, type Failure, type Value } from "../../scenario/index.ts";
import type { Scope } from "../../scenario/run/environment.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap, type Process } from "../../scenario/run/values.ts";
import { errors } from "../protocol/errors.ts";
import { inReach, type Locals } from "./reach.ts";

/** The processes of a simulation by their mm_struct. */
const processes = new WeakMap<Simulation, Map<object, Process>>();

/** The process that a task executes in; null for set-up and for the helpers of triggers. */
export function processOf(simulation: Simulation, task: Task | null): Process | null {
  if (task === null || task.mm === null) return null;
  let byMm = processes.get(simulation);
  if (byMm === undefined) {
    byMm = new Map([...simulation.names.processes.values()].flatMap(({ members }) => members.map((process) => [process.mm, process] as const)));
    processes.set(simulation, byMm);
  }
  return byMm.get(task.mm) ?? null;
}

/** Counters of a file that have the names of functions, too. */
const COUNTERS = ["lockbreaks", "restarts", "completed", "skipped"] as const;

/** The names of a place in the run: its locals first, then those of the scenario. */
export class PlaceEnvironment implements Environment {
  private made: Scope | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly task: Task | null,
    private readonly locals: Locals,
  ) {}

  /** Made when a name is not that of a local: conditions are evaluated often. */
  private get scope(): Scope {
    return (this.made ??= this.simulation.scope(processOf(this.simulation, this.task)));
  }

  name(name: string): Value | undefined {
    const local = Object.hasOwn(this.locals, name) ? this.locals[name] : undefined;
    if (local !== undefined) return wrap(local);
    const known = this.scope.name(name);
    return known === undefined ? this.counter(name) : known;
  }

  /** How often something has happened to the file in reach: `restarts > 2`. */
  private counter(name: string): Value | undefined {
    if (!(COUNTERS as readonly string[]).includes(name)) return undefined;
    const { mapping } = inReach({ locals: this.locals, stack: [] });
    return mapping === null ? undefined : this.simulation.statistics.of_file(mapping)[name as (typeof COUNTERS)[number]];
  }

  names(): Iterable<string> {
    return [...Object.keys(this.locals), ...this.scope.names()];
  }

  call(name: string, args: Readonly<Record<string, Value>>): Value | Failure {
    return this.scope.call(name, args);
  }

  returned(call: string, args: Readonly<Record<string, Value>>): Value | Failure {
    return this.scope.returned(call, args);
  }
}

/** An expression, or what is wrong with the text. */
export function parse(text: string): Expr | { readonly mistake: string } {
  if (text.trim() === "") return { mistake: "There is no expression." };
  const { expr, diagnostics } = parseExpression(text);
  return expr ?? { mistake: diagnostics[0]?.message ?? "This is no expression." };
}

/** The value of an expression and the name that tells how to show it. Throws an AdapterError if it has none. */
export function valueOf(expr: Expr, environment: Environment): { readonly name: string; readonly value: Value } {
  const value: Value | EvaluationError = evaluate(expr, environment);
  if (isError(value)) throw errors.not_evaluated(value.message);
  return { name: nameOfExpression(expr), value };
}

/** The name by which the value of an expression is shown: that of an address, if one is in it. */
export function nameOfExpression(expr: Expr): string {
  switch (expr.kind) {
    case "name":
    case "member":
      return expr.name;
    case "index":
      return nameOfExpression(expr.object);
    case "unary":
      return nameOfExpression(expr.operand);
    case "conditional":
      return nameOfExpression(expr.then);
    case "binary": {
      if (expr.operator !== "+" && expr.operator !== "-" && expr.operator !== "&") return "";
      const left = nameOfExpression(expr.left);
      const right = nameOfExpression(expr.right);
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
