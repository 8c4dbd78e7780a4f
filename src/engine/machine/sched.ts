// Time and scheduling: charging model time, interrupts, need_resched and giving up the CPU. The primitives that kernel
// code calls keep the names of 2.6's kernel/sched.c. O(1) scheduler without interactivity bonuses: priorities are fixed.

import { ACCESS } from "./accesses.ts";
import { BUG } from "./bug.ts";
import type { CostName } from "./costs.ts";
import { ready_at, type Cpu } from "./cpu.ts";
import { $, BACKTRACE, ENDED, ENDED_FALSE, ENDED_TRUE, type Kernel, type Park } from "./hooks.ts";
import { machine, TIME_SLICE } from "./machine.ts";
import type { VisibleOperation } from "./policy.ts";
import { names, taken_by, type Lockable, type Task } from "./task.ts";
import { trace } from "./tracing.ts";

const SWITCH: Park = { park: "switch" };
const SCHEDULE: Park = { park: "schedule" };
const COMPUTE: Park = { park: "compute" };
/** need_resched of a CPU's task, as a field of the CPU: what accesses name. */
export const NEED_RESCHED = "need_resched";
/** A CPU itself as what its tasks contend for, as a field of the CPU. */
export const CPU = "cpu";

/** Yields to the machine until it resumes this task; answers backtrace requests meanwhile. */
export function* park(why: Park): Kernel<void> {
  let sent = yield why;
  while (sent === BACKTRACE) sent = yield [];
}

/**
 * Called before a visible operation: the task parks for as long as the policy has others execute first. ENDED if it need not park.
 * SchedulingPolicy says which operations come here.
 */
export function scheduling_point(operation: VisibleOperation, object: object, field = ""): Kernel<void> {
  return machine.policy.should_yield(operation, object, field) ? yield_until_ordered(operation, object, field) : ENDED;
}

function* yield_until_ordered(operation: VisibleOperation, object: object, field: string): Kernel<void> {
  do yield* park(SWITCH);
  while (machine.policy.should_yield(operation, object, field));
}

/** Lets `ns` nanoseconds pass on the executing CPU, with the interrupts that fall into them. */
export function charge_ns(ns: number): void {
  if (machine.time_frozen) return;
  const cpu = machine.cpu;
  if ((cpu.clock += ns) >= cpu.next_interrupt) deliver_interrupts(cpu);
}

/** Lets the cost of `count` operations of one kind pass on the executing CPU. */
export function charge(cost: CostName, count = 1): void {
  charge_ns(machine.costs[cost] * count);
}

/** Delivers the wake-ups and timer ticks that are due on `cpu` by its clock, and ends the run when its time is over. */
export function deliver_interrupts(cpu: Cpu): void {
  while (cpu.clock >= cpu.next_interrupt) {
    const first = cpu.timers[0];
    if (cpu.clock >= cpu.end) {
      cpu.end = Infinity;
      machine.pass_time_limit();
    } else if (first !== undefined && first.wake_time <= cpu.next_tick) {
      cpu.timers.shift();
      make_runnable(first);
    } else {
      cpu.next_tick += machine.tick;
      if (cpu.current !== null) {
        cpu.clock += machine.costs.timer_tick;
        scheduler_tick(cpu.current);
      }
    }
    cpu.schedule_interrupts();
  }
}

/** scheduler_tick(): takes a tick off the time slice of a task that is not real-time. */
function scheduler_tick(task: Task): void {
  if (task.prio < 100) return;
  task.time_slice -= machine.tick;
  if (task.time_slice > 0) return;
  task.time_slice = TIME_SLICE;
  set_need_resched(task);
}

function make_runnable(task: Task): void {
  task.state = "runnable";
  task.runnable_since = task.wake_time;
  task.cpu.enqueue(task);
  const current = task.cpu.current;
  if (current !== null && task.prio < current.prio) set_need_resched(current);
}

/** set_tsk_need_resched() */
export function set_need_resched(task: Task): void {
  if (task.need_resched) return;
  if ($.watching) $.write(task, "need_resched");
  task.need_resched = true;
  trace("need_resched", { task });
  machine.policy.invalidate();
}

