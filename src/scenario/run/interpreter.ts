// The interpreter of the statements of a scenario. Each is a step with a site of its own, as kernel statements are, so that
// the debugger stops in scenarios as it does in the kernel; the frames of the kernel are above that of the statement.

import { $, $call, ended, type Kernel } from "../../engine/machine/hooks.ts";
import { ProgramError } from "../../engine/machine/limits.ts";
import { machine } from "../../engine/machine/machine.ts";
import { charge, resume_userspace, sleep_ns, yield_point } from "../../engine/machine/sched.ts";
import { note_write } from "../../engine/machine/shared.ts";
import { FIRST_SCENARIO_SITE } from "../../engine/replay/stepping.ts";
import { trace } from "../../engine/machine/tracing.ts";
import { problems } from "../program/diagnostics.ts";
import { EvaluationError, evaluate, isError, isTrue, type Value } from "../program/expression.ts";
import type { Body, CallNode, Expr, Statement } from "../program/program.ts";
import { callsIn, readsKernelState, usesIteration } from "../program/traversal.ts";
import { bindArguments } from "./arguments.ts";
import { errorName, INVOCATIONS, type InvocationContext } from "./invocations.ts";
import type { Bindings } from "./bindings.ts";
import type { Simulation } from "./simulation.ts";

/** Calls in user mode, or by a trap, which enter no system call. */
const WITHOUT_SYSTEM_CALL: ReadonlySet<string> = new Set(["compute", "touch", "read", "write", "barrier", "swap_out"]);

