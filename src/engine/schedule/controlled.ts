// The controlled scheduler: a strategy chooses, at every scheduling point, which process executes next. The strategy replays a
// recorded schedule, or belongs to a search. Model time does not count: a task that sleeps or starts later is enabled all the same.
//
// Processes are numbered: first the tasks, in the order in which they were spawned, then one timer tick for each CPU that has
// tasks, then the helpers of triggers. What a process executes from one decision for it to the next decision is a transition.

import { ACCESS } from "../machine/accesses.ts";
import type { Cpu } from "../machine/cpu.ts";
import type { Machine } from "../machine/machine.ts";
import type { SchedulingPolicy, VisibleOperation } from "../machine/policy.ts";
import { CPU, NEED_RESCHED, put_prev_task, set_need_resched, switch_to } from "../machine/sched.ts";
import type { SpinLock } from "../machine/spinlock.ts";
import type { Task } from "../machine/task.ts";
import { accesses_of, interrupt_accesses, would_block, type PendingOperation, type SharedAccess } from "./pending.ts";
import { MAX_PROCESSES, NO_PROCESS, non_preemptive, type Strategy } from "./strategy.ts";

/** What tasks are called in schedules, as many as a bit mask can hold: `a` to `z`, then `aa` and so on. */
const TASK_NAMES = Array.from({ length: 32 }, (_, number) => (number < 26 ? "" : "a") + String.fromCharCode(97 + (number % 26)));

/** Operations before which there is a decision. The order of the others cannot be observed before the next of these. */
const SCHEDULING_POINTS: ReadonlySet<VisibleOperation> = new Set([
  "lock",
  "need_lockbreak",
  "down_read",
  "down_write",
  "read",
  "write",
  "add",
  "yield",
]);

/** Ends of rounds that a divergent task reaches after all other tasks have ended, before it rests. */
const ENDS_OF_ROUNDS = 2;

/** How many timer ticks the run may still have, as a field of the machine: what ticks access. */
const TICKS = "ticks";

export class ControlledScheduler implements SchedulingPolicy {
  readonly uses_model_time = false;
  /** By number: the task; null for a timer tick. */
  readonly processes: (Task | null)[];
  /** The processes that are ticks, as a bit mask. */
  readonly ticks: number;
  /** By process: the operation it performs next; null if it is not at a scheduling point. */
  readonly pending: (PendingOperation | null)[];
  /** Of the enabled processes, those that would only interrupt the task that has the CPU: ticks, and urgent tasks that wake up. */
  interrupts = 0;
  /** Transitions so far. */
  transitions = 0;
  /** The task of the last transition that was no interrupt, by number. */
  last = NO_PROCESS;
  private readonly ticking_cpus: readonly Cpu[];
  /** By CPU: has it more than one task? */
  private readonly cpu_is_shared: readonly boolean[];
  private readonly first_tick: number;
  private readonly numbers: number[] = [];
  /** How many of the machine's tasks have been checked for whether they need a number. */
  private tasks_seen: number;
  /** By process: is it a task that is more urgent than another task of its CPU? */
  private urgent: readonly boolean[];
  /** The process that has been chosen and has not been put on its CPU yet. */
  private chosen = NO_PROCESS;
  /** The task that has just been put on its CPU is to perform the operation before which it parked, without another decision. */
  private operation_granted = false;
  /** The executing task is at a `yield`: another task may execute without that being a preemption. */
  private yielding = false;
  /** By process of a divergent task: ends of rounds that it has reached since all other tasks have ended; see `is_at_rest`. */
  private readonly rounds: number[] = [];
  /** Have all tasks that are not divergent ended? */
  private others_ended = false;
  /** Decide only while all tasks are parked, so that each has a backtrace to look at: slower, and otherwise the same. */
  decides_while_parked = false;

