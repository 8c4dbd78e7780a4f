// Executes the statements of a scenario. Each is a step with a site of its own, as kernel statements are, so that the
// debugger stops in scenarios as it does in the kernel; the kernel's frames stand on top of the statement's.

import { $, $call, type Kernel } from "../../engine/machine/hooks.ts";
import { ProgramError } from "../../engine/machine/limits.ts";
import { machine } from "../../engine/machine/machine.ts";
import { charge, resume_userspace, sleep_ns, yields } from "../../engine/machine/sched.ts";
import { SCENARIO_SITES } from "../../engine/machine/stepping.ts";
import { trace } from "../../engine/machine/tracing.ts";
import { File } from "../../engine/kernel/mm_types.ts";
import { calls } from "../catalogue/index.ts";
import { problems } from "../diagnostics.ts";
import { EvaluationError, evaluate, isError, isTrue, type Value } from "../expression.ts";
import type { Body, Expr, Statement } from "../program.ts";
import { error_name, EXECUTIONS, type CallArguments, type CallSite } from "./calls.ts";
import type { Scope } from "./environment.ts";
import type { Simulation } from "./simulation.ts";
import { Mapping, Span } from "./values.ts";

/** Calls that happen in user mode, or by a trap: no system call is entered. */
const WITHOUT_SYSTEM_CALL: ReadonlySet<string> = new Set(["compute", "touch", "read", "write"]);

/** Executes one body in the context of a process, a task or a trigger. */
export class Interpreter {
  constructor(
    private readonly simulation: Simulation,
    private readonly scope: Scope,
    private readonly setup: boolean,
  ) {}

  *run(body: Body): Kernel<void> {
    for (const statement of body) yield* this.statement(statement);
  }

  private *statement(statement: Statement): Kernel<void> {
    yield* this.step(statement);
    switch (statement.kind) {
      case "call":
        return yield* this.call(statement);
      case "let":
        this.scope.locals.set(statement.name, this.evaluate(statement.value));
        return;
      case "if":
        if (isTrue(this.evaluate(statement.test))) yield* this.run(statement.body);
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
    for (let round = 0; round < count; round++) {
      this.scope.locals.set("iteration", round);
      if (round > 0) yield* this.step(statement);
      if (round > 0 && count === Infinity) yield* this.enter(statement, yields());
      yield* this.run(statement.body);
      if (period !== null && round + 1 < count) {
        const wait = begin + (round + 1) * period - machine.cpu.clock;
        if (wait > 0 || !machine.policy.timed) yield* this.enter(statement, sleep_ns(wait));
      }
    }
    if (outer === undefined) this.scope.locals.delete("iteration");
    else this.scope.locals.set("iteration", outer);
  }

  private *call(statement: Statement & { kind: "call" }): Kernel<void> {
    const { call, result } = statement;
    const site: CallSite = { process: this.scope.process, result, setup: this.setup };
    const execution = EXECUTIONS[call]!(this.arguments(statement), site);
    const system_call = !WITHOUT_SYSTEM_CALL.has(call);
    if (system_call) {
      charge("system_call");
      trace("syscall_enter", { call, statement });
    }
    const outcome = yield* this.enter(statement, execution);
    if (this.setup && outcome.error !== 0) throw this.error(new EvaluationError(problems.setupFailed(call, error_name(outcome.error)), statement.range));
    if (outcome.value !== undefined && result !== null) this.scope.process?.variables.set(result, outcome.value);
    this.simulation.after_call(statement);
    if (system_call) trace("syscall_exit", { call, statement, error: outcome.error });
    yield* this.enter(statement, resume_userspace());
  }

  /** Runs kernel code below the frame of a statement. */
  private *enter<T>(statement: Statement, execution: Kernel<T>): Kernel<T> {
    const first = execution.next();
    if (first.done === true) return first.value;
    return yield* $call(SCENARIO_SITES + statement.site, execution, first.value, this.locals());
  }

  /** What the frame of a statement shows: the variables of its process and of the statements around it. */
  private locals(): Record<string, unknown> {
    return Object.fromEntries([...(this.scope.process?.variables ?? []), ...this.scope.locals]);
  }

  private arguments({ call, args }: Statement & { kind: "call" }): CallArguments {
    const values = new Map<string, Value>();
    for (const { name } of calls.get(call)!.parameters) {
      const expr = args[name];
      if (expr !== undefined && expr.kind !== "flags") values.set(name, this.evaluate(expr));
    }
    const wrong = (name: string, wanted: string): ProgramError => this.error(new EvaluationError(problems.notEvaluated(`'${name}' is not ${wanted}`), args[name]!.range));
    return {
      file: (name) => {
        const value = values.get(name) ?? null;
        const file = this.simulation.file_of(value);
        if (file instanceof File) return file;
        throw wrong(name, "a file");
      },
      number: (name) => {
        const value = values.get(name);
        if (typeof value === "number") return value;
        throw wrong(name, "a number");
      },
      optional: (name) => {
        const value = values.get(name);
        return typeof value === "number" ? value : null;
      },
      span: (name) => {
        const value = values.get(name);
        if (value instanceof Mapping) return new Span(value, value.start, value.start + value.bytes);
        if (value instanceof Span) return value;
        throw wrong(name, "a mapping or a range of one");
      },
      flags: (name) => {
        const expr = args[name];
        return expr?.kind === "flags" ? expr.flags : [];
      },
    };
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
