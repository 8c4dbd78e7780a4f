// Every execution, one after the other, by plain depth-first search: what the cleverer searches have to agree with.

import { by_default, NOBODY, type ChoicePolicy } from "../schedule/choice.ts";
import type { Runner } from "./runner.ts";

interface Decision {
  chosen: number;
  /** Processes that have not gone on here yet. */
  left: number;
}

/** Where a search is. */
export type DfsPath = readonly Readonly<Decision>[];

export class DepthFirst {
  private readonly path: Decision[];
  over = false;

  /**
   * @param preemptions executions with more of them are left out
   * @param path where an earlier search has stopped
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

  /** Looks at the next execution. */
  step(): void {
    this.runner.run([], (enabled, current, policy) => this.choose(enabled, current, policy));
    this.retreat();
  }

  private choose(enabled: number, current: number, policy: ChoicePolicy): number {
    const { trace } = this.runner;
    const depth = trace.length;
    const known = this.path[depth];
    if (known !== undefined) return known.chosen;
    const bound = current !== NOBODY && trace.preemptions_before(depth) >= this.preemptions;
    const possible = bound ? (1 << current) | (enabled & policy.interrupting) : enabled;
    const chosen = by_default(possible, current, policy);
    this.path.push({ chosen, left: possible & ~(1 << chosen) });
    return chosen;
  }

  private retreat(): void {
    for (let decision = this.path.pop(); decision !== undefined; decision = this.path.pop()) {
      if (decision.left === 0) continue;
      const chosen = 31 - Math.clz32(decision.left & -decision.left);
      this.path.push({ chosen, left: decision.left & ~(1 << chosen) });
      return;
    }
    this.over = true;
  }
}
