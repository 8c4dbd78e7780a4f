// A CPU: a virtual clock, the task it executes, its runqueue, and the tasks that will wake on it.

import type { Task } from "./task.ts";

/**
 * Begins a field that counts nanoseconds as a floating-point number. Begun as a small integer, it would change its
 * representation at 2^31 ns, and all compiled code that touches it would be thrown away in the middle of a run.
 */
const DOUBLE = 0.5;

export class Cpu {
  /** Model time in nanoseconds. Each CPU has its own; the scheduling policy keeps them in order. */
  clock = DOUBLE;
  current: Task | null = null;
  /** Runnable tasks that do not have the CPU, the most urgent first, equals in order of arrival. */
  readonly runqueue: Task[] = [];
  /** Tasks that become runnable at their wake_time, the earliest first. */
  readonly timers: Task[] = [];
  next_tick = DOUBLE;
  /** The next model time at which an interrupt (tick, wake-up, or the end of the run's time) is due; kept by `schedule_interrupts`. */
  next_interrupt = DOUBLE;
  /** Whether timers and ticks go off by themselves. */
  private timed = true;
  /** The task that ran here last, to know a real context switch from an idle period. */
  last: Task | null = null;

  constructor(
    readonly id: number,
    tick: number,
    /** The model time at which the run's time is over. */
    public end: number,
  ) {
    this.clock = 0;
    this.next_tick = tick;
    this.schedule_interrupts();
  }

  /** Recomputes `next_interrupt` after a change of the tick, of the timers or of the end. */
  schedule_interrupts(): void {
    this.next_interrupt = Math.min(this.timers[0]?.wake_time ?? Infinity, this.next_tick, this.end);
  }

  /** Queues a task that becomes runnable at the model time `at`; after `stop_timers`, whenever the scheduling policy chooses it. */
  add_timer(task: Task, at: number): void {
    task.wake_time = this.timed ? at : Infinity;
    let place = this.timers.length;
    while (place > 0 && this.timers[place - 1]!.wake_time > task.wake_time) place--;
    this.timers.splice(place, 0, task);
    this.schedule_interrupts();
  }

  /** From now on the clock only counts: no tick, wake-up or time limit comes by itself. */
  stop_timers(): void {
    this.timed = false;
    this.end = this.next_tick = Infinity;
    for (const task of this.timers) task.wake_time = Infinity;
    this.schedule_interrupts();
  }

  /** Queues a runnable task behind those that are at least as urgent. */
  enqueue(task: Task): void {
    let at = this.runqueue.length;
    while (at > 0 && this.runqueue[at - 1]!.prio > task.prio) at--;
    this.runqueue.splice(at, 0, task);
  }
}

/** When `cpu` could next execute something, in model time; Infinity if that is up to other CPUs. */
export function ready_at(cpu: Cpu, preempt: boolean): number {
  const task = cpu.current;
  if (task === null) {
    if (cpu.runqueue.length > 0) return cpu.clock;
    const wake = cpu.timers[0]?.wake_time ?? Infinity;
    return wake > cpu.clock ? wake : cpu.clock;
  }
  if (task.state === "held") return Infinity;
  const computing = task.computes_until !== null;
  if (task.state === "running" && !computing) return cpu.clock;
  // Computing or spinning: until that ends, or until something more urgent wakes here, if the task may be preempted.
  let at = task.computes_until ?? task.retry_time;
  if (computing || (preempt && task.preempt_count === 0)) {
    if (task.need_resched) at = cpu.clock;
    const urgent = cpu.timers.find((other) => other.prio < task.prio);
    if (urgent !== undefined && urgent.wake_time < at) at = urgent.wake_time;
  }
  return at > cpu.clock ? at : cpu.clock;
}