/** Executes one body of a process, a task or a trigger. */
export class Interpreter {
  /** Has exit, or a signal, terminated the task? */
  private terminated = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly bindings: Bindings,
    private readonly setup: boolean,
  ) {}

  /** Executes a body, up to its end or that of the task. */
  *run(body: Body): Kernel<void> {
    for (const statement of body) {
      if (this.terminated) return;
      yield* this.executeStatement(statement);
    }
  }

  private *executeStatement(statement: Statement): Kernel<void> {
    yield* this.stopBefore(statement);
    if (!machine.policy.uses_model_time && readsKernelState(statement)) yield* this.callKernel(statement, this.simulation.observeKernel());
    switch (statement.kind) {
      case "call":
        yield* this.invoke(statement, statement, statement.result);
        return;
      case "let":
        this.bindings.locals.set(statement.name, this.evaluate(yield* this.evaluateCalls(statement.value, statement)));
        return;
      case "if":
        if (isTrue(this.evaluate(yield* this.evaluateCalls(statement.test, statement)))) yield* this.run(statement.body);
        return;
      case "stop":
        // No operation: a debugger has a breakpoint on it.
        return;
      case "repeat":
        return yield* this.executeLoop(statement, statement.count === null ? Infinity : this.evaluateNumber(statement.count), null);
      case "every":
        return yield* this.executeLoop(statement, this.evaluateNumber(statement.count), this.evaluateNumber(statement.period));
    }
  }

  /** A statement hook by hand, like those that the build puts into the kernel: stops before the statement if `$.hit` says so. */
  private *stopBefore(statement: Statement): Kernel<void> {
    const site = FIRST_SCENARIO_SITE + statement.site;
    if (($.step += 1) >= $.horizon && $.hit(site)) yield [[site, this.frameLocals()]];
  }

  /** `repeat` and `every`: each round is a step, so that a loop with an empty body advances, too. */
  private *executeLoop(statement: Statement & { readonly body: Body }, count: number, period: number | null): Kernel<void> {
    const outer = this.bindings.locals.get("iteration");
    const begin = machine.cpu.clock;
    // A search for lassos compares states: a counter that no expression reads would make each round of an infinite loop a new state.
    const counted = count !== Infinity || machine.policy.uses_model_time || usesIteration(statement.body);
    for (let round = 0; round < count; round++) {
      if (counted) this.bindings.locals.set("iteration", round);
      if (round > 0) yield* this.stopBefore(statement);
      if (round > 0 && count === Infinity) yield* this.callKernel(statement, yield_point());
      yield* this.run(statement.body);
      if (this.terminated) return;
      if (period !== null && round + 1 < count) {
        const wait = begin + (round + 1) * period - machine.cpu.clock;
        if (wait > 0 || !machine.policy.uses_model_time) yield* this.callKernel(statement, sleep_ns(wait));
      }
    }
    if (outer === undefined) this.bindings.locals.delete("iteration");
    else this.bindings.locals.set("iteration", outer);
  }

  /** Invokes a call of `statement` and assigns its value to `variable`. Returns its result. */
  private *invoke(node: CallNode, statement: Statement, variable: string | null): Kernel<number> {
    const { call } = node;
    const values = this.argumentValues(node);
    const args = bindArguments(this.simulation, node, values, (expr, why) =>
      this.programError(new EvaluationError(problems.notEvaluated(why), expr.range)),
    );
    const context: InvocationContext = {
      process: this.bindings.process,
      result: variable,
      setup: this.setup,
      tracksMmUsers: this.simulation.tracksMmUsers,
    };
    const invocation = INVOCATIONS[call]!(args, context);
    const callSite = { site: statement.site, range: node.range };
    const systemCall = !WITHOUT_SYSTEM_CALL.has(call);
    if (systemCall) {
      charge("system_call");
      trace("syscall_enter", { task: machine.current, call, statement: callSite });
    }
    const { result, value, signal = 0, exited = false } = yield* this.callKernel(statement, invocation);
    const error = Math.min(result, 0);
    if (this.setup && (error !== 0 || signal !== 0)) {
      throw this.programError(new EvaluationError(problems.setupFailed(call, errorName(signal === 0 ? error : signal)), node.range));
    }
    if (value !== undefined && variable !== null) this.setVariable(variable, value);
    this.terminated ||= exited || signal !== 0;
    if (this.terminated) return result;
    this.simulation.syscallResults.record(call, values, result);
    if (systemCall) trace("syscall_exit", { task: machine.current, call, statement: callSite, error, result });
    yield* this.callKernel(statement, resume_userspace());
    return result;
  }

  private setVariable(name: string, value: Value): void {
    const { process } = this.bindings;
    if (process === null) return;
    note_write(process, "variables");
    process.variables.set(name, value);
  }

  /**
   * The expression with its system calls replaced by their results. They are made from left to right, with the short-circuit
   * evaluation of C.
   */
  private *evaluateCalls(expr: Expr, statement: Statement): Kernel<Expr> {
    if (callsIn(expr).length === 0) return expr;
    const { range } = expr;
    switch (expr.kind) {
      case "syscall":
        return { kind: "number", value: yield* this.invoke(expr, statement, null), unit: "plain", range };
      case "unary":
        return { ...expr, operand: yield* this.evaluateCalls(expr.operand, statement) };
      case "conditional": {
        const test = yield* this.evaluateCalls(expr.test, statement);
        return yield* this.evaluateCalls(isTrue(this.evaluate(test)) ? expr.then : expr.otherwise, statement);
      }
      case "binary": {
        const left = yield* this.evaluateCalls(expr.left, statement);
        const decided = expr.operator === "&&" || expr.operator === "||" ? isTrue(this.evaluate(left)) : null;
        if (decided !== null && decided === (expr.operator === "||")) {
          return { kind: "number", value: Number(decided), unit: "plain", range };
        }
        return { ...expr, left, right: yield* this.evaluateCalls(expr.right, statement) };
      }
      default:
        // The checker permits no calls in arguments, indexes and ranges.
        return expr;
    }
  }

  /** Runs kernel code below the frame of a statement. */
  private callKernel<T>(statement: Statement, execution: Kernel<T>): Kernel<T> {
    const first = execution.next();
    return first.done === true
      ? ended(first.value)
      : $call(FIRST_SCENARIO_SITE + statement.site, execution, first.value, this.frameLocals());
  }

  /** The locals of the frame of a statement: the variables of its process and of the enclosing statements. */
  private frameLocals(): Record<string, unknown> {
    const locals: Record<string, unknown> = {};
    if (this.bindings.process !== null) for (const [name, value] of this.bindings.process.variables) locals[name] = value;
    for (const [name, value] of this.bindings.locals) locals[name] = value;
    return locals;
  }

  /** The values of the arguments, by parameter. */
  private argumentValues({ args }: CallNode): Record<string, Value> {
    const values: Record<string, Value> = {};
    for (const name of Object.keys(args)) values[name] = this.evaluate(args[name]!);
    return values;
  }

  private evaluateNumber(expr: Expr): number {
    const value = this.evaluate(expr);
    if (typeof value === "number") return value;
    throw this.programError(new EvaluationError(problems.notEvaluated("it is not a number"), expr.range));
  }

  private evaluate(expr: Expr): Value {
    const value = evaluate(expr, this.bindings);
    if (isError(value)) throw this.programError(value);
    return value;
  }

  private programError(cause: EvaluationError): ProgramError {
    return new ProgramError(cause.message, cause);
  }
}
