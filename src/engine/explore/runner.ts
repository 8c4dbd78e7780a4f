// Runs one execution of a search: boots the world, lets a strategy decide, and hands back what came out of it.

import { ChoicePolicy, by_default, type Chooser } from "../machine/choice.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { Turn } from "../machine/schedule.ts";
import type { Intent } from "./races.ts";
import { Trace } from "./trace.ts";

/** What is explored: something that can be started again and again, always the same. */
export interface World {
  readonly machine: Machine;
  /** What is wrong with how the run has ended; null if nothing is. */
  verdict(outcome: Outcome): Verdict | null;
  /** The state that was reached: equal texts for states that nobody can tell apart. */
  state(): string;
  /** What something that tasks share is called, the same in every execution. */
  name(object: object): string;
}

/** What was found. Findings with the same key are about the same check. */
export interface Verdict {
  readonly key: string;
  readonly message: string;
}

/** Starts a world. It calls `decide` when its tasks are there, with the one that is not to be scheduled. */
export type Boot = (decide: (machine: Machine, except: Task | null) => void) => World;

export interface Bounds {
  /** Timer ticks that may ask tasks to give up their CPU. */
  readonly ticks: number;
  /** Units after which an execution is cut. */
  readonly units: number;
}

/** Chooses where a schedule says nothing, as Chooser.choose does. */
export type Strategy = (enabled: number, current: number, policy: ChoicePolicy) => number | LimitReached;

/** Executes the same world over and over. After a run, `trace`, `policy` and `outcome` tell about it. */
export class Runner implements Chooser {
  readonly trace = new Trace((object) => this.world.name(object));
  policy!: ChoicePolicy;
  world!: World;
  outcome!: Outcome;
  private forced: readonly number[] = [];
  private turns: readonly Turn[] = [];
  private strategy: Strategy = by_default;

  constructor(
    private readonly boot: Boot,
    readonly bounds: Bounds,
  ) {}

  /** Follows `turns`, then `strategy`, to the end. */
  run(turns: readonly Turn[], strategy: Strategy = by_default): void {
    this.trace.clear();
    this.turns = turns;
    this.strategy = strategy;
    this.world = this.boot((machine, except) => {
      this.policy = new ChoicePolicy(machine, this, this.bounds.ticks, except);
      this.forced = this.expand();
      machine.policy = this.policy;
      machine.accesses = this.trace;
      machine.timeless = true;
    });
    this.outcome = this.world.machine.run(Infinity);
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { trace, policy } = this;
    const unit = trace.length;
    if (unit >= this.bounds.units) return LimitReached.units(this.bounds.units);
    const process = unit < this.forced.length ? this.forced[unit]! : this.strategy(enabled, current, policy);
    if (typeof process !== "number") return process;
    if ((enabled & (1 << process)) === 0) return LimitReached.misfit(policy.name(process), unit);
    trace.unit(process, enabled, current, policy.interrupting);
    return process;
  }

  /** What all processes would have done next when the run ended. */
  intents(): Intent[] {
    const { policy, trace } = this;
    return policy.processes.flatMap((_, process) => policy.intentions(process).map(({ object, field, kind }) => ({ process, object: trace.number(object, field), kind })));
  }

  /** The turns unit by unit. Processes have their numbers only when the tasks are there. */
  private expand(): number[] {
    const names = Array.from({ length: 32 }, (_, process) => this.policy.name(process));
    return this.turns.flatMap(({ process, units }) => Array<number>(units).fill(names.indexOf(process)));
  }
}
