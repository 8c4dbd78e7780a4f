// Overrides: decisions of the user about which task executes next, as decorators of the scheduling policy. They make another
// execution: a branch. Clocks are not changed: a CPU that was made to wait continues from its own time. Of a controlled scheduler an
// override replaces the strategy: the decision is about the next transition, and after that the non-preemptive default applies.

import { ControlledScheduler } from "./controlled.ts";
import { ready_at, type Cpu } from "../machine/cpu.ts";
import type { Machine } from "../machine/machine.ts";
import type { SchedulingPolicy } from "../machine/policy.ts";
import type { Task } from "../machine/task.ts";
import { dispatch_cpu } from "./timed.ts";

/** Can the CPU of `task`, whose next task it is, execute something before another CPU does? */
export function can_run_next(machine: Machine, task: Task): boolean {
  const { policy } = machine;
  return policy instanceof ControlledScheduler ? policy.is_enabled(task) : is_ready(machine, task.cpu);
}

function is_ready({ config }: Machine, cpu: Cpu): boolean {
  return ready_at(cpu, config.preempt) < Infinity;
}

/** Makes the CPU of `task` execute next, whatever the policy says, up to its second visible operation from now. */
export function run_next(machine: Machine, task: Task): void {
  const inner = machine.policy;
  if (inner instanceof ControlledScheduler) return prefer_once(inner, task);
  const { cpu } = task;
  const end = (): SchedulingPolicy => {
    machine.policy = inner;
    return inner;
  };
  const performs_first = (): boolean => {
    // The first visible operation is performed at once; the next one has to wait for its time again.
    end();
    return false;
  };
  machine.policy = {
    ...decorate(inner),
    must_order: performs_first,
    others_come_first: performs_first,
    should_yield: performs_first,
    pick_next_task: () => (is_ready(machine, cpu) ? dispatch_cpu(machine, cpu) : end().pick_next_task()),
  };
  machine.reschedule();
}

function prefer_once(policy: ControlledScheduler, task: Task): void {
  const { transitions } = policy;
  policy.prefer(() => (policy.transitions === transitions ? [task] : []));
}

/** Lets other tasks execute only while `task` cannot, until `end_run_only`. */
export function run_only(machine: Machine, task: Task): void {
  const inner = machine.policy;
  if (inner instanceof ControlledScheduler) return inner.prefer(() => [task]);
  const { cpu } = task;
  const is_another = (): boolean => machine.current !== task;
  const is_its_turn = (): boolean => (cpu.current ?? cpu.runqueue[0]) === task && is_ready(machine, cpu);
  machine.policy = {
    ...decorate(inner),
    must_order: () => is_another() && inner.must_order(),
    others_come_first: () => is_another() && inner.others_come_first(),
    should_yield: (operation, object, field) => is_another() && inner.should_yield(operation, object, field),
    time_until_next: () => (is_another() ? inner.time_until_next() : Infinity),
    pick_next_task: () => (is_its_turn() ? dispatch_cpu(machine, cpu) : inner.pick_next_task()),
    decorated: inner,
  };
  machine.reschedule();
}

/** Ends what `run_only` has begun. */
export function end_run_only(machine: Machine): void {
  if (machine.policy instanceof ControlledScheduler) return machine.policy.prefer(() => []);
  if (machine.policy.decorated === undefined) return;
  machine.policy = machine.policy.decorated;
  machine.policy.invalidate();
  machine.reschedule();
}

/** A decorator of `inner` that changes nothing yet. */
function decorate(inner: SchedulingPolicy): SchedulingPolicy {
  return {
    uses_model_time: inner.uses_model_time,
    must_order: () => inner.must_order(),
    others_come_first: () => inner.others_come_first(),
    should_yield: (operation, object, field) => inner.should_yield(operation, object, field),
    time_until_next: () => inner.time_until_next(),
    pick_next_task: () => inner.pick_next_task(),
    must_finish: (task) => inner.must_finish(task),
    invalidate: () => inner.invalidate(),
  };
}
