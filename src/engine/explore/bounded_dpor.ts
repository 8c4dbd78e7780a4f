// The step of the bounded search: one execution, and the backtrack points that follow from it.
//
// Each race is reversed where it was: instead of the earlier transition, the process of the later one executes there, or each enabled
// process if that one was disabled. Under a bound that preemption may be one too many, while a switch of process at the last switch before
// costs none: so there is a conservative backtrack point there, too (Coons, Musuvathi, McKinley: Bounded partial-order reduction, 2013).
// The backtrack points depend on this one execution alone. So the explored set does not depend on the order of the work.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import { MAX_PROCESSES } from "../schedule/strategy.ts";
import { format_segments, parse_segments } from "../schedule/schedule.ts";
import { Races } from "./races.ts";
import type { Runner } from "./runner.ts";

/** Kinds of access, as bit masks. */
const ACQUIRING = mask(ACCESS.acquire, ACCESS.acquire_contended, ACCESS.contend, ACCESS.acquire_exclusive, ACCESS.acquire_shared);
const RELEASING = mask(ACCESS.release, ACCESS.release_exclusive, ACCESS.release_shared);

function mask(...kinds: readonly AccessKind[]): number {
  return kinds.reduce<number>((bits, kind) => bits | (1 << kind), 0);
}

/** An execution to be explored: a prefix, which ends with the deviating decision, and the non-preemptive default from there on. */
export interface BacktrackPoint {
  /** The prefix, as format_segments writes it. */
  readonly segments: string;
  readonly preemptions: number;
  /** Races are reversed from this transition on: `split` has made a backtrack point of each deviation before it. */
  readonly first_reversible: number;
}

export class BoundedDpor {
  private readonly races: Races;
  private points: BacktrackPoint[] = [];
  /** The backtrack points of this execution so far, by transition and process. */
  private added = new Set<number>();
  private first_reversible = 0;

  constructor(private readonly runner: Runner) {
    this.races = new Races(runner.trace);
  }

  /** Executes a backtrack point; returns those that follow from it. */
  expand({ segments, first_reversible }: BacktrackPoint): readonly BacktrackPoint[] {
    const { runner } = this;
    const prefix = parse_segments(segments);
    runner.run(prefix);
    this.points = [];
    this.added = new Set();
    this.first_reversible = first_reversible;
    const from = prefix.reduce((sum, { transitions }) => sum + transitions, 0) - 1;
    this.races.analyse(runner.policy.processes.length, from, runner.pending_accesses(), (process, transition) => {
      const acquired = this.acquired_from(process, transition);
      this.races.racing.forEach((earlier, at) => {
        if (!this.races.has_later_predecessor(at)) this.reverse(earlier, process, acquired);
      });
    });
    if (runner.ended_early) this.reverse_the_end();
    return this.points;
  }

  /**
   * Executes the non-preemptive default; returns all executions that deviate from it, each with its first other decision. What some of them
   * lead to can be explored independently of the others.
   */
  split(): readonly BacktrackPoint[] {
    const { trace } = this.runner;
    this.runner.run([]);
    this.points = [];
    this.added = new Set();
    for (let transition = 0; transition < trace.length; transition++) {
      this.first_reversible = transition + 1;
      this.add_each(transition, trace.enabled[transition]! & ~(1 << trace.process[transition]!));
    }
    return this.points;
  }

  /** Reverses the last transition, which ended the run for all processes, with each of them. */
  private reverse_the_end(): void {
    const transition = this.runner.trace.length - 1;
    for (let process = 0; process < this.runner.policy.processes.length; process++) {
      this.reverse(transition, process, this.acquired_from(process, transition));
    }
  }

  /**
   * Adds `process` as a choice instead of the transition `earlier`; at the beginning of the segment to which that belongs; and within
   * that segment before a release of something `acquired` by `process`: it would block there soon, and a switch back costs no preemption.
   */
  private reverse(earlier: number, process: number, acquired: ReadonlySet<number>): void {
    this.add_backtrack(earlier, process);
    const { trace } = this.runner;
    const owner = trace.process[earlier]!;
    let begin = earlier;
    while (begin > 0 && (trace.process[begin - 1] === owner || trace.is_interrupt(begin - 1))) begin--;
    while (trace.process[begin] !== owner) begin++;
    if (begin !== earlier) this.add_backtrack(begin, process);
    for (let at = begin + 1; at < earlier; at++) {
      if (trace.process[at] === owner && this.releases(at, acquired)) this.add_backtrack(at, process);
    }
  }

  /** The objects that a process acquires from `transition` on. */
  private acquired_from(process: number, transition: number): ReadonlySet<number> {
    const { trace } = this.runner;
    const acquired = new Set<number>();
    for (let at = transition; at < trace.length; at++) {
      if (trace.process[at] !== process) continue;
      for (let access = trace.begin[at]!; access < trace.end(at); access++) {
        if ((ACQUIRING & (1 << trace.kind[access]!)) !== 0) acquired.add(trace.object[access]!);
      }
    }
    return acquired;
  }

  private releases(transition: number, objects: ReadonlySet<number>): boolean {
    const { trace } = this.runner;
    for (let access = trace.begin[transition]!; access < trace.end(transition); access++) {
      if ((RELEASING & (1 << trace.kind[access]!)) !== 0 && objects.has(trace.object[access]!)) return true;
    }
    return false;
  }

  private add_backtrack(transition: number, process: number): void {
    if (transition < this.first_reversible) return;
    const { trace } = this.runner;
    const others = trace.enabled[transition]! & ~(1 << trace.process[transition]!);
    if ((others & (1 << process)) !== 0) this.add_point(transition, process);
    else this.add_each(transition, others);
  }

  private add_each(transition: number, processes: number): void {
    for (let process = 0; processes >>> process !== 0; process++) {
      if ((processes & (1 << process)) !== 0) this.add_point(transition, process);
    }
  }

  private add_point(transition: number, process: number): void {
    const { runner } = this;
    const { trace, policy } = runner;
    const key = transition * MAX_PROCESSES + process;
    if (this.added.has(key)) return;
    this.added.add(key);
    const segments = runner.segments_of(0, transition);
    const name = policy.name(process);
    const last = segments.at(-1)?.process === name ? segments.pop()! : { process: name, transitions: 0 };
    const prefix = [...segments, { process: name, transitions: last.transitions + 1 }];
    const preemptions = trace.preemptions_before(transition) + trace.preemption_cost(transition, process);
    this.points.push({ segments: format_segments(prefix), preemptions, first_reversible: this.first_reversible });
  }
}
