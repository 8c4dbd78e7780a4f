// The default scheduling policy: discrete events on virtual clocks. Visible operations happen in the order of their CPUs'
// clocks; between two of them a CPU runs ahead undisturbed, as no other CPU could observe the difference.

import { ready_at, type Cpu } from "../machine/cpu.ts";
import type { Machine } from "../machine/machine.ts";
import type { SchedulingPolicy } from "../machine/policy.ts";
import { pick_task_of, update_idle_clock } from "../machine/sched.ts";
import type { Task } from "../machine/task.ts";

/** Makes `cpu` the one that executes, and returns the task that executes there. */
export function dispatch_cpu(machine: Machine, cpu: Cpu): Task {
  machine.cpu = cpu;
  machine.current = cpu.current;
  if (cpu.current === null) update_idle_clock(cpu);
  return pick_task_of(cpu);
}

export class TimedPolicy implements SchedulingPolicy {
  readonly uses_model_time = true;
  /** The clock up to which visible operations of the executing CPU come before those of all others. */
  private ordered_until = Infinity;
  private stale = true;

  constructor(private readonly machine: Machine) {}

  must_order(): boolean {
    if (this.stale) this.refresh();
    return this.machine.cpu.clock > this.ordered_until;
  }

  others_come_first(): boolean {
    return this.must_order();
  }

  should_yield(): boolean {
    return this.must_order();
  }

  time_until_next(): number {
    if (this.stale) this.refresh();
    return Math.ceil(this.ordered_until - this.machine.cpu.clock);
  }

  pick_next_task(): Task | null {
    const cpu = this.pick_next_cpu();
    return cpu === null ? null : dispatch_cpu(this.machine, cpu);
  }

  must_finish(task: Task): boolean {
    return task.state !== "done";
  }

  /** The CPU to execute next; null if none can. */
  private pick_next_cpu(): Cpu | null {
    let best: Cpu | null = null;
    let best_at = Infinity;
    for (const cpu of this.machine.all_cpus) {
      const at = ready_at(cpu, this.machine.config.preempt);
      if (at < best_at) {
        best = cpu;
        best_at = at;
      }
    }
    return best;
  }

  invalidate(): void {
    this.stale = true;
  }

  /** A CPU with a smaller number goes first at equal clocks: half a tick of the clock, which counts whole nanoseconds. */
  private refresh(): void {
    const self = this.machine.cpu;
    this.ordered_until = Infinity;
    for (const cpu of this.machine.all_cpus) {
      if (cpu === self) continue;
      const at = ready_at(cpu, this.machine.config.preempt) - (cpu.id < self.id ? 0.5 : 0);
      if (at < this.ordered_until) this.ordered_until = at;
    }
    this.stale = false;
  }
}
