// Decisions of a person about who executes next, laid over a scheduling policy. They make another execution: a branch.
// Clocks stay what they are: a CPU that was made to wait goes on from its own time. Where a schedule or chance says who goes on,
// not clocks, a decision is about the next operation that others can see, and what follows goes on by itself.

import { ChoicePolicy } from "./choice.ts";
import { ready_at, type Cpu } from "../machine/cpu.ts";
import type { Machine } from "../machine/machine.ts";
import type { Policy } from "../machine/policy.ts";
import type { Task } from "../machine/task.ts";
import { give_turn } from "./timed.ts";

/** Can the CPU of `task`, which is its task next, execute something without that another CPU acts first? */
export function can_run(machine: Machine, task: Task): boolean {
  const { policy } = machine;
  return policy instanceof ChoicePolicy ? policy.could_choose(task) : is_ready(machine, task.cpu);
}

function is_ready({ config }: Machine, cpu: Cpu): boolean {
  return ready_at(cpu, config.preempt) < Infinity;
}

/** Makes the CPU of `task` execute next, whatever the policy says, until it has done one thing that other CPUs can see. */
export function run_next(machine: Machine, task: Task): void {
  const inner = machine.policy;
  if (inner instanceof ChoicePolicy) return prefer_once(inner, task);
  const { cpu } = task;
  const end = (): Policy => {
    machine.policy = inner;
    return inner;
  };
  const goes_ahead = (): boolean => {
    // The first operation that others can see goes ahead of theirs; the next one has to wait for its time.
    end();
    return false;
  };
  machine.policy = {
    ...laid_over(inner),
    visible: goes_ahead,
    behind: goes_ahead,
    defers: goes_ahead,
    next: () => (is_ready(machine, cpu) ? give_turn(machine, cpu) : end().next()),
  };
  machine.pick_again();
}

function prefer_once(policy: ChoicePolicy, task: Task): void {
  const { units } = policy;
  policy.prefer(() => (policy.units === units ? [task] : []));
}

/** Lets others execute only while `task` cannot, until `run_all`. */
export function run_only(machine: Machine, task: Task): void {
  const inner = machine.policy;
  if (inner instanceof ChoicePolicy) return inner.prefer(() => [task]);
  const { cpu } = task;
  const is_another = (): boolean => machine.current !== task;
  const is_its_turn = (): boolean => (cpu.current ?? cpu.runqueue[0]) === task && is_ready(machine, cpu);
  machine.policy = {
    ...laid_over(inner),
    visible: () => is_another() && inner.visible(),
    behind: () => is_another() && inner.behind(),
    defers: (operation, object, field) => is_another() && inner.defers(operation, object, field),
    ahead: () => (is_another() ? inner.ahead() : Infinity),
    next: () => (is_its_turn() ? give_turn(machine, cpu) : inner.next()),
    inner,
  };
  machine.pick_again();
}

/** Ends what `run_only` has begun. */
export function run_all(machine: Machine): void {
  if (machine.policy instanceof ChoicePolicy) return machine.policy.prefer(() => []);
  if (machine.policy.inner === undefined) return;
  machine.policy = machine.policy.inner;
  machine.policy.changed();
  machine.pick_again();
}

/** A policy that does as `inner` does. */
function laid_over(inner: Policy): Policy {
  return {
    timed: inner.timed,
    visible: () => inner.visible(),
    behind: () => inner.behind(),
    defers: (operation, object, field) => inner.defers(operation, object, field),
    ahead: () => inner.ahead(),
    next: () => inner.next(),
    awaits: (task) => inner.awaits(task),
    changed: () => inner.changed(),
  };
}
