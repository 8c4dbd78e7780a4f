// The machine: CPUs, tasks and the loop that decides who executes next. It knows neither the kernel that runs on it
// nor who is watching. One machine is one execution from its start; going back means making a new one (recording.ts).

import type { AccessLog } from "./accesses.ts";
import { KernelBug } from "./bug.ts";
import { costTable, type CostTable } from "./costs.ts";
import { Cpu } from "./cpu.ts";
import { $, BACKTRACE, type Frames, type Kernel, type Stop } from "./hooks.ts";
import { LimitReached, ProgramError } from "./limits.ts";
import type { Policy } from "./policy.ts";
import { interrupts, leave_cpu } from "./sched.ts";
import { Task, type Lockable } from "./task.ts";
import type { Sink, TracepointName } from "./trace.ts";
import type { AccessSink } from "./watch.ts";
import { trace } from "./tracing.ts";

export interface MachineConfig {
  /** 1 to 64. */
  readonly cpus: number;
  /** CONFIG_PREEMPT. */
  readonly preempt: boolean;
  /** Timer ticks per second of model time. */
  readonly hz: number;
  /** Whether break_lock stays set once contended (all kernels up to 2.6.11), or is cleared when the lock is taken. */
  readonly break_lock: "sticky" | "cleared";
  readonly costs: Partial<CostTable>;
  /** The run ends with LimitReached beyond these. */
  readonly limits: { readonly steps: number; readonly time: number; readonly pages: number };
}

/** How `run` came back. Everything but `stopped` is final. */
export type Outcome =
  | { readonly kind: "stopped"; readonly task: Task }
  | { readonly kind: "end" }
  | { readonly kind: "deadlock"; readonly tasks: readonly Task[] }
  | { readonly kind: "bug"; readonly bug: KernelBug; readonly task: Task | null }
  | { readonly kind: "limit"; readonly limit: LimitReached }
  | { readonly kind: "error"; readonly error: ProgramError; readonly task: Task };

/** A hundred milliseconds, as DEF_TIMESLICE of 2.6 for nice 0. */
export const TIME_SLICE = 100_000_000;

/** The machine that is executing now. Kernel code and primitives reach it through this binding. */
export let machine: Machine;

function make_current(next: Machine): void {
  machine = next;
}

export class Machine {
  readonly cpus: readonly Cpu[];
  /** An extra CPU on which the helper tasks of triggers run; it is not online for the kernel. */
  readonly helper_cpu: Cpu;
  readonly all_cpus: readonly Cpu[];
  readonly tasks: Task[] = [];
  readonly costs: CostTable;
  policy: Policy;
  /** Is told of every access to what tasks share, if somebody wants to know. */
  accesses: AccessLog | null = null;
  /** Nanoseconds between timer ticks. */
  readonly tick: number;
  /** The executing CPU and its task; meaningful while the machine runs. */
  cpu: Cpu;
  current: Task | null = null;
  /** While true no model time passes: the scenario's processes are being set up. */
  timeless = false;
  /** Tasks that wait for the helper of a trigger. */
  private readonly held: Task[] = [];
  /** Statements executed so far. While this machine runs the live count is `$.step`. */
  step = 0;
  /** Tracepoints passed so far. */
  events = 0;
  sinks: Partial<Record<TracepointName, Sink[]>> = {};
  /** Told of every write, and of every read that may race with one, before it happens. Only a kernel that was booted to be watched tells of all. */
  readonly access_sinks: AccessSink[] = [];
  /** Answers of need_resched and need_lockbreak that a scenario forces. */
  force: ((check: "need_resched" | "need_lockbreak", lock: Lockable | null) => boolean | null) | null = null;
  /** Asked before every statement once `slow` is set: should the run stop here? Never changes the execution. */
  watch: ((site: number, task: Task) => boolean) | null = null;
  outcome: Outcome | null = null;
  /** Does the code that runs on it know where its tasks are? Plain code does not. */
  has_stacks = true;
  /** Somebody has changed the state from outside: what makes no sense then is a bug of the kernel's, not of the model. */
  tampered = false;
  /** True between a stop at a statement and the resume: the same task goes on, nobody is picked. */
  private midway = false;
  /** After a stop at a statement, somebody is picked nevertheless. */
  private picks_again = false;
  private stop_step = Infinity;
  /**
   * Asked after work whose time no step tells, such as a check of the scenario: should whoever drives the run be heard? It has
   * no influence on the execution.
   */
  overdue: (() => boolean) | null = null;
  /** The last `run` came back early, because it was overdue. */
  cut = false;
  private stop_requested = false;
  /** A clock has gone beyond the limit: the run ends at the next statement. */
  private late = false;

