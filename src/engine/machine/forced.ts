// Decisions of a person about who executes next, laid over a scheduling policy. They make another execution: a branch.
// Clocks stay what they are: a CPU that was made to wait goes on from its own time.

import type { Cpu } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import type { Task } from "./task.ts";
import { ready_at, type Policy } from "./timed.ts";

/** Can `cpu` execute something without that another CPU acts first? */
export function can_run({ config }: Machine, cpu: Cpu): boolean {
  return ready_at(cpu, config.preempt) < Infinity;
}

/** Makes `cpu` execute next, whatever the clocks say, until it has done one thing that other CPUs can see. */
export function run_next(machine: Machine, cpu: Cpu): void {
  const inner = machine.policy;
  const end = (): Policy => {
    machine.policy = inner;
    return inner;
  };
  machine.policy = {
    visible: () => {
      // The first operation that others can see goes ahead of theirs; the next one has to wait for its time.
      end();
      return false;
    },
    ahead: () => inner.ahead(),
    pick: () => (can_run(machine, cpu) ? cpu : end().pick()),
    changed: () => inner.changed(),
  };
  machine.pick_again();
}

/** Lets others execute only while `task` cannot, until `run_all`. */
export function run_only(machine: Machine, task: Task): void {
  const inner = machine.policy;
  const { cpu } = task;
  const is_its_turn = (): boolean => (cpu.current ?? cpu.runqueue[0]) === task && can_run(machine, cpu);
  machine.policy = {
    visible: () => machine.current !== task && inner.visible(),
    ahead: () => (machine.current === task ? Infinity : inner.ahead()),
    pick: () => (is_its_turn() ? cpu : inner.pick()),
    changed: () => inner.changed(),
    inner,
  };
  machine.pick_again();
}

/** Ends what `run_only` has begun. */
export function run_all(machine: Machine): void {
  if (machine.policy.inner === undefined) return;
  machine.policy = machine.policy.inner;
  machine.policy.changed();
  machine.pick_again();
}