function clear_need_resched(task: Task): void {
  if ($.watching) $.write(task, "need_resched");
  task.need_resched = false;
}

/** An idle CPU takes no ticks: moves its clock to its first wake-up, if nothing is runnable yet. */
export function update_idle_clock(cpu: Cpu): void {
  if (cpu.runqueue.length > 0) return;
  cpu.clock = Math.max(cpu.clock, cpu.timers[0]!.wake_time);
  if (cpu.next_tick <= cpu.clock) cpu.next_tick = (Math.floor(cpu.clock / machine.tick) + 1) * machine.tick;
  cpu.schedule_interrupts();
  deliver_interrupts(cpu);
}

/** The task that executes next on `cpu`, which the policy has named: switches to the most urgent one if need be. */
export function pick_task_of(cpu: Cpu): Task {
  const current = cpu.current;
  if (current !== null && current.state === "running") {
    if (current.computes_until !== null) advance_computation(cpu, current.computes_until);
    return current;
  }
  if (current !== null) {
    // It spins. A task that wakes here meanwhile does not end that before the lock is free, unless it preempts the spinning task.
    cpu.clock = ready_at(cpu, machine.config.preempt);
    deliver_interrupts(cpu);
    if (!current.need_resched || !machine.config.preempt || current.preempt_count > 0) {
      current.state = "running";
      return current;
    }
    put_prev_task(current);
  }
  return switch_to(cpu, cpu.runqueue.shift()!);
}

/** Lets the clock run to where a computation ends, or to the first wake-up before that. */
function advance_computation(cpu: Cpu, until: number): void {
  cpu.clock = Math.max(cpu.clock, Math.min(until, cpu.timers[0]?.wake_time ?? Infinity));
  deliver_interrupts(cpu);
}

/** put_prev_task(): takes the CPU from a task that is still runnable. */
export function put_prev_task(task: Task): void {
  machine.accesses?.access(task.cpu, CPU, ACCESS.release_exclusive);
  task.state = "runnable";
  task.runnable_since = task.cpu.clock;
  clear_need_resched(task);
  task.cpu.current = null;
  task.cpu.enqueue(task);
}

/** Gives an idle CPU to a task. */
export function switch_to(cpu: Cpu, next: Task): Task {
  if (cpu.last !== next) {
    const latency = cpu.clock - next.runnable_since;
    if (!machine.time_frozen) cpu.clock += machine.costs.context_switch;
    trace("sched_switch", { previous: cpu.last, next, latency });
  }
  if (cpu.last !== next) machine.on_switch(cpu, next);
  cpu.last = next;
  cpu.current = next;
  next.state = "running";
  cpu.schedule_interrupts();
  return next;
}

/** Wakes a task that waits for a semaphore; it becomes runnable on its own CPU one `wakeup` cost from now. */
export function wake_up_process(task: Task): void {
  task.cpu.add_timer(task, machine.cpu.clock + machine.costs.wakeup);
  machine.policy.invalidate();
}

/** deactivate_task(): a task that blocks, or has ended, leaves its CPU. */
export function deactivate_task(task: Task): void {
  machine.accesses?.access(task.cpu, CPU, ACCESS.release_exclusive);
  task.cpu.current = null;
}

/** schedule(): gives up the CPU. The caller has set the state if the task is to sleep; a running task returns to the runqueue. */
export function* schedule(): Kernel<void> {
  const task = machine.current!;
  if (task.preempt_count > 0) {
    const message = `${task.name} schedules while it holds ${names(task.held)}`;
    BUG("sleep-atomic", message, { preempt_count: task.preempt_count }, taken_by(task, task.held));
  }
  if (task.state === "running") put_prev_task(task);
  else deactivate_task(task);
  machine.accesses?.access(task.cpu, NEED_RESCHED, ACCESS.write);
  clear_need_resched(task);
  yield* park(SCHEDULE);
}