  /** @param policy makes the policy that the machine is scheduled by until another one is set */
  constructor(readonly config: MachineConfig, policy: (machine: Machine) => Policy) {
    this.tick = Math.round(1e9 / config.hz);
    this.costs = costTable(config.costs);
    const end = config.limits.time + 1;
    this.cpus = Array.from({ length: config.cpus }, (_, id) => new Cpu(id, this.tick, end));
    this.helper_cpu = new Cpu(config.cpus, this.tick, end);
    this.all_cpus = [...this.cpus, this.helper_cpu];
    this.cpu = this.cpus[0]!;
    this.policy = policy(this);
  }

  /** What has to happen when this machine becomes the active one: the kernel's own globals are switched to it. */
  on_activate: () => void = () => undefined;
  /** What a CPU has to do besides when it turns to another task: the kernel changes the address space. */
  on_switch: (cpu: Cpu, next: Task) => void = () => undefined;

  /** Makes this machine the one that kernel code runs on. Its step counter goes on where it was. */
  activate(): void {
    if (machine !== this) {
      if (machine !== undefined) machine.step = $.step;
      make_current(this);
      $.step = this.step;
      this.on_activate();
    }
    $.hit = (site) => this.hit(site);
    $.endless = () => this.endless();
    $.watching = this.access_sinks.length > 0;
    $.write = (object, key) => this.tell("write", object, key);
    $.read = (object, key) => this.tell("read", object, key);
  }

  /** Statements executed so far, also while it runs. */
  get now(): number {
    return machine === this ? $.step : this.step;
  }

  /** Between two statements: whoever the policy names executes next, be it the task that has stopped or another. */
  pick_again(): void {
    this.picks_again = true;
  }

  /** Adds a task that becomes runnable at `at` (model nanoseconds). */
  spawn(name: string, cpu: Cpu, prio: number, mm: object | null, body: Kernel<void>, at: number): Task {
    const task = new Task(this.tasks.length + 1, name, cpu, prio, mm, body, TIME_SLICE);
    task.state = "sleeping";
    this.tasks.push(task);
    cpu.add_timer(task, at);
    this.policy.changed();
    return task;
  }

  /** Asks for a stop before the next statement, whoever executes it. For breakpoints on tracepoints. */
  request_stop(): void {
    this.stop_requested = true;
    $.horizon = 0;
  }

  /** To be called after work that may have taken long: comes back before the next statement if that is overdue. */
  breathe(): void {
    if (this.overdue === null || !this.overdue()) return;
    this.cut = true;
    this.stop_step = 0;
    $.horizon = 0;
  }

  /** A CPU's clock has gone beyond the limit of model time: nobody executes another statement. */
  end_of_time(): void {
    this.late = true;
    $.horizon = 0;
  }

  /** Ends the run where it is. */
  abandon(limit: LimitReached): void {
    this.finish({ kind: "limit", limit });
  }

  /**
   * Makes the current task wait, from its next statement on, until `helper` has ended or blocks: what a trigger does
   * happens at this very moment of the run.
   */
  hold_for(helper: Task): void {
    this.current!.held_by = helper;
    $.horizon = 0;
  }

  /**
   * Executes until step `stop_step` is reached, `watch` says so, a stop is requested, or the run is over.
   * Where a stop happens has no influence on the execution itself.
   */
  run(stop_step: number): Outcome {
    this.activate();
    this.stop_step = stop_step;
    this.stop_requested = this.cut = false;
    const outcome = this.execute();
    this.step = $.step;
    $.horizon = Infinity;
    $.watching = false;
    return outcome;
  }

  private tell(access: "read" | "write", object: object, key: string | number): void {
    for (const sink of this.access_sinks) sink(access, object, key);
  }

  private execute(): Outcome {
    while (this.outcome === null) {
      if (this.beyond_limits()) this.finish({ kind: "limit", limit: this.limit_reached() });
      else if (this.midway && $.step >= this.stop_step) return { kind: "stopped", task: this.current! };
      else {
        const task = this.midway ? this.go_on() : this.pick();
        if (task !== null && this.resume(task)) return { kind: "stopped", task };
      }
    }
    return this.outcome;
  }