  /**
   * From now on `strategy` decides about the tasks of the machine that are not `except`.
   * @param ticks_left how many timer ticks the run may have
   */
  constructor(
    private readonly machine: Machine,
    private strategy: Strategy,
    private ticks_left: number,
    except: Task | null = null,
  ) {
    const tasks = machine.tasks.filter((task) => task !== except);
    this.ticking_cpus = machine.cpus.filter((cpu) => tasks.some((task) => task.cpu === cpu));
    this.cpu_is_shared = machine.all_cpus.map((cpu) => tasks.filter((task) => task.cpu === cpu).length > 1);
    this.first_tick = tasks.length;
    this.processes = [...tasks, ...this.ticking_cpus.map(() => null)];
    this.ticks = ((1 << this.ticking_cpus.length) - 1) << this.first_tick;
    tasks.forEach((task, number) => (this.numbers[task.pid] = number));
    this.tasks_seen = machine.tasks.length;
    this.urgent = this.find_urgent();
    this.pending = this.processes.map(() => null);
    for (const cpu of machine.all_cpus) cpu.stop_timers();
  }

  /** What a process is called in schedules: tasks `a`, `b`, …, ticks by their CPU, `!0`, `!1`, …. */
  name(process: number): string {
    if (process < this.first_tick) return TASK_NAMES[process]!;
    const tick = process - this.first_tick;
    return tick < this.ticking_cpus.length ? `!${this.ticking_cpus[tick]!.id}` : TASK_NAMES[process - this.ticking_cpus.length]!;
  }

  /** The number of the process with this name, whether or not it has been spawned yet; NO_PROCESS if there can be none. */
  process_named(name: string): number {
    for (let process = 0; process < MAX_PROCESSES; process++) if (this.name(process) === name) return process;
    return NO_PROCESS;
  }

  /** Replaces the strategy: the first of `tasks` that is enabled executes, and if none is, the non-preemptive default. */
  prefer(tasks: () => readonly Task[]): void {
    this.strategy = {
      choose: (enabled, current) => {
        const preferred = tasks()
          .map((task) => this.number(task))
          .find((process) => (enabled & (1 << process)) !== 0);
        return preferred ?? non_preemptive(enabled, current, this);
      },
    };
  }

  /** Is a task enabled at the next decision? */
  is_enabled(task: Task): boolean {
    return (this.enabled() & (1 << this.number(task))) !== 0;
  }

  must_order(): boolean {
    return true;
  }

  others_come_first(): boolean {
    return false;
  }

  time_until_next(): number {
    return Infinity;
  }

  invalidate(): void {
    // Nothing is cached from one decision to the next.
  }

  must_finish(task: Task): boolean {
    return task.state !== "done" && !(task.divergent && this.is_at_rest(task));
  }

  /**
   * Does a divergent task stay where it is, between two rounds, for the rest of the run? It does at the second end of a round that it
   * reaches once all other tasks have ended: it completes its round, and executes another one as a whole.
   */
  private is_at_rest(task: Task): boolean {
    return this.others_ended && (this.rounds[this.number(task)] ?? 0) >= ENDS_OF_ROUNDS;
  }

  /** Notices that all tasks that are not divergent have ended. A divergent task that is between two rounds then has reached an end. */
  private note_others_ended(): void {
    if (this.others_ended || this.processes.some((task) => task?.has_to_end())) return;
    this.others_ended = true;
    this.pending.forEach((pending, process) => (this.rounds[process] = pending?.operation === "yield" ? 1 : 0));
  }

  should_yield(operation: VisibleOperation, object: object, field: string): boolean {
    if (!SCHEDULING_POINTS.has(operation)) return false;
    if (this.operation_granted) {
      this.operation_granted = false;
      this.begin_operation(operation, object);
      return false;
    }
    const process = this.number(this.machine.current!);
    this.pending[process] = { operation, object, field };
    this.yielding = operation === "yield";
    if (this.yielding && this.others_ended) this.rounds[process] = (this.rounds[process] ?? 0) + 1;
    if (this.decides_while_parked) return true;
    this.decide();
    if (this.chosen !== process) return true;
    this.chosen = NO_PROCESS;
    this.pending[process] = null;
    this.begin_operation(operation, object);
    return false;
  }

