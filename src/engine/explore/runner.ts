// Runs the executions of a search: boots the world, has a strategy choose at its scheduling points, and records the trace.

import { ControlledScheduler } from "../schedule/controlled.ts";
import type { SharedAccess } from "../schedule/pending.ts";
import { non_preemptive, type Strategy } from "../schedule/strategy.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { ScheduleSegment } from "../schedule/schedule.ts";
import type { PendingAccess } from "./races.ts";
import { Trace } from "./trace.ts";

/**
 * One execution of what is explored, at its beginning when `Boot` returns it. Given the same choices it must execute the same, every time
 * it is booted, whether or not it has backtraces. It is in use until the next boot, which may return the same object again.
 */
export interface World {
  /** The machine that executes it; the Runner sets its policy, access log and `time_frozen` while it boots. */
  readonly machine: Machine;

  /**
   * Called when the run has ended, with an outcome that is not `stopped`: what is wrong with it. Null: nothing, or the run only
   * reached a limit. Undefined: that takes backtraces to decide, which this world does not have; the Runner then replays the execution in
   * a world that was booted with `stacks`, and asks that one. A world with backtraces never answers undefined. It may change the state
   * of the world, as the execution is over.
   */
  verdict(outcome: Outcome): Verdict | null | undefined;

  /**
   * Called in the middle of a run that was started by `Runner.run_parked`: the objects from which all can be reached that the future of the
   * execution depends on, the frames of its tasks included, for `state_text`. All tasks are parked, and the world has backtraces.
   * Must change nothing: the run continues.
   */
  state_roots(): readonly unknown[];

  /**
   * Called when the run has ended, before `verdict`: a number for the state that was reached. States that no check and no task can
   * distinguish have the same number, in every worker.
   */
  state_digest(): number;

  /**
   * The name of an object that was reported to the access log, the same in every execution and in every worker. Objects with the same
   * name count as one: races between their accesses are explored, too, although they are none.
   */
  name_of(object: object): string;
}

/** What is wrong with an execution. Findings with the same key are about the same check. */
export interface Verdict {
  readonly key: string;
  readonly message: string;
}

/**
 * Starts a world. It calls `decide` once, when its tasks have been spawned and before any of them executes, with the task that is not
 * to be scheduled (the one that has set it up), or null. With `stacks` the world must have backtraces; without, it may run on plain code.
 */
export type Boot = (decide: (machine: Machine, except: Task | null) => void, stacks: boolean) => World;

export interface Bounds {
  /** How many timer ticks an execution may have. */
  readonly ticks: number;
  /** An execution is truncated after so many transitions. */
  readonly max_transitions: number;
}

/** Chooses a process behind the end of a prefix, under the contract of Strategy.choose. */
export type SearchStrategy = (enabled: number, current: number, policy: ControlledScheduler) => number | LimitReached;

/** Executes the same world over and over. After a run, `trace`, `policy`, `world` and `outcome` belong to it. */
export class Runner implements Strategy {
  readonly trace = new Trace((object) => this.world.name_of(object));
  policy!: ControlledScheduler;
  world!: World;
  outcome!: Outcome;
  private prefix: readonly number[] = [];
  private segments: readonly ScheduleSegment[] = [];
  private strategy: SearchStrategy = non_preemptive;
  private max_transitions = 0;

  constructor(
    private readonly boot: Boot,
    readonly bounds: Bounds,
  ) {}

  /** Follows `segments`, then `strategy`, to the end. */
  run(segments: readonly ScheduleSegment[], strategy: SearchStrategy = non_preemptive): void {
    this.begin(segments, strategy, this.bounds.max_transitions, false, false);
    this.resume();
  }

