// The state of the stepper: the recording, the selected task and frame, and their descriptions.

import type { Frames } from "../../engine/machine/hooks.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import { Recording, type Stop } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import type { TraceEvent } from "../../engine/machine/trace.ts";
import { report_of, type BugReport } from "../../engine/observe/report.ts";
import { evaluate, isError, type Environment, type EvaluationError, type Expr, type Program, type Value } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import { concludeRun, type RunVerdict } from "../../scenario/run/verdict.ts";
import { Simulation, type RunOptions } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import { format_time } from "../shared/format.ts";
import type { SiteLocation, SourceIndex } from "../shared/source-index.ts";

/** The end of a run. */
interface RunEnd {
  readonly ending: RunVerdict;
  readonly reports: readonly BugReport[];
  readonly checks: readonly CheckResult[];
}

export class StepperSession {
  readonly recording: Recording<Simulation>;
  /** The selected task, by pid: going back makes new Task objects. */
  pid: number;
  /** The selected frame of its stack; 0 is the innermost. */
  frame = 0;
  /** The end of the run, once it was reached. */
  ended: RunEnd | null = null;

  constructor(
    program: Program,
    options: RunOptions,
    readonly sources: SourceIndex,
  ) {
    this.recording = new Recording((watched) => new Simulation(program, { ...options, build: watched ? "watched" : "steppable" }));
    this.pid = this.simulation.setup.pid;
  }

  /** Records the end of the run, and evaluates the checks that are due there. Their results are the same each time. */
  recordEnd(outcome: Outcome): void {
    const { simulation } = this;
    const ending = concludeRun(simulation, outcome);
    this.ended = { ending, reports: ending.findings.map((finding) => report_of(finding, simulation)), checks: simulation.checks.results };
  }

  get simulation(): Simulation {
    return this.recording.system;
  }

  get stop(): Stop {
    return this.recording.stop;
  }

  get tasks(): readonly Task[] {
    return this.simulation.machine.tasks;
  }

  /** The selected task; null if it does not exist at this point of time. */
  get task(): Task | null {
    return this.tasks[this.pid - 1] ?? null;
  }

  /** Has a later point of the execution already been reached? */
  get inThePast(): boolean {
    const { furthest } = this.recording;
    return this.stop.step < furthest.step || (furthest.ended && this.stop.outcome === null);
  }

  /** The stack of the selected task, innermost frame first; empty if it has none now. */
  frames(): Frames {
    return this.task === null ? [] : this.simulation.machine.backtrace(this.task);
  }

  /** The site of the selected frame. */
  site(): number | undefined {
    return this.frames()[this.frame]?.[0];
  }

  /** The source location of the selected frame. */
  location(): SiteLocation | undefined {
    const site = this.site();
    return site === undefined ? undefined : this.sources.location(site);
  }

  /** `event 412/980+`: the position in the part of the execution that has been reached. */
  position(): string {
    const { furthest } = this.recording;
    return `event ${this.stop.events}/${furthest.events}${furthest.ended ? "" : "+"}`;
  }

  /** `1.204 ms CPU0 shrink` */
  timeAndTask(): string {
    const { task } = this;
    const taskText = task === null ? "" : ` ${this.cpuName(task)} ${task.name}`;
    return `${format_time(this.stop.time)}${taskText}`;
  }

  /** `CPU0`; `helper` for the helpers of triggers. */
  cpuName(task: Task): string {
    return task.cpu === this.simulation.machine.helper_cpu ? "helper" : `CPU${task.cpu.id}`;
  }

  /** The value of an expression as the selected frame sees it. */
  evaluate(expr: Expr): Value | EvaluationError {
    return evaluate(expr, this.environment(this.task, this.frames()[this.frame]?.[1] ?? {}));
  }

  /** Does a condition hold at a breakpoint? One that cannot be evaluated counts as true, so that no hit is missed. */
  conditionHolds(condition: Expr, at: { readonly task: Task | null; readonly frames: Frames; readonly event: TraceEvent | null }): boolean {
    const value = evaluate(condition, this.environment(at.task, at.event?.args ?? at.frames[0]?.[1] ?? {}));
    return isError(value) || (value !== 0 && value !== null && value !== "");
  }

  /** The names in scope of a task, shadowed by the locals of one of its frames. */
  private environment(task: Task | null, locals: Readonly<Record<string, unknown>>): Environment {
    const process = [...this.simulation.globals.processes.values()].flatMap(({ members }) => members).find(({ mm }) => mm === task?.mm);
    const wrapped = Object.entries(locals).map(([name, value]) => [name, wrap(value)] as const);
    return this.simulation.bindings(process ?? null).extend(wrapped);
  }
}
