// Following a schedule: the chooser that a debugger and a report use.

import { by_default, ChoicePolicy, type Chooser } from "./choice.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine } from "../machine/machine.ts";
import type { Course, Turn } from "./schedule.ts";
import type { Task } from "../machine/task.ts";

/** From now on the tasks of `machine` that are not `except` follow `course`. The run may have `units` units. */
export function follow(machine: Machine, course: Course, units: number, except: Task | null = null): void {
  const replay = new Replay(course, units);
  machine.policy = replay.policy = new ChoicePolicy(machine, replay, Infinity, except);
}

class Replay implements Chooser {
  /** Assigned by who makes the policy, which needs its chooser first. */
  policy!: ChoicePolicy;
  private at = 0;
  /** Units left of this turn. */
  private left: number;

  constructor(
    private readonly course: Course,
    /** How many units the run may have. */
    private readonly units: number,
  ) {
    this.left = this.turn()?.units ?? 0;
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { policy } = this;
    if (policy.units >= this.units) return LimitReached.units(this.units);
    const turn = this.turn();
    if (turn === undefined) return by_default(enabled, current, policy);
    for (let process = 0; enabled >>> process !== 0; process++) {
      if ((enabled & (1 << process)) === 0 || policy.name(process) !== turn.process) continue;
      this.left -= 1;
      if (this.left > 0) return process;
      this.at += 1;
      this.left = this.turn()?.units ?? 0;
      return process;
    }
    return LimitReached.misfit(turn.process, policy.units);
  }

  /** Whose turn it is; undefined after the last one. */
  private turn(): Turn | undefined {
    const { turns, cycle } = this.course;
    return this.at < turns.length || cycle.length === 0 ? turns[this.at] : cycle[(this.at - turns.length) % cycle.length];
  }
}
