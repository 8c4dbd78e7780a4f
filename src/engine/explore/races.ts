// Which units of an execution could have come in another order, and would then have made a difference.
//
// Units are partly ordered by what happens before what: units of one process by their order, and those of others if they
// touch the same thing in ways that do not commute. A vector clock for each unit says what happens before it: of each process,
// the last such unit. Two units are in a race if they do not commute and nothing else puts the first before the second.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import { KINDS, ORDERED, RACING, type Trace } from "./trace.ts";

/** What a process would have done next when the execution ended. */
export interface Intent {
  readonly process: number;
  readonly object: number;
  readonly kind: AccessKind;
}

/** By kind of access: the earlier kinds whose order with it matters, as a bit mask. */
const ORDERED_BEFORE = Array.from({ length: KINDS }, (_, later) => {
  let kinds = 0;
  for (let earlier = 0; earlier < KINDS; earlier++) kinds |= ORDERED[earlier * KINDS + later]! << earlier;
  return kinds;
});

export class Races {
  /** By unit and process: 1 + the last unit of the process that happens before the unit, or is it. */
  clocks = new Int32Array(0);
  private processes = 0;
  /** By process: the clock of its last unit. */
  private now = new Int32Array(0);
  /** By object and process: the kinds of access there were, as a bit mask; with the kind, the last unit with such an access. */
  private met = new Int32Array(0);
  private last = new Int32Array(0);
  /** Units that the one at hand is in a race with, and objects about which. */
  readonly rivals: number[] = [];
  readonly about: number[] = [];
  /** Is the race about who takes something first? */
  readonly taking: boolean[] = [];
  /** All units that have put the one at hand behind themselves by touching the same thing: so many, at the front of the lists. */
  private behind = 0;
  private readonly before: number[] = [];
  private readonly before_about: number[] = [];

  constructor(private readonly trace: Trace) {}

  /** The order of all units, with the races of those from `from` on: `found` is called for each that has some. */
  analyse(processes: number, from: number, intents: readonly Intent[], found: (process: number, unit: number) => void): void {
    const { trace } = this;
    this.reset(processes);
    for (let unit = 0; unit < trace.length; unit++) {
      const process = trace.process[unit]!;
      this.collect(process, unit, trace.begin[unit]!, trace.end(unit));
      if (unit >= from && this.rivals.length > 0) found(process, unit);
      this.advance(process, unit);
    }
    for (const { process, object, kind } of intents) {
      this.forget();
      this.compare(process, object, kind);
      if (this.rivals.length > 0) found(process, trace.length);
    }
  }

  /** Is the process of the rival `at` in the way of the unit at hand later, too? */
  is_overtaken(at: number): boolean {
    const rival = this.rivals[at]!;
    const { process } = this.trace;
    return !this.taking[at]! && this.before.some((unit, which) => which < this.behind && unit > rival && process[unit] === process[rival]);
  }

  /** Does something else put the rival `at` before the unit at hand, so that it is no race after all? */
  is_indirect(at: number): boolean {
    const rival = this.rivals[at]!;
    const { before_about } = this;
    const before = this.before.slice(0, this.behind);
    const indirect = before.filter((unit) => unit !== rival && this.ordered(rival, unit));
    if (!this.taking[at]!) return indirect.length > 0;
    // Who takes something is behind all that was done until it was given back. But the race is about who takes it first.
    const gave = before.filter((_, which) => before_about[which] === this.about[at]);
    return !indirect.every((unit) => gave.some((give) => give === unit || this.ordered(unit, give)));
  }

  /** Does unit `one` happen before unit `other`, or is it the same? */
  ordered(one: number, other: number): boolean {
    return this.clocks[other * this.processes + this.trace.process[one]!]! > one;
  }

  private reset(processes: number): void {
    const { length, objects } = this.trace;
    this.processes = processes;
    if (this.clocks.length < length * processes) this.clocks = new Int32Array(2 * length * processes);
    if (this.now.length < processes * processes) this.now = new Int32Array(processes * processes);
    if (this.met.length < objects * processes) {
      this.met = new Int32Array(2 * objects * processes);
      this.last = new Int32Array(2 * objects * processes * KINDS);
    }
    this.now.fill(0, 0, processes * processes);
    this.met.fill(0, 0, objects * processes);
  }

  private forget(): void {
    // To make a list shorter takes long: most units are behind some, and few are in a race.
    this.behind = 0;
    if (this.rivals.length > 0) this.rivals.length = this.about.length = this.taking.length = 0;
  }

  private collect(process: number, unit: number, begin: number, end: number): void {
    const { object, kind } = this.trace;
    this.forget();
    for (let access = begin; access < end; access++) this.compare(process, object[access]!, kind[access]!);
    for (let access = begin; access < end; access++) {
      const row = object[access]! * this.processes + process;
      this.met[row]! |= 1 << kind[access]!;
      this.last[row * KINDS + kind[access]!] = unit;
    }
  }

  /** One access, with the last ones of all others to the same object. */
  private compare(process: number, object: number, kind: AccessKind): void {
    const { processes, met, last, now } = this;
    const waited = kind === ACCESS.acquire_waited;
    const own = object * processes + process;
    const arrival = waited && (met[own]! & (1 << ACCESS.arrive)) !== 0 ? last[own * KINDS + ACCESS.arrive]! : -1;
    for (let other = 0; other < processes; other++) {
      if (other === process) continue;
      const row = object * processes + other;
      for (let left = met[row]! & ORDERED_BEFORE[kind]!; left !== 0; left &= left - 1) {
        const earlier = 31 - Math.clz32(left & -left);
        const unit = last[row * KINDS + earlier]!;
        this.before[this.behind] = unit;
        this.before_about[this.behind++] = object;
        // Who waits for a lock could have had it before somebody who took it meanwhile.
        const overtook = waited && (earlier === ACCESS.acquire || earlier === ACCESS.acquire_waited);
        const racing = overtook ? unit > arrival : RACING[earlier * KINDS + kind] === 1;
        if (!racing || now[process * processes + other]! > unit) continue;
        this.rivals.push(unit);
        this.about.push(object);
        this.taking.push(overtook || kind === ACCESS.take || kind === ACCESS.take_read);
      }
    }
  }

  private advance(process: number, unit: number): void {
    const { processes, now, clocks, before } = this;
    const own = process * processes;
    for (let at = 0; at < this.behind; at++) {
      const row = before[at]! * processes;
      for (let other = 0; other < processes; other++) if (clocks[row + other]! > now[own + other]!) now[own + other] = clocks[row + other]!;
    }
    now[own + process] = unit + 1;
    for (let other = 0; other < processes; other++) clocks[unit * processes + other] = now[own + other]!;
  }
}
