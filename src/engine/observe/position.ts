// Where an execution is, as plain data.

import { $ } from "../machine/hooks.ts";
import { machine as active, type Machine } from "../machine/machine.ts";
import type { Task, TaskState } from "../machine/task.ts";

export interface TaskSnapshot {
  readonly pid: number;
  readonly name: string;
  readonly state: TaskState;
  readonly cpu: number;
  readonly prio: number;
  readonly need_resched: boolean;
  /** Locks it holds, the one taken last at the end. */
  readonly held: readonly string[];
  readonly waiting_on: string | null;
}

export interface CpuSnapshot {
  readonly id: number;
  readonly clock: number;
  readonly current: string | null;
  /** Runnable tasks in the order in which they get the CPU. */
  readonly runqueue: readonly string[];
}

export interface PositionSnapshot {
  readonly step: number;
  readonly events: number;
  /** Online CPUs; the one on which triggers' helpers run comes last. */
  readonly cpus: readonly CpuSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
}

/** Where an execution is. */
export function position_of(machine: Machine): PositionSnapshot {
  return {
    step: step_of(machine),
    events: machine.events,
    cpus: machine.all_cpus.map(({ id, clock, current, runqueue }) => ({
      id,
      clock,
      current: current?.name ?? null,
      runqueue: runqueue.map(({ name }) => name),
    })),
    tasks: machine.tasks.map(task_of),
  };
}

/** Statements executed so far. */
export function step_of(machine: Machine): number {
  return machine === active ? $.step : machine.step;
}

function task_of({ pid, name, state, cpu, prio, need_resched, held, waiting_on }: Task): TaskSnapshot {
  return { pid, name, state, cpu: cpu.id, prio, need_resched, held: held.map((lock) => lock.name), waiting_on: waiting_on?.name ?? null };
}
