// The strategy that replays a recorded schedule, for the debugger, the command line and trace tables.

import { ControlledScheduler } from "./controlled.ts";
import { non_preemptive, type Strategy } from "./strategy.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine } from "../machine/machine.ts";
import type { Schedule, ScheduleSegment } from "./schedule.ts";
import type { Task } from "../machine/task.ts";

/** From now on the tasks of `machine` that are not `except` follow `schedule`. The run ends after `max_transitions` transitions. */
export function follow_schedule(machine: Machine, schedule: Schedule, max_transitions: number, except: Task | null = null): void {
  const strategy = new ReplayStrategy(schedule, max_transitions);
  machine.policy = strategy.policy = new ControlledScheduler(machine, strategy, Infinity, except);
}

class ReplayStrategy implements Strategy {
  /** Assigned after the construction: the scheduler takes its strategy first. */
  policy!: ControlledScheduler;
  private at = 0;
  /** Transitions that are left of the current segment. */
  private remaining: number;

  constructor(
    private readonly schedule: Schedule,
    /** After how many transitions the run ends. */
    private readonly max_transitions: number,
  ) {
    this.remaining = this.current_segment()?.transitions ?? 0;
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { policy } = this;
    if (policy.transitions >= this.max_transitions) return LimitReached.transitions(this.max_transitions);
    const segment = this.current_segment();
    if (segment === undefined) return non_preemptive(enabled, current, policy);
    for (let process = 0; enabled >>> process !== 0; process++) {
      if ((enabled & (1 << process)) === 0 || policy.name(process) !== segment.process) continue;
      this.remaining -= 1;
      if (this.remaining > 0) return process;
      this.at += 1;
      this.remaining = this.current_segment()?.transitions ?? 0;
      return process;
    }
    return LimitReached.schedule_mismatch(segment.process, policy.transitions);
  }

  /** The segment of the next transition; undefined after the last one. */
  private current_segment(): ScheduleSegment | undefined {
    const { segments, cycle } = this.schedule;
    return this.at < segments.length || cycle.length === 0 ? segments[this.at] : cycle[(this.at - segments.length) % cycle.length];
  }
}
