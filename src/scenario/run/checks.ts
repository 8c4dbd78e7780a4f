// The checks of a scenario: `always` and `never` while it runs, `after TASK`, and `finally`.

import { TRACEPOINTS, type Sink, type TracepointName } from "../../engine/machine/trace.ts";
import { trace } from "../../engine/machine/tracing.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { evaluate, isError, isTrue } from "../program/expression.ts";
import type { Check, Expectation, Expr } from "../program/program.ts";
import { usesFunction } from "../program/statements.ts";
import type { Scope } from "./environment.ts";
import type { Simulation } from "./simulation.ts";

/** How a check came out. `open`: its time never came, because the run ended early. */
export interface CheckResult {
  readonly check: Check | Expectation;
  state: "passed" | "failed" | "open";
  /** Where it failed: the number of the tracepoint that told of it (at the end of a run, of the last one), and the model time in nanoseconds. */
  failure: { readonly event: number; readonly time: number; readonly task: string; readonly why: string } | null;
}

/** A check with a condition. `aboutMapped`: it counts pages that are mapped. */
type ConditionResult = CheckResult & { readonly check: Check; readonly aboutMapped: boolean };

const MAPPED: ReadonlySet<string> = new Set(["mapped"]);

export class Checks {
  /** Those with a condition. */
  private readonly conditions: readonly ConditionResult[];
  /** The one for what the scenario expects to be found; null if it expects nothing. */
  private readonly expectation: CheckResult | null;
  readonly results: readonly CheckResult[];
  private busy = false;
  /** Tracepoints passed when the run had ended. */
  private endedAt: number | null = null;

  constructor(private readonly simulation: Simulation) {
    const { checks, expected } = simulation.program;
    this.conditions = checks.map((check) => ({ check, aboutMapped: usesFunction(check.condition, MAPPED), state: "open", failure: null }));
    this.expectation = expected === null ? null : { check: expected, state: "open", failure: null };
    this.results = this.expectation === null ? this.conditions : [...this.conditions, this.expectation];
  }

  /** Begins to watch: called when the set-up has ended. */
  begin(): void {
    const running = this.conditions.filter(({ check }) => check.kind === "always" || check.kind === "never");
    if (running.length === 0) return;
    for (const result of running) result.state = "passed";
    const names = running.some(({ aboutMapped }) => !aboutMapped) ? (Object.keys(TRACEPOINTS) as TracepointName[]) : (["syscall_exit"] as const);
    const sink: Sink = ({ name }) => {
      if (this.busy || name === "check_failed") return;
      this.busy = true;
      for (const result of running) if (name === "syscall_exit" || !result.aboutMapped) this.test(result);
      this.busy = false;
      this.simulation.machine.breathe();
    };
    on_each(this.simulation.machine, names, sink);
  }

  /** The task called `name` has ended. */
  after(name: string): void {
    for (const result of this.conditions) if (result.check.kind === "after" && result.check.task === name && result.state === "open") this.test(result);
  }

  /**
   * The run has ended by itself, or in findings, by their codes. Findings that nobody expects end it before the time of its
   * last checks.
   */
  end(findings: readonly string[] = []): void {
    this.endedAt = this.simulation.machine.events;
    if (this.expectation !== null && this.expectation.state !== "failed") this.settle(this.expectation, findings);
    if (findings.length > 0 && !this.expects(findings)) return;
    for (const { name, state } of this.simulation.names.tasks.values()) if (state === "done") this.after(name);
    for (const result of this.conditions) if (result.check.kind !== "after") this.test(result);
  }

  /** Are these findings what the scenario is to show? */
  expects(findings: readonly string[]): boolean {
    const { expected } = this.simulation.program;
    return expected !== null && findings.length > 0 && findings.every((code) => code === expected.code);
  }

  private settle(result: CheckResult, findings: readonly string[]): void {
    if (this.expects(findings)) result.state = "passed";
    else this.fail(result, findings.length === 0 ? "nothing was found" : `${[...new Set(findings)].join(", ")} was found`);
  }

  private fail(result: CheckResult, why: string): void {
    const { machine } = this.simulation;
    result.state = "failed";
    // At the end of a run nobody is at fault any more, and nothing is passed that a debugger could go to.
    const atEnd = this.endedAt !== null && result.check.kind !== "after";
    result.failure = { event: atEnd ? this.endedAt! : machine.events + 1, time: machine.cpu.clock, task: atEnd ? "" : (machine.current?.name ?? ""), why };
    trace("check_failed", { check: result.check.text, why });
  }

  private test(result: ConditionResult): void {
    const { check, aboutMapped } = result;
    if (result.state === "failed") return;
    if (aboutMapped && check.kind !== "finally" && this.truncating()) return;
    const scope = this.simulation.scopeOf(check.task);
    const value = evaluate(check.condition, scope);
    const holds = !isError(value) && isTrue(value) === (check.kind !== "never");
    if (holds) result.state = "passed";
    else this.fail(result, isError(value) ? value.message : this.explain(check.condition, scope));
  }

  /** A truncation sets the size first and unmaps then: in between, pages beyond the size are no failure. */
  private truncating(): boolean {
    return [...this.simulation.names.files.values()].some(({ inode }) => inode.i_sem.owner !== null);
  }

  /** The values of the two sides of a comparison that failed, innermost that is false in a chain of `and`. */
  private explain(condition: Expr, scope: Scope): string {
    if (condition.kind !== "binary") return `${this.show(condition, scope)}`;
    if (condition.operator === "&&") {
      const left = evaluate(condition.left, scope);
      return this.explain(!isError(left) && isTrue(left) ? condition.right : condition.left, scope);
    }
    return `${this.show(condition.left, scope)} ${condition.operator} ${this.show(condition.right, scope)}`;
  }

  private show(expr: Expr, scope: Scope): string {
    const value = evaluate(expr, scope);
    if (isError(value)) return value.message;
    return typeof value === "object" && value !== null ? value.what : String(value);
  }
}
