// The policy under which somebody decides, at every operation that others can see, which process goes on: a schedule that
// is replayed, or a search. Model time has no say: whoever sleeps or starts later may go on whenever it is chosen to.
//
// Processes are numbered: first the tasks, in the order in which they were made, then one timer tick for each CPU that has
// tasks, then the helpers of triggers. What a process does from being chosen up to where the next decision is due is a unit.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import type { Cpu } from "../machine/cpu.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine } from "../machine/machine.ts";
import type { Operation, Policy } from "../machine/policy.ts";
import { CPU, NEED_RESCHED, put_back, set_need_resched, switch_to } from "../machine/sched.ts";
import { must_wait, type Semaphore } from "../machine/semaphore.ts";
import type { SpinLock } from "../machine/spinlock.ts";
import type { Task } from "../machine/task.ts";

/** So many processes, ticks included, can be told apart. */
export const MAX_PROCESSES = 30;
/** Instead of a process: nobody. */
export const NOBODY = -1;

/** What tasks are called in schedules, as many as a bit mask can hold: `a` to `z`, then `aa` and so on. */
const LETTERS = Array.from({ length: 32 }, (_, number) => (number < 26 ? "" : "a") + String.fromCharCode(97 + (number % 26)));

/** Operations at which it is decided who goes on. At others nobody could tell the difference. */
const CHOICES: ReadonlySet<Operation> = new Set(["lock", "need_lockbreak", "down_read", "down_write", "read", "write", "add", "yield"]);

/** What they do to their object, where that does not depend on its state. */
const INTENTIONS: Readonly<Partial<Record<Operation, AccessKind>>> = {
  need_lockbreak: ACCESS.sample,
  down_read: ACCESS.take_read,
  down_write: ACCESS.take,
  read: ACCESS.read,
  write: ACCESS.write,
  add: ACCESS.add,
};

/** Of the machine, how many ticks there may still be: the field that accesses name. */
const TICKS = "ticks";

export interface Access {
  readonly object: object;
  readonly field: string;
  readonly kind: AccessKind;
}

export interface Chooser {
  /**
   * Which process goes on? One of those in the bit mask `enabled`, or why the run is over.
   * @param current the process that was executing and could go on, or whose turn it is after that has said that others may
   *   go first; or NOBODY
   */
  choose(enabled: number, current: number): number | LimitReached;
}

/** What a task is about to do. */
export interface Pending {
  readonly operation: Operation;
  readonly object: object;
  readonly field: string;
}

export class ChoicePolicy implements Policy {
  readonly timed = false;
  /** By number; null where a timer tick is. */
  readonly processes: (Task | null)[];
  /** The processes that are ticks, as a bit mask. */
  readonly ticks: number;
  /** What each process does next if it is chosen; null if it just goes on. */
  readonly pending: (Pending | null)[];
  /** Of those that can go on now, who would only interrupt the task that has the CPU: ticks, and urgent tasks that wake up. */
  interrupting = 0;
  /** Units so far. */
  units = 0;
  /** The task that went on last, by number. */
  last = NOBODY;
  private readonly ticking: readonly Cpu[];
  /** By CPU: has it more than one task? */
  private readonly crowded: readonly boolean[];
  private readonly first_tick: number;
  private readonly numbers: number[] = [];
  /** So many of the machine's tasks have been looked at, whether they need a number. */
  private seen: number;
  /** By process: is it a task that is more urgent than another of its CPU? */
  private urgent: readonly boolean[];
  /** Who has been chosen and does not have the CPU yet. */
  private chosen = NOBODY;
  /** The task that has just been given the CPU is to do what it has parked for. */
  private granted = false;
  /** The executing task has said that others may go first. */
  private yielding = false;
  /** Decide only while all tasks are parked, so that all have stacks to look at: slower, and otherwise the same. */
  parks = false;

  /**
   * From now on `chooser` decides about the tasks of the machine that are not `except`.
   * @param ticks_left how many timer ticks may ask tasks to give up their CPU
   */
  constructor(
    private readonly machine: Machine,
    private chooser: Chooser,
    private ticks_left: number,
    except: Task | null = null,
  ) {
    const tasks = machine.tasks.filter((task) => task !== except);
    this.ticking = machine.cpus.filter((cpu) => tasks.some((task) => task.cpu === cpu));
    this.crowded = machine.all_cpus.map((cpu) => tasks.filter((task) => task.cpu === cpu).length > 1);
    this.first_tick = tasks.length;
    this.processes = [...tasks, ...this.ticking.map(() => null)];
    this.ticks = ((1 << this.ticking.length) - 1) << this.first_tick;
    tasks.forEach((task, number) => (this.numbers[task.pid] = number));
    this.seen = machine.tasks.length;
    this.urgent = this.find_urgent();
    this.pending = this.processes.map(() => null);
    for (const cpu of machine.all_cpus) cpu.stop_timers();
  }

