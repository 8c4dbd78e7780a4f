// Following a schedule: the chooser that a debugger and a report use.

import { by_default, ChoicePolicy, type Chooser } from "./choice.ts";
import { LimitReached } from "./limits.ts";
import type { Machine } from "./machine.ts";
import type { Turn } from "./schedule.ts";
import type { Task } from "./task.ts";

/** From now on the tasks of `machine` that are not `except` follow `turns`. The run may have `units` units. */
export function follow(machine: Machine, turns: readonly Turn[], units: number, except: Task | null = null): void {
  const replay = new Replay(turns, units);
  machine.policy = replay.policy = new ChoicePolicy(machine, replay, Infinity, except);
}

class Replay implements Chooser {
  /** Assigned by who makes the policy, which needs its chooser first. */
  policy!: ChoicePolicy;
  private turn = 0;
  /** Units left of this turn. */
  private left: number;

  constructor(
    private readonly turns: readonly Turn[],
    /** How many units the run may have. */
    private readonly units: number,
  ) {
    this.left = turns[0]?.units ?? 0;
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { policy } = this;
    if (policy.units >= this.units) return LimitReached.units(this.units);
    const turn = this.turns[this.turn];
    if (turn === undefined) return by_default(enabled, current, policy);
    for (let process = 0; enabled >>> process !== 0; process++) {
      if ((enabled & (1 << process)) === 0 || policy.name(process) !== turn.process) continue;
      if ((this.left -= 1) === 0) this.left = this.turns[++this.turn]?.units ?? 0;
      return process;
    }
    return LimitReached.misfit(turn.process, policy.units);
  }
}