  /** The executing task performs its pending operation. */
  private begin_operation(operation: VisibleOperation, object: object): void {
    const task = this.machine.current!;
    if (!this.shares_its_cpu(task)) return;
    const { accesses } = this.machine;
    // A task that wants the CPU could also have had it here, had this one had to wait.
    if (operation === "down_read" || operation === "down_write") accesses?.access(object, "", ACCESS.write);
    if (operation === "lock" && (object as SpinLock).waiters.includes(task)) accesses?.access(task.cpu, CPU, ACCESS.write);
  }

  /** Do other tasks have the same CPU? */
  private shares_its_cpu({ cpu }: Task): boolean {
    return this.cpu_is_shared[cpu.id]!;
  }

  pick_next_task(): Task | null {
    if (this.chosen === NO_PROCESS) this.decide();
    if (this.chosen === NO_PROCESS) return null;
    const task = this.processes[this.chosen]!;
    this.chosen = NO_PROCESS;
    return this.put_on_cpu(task);
  }

  /** What a process would access if it were chosen now: nothing if it has ended. */
  pending_accesses(process: number): SharedAccess[] {
    const task = this.processes[process]!;
    if (task === null) return this.ticks_left > 0 ? interrupt_accesses(this.ticking_cpus[process - this.first_tick]!) : [];
    const { cpu, waiting_on } = task;
    const acquire = { object: cpu, field: CPU, kind: ACCESS.acquire_exclusive };
    if (cpu.timers.includes(task)) return this.urgent[process]! ? interrupt_accesses(cpu) : [acquire];
    if (cpu.runqueue.includes(task)) return [acquire];
    if (task.state === "spinning") return [{ object: waiting_on!, field: "", kind: ACCESS.acquire_contended }];
    const pending = this.pending[process];
    if (pending === null || pending === undefined) return [];
    return accesses_of(pending, this.shares_its_cpu(task));
  }

  /** What a timer tick conflicts with that is disabled because the run has had all its ticks: the other ticks. */
  disabled_accesses(process: number): SharedAccess[] {
    return this.processes[process] === null && this.ticks_left === 0 ? [{ object: this.machine, field: TICKS, kind: ACCESS.write }] : [];
  }

  /** The number of a task; the helper of a trigger gets one at the first question about it. */
  private number(task: Task): number {
    const known = this.numbers[task.pid];
    if (known !== undefined) return known;
    const number = this.processes.push(task) - 1;
    this.urgent = this.find_urgent();
    this.pending.push(null);
    this.numbers[task.pid] = number;
    return number;
  }

  /** Has the strategy choose until it has chosen a task that is no interrupt, or no process is enabled. */
  private decide(): void {
    for (;;) {
      const enabled = this.enabled();
      if (enabled === 0) return;
      const can_continue = this.last !== NO_PROCESS && (enabled & (1 << this.last)) !== 0 && this.has_cpu(this.last);
      const current = !can_continue ? NO_PROCESS : this.yielding ? non_preemptive(enabled, NO_PROCESS, this) : this.last;
      const choice = this.strategy.choose(enabled, current);
      if (typeof choice !== "number") return this.machine.abandon(choice);
      this.transitions += 1;
      if ((this.interrupts & (1 << choice)) === 0) {
        this.chosen = this.last = choice;
        this.yielding = false;
        return;
      }
      this.interrupt(choice);
    }
  }

  private has_cpu(process: number): boolean {
    const task = this.processes[process]!;
    return task.cpu.current === task;
  }

  /** The enabled processes, as a bit mask; none if all tasks that have to finish have, and all divergent ones are at rest. */
  private enabled(): number {
    let enabled = 0;
    let unfinished = false;
    this.interrupts = this.ticks;
    const { tasks } = this.machine;
    // A trigger may have spawned a helper since the last decision.
    for (; this.tasks_seen < tasks.length; this.tasks_seen++) {
      const task = tasks[this.tasks_seen]!;
      if (task.state !== "done") this.number(task);
    }
    this.note_others_ended();
    for (let process = 0; process < this.processes.length; process++) {
      const task = this.processes[process]!;
      if (task === null || !this.must_finish(task)) continue;
      unfinished = true;
      if (this.can_proceed(task, process)) enabled |= 1 << process;
    }
    if (!unfinished) return 0;
    // A tick of an idle CPU is enabled, although it changes nothing.
    return enabled !== 0 && this.ticks_left > 0 ? enabled | this.ticks : enabled;
  }

