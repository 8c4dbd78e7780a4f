// Source-DPOR: depth-first search without a bound on preemptions, with source sets and sleep sets (Abdulla, Aronis, Jonsson,
// Sagonas: Source sets, 2017). Of each class of equivalent executions (Mazurkiewicz traces) it completes one, as a rule. When it
// is over, every reachable final state has been reached.

import type { AccessKind } from "../machine/accesses.ts";
import type { ControlledScheduler } from "../schedule/controlled.ts";
import { non_preemptive, NO_PROCESS } from "../schedule/strategy.ts";
import { LimitReached } from "../machine/limits.ts";
import { Races } from "./races.ts";
import type { Runner } from "./runner.ts";
import { ACCESS_KINDS, DEPENDENT } from "./trace.ts";

/** Made once: an error takes long to make, deep inside of a run. */
const SLEEP_SET_BLOCKED = LimitReached.sleep_set_blocked();

/** A process in a sleep set: what follows if it executes here has been explored. It leaves the set at a dependent transition. */
interface SleepEntry {
  readonly process: number;
  readonly objects: readonly number[];
  readonly kinds: readonly AccessKind[];
  /** Its transition ended the run for all processes, so it is dependent on every other. */
  readonly final: boolean;
}

/** A decision on the path from the start to where the search is. */
interface Decision {
  chosen: number;
  /** The backtrack set: processes that are chosen here at some time, those that have been included. */
  backtrack: number;
  sleep: readonly SleepEntry[];
}

/** Where a search is, as plain data: objects are written by name, as each worker numbers them anew. */
export type SourceDporPath = readonly (Pick<Decision, "chosen" | "backtrack"> & {
  readonly sleep: readonly (Pick<SleepEntry, "process" | "kinds" | "final"> & { readonly objects: readonly string[] })[];
})[];

/** A race to be reversed: the two transitions, and the process of the later one. */
interface Reversal {
  readonly earlier: number;
  readonly later: number;
  readonly process: number;
}

export class SourceDporSearch {
  private readonly races: Races;
  private readonly path: Decision[];
  private reversals: Reversal[] = [];
  /** The enabled processes when the last execution became sleep-set blocked: all were in the sleep set. */
  private blocked = 0;
  /** The last execution was sleep-set blocked: it is equivalent to others that were explored. */
  sleep_set_blocked = false;
  /** No backtrack set has a process left. */
  over = false;

  /** @param path where an earlier search was saved */
  constructor(
    private readonly runner: Runner,
    path: SourceDporPath,
  ) {
    const { trace } = runner;
    this.races = new Races(trace);
    const numbered = (names: readonly string[]): number[] => names.map((name) => trace.number_named(name));
    this.path = path.map(({ sleep, ...rest }) => ({
      ...rest,
      sleep: sleep.map((entry) => ({ ...entry, objects: numbered(entry.objects) })),
    }));
  }

  /** Where the search is. */
  save(): SourceDporPath {
    const names = this.runner.trace.names();
    const named = (objects: readonly number[]): string[] => objects.map((object) => names[object]!);
    return this.path.map(({ chosen, backtrack, sleep }) => ({
      chosen,
      backtrack,
      sleep: sleep.map((entry) => ({ ...entry, objects: named(entry.objects) })),
    }));
  }

  /** Runs the next execution. */
  step(): void {
    const { runner } = this;
    const from = Math.max(0, this.path.length - 1);
    runner.run([], (enabled, current, policy) => this.choose(enabled, current, policy));
    this.sleep_set_blocked = runner.outcome.kind === "limit" && runner.outcome.limit.limit === "sleep_set_blocked";
    this.add_backtracks(from);
    this.next_path();
  }

  /** Follows the path; behind its end, the non-preemptive default among the enabled processes that are not in the sleep set. */
  private choose(enabled: number, current: number, policy: ControlledScheduler): number | LimitReached {
    const { path } = this;
    const depth = this.runner.trace.length;
    if (depth < path.length) return path[depth]!.chosen;
    const sleep = depth === 0 ? [] : this.inherited_sleep_set(path[depth - 1]!, depth - 1);
    const awake = enabled & ~mask(sleep);
    this.blocked = awake === 0 ? enabled : 0;
    if (awake === 0) return SLEEP_SET_BLOCKED;
    const chosen = non_preemptive(awake, (awake & (1 << current)) !== 0 ? current : NO_PROCESS, policy);
    path.push({ chosen, backtrack: 1 << chosen, sleep });
    return chosen;
  }