  /** What a process is called in schedules: tasks `a`, `b`, …, ticks by their CPU, `!0`, `!1`, …. */
  name(process: number): string {
    if (process < this.first_tick) return LETTERS[process]!;
    const tick = process - this.first_tick;
    return tick < this.ticking.length ? `!${this.ticking[tick]!.id}` : LETTERS[process - this.ticking.length]!;
  }

  /** The number of the process that is called so, whether or not it is there yet; NOBODY if there can be none. */
  called(name: string): number {
    for (let process = 0; process < MAX_PROCESSES; process++) if (this.name(process) === name) return process;
    return NOBODY;
  }

  /** From now on somebody else decides: the first of `tasks` that can go on, if one can, does; else it goes on by itself. */
  prefer(tasks: () => readonly Task[]): void {
    this.chooser = {
      choose: (enabled, current) => {
        const preferred = tasks().map((task) => this.number(task)).find((process) => (enabled & (1 << process)) !== 0);
        return preferred ?? by_default(enabled, current, this);
      },
    };
  }

  /** Could a task go on at the next decision? */
  could_choose(task: Task): boolean {
    return (this.enabled() & (1 << this.number(task))) !== 0;
  }

  visible(): boolean {
    return true;
  }

  behind(): boolean {
    return false;
  }

  ahead(): number {
    return Infinity;
  }

  changed(): void {
    // Everything is asked anew at every decision.
  }

  awaits(task: Task): boolean {
    return task.state !== "done" && !task.endless;
  }

  defers(operation: Operation, object: object, field: string): boolean {
    if (!CHOICES.has(operation)) return false;
    if (this.granted) {
      this.granted = false;
      this.begin(operation, object);
      return false;
    }
    const process = this.number(this.machine.current!);
    this.pending[process] = { operation, object, field };
    this.yielding = operation === "yield";
    if (this.parks) return true;
    this.decide();
    if (this.chosen !== process) return true;
    this.chosen = NOBODY;
    this.pending[process] = null;
    this.begin(operation, object);
    return false;
  }

  /** The executing task goes on with what it was about to do. */
  private begin(operation: Operation, object: object): void {
    const task = this.machine.current!;
    if (!this.is_crowded(task)) return;
    const { accesses } = this.machine;
    // Who wants the CPU could also have had it here, had there been something to wait for.
    if (operation === "down_read" || operation === "down_write") accesses?.access(object, "", ACCESS.write);
    if (operation === "lock" && (object as SpinLock).waiters.includes(task)) accesses?.access(task.cpu, CPU, ACCESS.write);
  }

  /** Are there other tasks on its CPU? */
  private is_crowded({ cpu }: Task): boolean {
    return this.crowded[cpu.id]!;
  }

  next(): Task | null {
    if (this.chosen === NOBODY) this.decide();
    if (this.chosen === NOBODY) return null;
    const task = this.processes[this.chosen]!;
    this.chosen = NOBODY;
    return this.put_on_cpu(task);
  }

  /** What a process would do to something shared if it were chosen now: nothing if it has ended. */
  intentions(process: number): Access[] {
    const task = this.processes[process]!;
    if (task === null) return this.ticks_left > 0 ? interrupting(this.ticking[process - this.first_tick]!) : [];
    const { cpu, waiting_on } = task;
    const take = { object: cpu, field: CPU, kind: ACCESS.take };
    if (cpu.timers.includes(task)) return this.urgent[process]! ? interrupting(cpu) : [take];
    if (cpu.runqueue.includes(task)) return [take];
    if (task.state === "spinning") return [{ object: waiting_on!, field: "", kind: ACCESS.acquire_waited }];
    const pending = this.pending[process];
    if (pending === null || pending === undefined) return [];
    const { operation, object, field } = pending;
    if (operation === "lock") return [{ object, field, kind: (object as SpinLock).owner === null ? ACCESS.acquire : ACCESS.arrive }];
    const kind = this.is_crowded(task) && (operation === "down_read" || operation === "down_write") ? ACCESS.write : INTENTIONS[operation];
    return kind === undefined ? [] : [{ object, field, kind }];
  }

  /** What a tick that there cannot be any more would have had to come before: other ticks. */
  forgone(process: number): Access[] {
    return this.processes[process] === null && this.ticks_left === 0 ? [{ object: this.machine, field: TICKS, kind: ACCESS.write }] : [];
  }

  /** The number of a task; the helper of a trigger gets one when it is first asked about. */
  private number(task: Task): number {
    const known = this.numbers[task.pid];
    if (known !== undefined) return known;
    const number = this.processes.push(task) - 1;
    this.urgent = this.find_urgent();
    this.pending.push(null);
    this.numbers[task.pid] = number;
    return number;
  }

