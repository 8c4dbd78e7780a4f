// Executes the statements of a scenario. Each is a step with a site of its own, as kernel statements are, so that the
// debugger stops in scenarios as it does in the kernel; the kernel's frames stand on top of the statement's.

import { $, $call, ended, type Kernel } from "../../engine/machine/hooks.ts";
import { ProgramError } from "../../engine/machine/limits.ts";
import { machine } from "../../engine/machine/machine.ts";
import { charge, resume_userspace, sleep_ns, yields } from "../../engine/machine/sched.ts";
import { note_write } from "../../engine/machine/shared.ts";
import { SCENARIO_SITES } from "../../engine/replay/stepping.ts";
import { trace } from "../../engine/machine/tracing.ts";
import { problems } from "../program/diagnostics.ts";
import { EvaluationError, evaluate, isError, isTrue, type Value } from "../program/expression.ts";
import type { Body, CallNode, Expr, Statement } from "../program/program.ts";
import { callsIn, looksAtKernel, usesIteration } from "../program/statements.ts";
import { callArguments } from "./arguments.ts";
import { errorName, EXECUTIONS, type CallSite } from "./calls.ts";
import type { Scope } from "./environment.ts";
import type { Simulation } from "./simulation.ts";

/** Calls that happen in user mode, or by a trap: no system call is entered. */
const WITHOUT_SYSTEM_CALL: ReadonlySet<string> = new Set(["compute", "touch", "read", "write", "barrier", "swap_out"]);

