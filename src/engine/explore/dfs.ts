// Every execution, one after the other, by plain depth-first search without a reduction: the oracle for the other searches.

import type { ControlledScheduler } from "../schedule/controlled.ts";
import { non_preemptive, NO_PROCESS } from "../schedule/strategy.ts";
import type { Runner } from "./runner.ts";

interface Decision {
  chosen: number;
  /** Enabled processes that have not been chosen here yet. */
  untried: number;
}

/** The decisions of the current execution, from the start: where a search is. */
export type DfsPath = readonly Readonly<Decision>[];

export class DepthFirst {
  private readonly path: Decision[];
  over = false;

  /**
   * @param preemptions executions with more of them are left out
   * @param path where an earlier search was saved
   */
  constructor(
    private readonly runner: Runner,
    private readonly preemptions: number,
    path: DfsPath,
  ) {
    this.path = path.map((decision) => ({ ...decision }));
  }

  /** Where the search is. */
  save(): DfsPath {
    return this.path.map((decision) => ({ ...decision }));
  }

  /** Runs the next execution. */
  step(): void {
    this.runner.run([], (enabled, current, policy) => this.choose(enabled, current, policy));
    this.backtrack();
  }

  private choose(enabled: number, current: number, policy: ControlledScheduler): number {
    const { trace } = this.runner;
    const depth = trace.length;
    const known = this.path[depth];
    if (known !== undefined) return known.chosen;
    const bound = current !== NO_PROCESS && trace.preemptions_before(depth) >= this.preemptions;
    const possible = bound ? (1 << current) | (enabled & policy.interrupts) : enabled;
    const chosen = non_preemptive(possible, current, policy);
    this.path.push({ chosen, untried: possible & ~(1 << chosen) });
    return chosen;
  }

  private backtrack(): void {
    for (let decision = this.path.pop(); decision !== undefined; decision = this.path.pop()) {
      if (decision.untried === 0) continue;
      const chosen = 31 - Math.clz32(decision.untried & -decision.untried);
      this.path.push({ chosen, untried: decision.untried & ~(1 << chosen) });
      return;
    }
    this.over = true;
  }
}
