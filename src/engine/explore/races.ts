// The races of an execution: pairs of transitions whose other order could make a difference.
//
// Happens-before is a partial order of the transitions: those of one process are ordered, and those of two processes if they are
// dependent, that is, if they access an object in ways that do not commute. The vector clock of a transition says which transitions happen
// before it: of each process, the last one. Two transitions race if they are dependent and no third one orders them.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import { ACCESS_KINDS, DEPENDENT, REVERSIBLE, type Trace } from "./trace.ts";

/** An access that a process would have made next when the execution ended. */
export interface PendingAccess {
  readonly process: number;
  readonly object: number;
  readonly kind: AccessKind;
}

/** By kind of access: the dependent kinds of earlier accesses, as a bit mask. */
const DEPENDENT_BEFORE = Array.from({ length: ACCESS_KINDS }, (_, later) => {
  let kinds = 0;
  for (let earlier = 0; earlier < ACCESS_KINDS; earlier++) kinds |= DEPENDENT[earlier * ACCESS_KINDS + later]! << earlier;
  return kinds;
});

export class Races {
  /** The vector clocks: by transition and process, 1 + the last transition of the process that happens before the transition, or is it. */
  clocks = new Int32Array(0);
  private processes = 0;
  /** By process: the vector clock of its last transition. */
  private process_clocks = new Int32Array(0);
  /** By object and process: the kinds of access so far, as a bit mask; and by kind, the last transition with such an access. */
  private access_summary = new Int32Array(0);
  private last_access = new Int32Array(0);
  /** The earlier transitions that race with the current one, and the contended objects. */
  readonly racing: number[] = [];
  readonly contended: number[] = [];
  /** Is the race one of two processes to acquire the object? */
  readonly acquiring: boolean[] = [];
  /** The dependent predecessors of the current transition, and the objects: the first `predecessor_count` of each list. */
  private predecessor_count = 0;
  private readonly predecessors: number[] = [];
  private readonly predecessor_objects: number[] = [];

  constructor(private readonly trace: Trace) {}

  /** Computes the vector clocks, and the races of the transitions from `from` on: `found` is called for each that has some. */
  analyse(processes: number, from: number, pending: readonly PendingAccess[], found: (process: number, transition: number) => void): void {
    const { trace } = this;
    this.reset(processes);
    for (let transition = 0; transition < trace.length; transition++) {
      const process = trace.process[transition]!;
      this.collect_accesses(process, transition, trace.begin[transition]!, trace.end(transition));
      if (transition >= from && this.racing.length > 0) found(process, transition);
      this.advance_clock(process, transition);
    }
    for (const { process, object, kind } of pending) {
      this.clear_races();
      this.compare_access(process, object, kind);
      if (this.racing.length > 0) found(process, trace.length);
    }
  }

  /** Has the process of the racing transition `at` a later transition that is a predecessor of the current one, too? */
  has_later_predecessor(at: number): boolean {
    const racing = this.racing[at]!;
    const { process } = this.trace;
    if (this.acquiring[at]!) return false;
    const is_later = (transition: number, which: number): boolean =>
      which < this.predecessor_count && transition > racing && process[transition] === process[racing];
    return this.predecessors.some(is_later);
  }

  /** Does another predecessor order the racing transition `at` before the current one, so that it is no race after all? */
  is_transitively_ordered(at: number): boolean {
    const racing = this.racing[at]!;
    const { predecessor_objects } = this;
    const before = this.predecessors.slice(0, this.predecessor_count);
    const indirect = before.filter((transition) => transition !== racing && this.happens_before(racing, transition));
    if (!this.acquiring[at]!) return indirect.length > 0;
    // An acquisition is behind all that happened before the release. But the race is the one to acquire first.
    const releases = before.filter((_, which) => predecessor_objects[which] === this.contended[at]);
    return !indirect.every((transition) => releases.some((release) => release === transition || this.happens_before(transition, release)));
  }

  /** Does transition `one` happen before transition `other`, or is it the same? */
  happens_before(one: number, other: number): boolean {
    return this.clocks[other * this.processes + this.trace.process[one]!]! > one;
  }

  private reset(processes: number): void {
    const { length, objects } = this.trace;
    this.processes = processes;
    if (this.clocks.length < length * processes) this.clocks = new Int32Array(2 * length * processes);
    if (this.process_clocks.length < processes * processes) this.process_clocks = new Int32Array(processes * processes);
    if (this.access_summary.length < objects * processes) {
      this.access_summary = new Int32Array(2 * objects * processes);
      this.last_access = new Int32Array(2 * objects * processes * ACCESS_KINDS);
    }
    this.process_clocks.fill(0, 0, processes * processes);
    this.access_summary.fill(0, 0, objects * processes);
  }

  private clear_races(): void {
    // Shortening an array is slow: most transitions have predecessors, and few are in a race.
    this.predecessor_count = 0;
    if (this.racing.length > 0) this.racing.length = this.contended.length = this.acquiring.length = 0;
  }

  private collect_accesses(process: number, transition: number, begin: number, end: number): void {
    const { object, kind } = this.trace;
    this.clear_races();
    for (let access = begin; access < end; access++) this.compare_access(process, object[access]!, kind[access]!);
    for (let access = begin; access < end; access++) {
      const row = object[access]! * this.processes + process;
      this.access_summary[row]! |= 1 << kind[access]!;
      this.last_access[row * ACCESS_KINDS + kind[access]!] = transition;
    }
  }

  /** Compares an access with the last ones of all other processes to the same object. */
  private compare_access(process: number, object: number, kind: AccessKind): void {
    const { processes, access_summary, last_access, process_clocks } = this;
    const waited = kind === ACCESS.acquire_contended;
    const own = object * processes + process;
    const contended = waited && (access_summary[own]! & (1 << ACCESS.contend)) !== 0;
    const contended_at = contended ? last_access[own * ACCESS_KINDS + ACCESS.contend]! : -1;
    for (let other = 0; other < processes; other++) {
      if (other === process) continue;
      const row = object * processes + other;
      for (let left = access_summary[row]! & DEPENDENT_BEFORE[kind]!; left !== 0; left &= left - 1) {
        const earlier = 31 - Math.clz32(left & -left);
        const transition = last_access[row * ACCESS_KINDS + earlier]!;
        this.predecessors[this.predecessor_count] = transition;
        this.predecessor_objects[this.predecessor_count++] = object;
        // A task that waits for a lock could have acquired it before another task that did so meanwhile.
        const overtook = waited && (earlier === ACCESS.acquire || earlier === ACCESS.acquire_contended);
        const racing = overtook ? transition > contended_at : REVERSIBLE[earlier * ACCESS_KINDS + kind] === 1;
        if (!racing || process_clocks[process * processes + other]! > transition) continue;
        this.racing.push(transition);
        this.contended.push(object);
        this.acquiring.push(overtook || kind === ACCESS.acquire_exclusive || kind === ACCESS.acquire_shared);
      }
    }
  }

  private advance_clock(process: number, transition: number): void {
    const { processes, process_clocks, clocks, predecessors } = this;
    const own = process * processes;
    for (let at = 0; at < this.predecessor_count; at++) {
      const row = predecessors[at]! * processes;
      for (let other = 0; other < processes; other++) {
        if (clocks[row + other]! > process_clocks[own + other]!) process_clocks[own + other] = clocks[row + other]!;
      }
    }
    process_clocks[own + process] = transition + 1;
    for (let other = 0; other < processes; other++) clocks[transition * processes + other] = process_clocks[own + other]!;
  }
}