  private can_proceed(task: Task, process: number): boolean {
    const { cpu } = task;
    const { current } = cpu;
    if (current === task) {
      if (task.state === "spinning") return (task.waiting_on as SpinLock).owner === null;
      if (task.state !== "running") return false;
      // With a CPU of its own a task need not have arrived at a semaphore before it can have it: no other task could observe that.
      const pending = this.pending[process];
      return this.shares_its_cpu(task) || pending === null || pending === undefined || !would_block(pending);
    }
    const runnable = cpu.runqueue.includes(task);
    if (!runnable && !cpu.timers.includes(task)) return false;
    if (!runnable && this.urgent[process]!) {
      this.interrupts |= 1 << process;
      return true;
    }
    return (current === null || this.is_preemptible_spinner(current)) && !cpu.runqueue.some((other) => other.prio < task.prio);
  }

  /** Is a process more urgent than another task of its CPU? Then its wake-up is a transition of its own: it may be long before it runs. */
  private find_urgent(): boolean[] {
    return this.processes.map((task) => task !== null && this.processes.some((other) => other?.cpu === task.cpu && other.prio > task.prio));
  }

  /** Does the task that has a CPU leave it as soon as another becomes runnable there? A spinning task does if it has to reschedule. */
  private is_preemptible_spinner(task: Task): boolean {
    return task.state === "spinning" && task.need_resched && task.preempt_count === 0 && this.machine.config.preempt;
  }

  /** A timer tick, or an urgent task that wakes up: sets need_resched of the task that has the CPU. */
  private interrupt(process: number): void {
    const { accesses } = this.machine;
    const task = this.processes[process]!;
    const cpu = task === null ? this.ticking_cpus[process - this.first_tick]! : task.cpu;
    const { current } = cpu;
    accesses?.access(cpu, NEED_RESCHED, ACCESS.write);
    // A tick is for the task that has the CPU; and once an urgent task is awake, no less urgent one gets the CPU.
    accesses?.access(cpu, CPU, ACCESS.write);
    if (task === null) {
      this.ticks_left -= 1;
      // The other CPUs have one tick less to come.
      accesses?.access(this.machine, TICKS, ACCESS.write);
    } else {
      cpu.timers.splice(cpu.timers.indexOf(task), 1);
      task.state = "runnable";
      task.runnable_since = cpu.clock;
      cpu.enqueue(task);
    }
    if (current !== null && (task === null || task.prio < current.prio)) set_need_resched(current);
  }

  private put_on_cpu(task: Task): Task {
    const { machine } = this;
    const { cpu } = task;
    const { current } = cpu;
    if (!machine.time_frozen) cpu.clock = Math.max(cpu.clock, machine.cpu.clock);
    machine.cpu = cpu;
    if (current !== null && current !== task) {
      machine.current = current;
      put_prev_task(current);
    }
    machine.current = task;
    if (current === task) return this.resume_on_cpu(task);
    machine.accesses?.access(cpu, CPU, ACCESS.acquire_exclusive);
    for (const queue of [cpu.timers, cpu.runqueue]) if (queue.includes(task)) queue.splice(queue.indexOf(task), 1);
    if (task.state !== "runnable") task.runnable_since = cpu.clock;
    this.operation_granted = false;
    return switch_to(cpu, task);
  }

  /** A task that still has its CPU performs the operation before which it parked. */
  private resume_on_cpu(task: Task): Task {
    const process = this.number(task);
    this.operation_granted = this.pending[process] !== null || task.state === "spinning";
    this.pending[process] = null;
    task.state = "running";
    return task;
  }
}
