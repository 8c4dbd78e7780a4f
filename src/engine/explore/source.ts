// Search without a bound on preemptions: depth first, by source sets with sleep sets (Abdulla, Aronis, Jonsson, Sagonas:
// Source sets, 2017). Of each class of executions that differ only in the order of what does not matter, it looks at one, as a
// rule. If it comes to its end, every state that can be reached has been reached.

import type { AccessKind } from "../machine/accesses.ts";
import { by_default, NOBODY, type ChoicePolicy } from "../schedule/choice.ts";
import { LimitReached } from "../machine/limits.ts";
import { Races } from "./races.ts";
import type { Runner } from "./runner.ts";
import { KINDS, ORDERED } from "./trace.ts";

/** Made once: an error takes long to make, deep inside of a run. */
const REDUNDANT = LimitReached.redundant();

/** A process that need not go on here: what would follow has been looked at. It wakes when something it touches is touched. */
interface Sleeper {
  readonly process: number;
  readonly objects: readonly number[];
  readonly kinds: readonly AccessKind[];
  /** It ended the run for everybody, which is different from anything else that happens first. */
  readonly final: boolean;
}

/** A decision on the path from the start to where the search is. */
interface Decision {
  chosen: number;
  /** Processes that go on here at some time, those that have done so included. */
  wanted: number;
  sleep: readonly Sleeper[];
}

/** Where a search is, as plain data: objects have their names, as everybody numbers them anew. */
export type SourcePath = readonly (Pick<Decision, "chosen" | "wanted"> & {
  readonly sleep: readonly (Pick<Sleeper, "process" | "kinds" | "final"> & { readonly objects: readonly string[] })[];
})[];

/** A race that was found: the two units, and the process of the second. */
interface Reversal {
  readonly rival: number;
  readonly unit: number;
  readonly process: number;
}

export class SourceSearch {
  private readonly races: Races;
  private readonly path: Decision[];
  private reversals: Reversal[] = [];
  /** Those who could have gone on when the last execution was broken off. */
  private asleep = 0;
  /** The last execution was broken off, as it would have been like others that were looked at. */
  redundant = false;
  /** All have been looked at. */
  over = false;

  /** @param path where an earlier search has stopped */
  constructor(
    private readonly runner: Runner,
    path: SourcePath,
  ) {
    const { trace } = runner;
    this.races = new Races(trace);
    this.path = path.map(({ sleep, ...rest }) => ({ ...rest, sleep: sleep.map((sleeper) => ({ ...sleeper, objects: sleeper.objects.map((name) => trace.find(name)) })) }));
  }

  /** Where the search is. */
  save(): SourcePath {
    const names = this.runner.trace.names();
    return this.path.map(({ chosen, wanted, sleep }) => ({ chosen, wanted, sleep: sleep.map((sleeper) => ({ ...sleeper, objects: sleeper.objects.map((object) => names[object]!) })) }));
  }

  /** Looks at the next execution. */
  step(): void {
    const { runner } = this;
    const from = Math.max(0, this.path.length - 1);
    runner.run([], (enabled, current, policy) => this.choose(enabled, current, policy));
    this.redundant = runner.outcome.kind === "limit" && runner.outcome.limit.limit === "redundant";
    this.find_races(from);
    this.retreat();
  }

  /** Follows the path; where it ends, goes on by default with somebody who is not asleep. */
  private choose(enabled: number, current: number, policy: ChoicePolicy): number | LimitReached {
    const { path } = this;
    const depth = this.runner.trace.length;
    if (depth < path.length) return path[depth]!.chosen;
    const sleep = depth === 0 ? [] : this.still_asleep(path[depth - 1]!, depth - 1);
    const awake = enabled & ~mask(sleep);
    this.asleep = awake === 0 ? enabled : 0;
    if (awake === 0) return REDUNDANT;
    const chosen = by_default(awake, (awake & (1 << current)) !== 0 ? current : NOBODY, policy);
    path.push({ chosen, wanted: 1 << chosen, sleep });
    return chosen;
  }