/** Executes one body in the context of a process, a task or a trigger. */
export class Interpreter {
  /** It has ended before the end of its text: by exit, or by a signal. */
  private over = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly scope: Scope,
    private readonly setup: boolean,
  ) {}

  /** Executes statements, up to the end of the body or of the task. */
  *run(body: Body): Kernel<void> {
    for (const statement of body) {
      if (this.over) return;
      yield* this.statement(statement);
    }
  }

  private *statement(statement: Statement): Kernel<void> {
    yield* this.step(statement);
    if (!machine.policy.timed && looksAtKernel(statement)) yield* this.enter(statement, this.simulation.look());
    switch (statement.kind) {
      case "call":
        yield* this.call(statement, statement, statement.result);
        return;
      case "let":
        this.scope.locals.set(statement.name, this.evaluate(yield* this.withResults(statement.value, statement)));
        return;
      case "if":
        if (isTrue(this.evaluate(yield* this.withResults(statement.test, statement)))) yield* this.run(statement.body);
        return;
      case "stop":
        // Nothing by itself: a debugger has a breakpoint on it.
        return;
      case "repeat":
        return yield* this.rounds(statement, statement.count === null ? Infinity : this.number(statement.count), null);
      case "every":
        return yield* this.rounds(statement, this.number(statement.count), this.number(statement.period));
    }
  }

  /** A stop before the statement, if one is wanted: what the build puts before every statement of the kernel. */
  private *step(statement: Statement): Kernel<void> {
    const site = SCENARIO_SITES + statement.site;
    if (($.step += 1) >= $.horizon && $.hit(site)) yield [[site, this.locals()]];
  }

  /** `repeat` and `every`: one step for each round, so that an empty body comes to an end too. */
  private *rounds(statement: Statement & { readonly body: Body }, count: number, period: number | null): Kernel<void> {
    const outer = this.scope.locals.get("iteration");
    const begin = machine.cpu.clock;
    // For whoever asks whether a loop without an end has come back to where it was.
    const counted = count !== Infinity || machine.policy.timed || usesIteration(statement.body);
    for (let round = 0; round < count; round++) {
      if (counted) this.scope.locals.set("iteration", round);
      if (round > 0) yield* this.step(statement);
      if (round > 0 && count === Infinity) yield* this.enter(statement, yields());
      yield* this.run(statement.body);
      if (this.over) return;
      if (period !== null && round + 1 < count) {
        const wait = begin + (round + 1) * period - machine.cpu.clock;
        if (wait > 0 || !machine.policy.timed) yield* this.enter(statement, sleep_ns(wait));
      }
    }
    if (outer === undefined) this.scope.locals.delete("iteration");
    else this.scope.locals.set("iteration", outer);
  }

  /** Makes a call of `statement`; what it returned. `variable` takes what it made. */
  private *call(node: CallNode, statement: Statement, variable: string | null): Kernel<number> {
    const { call } = node;
    const values = this.values(node);
    const args = callArguments(this.simulation, node, values, (expr, why) => this.error(new EvaluationError(problems.notEvaluated(why), expr.range)));
    const site: CallSite = { process: this.scope.process, result: variable, setup: this.setup, countsUsers: this.simulation.countsUsers };
    const execution = EXECUTIONS[call]!(args, site);
    const place = { site: statement.site, range: node.range };
    const systemCall = !WITHOUT_SYSTEM_CALL.has(call);
    if (systemCall) {
      charge("system_call");
      trace("syscall_enter", { task: machine.current, call, statement: place });
    }
    const { result, made, signal = 0, exited = false } = yield* this.enter(statement, execution);
    const error = Math.min(result, 0);
    if (this.setup && (error !== 0 || signal !== 0)) throw this.error(new EvaluationError(problems.setupFailed(call, errorName(signal === 0 ? error : signal)), node.range));
    if (made !== undefined && variable !== null) this.setVariable(variable, made);
    this.over ||= exited || signal !== 0;
    if (this.over) return result;
    this.simulation.returned.record(call, values, result);
    if (systemCall) trace("syscall_exit", { task: machine.current, call, statement: place, error, result });
    yield* this.enter(statement, resume_userspace());
    return result;
  }

  private setVariable(name: string, value: Value): void {
    const { process } = this.scope;
    if (process === null) return;
    note_write(process, "variables");
    process.variables.set(name, value);
  }

  /** The expression with the results of its system calls in their places, made from left to right, and no more of them than C would. */
  private *withResults(expr: Expr, statement: Statement): Kernel<Expr> {
    if (callsIn(expr).length === 0) return expr;
    const { range } = expr;
    switch (expr.kind) {
      case "syscall":
        return { kind: "number", value: yield* this.call(expr, statement, null), unit: "plain", range };
      case "unary":
        return { ...expr, operand: yield* this.withResults(expr.operand, statement) };
      case "conditional": {
        const test = yield* this.withResults(expr.test, statement);
        return yield* this.withResults(isTrue(this.evaluate(test)) ? expr.then : expr.otherwise, statement);
      }
      case "binary": {
        const left = yield* this.withResults(expr.left, statement);
        const decided = expr.operator === "&&" || expr.operator === "||" ? isTrue(this.evaluate(left)) : null;
        if (decided !== null && decided === (expr.operator === "||")) return { kind: "number", value: Number(decided), unit: "plain", range };
        return { ...expr, left, right: yield* this.withResults(expr.right, statement) };
      }
      default:
        // In arguments, indexes and ranges the checker lets no call stand.
        return expr;
    }
  }

  /** Runs kernel code below the frame of a statement. */
  private enter<T>(statement: Statement, execution: Kernel<T>): Kernel<T> {
    const first = execution.next();
    return first.done === true ? ended(first.value) : $call(SCENARIO_SITES + statement.site, execution, first.value, this.locals());
  }

  /** What the frame of a statement shows: the variables of its process and of the statements around it. */
  private locals(): Record<string, unknown> {
    const locals: Record<string, unknown> = {};
    if (this.scope.process !== null) for (const [name, value] of this.scope.process.variables) locals[name] = value;
    for (const [name, value] of this.scope.locals) locals[name] = value;
    return locals;
  }

  /** The values of the arguments that were given, by parameter. */
  private values({ args }: CallNode): Record<string, Value> {
    const values: Record<string, Value> = {};
    for (const name of Object.keys(args)) values[name] = this.evaluate(args[name]!);
    return values;
  }

  private number(expr: Expr): number {
    const value = this.evaluate(expr);
    if (typeof value === "number") return value;
    throw this.error(new EvaluationError(problems.notEvaluated("it is not a number"), expr.range));
  }

  private evaluate(expr: Expr): Value {
    const value = evaluate(expr, this.scope);
    if (isError(value)) throw this.error(value);
    return value;
  }

  private error(cause: EvaluationError): ProgramError {
    return new ProgramError(cause.message, cause);
  }
}