  /** Has the chooser choose until a task is to go on, or nobody can. */
  private decide(): void {
    for (;;) {
      const enabled = this.enabled();
      if (enabled === 0) return;
      const able = this.last !== NOBODY && (enabled & (1 << this.last)) !== 0 && this.has_cpu(this.last);
      const current = !able ? NOBODY : this.yielding ? by_default(enabled, NOBODY, this) : this.last;
      const choice = this.chooser.choose(enabled, current);
      if (typeof choice !== "number") return this.machine.abandon(choice);
      this.units += 1;
      if ((this.interrupting & (1 << choice)) === 0) {
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

  /** The processes that can go on, as a bit mask; none if nobody is waited for any more. */
  private enabled(): number {
    let enabled = 0;
    let awaited = false;
    this.interrupting = this.ticks;
    const { tasks } = this.machine;
    // A helper may have been made since the last decision.
    for (; this.seen < tasks.length; this.seen++) if (tasks[this.seen]!.state !== "done") this.number(tasks[this.seen]!);
    for (let process = 0; process < this.processes.length; process++) {
      const task = this.processes[process]!;
      if (task === null || task.state === "done") continue;
      awaited ||= this.awaits(task);
      if (this.can_go_on(task, process)) enabled |= 1 << process;
    }
    if (!awaited) return 0;
    // A tick that finds its CPU idle does nothing; but it may come there.
    return enabled !== 0 && this.ticks_left > 0 ? enabled | this.ticks : enabled;
  }

  private can_go_on(task: Task, process: number): boolean {
    const { cpu } = task;
    const { current } = cpu;
    if (current === task) {
      if (task.state === "spinning") return (task.waiting_on as SpinLock).owner === null;
      return task.state === "running" && (this.is_crowded(task) || !this.must_sleep(process));
    }
    const arrived = cpu.runqueue.includes(task);
    if (!arrived && !cpu.timers.includes(task)) return false;
    if (!arrived && this.urgent[process]!) {
      this.interrupting |= 1 << process;
      return true;
    }
    return (current === null || this.gives_way(current)) && !cpu.runqueue.some((other) => other.prio < task.prio);
  }

  /** Who is more urgent than another task of the same CPU? Then waking up is a matter of its own: it may be long before it goes on. */
  private find_urgent(): boolean[] {
    return this.processes.map((task) => task !== null && this.processes.some((other) => other?.cpu === task.cpu && other.prio > task.prio));
  }

  /**
   * Is this process about to take a semaphore that it would have to wait for? With a CPU of its own it need not be said to
   * have come there before it can have it: nobody could tell.
   */
  private must_sleep(process: number): boolean {
    const pending = this.pending[process];
    if (pending === null || pending === undefined) return false;
    if (pending.operation === "down_write") return must_wait(pending.object as Semaphore, "write");
    return pending.operation === "down_read" && must_wait(pending.object as Semaphore, "read");
  }

  /** Does the task that has a CPU leave it as soon as another wants to run there? A spinning one may have been asked to. */
  private gives_way(task: Task): boolean {
    return task.state === "spinning" && task.need_resched && task.preempt_count === 0 && this.machine.config.preempt;
  }

  /** A timer tick, or an urgent task that wakes up: asks the task that has the CPU to give it up. */
  private interrupt(process: number): void {
    const { accesses } = this.machine;
    const task = this.processes[process]!;
    const cpu = task === null ? this.ticking[process - this.first_tick]! : task.cpu;
    const { current } = cpu;
    accesses?.access(cpu, NEED_RESCHED, ACCESS.write);
    // A tick is for who has the CPU; and once an urgent task is awake, nobody less urgent gets it.
    accesses?.access(cpu, CPU, ACCESS.write);
    if (task === null) {
      this.ticks_left -= 1;
      // Who else ticks has one tick less.
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
    if (!machine.timeless) cpu.clock = Math.max(cpu.clock, machine.cpu.clock);
    machine.cpu = cpu;
    if (current !== null && current !== task) {
      machine.current = current;
      put_back(current);
    }
    machine.current = task;
    if (current === task) return this.let_go_on(task);
    machine.accesses?.access(cpu, CPU, ACCESS.take);
    for (const queue of [cpu.timers, cpu.runqueue]) if (queue.includes(task)) queue.splice(queue.indexOf(task), 1);
    if (task.state !== "runnable") task.runnable_since = cpu.clock;
    this.granted = false;
    return switch_to(cpu, task);
  }

  /** A task that has its CPU does what it has parked for. */
  private let_go_on(task: Task): Task {
    const process = this.number(task);
    this.granted = this.pending[process] !== null || task.state === "spinning";
    this.pending[process] = null;
    task.state = "running";
    return task;
  }
}

/** What an interrupt does to a CPU. */
function interrupting(cpu: Cpu): Access[] {
  return [{ object: cpu, field: NEED_RESCHED, kind: ACCESS.write }, { object: cpu, field: CPU, kind: ACCESS.write }];
}

/** The process that goes on if nobody wants otherwise: the current one, or else the next task by number, in a circle. */
export function by_default(enabled: number, current: number, { last, ticks }: Pick<ChoicePolicy, "last" | "ticks">): number {
  if (current !== NOBODY) return current;
  const tasks = (enabled & ~ticks) === 0 ? enabled : enabled & ~ticks;
  const behind = last === NOBODY ? tasks : tasks & ~((2 << last) - 1);
  const first = behind === 0 ? tasks : behind;
  return 31 - Math.clz32(first & -first);
}
