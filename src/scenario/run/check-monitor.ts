// Runtime verification of the checks of a scenario: `always` and `never` while it runs, `after TASK`, and `finally`.

import { TRACEPOINTS, type Sink, type TracepointName } from "../../engine/machine/trace.ts";
import { trace } from "../../engine/machine/tracing.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { evaluate, isError, isTrue } from "../program/expression.ts";
import type { Check, Expectation, Expr } from "../program/program.ts";
import { usesFunction } from "../program/traversal.ts";
import type { Bindings } from "./bindings.ts";
import type { Simulation } from "./simulation.ts";

/** The result of a check. `open`: it was never evaluated, because the run ended early. */
export interface CheckResult {
  readonly check: Check | Expectation;
  state: "passed" | "failed" | "open";
  /**
   * Where it failed: the number of its `check_failed` event (at the end of a run, of the last event), and the model time in
   * nanoseconds.
   */
  failure: { readonly event: number; readonly time: number; readonly task: string; readonly why: string } | null;
}

/** The result of a check with a condition. `countsMapped`: the condition counts mapped pages. */
type ConditionResult = CheckResult & { readonly check: Check; readonly countsMapped: boolean };

const MAPPED_FUNCTION: ReadonlySet<string> = new Set(["mapped"]);

export class CheckMonitor {
  /** The results of checks with a condition. */
  private readonly conditions: readonly ConditionResult[];
  /** The result of `expect bug`; null if the scenario expects no finding. */
  private readonly expectation: CheckResult | null;
  readonly results: readonly CheckResult[];
  private evaluating = false;
  /** The number of tracepoints passed at the end of the run; null before it. */
  private eventsAtEnd: number | null = null;

  constructor(private readonly simulation: Simulation) {
    const { checks, expected } = simulation.program;
    this.conditions = checks.map((check) => ({
      check,
      countsMapped: usesFunction(check.condition, MAPPED_FUNCTION),
      state: "open",
      failure: null,
    }));
    this.expectation = expected === null ? null : { check: expected, state: "open", failure: null };
    this.results = this.expectation === null ? this.conditions : [...this.conditions, this.expectation];
  }

  /** Starts the monitoring of `always` and `never`, at the end of the set-up. */
  start(): void {
    const running = this.conditions.filter(({ check }) => check.kind === "always" || check.kind === "never");
    if (running.length === 0) return;
    for (const result of running) result.state = "passed";
    const names = running.some(({ countsMapped }) => !countsMapped)
      ? (Object.keys(TRACEPOINTS) as TracepointName[])
      : (["syscall_exit"] as const);
    const sink: Sink = ({ name }) => {
      if (this.evaluating || name === "check_failed") return;
      this.evaluating = true;
      for (const result of running) if (name === "syscall_exit" || !result.countsMapped) this.evaluateCheck(result);
      this.evaluating = false;
      this.simulation.machine.check_deadline();
    };
    on_each(this.simulation.machine, names, sink);
  }

  /** Evaluates the checks `after` the task `name`, which has ended. */
  taskEnded(name: string): void {
    for (const result of this.conditions) {
      if (result.check.kind === "after" && result.check.task === name && result.state === "open") this.evaluateCheck(result);
    }
  }

  /**
   * Evaluates the checks of the end of the run: the expectation, then `after` and `finally`. `findings` are the codes of the
   * findings that the run has ended in; if the scenario does not expect them, only the expectation is evaluated.
   */
  runEnded(findings: readonly string[] = []): void {
    this.eventsAtEnd = this.simulation.machine.events;
    if (this.expectation !== null && this.expectation.state !== "failed") this.decideExpectation(this.expectation, findings);
    if (findings.length > 0 && !this.expects(findings)) return;
    for (const { name, state } of this.simulation.globals.tasks.values()) if (state === "done") this.taskEnded(name);
    for (const result of this.conditions) if (result.check.kind !== "after") this.evaluateCheck(result);
  }

  /** Are these findings all of the code that the scenario expects? */
  expects(findings: readonly string[]): boolean {
    const { expected } = this.simulation.program;
    return expected !== null && findings.length > 0 && findings.every((code) => code === expected.code);
  }

  private decideExpectation(result: CheckResult, findings: readonly string[]): void {
    if (this.expects(findings)) result.state = "passed";
    else this.fail(result, findings.length === 0 ? "nothing was found" : `${[...new Set(findings)].join(", ")} was found`);
  }

  private fail(result: CheckResult, why: string): void {
    const { machine } = this.simulation;
    result.state = "failed";
    // At the end of a run no task executes, and the event has no step that a debugger could go to.
    const atEnd = this.eventsAtEnd !== null && result.check.kind !== "after";
    result.failure = {
      event: atEnd ? this.eventsAtEnd! : machine.events + 1,
      time: machine.cpu.clock,
      task: atEnd ? "" : (machine.current?.name ?? ""),
      why,
    };
    trace("check_failed", { check: result.check.text, why });
  }

  private evaluateCheck(result: ConditionResult): void {
    const { check, countsMapped } = result;
    if (result.state === "failed") return;
    if (countsMapped && check.kind !== "finally" && this.isTruncating()) return;
    const bindings = this.simulation.bindingsOf(check.task);
    const value = evaluate(check.condition, bindings);
    const holds = !isError(value) && isTrue(value) === (check.kind !== "never");
    if (holds) result.state = "passed";
    else this.fail(result, isError(value) ? value.message : this.explain(check.condition, bindings));
  }

  /** Does a truncation run? It sets the size first and unmaps then: in between, mapped pages beyond the size are no failure. */
  private isTruncating(): boolean {
    return [...this.simulation.globals.files.values()].some(({ inode }) => inode.i_sem.owner !== null);
  }

  /** The values of the operands of the comparison that failed; in a chain of `and`, of the innermost false one. */
  private explain(condition: Expr, bindings: Bindings): string {
    if (condition.kind !== "binary") return `${this.format(condition, bindings)}`;
    if (condition.operator === "&&") {
      const left = evaluate(condition.left, bindings);
      return this.explain(!isError(left) && isTrue(left) ? condition.right : condition.left, bindings);
    }
    return `${this.format(condition.left, bindings)} ${condition.operator} ${this.format(condition.right, bindings)}`;
  }

  private format(expr: Expr, bindings: Bindings): string {
    const value = evaluate(expr, bindings);
    if (isError(value)) return value.message;
    return typeof value === "object" && value !== null ? value.description : String(value);
  }
}