/** test_thread_flag(TIF_NEED_RESCHED), of the executing task. */
export function test_need_resched(task: Task): boolean {
  machine.accesses?.access(task.cpu, NEED_RESCHED, ACCESS.read);
  return task.need_resched;
}

/** preempt_disable(): until preempt_enable_no_resched() this task keeps its CPU, and may not sleep. */
export function preempt_disable(): void {
  machine.current!.preempt_count += 1;
}

/** preempt_enable_no_resched(): a request to reschedule that came meanwhile is served at the next preempt_check_resched(). */
export function preempt_enable_no_resched(): void {
  machine.current!.preempt_count -= 1;
}

/** preempt_check_resched(), and the return to user mode: schedules if that was asked for and is allowed here. */
export function preempt_check_resched(): Kernel<void> {
  const task = machine.current!;
  return task.preempt_count === 0 && machine.config.preempt && test_need_resched(task) ? schedule() : ENDED;
}

/** The return to user mode, where a task is preemptible in every kernel. */
export function resume_userspace(): Kernel<void> {
  return test_need_resched(machine.current!) ? schedule() : ENDED;
}

/** need_resched(): should this task give up its CPU? */
export function need_resched(): Kernel<boolean> {
  if (machine.policy.others_come_first()) return need_resched_slowpath();
  return answer_need_resched() ? ENDED_TRUE : ENDED_FALSE;
}

function* need_resched_slowpath(): Kernel<boolean> {
  yield* scheduling_point("need_resched", machine.cpu);
  return answer_need_resched();
}

function answer_need_resched(): boolean {
  const task = machine.current!;
  if ($.watching) $.read(task, "need_resched");
  const value = machine.forced_answer?.("need_resched", null) ?? test_need_resched(task);
  trace("resched_check", { value });
  return value;
}

/** cond_resched(): gives up the CPU if need_resched is set; that another task is runnable is not enough. */
export function cond_resched(): Kernel<boolean> {
  charge_ns(machine.costs.cond_resched);
  trace("cond_resched", {});
  return machine.policy.others_come_first() || test_need_resched(machine.current!) ? cond_resched_slowpath() : ENDED_FALSE;
}

function* cond_resched_slowpath(): Kernel<boolean> {
  yield* scheduling_point("cond_resched", machine.cpu);
  if (!test_need_resched(machine.current!)) return false;
  yield* schedule();
  return true;
}

/** At the end of a round of a divergent loop: another task may execute next without preempting this one. */
export function yield_point(): Kernel<void> {
  return machine.policy.uses_model_time ? ENDED : scheduling_point("yield", machine.cpu);
}

/** Sleeps for `ns` nanoseconds of model time, timers being exact (2.6 rounds up to the next tick). */
export function* sleep_ns(ns: number): Kernel<void> {
  const task = machine.current!;
  task.state = "sleeping";
  task.cpu.add_timer(task, machine.cpu.clock + ns);
  yield* schedule();
}

/** Computes in user mode for `ns` nanoseconds, preemptible all the time. */
export function* compute_ns(ns: number): Kernel<void> {
  const task = machine.current!;
  const cpu = task.cpu;
  for (let remaining = ns; remaining > 0;) {
    yield* scheduling_point("compute", cpu);
    const start = cpu.clock;
    const slice = Math.max(1, Math.min(remaining, cpu.next_interrupt - start));
    if (slice <= machine.policy.time_until_next()) {
      charge_ns(slice);
      remaining -= slice;
    } else {
      // Another CPU is due before that, and may wake a task here.
      task.computes_until = start + slice;
      yield* park(COMPUTE);
      task.computes_until = null;
      remaining -= Math.min(slice, cpu.clock - start);
    }
    yield* resume_userspace();
  }
}

/** Has the current task wait for `lock` until wake_up_process is called on it. */
export function* wait_for(lock: Lockable): Kernel<void> {
  const task = machine.current!;
  task.state = "waiting";
  task.waiting_on = lock;
  task.waiting_since = machine.cpu.clock;
  yield* schedule();
  task.waiting_on = null;
}
