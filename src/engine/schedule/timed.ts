// The default scheduling policy: discrete events on virtual clocks. Operations that other CPUs can see happen in the
// order of their CPUs' clocks; between two of them a CPU runs ahead undisturbed, as nobody could tell the difference.

import { ready_at, type Cpu } from "../machine/cpu.ts";
import type { Machine } from "../machine/machine.ts";
import type { Policy } from "../machine/policy.ts";
import { take_cpu, update_idle_clock } from "../machine/sched.ts";
import type { Task } from "../machine/task.ts";

/** `cpu` executes next: the task that is to go on there. */
export function give_turn(machine: Machine, cpu: Cpu): Task {
  machine.cpu = cpu;
  machine.current = cpu.current;
  if (cpu.current === null) update_idle_clock(cpu);
  return take_cpu(cpu);
}

export class TimedPolicy implements Policy {
  readonly timed = true;
  /** The clock up to which the executing CPU may do visible things. */
  private until = Infinity;
  private stale = true;

  constructor(private readonly machine: Machine) {}

  visible(): boolean {
    if (this.stale) this.refresh();
    return this.machine.cpu.clock > this.until;
  }

  behind(): boolean {
    return this.visible();
  }

  defers(): boolean {
    return this.visible();
  }

  ahead(): number {
    if (this.stale) this.refresh();
    return Math.ceil(this.until - this.machine.cpu.clock);
  }

  next(): Task | null {
    const cpu = this.pick();
    return cpu === null ? null : give_turn(this.machine, cpu);
  }

  awaits(task: Task): boolean {
    return task.state !== "done";
  }

  /** The CPU to execute next; null if none can. */
  private pick(): Cpu | null {
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

  changed(): void {
    this.stale = true;
  }

  /** A CPU with a smaller number goes first at equal clocks: half a tick of the clock, which counts whole nanoseconds. */
  private refresh(): void {
    const self = this.machine.cpu;
    this.until = Infinity;
    for (const cpu of this.machine.all_cpus) {
      if (cpu === self) continue;
      const at = ready_at(cpu, this.machine.config.preempt) - (cpu.id < self.id ? 0.5 : 0);
      if (at < this.until) this.until = at;
    }
    this.stale = false;
  }
}
