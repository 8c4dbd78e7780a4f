// Time and scheduling: charging model time, interrupts, need_resched and giving up the CPU. The primitives that kernel
// code calls keep the names of 2.6's kernel/sched.c. O(1) scheduler without interactivity bonuses: priorities are fixed.

import { ACCESS } from "./accesses.ts";
import { BUG } from "./bug.ts";
import type { CostName } from "./costs.ts";
import { ready_at, type Cpu } from "./cpu.ts";
import { $, BACKTRACE, ENDED, ENDED_FALSE, ENDED_TRUE, type Kernel, type Park } from "./hooks.ts";
import { machine, TIME_SLICE } from "./machine.ts";
import type { Operation } from "./policy.ts";
import { names, taken_by, type Lockable, type Task } from "./task.ts";
import { count_event, trace } from "./tracing.ts";

const SWITCH: Park = { park: "switch" };
const SCHEDULE: Park = { park: "schedule" };
const COMPUTE: Park = { park: "compute" };
/** Of a CPU, what its task is told to do: the field that accesses name. */
export const NEED_RESCHED = "need_resched";
/** Of a CPU, itself as something that its tasks contend for. */
export const CPU = "cpu";

/** Hands the CPU to the machine until it lets this task go on; answers backtrace requests meanwhile. */
export function* park(why: Park): Kernel<void> {
  let sent = yield why;
  while (sent === BACKTRACE) sent = yield [];
}

/** Lets those go first that the policy wants to: called before every operation that other CPUs can see. ENDED if there are none. */
export function order(operation: Operation, object: object, field = ""): Kernel<void> {
  return machine.policy.defers(operation, object, field) ? let_go_first(operation, object, field) : ENDED;
}

function* let_go_first(operation: Operation, object: object, field: string): Kernel<void> {
  do yield* park(SWITCH);
  while (machine.policy.defers(operation, object, field));
}

/** Lets `ns` nanoseconds pass on the executing CPU, with the interrupts that fall into them. */
export function charge_ns(ns: number): void {
  if (machine.timeless) return;
  const cpu = machine.cpu;
  if ((cpu.clock += ns) >= cpu.next_interrupt) interrupts(cpu);
}

/** Lets the cost of `count` operations of one kind pass on the executing CPU. */
export function charge(cost: CostName, count = 1): void {
  charge_ns(machine.costs[cost] * count);
}

