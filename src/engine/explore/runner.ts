// Runs one execution of a search: boots the world, lets a strategy decide, and hands back what came out of it.

import { by_default, ChoicePolicy, type Access, type Chooser } from "../schedule/choice.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { Turn } from "../schedule/schedule.ts";
import type { Intent } from "./races.ts";
import { Trace } from "./trace.ts";

/** What is explored: something that can be started again and again, always the same. */
export interface World {
  readonly machine: Machine;
  /** What is wrong with how the run has ended; null if nothing is, undefined if it takes backtraces to tell. */
  verdict(outcome: Outcome): Verdict | null | undefined;
  /** What the future of the run depends on: see state_text. All tasks have to be parked, and the world has backtraces. */
  roots(): readonly unknown[];
  /** A number that stands for the state that was reached: the same for states that nobody can tell apart. */
  state(): number;
  /** What something that tasks share is called, the same in every execution. */
  name(object: object): string;
}

/** What was found. Findings with the same key are about the same check. */
export interface Verdict {
  readonly key: string;
  readonly message: string;
}

/**
 * Starts a world. It calls `decide` when its tasks are there, with the one that is not to be scheduled. With `stacks` it has to
 * have backtraces; without, it may do with faster code that has none.
 */
export type Boot = (decide: (machine: Machine, except: Task | null) => void, stacks: boolean) => World;

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
  private units = 0;

  constructor(
    private readonly boot: Boot,
    readonly bounds: Bounds,
  ) {}

  /** Follows `turns`, then `strategy`, to the end. */
  run(turns: readonly Turn[], strategy: Strategy = by_default): void {
    this.begin(turns, strategy, this.bounds.units, false, false);
    this.go_on();
  }

  /**
   * The same, `units` units at most, with backtraces, and `strategy` is asked only while all tasks are parked: see ChoicePolicy.
   * There is a pause whenever it has asked the machine to stop: no execution has ended by then.
   */
  *watch(turns: readonly Turn[], strategy: Strategy, units: number): Generator<0, void> {
    this.begin(turns, strategy, units, true, true);
    while (!this.go_on()) yield 0;
  }

  /** What is wrong with how the last run has ended; null if nothing is. */
  verdict(): Verdict | null {
    const verdict = this.world.verdict(this.outcome);
    if (verdict !== undefined) return verdict;
    this.begin(this.turns_of(0, this.trace.length), by_default, this.bounds.units, true, false);
    this.go_on();
    return this.world.verdict(this.outcome) ?? null;
  }

  private begin(turns: readonly Turn[], strategy: Strategy, units: number, stacks: boolean, parks: boolean): void {
    this.trace.clear();
    this.turns = turns;
    this.strategy = strategy;
    this.units = units;
    this.world = this.boot((machine, except) => {
      this.policy = new ChoicePolicy(machine, this, this.bounds.ticks, except);
      this.forced = this.expand();
      this.policy.parks = parks;
      machine.policy = this.policy;
      machine.accesses = this.trace;
      machine.timeless = true;
    }, stacks);
  }

  /** Goes on to the end of the run, or to a stop that somebody has asked for; true at the end. */
  private go_on(): boolean {
    const { machine } = this.world;
    this.outcome = machine.run(Infinity);
    if (this.outcome.kind === "stopped") return false;
    machine.accesses = null;
    return true;
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { trace, policy } = this;
    const unit = trace.length;
    if (unit >= this.units) return LimitReached.units(this.units);
    const process = unit < this.forced.length ? this.forced[unit]! : this.strategy(enabled, current, policy);
    if (typeof process !== "number") return process;
    if ((enabled & (1 << process)) === 0) return LimitReached.misfit(policy.name(process), unit);
    trace.unit(process, enabled, current, policy.interrupting);
    return process;
  }

  /** Did the last run end while somebody could have gone on, so that whatever else could have happened before is something else? */
  get ended_early(): boolean {
    const { outcome, policy } = this;
    if (outcome.kind === "bug" || outcome.kind === "error") return true;
    return outcome.kind === "end" && policy.processes.some((task) => task !== null && task.state !== "done");
  }

  /** What all processes would have done next when the run ended. */
  intents(): Intent[] {
    return this.would_be((process) => this.policy.intentions(process));
  }

  /** The same of ticks that there could not be any more. */
  forgone(): Intent[] {
    return this.would_be((process) => this.policy.forgone(process));
  }

  private would_be(accesses: (process: number) => readonly Access[]): Intent[] {
    return this.policy.processes.flatMap((_, process) => accesses(process).map(({ object, field, kind }) => ({ process, object: this.trace.number(object, field), kind })));
  }

  /** The units from `begin` up to `end` of the last run, as turns. */
  turns_of(begin: number, end: number): Turn[] {
    const turns: { process: string; units: number }[] = [];
    for (let unit = begin; unit < end; unit++) {
      const process = this.policy.name(this.trace.process[unit]!);
      const turn = turns.at(-1);
      if (turn?.process === process) turn.units += 1;
      else turns.push({ process, units: 1 });
    }
    return turns;
  }

  /** The turns unit by unit. */
  private expand(): number[] {
    const forced: number[] = [];
    for (const { process, units } of this.turns) {
      const number = this.policy.called(process);
      for (let unit = 0; unit < units; unit++) forced.push(number);
    }
    return forced;
  }
}