  /** The task's stack, innermost frame first, as of now. Asking does not change the execution. */
  backtrace(task: Task): Frames {
    if (task.frames !== null) return task.frames;
    if (task.state === "done" || !task.started) return [];
    if (!this.has_stacks) throw new Error("plain code has no backtraces");
    // A task that a bug has ended has no stack any more.
    const { value } = task.body.next(BACKTRACE) as IteratorResult<Stop, void>;
    return (value ?? []) as Frames;
  }

  private beyond_limits(): boolean {
    return this.late || $.step > this.config.limits.steps;
  }

  private limit_reached(): LimitReached {
    const { time, steps } = this.config.limits;
    return this.late ? LimitReached.time(time) : LimitReached.steps(steps);
  }

  private hit(site: number): boolean {
    if ($.step >= this.stop_step || this.stop_requested || this.current!.held_by !== null || this.beyond_limits()) return true;
    return this.watch !== null && this.watch(site, this.current!);
  }

  private endless(): void {
    if (this.beyond_limits()) throw this.limit_reached();
  }

  /** After a stop at a statement: the same task, unless it has to wait for a trigger's helper first. */
  private go_on(): Task | null {
    this.midway = false;
    const task = this.current!;
    const again = this.picks_again;
    this.picks_again = false;
    if (task.held_by === null) return again ? this.pick() : task;
    task.state = "held";
    this.held.push(task);
    return null;
  }

  /** Chooses who executes next; null if nobody can right now. */
  private pick(): Task | null {
    if (this.held.length > 0) this.release_held();
    const task = this.policy.next();
    if (this.outcome !== null || (task === null && this.release_held(true))) return null;
    if (task === null) {
      const left = this.tasks.filter((one) => this.policy.awaits(one));
      this.finish(left.length === 0 ? { kind: "end" } : { kind: "deadlock", tasks: left });
      return null;
    }
    this.current = task;
    return this.late ? null : task;
  }

  /** Lets `task` execute; true if it stopped at a statement for somebody outside. */
  private resume(task: Task): boolean {
    this.policy.changed();
    task.frames = null;
    task.started = true;
    $.horizon = this.watch !== null || this.stop_requested || task.held_by !== null ? 0 : Math.min(this.stop_step, this.config.limits.steps + 1);
    let result: IteratorResult<Stop, void>;
    try {
      result = task.body.next();
    } catch (error) {
      this.fail(error, task);
      return false;
    }
    if (result.done === true) {
      task.state = "done";
      leave_cpu(task);
    } else if (Array.isArray(result.value)) {
      task.frames = result.value;
      this.midway = true;
      if (task.held_by !== null && $.step < this.stop_step && !this.stop_requested) return false;
      return !this.beyond_limits();
    }
    return false;
  }

  /** Tasks whose trigger's helper has ended, or waits for what they hold, continue from that moment. */
  private release_held(everybody = false): boolean {
    const released = this.held.filter(({ held_by }) => everybody || held_by!.state === "done" || this.waits_for_held(held_by!));
    for (const task of released) {
      this.held.splice(this.held.indexOf(task), 1);
      task.cpu.clock = Math.max(task.cpu.clock, task.held_by!.cpu.clock);
      task.held_by = null;
      task.state = "running";
      interrupts(task.cpu);
    }
    return released.length > 0;
  }

  /** Does `task` wait, perhaps through others, for something that a held task holds? */
  private waits_for_held(task: Task): boolean {
    const seen = new Set<Task>();
    const waits = (one: Task): boolean => {
      if (one.state === "held") return true;
      if (one.waiting_on === null || seen.has(one)) return false;
      seen.add(one);
      return one.waiting_on.holders().some(waits);
    };
    return task.waiting_on !== null && waits(task);
  }

  private fail(error: unknown, task: Task): void {
    if (error instanceof KernelBug) {
      trace("bug", { code: error.code, message: error.message });
      this.finish({ kind: "bug", bug: error, task });
    } else if (error instanceof LimitReached) {
      this.finish({ kind: "limit", limit: error });
    } else if (error instanceof ProgramError) {
      this.finish({ kind: "error", error, task });
    } else if (this.tampered && error instanceof Error) {
      this.fail(new KernelBug("oops", `the kernel cannot go on from what was changed: ${error.message}`), task);
    } else {
      throw error;
    }
  }

  private finish(outcome: Outcome): void {
    this.outcome = outcome;
  }
}