  /**
   * The same for at most `max_transitions`, in a world with backtraces, and `strategy` chooses only while all tasks are parked: see
   * ControlledScheduler.decides_while_parked. Yields whenever `strategy` has asked the machine to stop.
   */
  *run_parked(segments: readonly ScheduleSegment[], strategy: SearchStrategy, max_transitions: number): Generator<0, void> {
    this.begin(segments, strategy, max_transitions, true, true);
    while (!this.resume()) yield 0;
  }

  /** What is wrong with how the last run has ended; null if nothing is. */
  verdict(): Verdict | null {
    const verdict = this.world.verdict(this.outcome);
    if (verdict !== undefined) return verdict;
    this.begin(this.segments_of(0, this.trace.length), non_preemptive, this.bounds.max_transitions, true, false);
    this.resume();
    return this.world.verdict(this.outcome) ?? null;
  }

  private begin(
    segments: readonly ScheduleSegment[],
    strategy: SearchStrategy,
    max_transitions: number,
    stacks: boolean,
    while_parked: boolean,
  ): void {
    this.trace.clear();
    this.segments = segments;
    this.strategy = strategy;
    this.max_transitions = max_transitions;
    this.world = this.boot((machine, except) => {
      this.policy = new ControlledScheduler(machine, this, this.bounds.ticks, except);
      this.prefix = this.expand_segments();
      this.policy.decides_while_parked = while_parked;
      machine.policy = this.policy;
      machine.accesses = this.trace;
      machine.time_frozen = true;
    }, stacks);
  }

  /** Continues to the end of the run, or to a requested stop; true at the end. */
  private resume(): boolean {
    const { machine } = this.world;
    this.outcome = machine.run(Infinity);
    if (this.outcome.kind === "stopped") return false;
    machine.accesses = null;
    return true;
  }

  choose(enabled: number, current: number): number | LimitReached {
    const { trace, policy } = this;
    const transition = trace.length;
    if (transition >= this.max_transitions) return LimitReached.transitions(this.max_transitions);
    const process = transition < this.prefix.length ? this.prefix[transition]! : this.strategy(enabled, current, policy);
    if (typeof process !== "number") return process;
    if ((enabled & (1 << process)) === 0) return LimitReached.schedule_mismatch(policy.name(process), transition);
    trace.append(process, enabled, current, policy.interrupts);
    return process;
  }

  /** Did the last run end while tasks could have continued, so that its last transition is dependent on all that they would do? */
  get ended_early(): boolean {
    const { outcome, policy } = this;
    if (outcome.kind === "bug" || outcome.kind === "error") return true;
    return outcome.kind === "end" && policy.processes.some((task) => task !== null && task.state !== "done");
  }

  /** The accesses that all processes would have made next when the run ended. */
  pending_accesses(): PendingAccess[] {
    return this.numbered((process) => this.policy.pending_accesses(process));
  }

  /** The same of timer ticks that are disabled because the run has had all its ticks. */
  disabled_accesses(): PendingAccess[] {
    return this.numbered((process) => this.policy.disabled_accesses(process));
  }

  private numbered(accesses: (process: number) => readonly SharedAccess[]): PendingAccess[] {
    return this.policy.processes.flatMap((_, process) =>
      accesses(process).map(({ object, field, kind }) => ({ process, object: this.trace.number_of(object, field), kind })),
    );
  }

  /** The transitions from `begin` up to `end` of the last run, as segments. */
  segments_of(begin: number, end: number): ScheduleSegment[] {
    const segments: { process: string; transitions: number }[] = [];
    for (let transition = begin; transition < end; transition++) {
      const process = this.policy.name(this.trace.process[transition]!);
      const segment = segments.at(-1);
      if (segment?.process === process) segment.transitions += 1;
      else segments.push({ process, transitions: 1 });
    }
    return segments;
  }

  /** The segments, transition by transition. */
  private expand_segments(): number[] {
    const prefix: number[] = [];
    for (const { process, transitions } of this.segments) {
      const number = this.policy.process_named(process);
      for (let transition = 0; transition < transitions; transition++) prefix.push(number);
    }
    return prefix;
  }
}