/** Delivers the wake-ups and timer ticks that are due on `cpu` by its clock, and ends the run when its time is over. */
export function interrupts(cpu: Cpu): void {
  while (cpu.clock >= cpu.next_interrupt) {
    const first = cpu.timers[0];
    if (cpu.clock >= cpu.end) {
      cpu.end = Infinity;
      machine.end_of_time();
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
  machine.policy.changed();
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
  interrupts(cpu);
}

/** The task that executes next on `cpu`, which the policy has picked: switches to the most urgent one if need be. */
export function take_cpu(cpu: Cpu): Task {
  const current = cpu.current;
  if (current !== null && current.state === "running") {
    if (current.computes_until !== null) go_on_computing(cpu, current.computes_until);
    return current;
  }
  if (current !== null) {
    // It spins. What wakes here meanwhile makes it go on no sooner than the lock is free, unless it is preempted.
    cpu.clock = ready_at(cpu, machine.config.preempt);
    interrupts(cpu);
    if (!current.need_resched || !machine.config.preempt || current.preempt_count > 0) {
      current.state = "running";
      return current;
    }
    put_back(current);
  }
  return switch_to(cpu, cpu.runqueue.shift()!);
}

/** Lets the clock run to where a computation ends, or to the first wake-up before that. */
function go_on_computing(cpu: Cpu, until: number): void {
  cpu.clock = Math.max(cpu.clock, Math.min(until, cpu.timers[0]?.wake_time ?? Infinity));
  interrupts(cpu);
}

/** Takes the CPU from a task that could go on. */
export function put_back(task: Task): void {
  machine.accesses?.access(task.cpu, CPU, ACCESS.give);
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
    if (!machine.timeless) cpu.clock += machine.costs.context_switch;
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
  machine.policy.changed();
}

/** A task that cannot go on, or has ended, leaves its CPU. */
export function leave_cpu(task: Task): void {
  machine.accesses?.access(task.cpu, CPU, ACCESS.give);
  task.cpu.current = null;
}

/** schedule(): gives up the CPU. The caller has set the state if the task is to sleep; a running task goes to the queue. */
export function* schedule(): Kernel<void> {
  const task = machine.current!;
  if (task.preempt_count > 0) {
    BUG("sleep-atomic", `${task.name} schedules while it holds ${names(task.held)}`, { preempt_count: task.preempt_count }, taken_by(task, task.held));
  }
  if (task.state === "running") put_back(task);
  else leave_cpu(task);
  machine.accesses?.access(task.cpu, NEED_RESCHED, ACCESS.write);
  clear_need_resched(task);
  yield* park(SCHEDULE);
}

/** test_thread_flag(TIF_NEED_RESCHED), of the executing task. */
export function is_asked_to_schedule(task: Task): boolean {
  machine.accesses?.access(task.cpu, NEED_RESCHED, ACCESS.read);
  return task.need_resched;
}

/** preempt_disable(): until preempt_enable_no_resched() this task keeps its CPU, and may not sleep. */
export function preempt_disable(): void {
  machine.current!.preempt_count += 1;
}

/** preempt_enable_no_resched(): what was asked for meanwhile happens at the next preempt_check_resched(). */
export function preempt_enable_no_resched(): void {
  machine.current!.preempt_count -= 1;
}

/** preempt_check_resched(), and the return to user mode: schedules if that was asked for and is allowed here. */
export function preempt_check_resched(): Kernel<void> {
  const task = machine.current!;
  return task.preempt_count === 0 && machine.config.preempt && is_asked_to_schedule(task) ? schedule() : ENDED;
}

/** The return to user mode, where a task is preemptible in every kernel. */
export function resume_userspace(): Kernel<void> {
  return is_asked_to_schedule(machine.current!) ? schedule() : ENDED;
}

/** need_resched(): should this task give up its CPU? */
export function need_resched(): Kernel<boolean> {
  if (machine.policy.behind()) return need_resched_in_order();
  return answer_need_resched() ? ENDED_TRUE : ENDED_FALSE;
}

function* need_resched_in_order(): Kernel<boolean> {
  yield* order("need_resched", machine.cpu);
  return answer_need_resched();
}

function answer_need_resched(): boolean {
  const task = machine.current!;
  if ($.watching) $.read(task, "need_resched");
  const value = machine.force?.("need_resched", null) ?? is_asked_to_schedule(task);
  if (machine.sinks.resched_check !== undefined) trace("resched_check", { value });
  else count_event();
  return value;
}

/** cond_resched(): gives up the CPU if that was asked for. */
export function cond_resched(): Kernel<boolean> {
  charge_ns(machine.costs.cond_resched);
  trace("cond_resched", {});
  return machine.policy.behind() || is_asked_to_schedule(machine.current!) ? cond_resched_in_order() : ENDED_FALSE;
}

function* cond_resched_in_order(): Kernel<boolean> {
  yield* order("cond_resched", machine.cpu);
  if (!is_asked_to_schedule(machine.current!)) return false;
  yield* schedule();
  return true;
}

/** At the end of a round of something endless: others may go first, without having to preempt this task. */
export function yields(): Kernel<void> {
  return machine.policy.timed ? ENDED : order("yield", machine.cpu);
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
  for (let left = ns; left > 0; ) {
    yield* order("compute", cpu);
    const start = cpu.clock;
    const slice = Math.max(1, Math.min(left, cpu.next_interrupt - start));
    if (slice <= machine.policy.ahead()) {
      charge_ns(slice);
      left -= slice;
    } else {
      // Others are due meanwhile, and may wake somebody here.
      task.computes_until = start + slice;
      yield* park(COMPUTE);
      task.computes_until = null;
      left -= Math.min(slice, cpu.clock - start);
    }
    yield* resume_userspace();
  }
}

/** Marks the current task as waiting for `lock` until somebody calls wake_up_process on it. */
export function* wait_for(lock: Lockable): Kernel<void> {
  const task = machine.current!;
  task.state = "waiting";
  task.waiting_on = lock;
  task.waiting_since = machine.cpu.clock;
  yield* schedule();
  task.waiting_on = null;
}
