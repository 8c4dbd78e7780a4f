// What the stepper knows: the recording, which task and frame are selected, and how both are named to a person.

import type { Frames } from "../../engine/machine/hooks.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import { Recording, type Stop } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import type { TraceEvent } from "../../engine/machine/trace.ts";
import { report_of, type Report } from "../../engine/observe/report.ts";
import { evaluate, isError, type Environment, type EvaluationError, type Expr, type Program, type Value } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/checks.ts";
import { finish, type Ending } from "../../scenario/run/finish.ts";
import { Simulation, type RunOptions } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/values.ts";
import { format_time } from "../shared/format.ts";
import type { Place, Sources } from "../shared/sources.ts";

/** The end of a run. */
interface Ended {
  readonly ending: Ending;
  readonly reports: readonly Report[];
  readonly checks: readonly CheckResult[];
}

export class Session {
  readonly recording: Recording<Simulation>;
  /** The selected task, by pid: going back makes new Task objects. */
  pid: number;
  /** The selected frame of its stack; 0 is the innermost. */
  frame = 0;
  /** How the run has ended, once its end was reached. */
  ended: Ended | null = null;

  constructor(
    program: Program,
    options: RunOptions,
    readonly sources: Sources,
  ) {
    this.recording = new Recording((watched) => new Simulation(program, { ...options, build: watched ? "watched" : "stepped" }));
    this.pid = this.simulation.setup.pid;
  }

  /** The run has ended: makes the checks whose time that is. What they say is the same each time. */
  end(outcome: Outcome): void {
    const { simulation } = this;
    const ending = finish(simulation, outcome);
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

  /** Is there a later point of the execution that was already reached? */
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

  /** Where the selected frame stands. */
  place(): Place | undefined {
    const site = this.site();
    return site === undefined ? undefined : this.sources.place(site);
  }

  /** `event 412/980+`: how far in what is known of the execution. */
  position(): string {
    const { furthest } = this.recording;
    return `event ${this.stop.events}/${furthest.events}${furthest.ended ? "" : "+"}`;
  }

  /** `1.204 ms CPU0 shrink` */
  whereabouts(): string {
    const { task } = this;
    const who = task === null ? "" : ` ${this.cpuName(task)} ${task.name}`;
    return `${format_time(this.stop.time)}${who}`;
  }

  /** `CPU0`; `helper` for the helpers of triggers. */
  cpuName(task: Task): string {
    return task.cpu === this.simulation.machine.helper_cpu ? "helper" : `CPU${task.cpu.id}`;
  }

  /** The value of an expression as the selected frame sees it. */
  evaluate(expr: Expr): Value | EvaluationError {
    return evaluate(expr, this.environment(this.task, this.frames()[this.frame]?.[1] ?? {}));
  }

  /** Does a condition hold at a breakpoint? One that has no value counts as holding: nothing passes unnoticed. */
  holds(condition: Expr, at: { readonly task: Task | null; readonly frames: Frames; readonly event: TraceEvent | null }): boolean {
    const value = evaluate(condition, this.environment(at.task, at.event?.args ?? at.frames[0]?.[1] ?? {}));
    return isError(value) || (value !== 0 && value !== null && value !== "");
  }

  /** The names that a task sees, with the locals of one of its frames before them. */
  private environment(task: Task | null, locals: Readonly<Record<string, unknown>>): Environment {
    const process = [...this.simulation.names.processes.values()].flatMap(({ members }) => members).find(({ mm }) => mm === task?.mm);
    const wrapped = Object.entries(locals).map(([name, value]) => [name, wrap(value)] as const);
    return this.simulation.scope(process ?? null).with(wrapped);
  }
}
