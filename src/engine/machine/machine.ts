// The machine: CPUs, tasks and the loop that executes one task after the other. It knows neither the kernel that runs on it
// nor what observes it. One machine is one execution from its start; going back means making a new one (recording.ts).

import type { AccessLog } from "./accesses.ts";
import { KernelBug } from "./bug.ts";
import { cost_table, type CostTable } from "./costs.ts";
import { Cpu } from "./cpu.ts";
import { $, BACKTRACE, type Frames, type Kernel, type KernelYield } from "./hooks.ts";
import { LimitReached, ProgramError } from "./limits.ts";
import type { SchedulingPolicy } from "./policy.ts";
import { deliver_interrupts, deactivate_task } from "./sched.ts";
import { Task, type Lockable } from "./task.ts";
import type { Sink, TracepointName } from "./trace.ts";
import type { DataAccessSink } from "./data_access.ts";
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
  policy: SchedulingPolicy;
  /** Receives every access to what tasks share; null if that is not recorded. */
  accesses: AccessLog | null = null;
  /** Nanoseconds between timer ticks. */
  readonly tick: number;
  /** The executing CPU and its task; meaningful while the machine runs. */
  cpu: Cpu;
  current: Task | null = null;
  /** While true no model time passes: the scenario's processes are being set up, or a search explores it. */
  time_frozen = false;
  /** Tasks that wait for the helper of a trigger. */
  private readonly held: Task[] = [];
  /** Statements executed so far. While this machine runs the live count is `$.step`. */
  step = 0;
  /** Tracepoints passed so far. */
  events = 0;
  sinks: Partial<Record<TracepointName, Sink[]>> = {};
  /**
   * Receive every write, and every read that may race with one, before it happens. Only a kernel that was booted as `watched` reports
   * all of them.
   */
  readonly data_access_sinks: DataAccessSink[] = [];
  /** The answer of need_resched or need_lockbreak that a scenario forces; null to leave it as it is. */
  forced_answer: ((check: "need_resched" | "need_lockbreak", lock: Lockable | null) => boolean | null) | null = null;
  /** Asked before every statement, if it is set: should the run stop here? Never changes the execution. */
  should_stop: ((site: number, task: Task) => boolean) | null = null;
  outcome: Outcome | null = null;
  /** Has the code that runs on it backtraces? Plain code has none. */
  has_stacks = true;
  /** The user has changed the state: an exception after that is a bug of the kernel in that state, not of the model. */
  tampered = false;
  /** True between a stop at a statement and the resume: the same task executes next, without a question to the policy. */
  private stopped_at_statement = false;
  /** After a stop at a statement, the policy is asked for the next task nevertheless. */
  private reschedule_pending = false;
  private stop_step = Infinity;
  /**
   * Asked after work that takes real time but no steps, such as a check of the scenario: has `run` to come back, so that a stop request
   * can be served? It has no influence on the execution.
   */
  is_deadline_over: (() => boolean) | null = null;
  /** The last `run` came back early, because its deadline was over. */
  deadline_expired = false;
  private stop_requested = false;
  /** A clock has passed the limit of model time: the run ends at the next statement. */
  private time_limit_passed = false;

  /** @param policy makes the policy that the machine is scheduled by until another one is set */
  constructor(
    readonly config: MachineConfig,
    policy: (machine: Machine) => SchedulingPolicy,
  ) {
    this.tick = Math.round(1e9 / config.hz);
    this.costs = cost_table(config.costs);
    const end = config.limits.time + 1;
    this.cpus = Array.from({ length: config.cpus }, (_, id) => new Cpu(id, this.tick, end));
    this.helper_cpu = new Cpu(config.cpus, this.tick, end);
    this.all_cpus = [...this.cpus, this.helper_cpu];
    this.cpu = this.cpus[0]!;
    this.policy = policy(this);
  }

  /** Called when this machine becomes the active one: switches the kernel's own globals to it. */
  on_activate: () => void = () => undefined;
  /** Called when a CPU switches to another task: the kernel switches the address space. */
  on_switch: (cpu: Cpu, next: Task) => void = () => undefined;

  /** Makes this machine the one that kernel code runs on. Its step counter continues where it was. */
  activate(): void {
    if (machine !== this) {
      if (machine !== undefined) machine.step = $.step;
      make_current(this);
      $.step = this.step;
      this.on_activate();
    }
    $.hit = (site) => this.hit(site);
    $.check_divergence = () => this.check_divergence();
    $.watching = this.data_access_sinks.length > 0;
    $.write = (object, key) => this.report_data_access("write", object, key);
    $.read = (object, key) => this.report_data_access("read", object, key);
  }

  /** Statements executed so far, also while it runs. */
  get now(): number {
    return machine === this ? $.step : this.step;
  }

  /** While stopped at a statement: has the policy name the task that executes next, the stopped one or another. */
  reschedule(): void {
    this.reschedule_pending = true;
  }

  /** Adds a task that becomes runnable at `at` (model nanoseconds). */
  spawn(name: string, cpu: Cpu, prio: number, mm: object | null, body: Kernel<void>, at: number): Task {
    const task = new Task(this.tasks.length + 1, name, cpu, prio, mm, body, TIME_SLICE);
    task.state = "sleeping";
    this.tasks.push(task);
    cpu.add_timer(task, at);
    this.policy.invalidate();
    return task;
  }

  /** Asks for a stop before the next statement of any task. For breakpoints on tracepoints. */
  request_stop(): void {
    this.stop_requested = true;
    $.horizon = 0;
  }

  /** To be called after work that may have taken long: `run` comes back before the next statement if its deadline is over. */
  check_deadline(): void {
    if (this.is_deadline_over === null || !this.is_deadline_over()) return;
    this.deadline_expired = true;
    this.stop_step = 0;
    $.horizon = 0;
  }

  /** A CPU's clock has passed the limit of model time: no task executes another statement. */
  pass_time_limit(): void {
    this.time_limit_passed = true;
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
    this.stop_requested = this.deadline_expired = false;
    const outcome = this.execute();
    this.step = $.step;
    $.horizon = Infinity;
    $.watching = false;
    return outcome;
  }

  private report_data_access(access: "read" | "write", object: object, key: string | number): void {
    for (const sink of this.data_access_sinks) sink(access, object, key);
  }

  private execute(): Outcome {
    while (this.outcome === null) {
      if (this.beyond_limits()) this.finish({ kind: "limit", limit: this.limit_reached() });
      else if (this.stopped_at_statement && $.step >= this.stop_step) return { kind: "stopped", task: this.current! };
      else {
        const task = this.stopped_at_statement ? this.continue_stopped_task() : this.pick_next_task();
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
    // A task that a bug has ended has no stack.
    const { value } = task.body.next(BACKTRACE) as IteratorResult<KernelYield, void>;
    return (value ?? []) as Frames;
  }

  private beyond_limits(): boolean {
    return this.time_limit_passed || $.step > this.config.limits.steps;
  }

  private limit_reached(): LimitReached {
    const { time, steps } = this.config.limits;
    return this.time_limit_passed ? LimitReached.time(time) : LimitReached.steps(steps);
  }

  private hit(site: number): boolean {
    if ($.step >= this.stop_step || this.stop_requested || this.current!.held_by !== null || this.beyond_limits()) return true;
    return this.should_stop !== null && this.should_stop(site, this.current!);
  }

  private check_divergence(): void {
    if (this.beyond_limits()) throw this.limit_reached();
  }

  /** After a stop at a statement: the same task, unless it has to wait for a trigger's helper first. */
  private continue_stopped_task(): Task | null {
    this.stopped_at_statement = false;
    const task = this.current!;
    const again = this.reschedule_pending;
    this.reschedule_pending = false;
    if (task.held_by === null) return again ? this.pick_next_task() : task;
    task.state = "held";
    this.held.push(task);
    return null;
  }

  /** The task that the policy names to execute next; null if there is none at this moment. */
  private pick_next_task(): Task | null {
    if (this.held.length > 0) this.release_held();
    const task = this.policy.pick_next_task();
    if (this.outcome !== null || (task === null && this.release_held(true))) return null;
    if (task === null) {
      const unfinished = this.tasks.filter((one) => this.policy.must_finish(one));
      this.finish(unfinished.length === 0 ? { kind: "end" } : { kind: "deadlock", tasks: unfinished });
      return null;
    }
    this.current = task;
    return this.time_limit_passed ? null : task;
  }

  /** Resumes `task`; true if it stopped at a statement and `run` has to come back. */
  private resume(task: Task): boolean {
    this.policy.invalidate();
    task.frames = null;
    task.started = true;
    const every_statement = this.should_stop !== null || this.stop_requested || task.held_by !== null;
    $.horizon = every_statement ? 0 : Math.min(this.stop_step, this.config.limits.steps + 1);
    let result: IteratorResult<KernelYield, void>;
    try {
      result = task.body.next();
    } catch (error) {
      this.fail(error, task);
      return false;
    }
    if (result.done === true) {
      task.state = "done";
      deactivate_task(task);
    } else if (Array.isArray(result.value)) {
      task.frames = result.value;
      this.stopped_at_statement = true;
      if (task.held_by !== null && $.step < this.stop_step && !this.stop_requested) return false;
      return !this.beyond_limits();
    }
    return false;
  }

  /** Lets tasks continue whose trigger's helper has ended, or waits for what they hold; or all held tasks. */
  private release_held(all = false): boolean {
    const released = this.held.filter(({ held_by }) => all || held_by!.state === "done" || this.waits_for_held(held_by!));
    for (const task of released) {
      this.held.splice(this.held.indexOf(task), 1);
      task.cpu.clock = Math.max(task.cpu.clock, task.held_by!.cpu.clock);
      task.held_by = null;
      task.state = "running";
      deliver_interrupts(task.cpu);
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
      this.fail(new KernelBug("oops", `the kernel cannot continue from what was changed: ${error.message}`), task);
    } else {
      throw error;
    }
  }

  private finish(outcome: Outcome): void {
    this.outcome = outcome;
  }
}