  /** The sleep set after `transition`: the entries before it that are independent of it. */
  private inherited_sleep_set({ sleep, chosen }: Decision, transition: number): SleepEntry[] {
    return sleep.filter((entry) => entry.process !== chosen && !this.is_dependent(transition, entry));
  }

  /** Are `transition` and the transition of a sleep set entry dependent? */
  private is_dependent(transition: number, { final, objects, kinds }: SleepEntry): boolean {
    if (final) return true;
    const { trace } = this.runner;
    for (let access = trace.begin[transition]!; access < trace.end(transition); access++) {
      const object = trace.object[access]!;
      const kind = trace.kind[access]!;
      if (objects.some((one, at) => one === object && DEPENDENT[kinds[at]! * ACCESS_KINDS + kind] === 1)) return true;
    }
    return false;
  }

  private add_backtracks(from: number): void {
    const { runner, races, path } = this;
    const { trace, policy } = runner;
    this.reversals = [];
    // Pending accesses of sleeping processes are explored elsewhere; not so those of processes that were disabled.
    const asleep = this.sleep_set_blocked ? this.blocked : 0;
    const pending = runner.pending_accesses().filter(({ process }) => (asleep & (1 << process)) === 0);
    races.analyse(policy.processes.length, from, [...pending, ...runner.disabled_accesses()], (process, transition) => {
      races.racing.forEach((earlier, at) => {
        if (!races.is_transitively_ordered(at)) this.reversals.push({ earlier, later: transition, process });
      });
    });
    for (const reversal of this.reversals) this.reverse(reversal);
    if (runner.ended_early) path.at(-1)!.backtrack |= trace.enabled[trace.length - 1]!;
  }

  /** Extends the backtrack set at the earlier transition of a race so that some execution has the later one first. */
  private reverse({ earlier, later, process }: Reversal): void {
    const { trace } = this.runner;
    const decision = this.path[earlier]!;
    // The initials of what comes between and does not depend on the earlier transition.
    const between: number[] = [];
    for (let other = earlier + 1; other < later; other++) if (!this.races.happens_before(earlier, other)) between.push(other);
    let begun = 0;
    let initials = 0;
    between.forEach((one, at) => {
      const bit = 1 << trace.process[one]!;
      if ((begun & bit) === 0 && !between.slice(0, at).some((before) => this.races.happens_before(before, one))) initials |= bit;
      begun |= bit;
    });
    if ((begun & (1 << process)) === 0 && this.commutes(decision, process, between)) initials |= 1 << process;
    if ((decision.backtrack & initials) !== 0) return;
    const possible = initials & trace.enabled[earlier]!;
    if ((possible & (1 << process)) !== 0) decision.backtrack |= 1 << process;
    else decision.backtrack |= possible === 0 ? trace.enabled[earlier]! : possible & -possible;
  }

  /**
   * Is the next transition of `process` at this decision independent of these transitions? It is known only if it has been explored:
   * without the earlier transition of the race it may be another one than in this execution.
   */
  private commutes({ sleep }: Decision, process: number, transitions: readonly number[]): boolean {
    if (transitions.length === 0) return true;
    const known = sleep.find((entry) => entry.process === process);
    return known !== undefined && !transitions.some((transition) => this.is_dependent(transition, known));
  }

  /** Backtracks to the last decision whose backtrack set has a process that is not asleep. */
  private next_path(): void {
    const { path } = this;
    const { trace, ended_early } = this.runner;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const decision = path[depth]!;
      const begin = trace.begin[depth]!;
      const end = trace.end(depth);
      const final = depth === trace.length - 1 && ended_early;
      const [objects, kinds] = [trace.object.slice(begin, end), trace.kind.slice(begin, end)];
      decision.sleep = [...decision.sleep, { process: decision.chosen, objects, kinds, final }];
      const untried = decision.backtrack & ~mask(decision.sleep);
      path.length = depth + 1;
      if (untried === 0) continue;
      decision.chosen = 31 - Math.clz32(untried & -untried);
      return;
    }
    this.over = true;
  }
}

function mask(entries: readonly SleepEntry[]): number {
  return entries.reduce((bits, { process }) => bits | (1 << process), 0);
}