  /** Those who slept before `unit` and are not touched by it. */
  private still_asleep({ sleep, chosen }: Decision, unit: number): Sleeper[] {
    return sleep.filter((sleeper) => sleeper.process !== chosen && !this.touches(unit, sleeper));
  }

  /** Does it make a difference whether `unit` comes before or after what a sleeper would do? */
  private touches(unit: number, { final, objects, kinds }: Sleeper): boolean {
    if (final) return true;
    const { trace } = this.runner;
    for (let access = trace.begin[unit]!; access < trace.end(unit); access++) {
      if (objects.some((object, at) => object === trace.object[access] && ORDERED[kinds[at]! * KINDS + trace.kind[access]!] === 1)) return true;
    }
    return false;
  }

  private find_races(from: number): void {
    const { runner, races, path } = this;
    const { trace, policy } = runner;
    this.reversals = [];
    // Who was asleep has been looked at elsewhere; not so who could not go on because of somebody else.
    const intents = this.redundant ? runner.intents().filter(({ process }) => (this.asleep & (1 << process)) === 0) : runner.intents();
    races.analyse(policy.processes.length, from, [...intents, ...runner.forgone()], (process, unit) => {
      races.rivals.forEach((rival, at) => {
        if (!races.is_indirect(at)) this.reversals.push({ rival, unit, process });
      });
    });
    for (const reversal of this.reversals) this.want(reversal);
    if (runner.ended_early) path.at(-1)!.wanted |= trace.enabled[trace.length - 1]!;
  }

  /** Sees to it that the second unit of a race comes before the first in some execution. */
  private want({ rival, unit, process }: Reversal): void {
    const { trace } = this.runner;
    const decision = this.path[rival]!;
    // Of what comes between and does not need the first unit, the processes that can begin.
    const between: number[] = [];
    for (let other = rival + 1; other < unit; other++) if (!this.races.ordered(rival, other)) between.push(other);
    let begun = 0;
    let initials = 0;
    between.forEach((one, at) => {
      const bit = 1 << trace.process[one]!;
      if ((begun & bit) === 0 && !between.slice(0, at).some((earlier) => this.races.ordered(earlier, one))) initials |= bit;
      begun |= bit;
    });
    if ((begun & (1 << process)) === 0 && this.commutes(decision, process, between)) initials |= 1 << process;
    if ((decision.wanted & initials) !== 0) return;
    const possible = initials & trace.enabled[rival]!;
    decision.wanted |= (possible & (1 << process)) !== 0 ? 1 << process : possible === 0 ? trace.enabled[rival]! : possible & -possible;
  }

  /**
   * Could `process` go on at this decision as well as behind these units? What it does there is known only if that has been
   * looked at: without the first unit of the race it may be something else than what it did in this execution.
   */
  private commutes({ sleep }: Decision, process: number, units: readonly number[]): boolean {
    if (units.length === 0) return true;
    const known = sleep.find((sleeper) => sleeper.process === process);
    return known !== undefined && !units.some((unit) => this.touches(unit, known));
  }

  /** Back to the last decision at which somebody else is wanted. */
  private retreat(): void {
    const { path } = this;
    const { trace, ended_early } = this.runner;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const decision = path[depth]!;
      const begin = trace.begin[depth]!;
      const end = trace.end(depth);
      const final = depth === trace.length - 1 && ended_early;
      decision.sleep = [...decision.sleep, { process: decision.chosen, objects: trace.object.slice(begin, end), kinds: trace.kind.slice(begin, end), final }];
      const left = decision.wanted & ~mask(decision.sleep);
      path.length = depth + 1;
      if (left === 0) continue;
      decision.chosen = 31 - Math.clz32(left & -left);
      return;
    }
    this.over = true;
  }
}

function mask(sleepers: readonly Sleeper[]): number {
  return sleepers.reduce((bits, { process }) => bits | (1 << process), 0);
}
