// One execution as the search sees it: which process went on at each decision, which others could have, and what the unit
// that followed touched. All of one execution is in flat arrays that are used again for the next.

import { ACCESS, type AccessKind, type AccessLog } from "../machine/accesses.ts";
import { NOBODY } from "../schedule/choice.ts";

/** Objects that are remembered before all are forgotten: the others were made by executions that are over. */
const MANY = 1_000;

export class Trace implements AccessLog {
  /** Units so far. */
  length = 0;
  /** By unit: who went on, who could have, and who would have if nobody had been preempted (or NOBODY). */
  readonly process: number[] = [];
  readonly enabled: number[] = [];
  readonly current: number[] = [];
  /** By unit: those who would only have interrupted somebody, as a bit mask. */
  readonly interrupting: number[] = [];
  /** By unit: how many preemptions there were up to it, its own included. */
  readonly preemptions: number[] = [];
  /** By unit: where its accesses begin. */
  readonly begin: number[] = [];
  /** By access: the object, by number, and the kind of access. */
  readonly object: number[] = [];
  readonly kind: AccessKind[] = [];
  accesses = 0;
  /** Objects so far, over all executions: by name, as each execution makes them anew. */
  objects = 0;
  private readonly named = new Map<string, number>();
  /** Those met lately, or the fields of them that were: most are the same objects in all executions. */
  private readonly met = new Map<object, number | Map<string, number>>();

  /** @param name what an object is called: those that are called the same are taken for one */
  constructor(private readonly name: (object: object) => string) {}

  /** A new execution begins. */
  clear(): void {
    this.length = this.accesses = 0;
    if (this.met.size > MANY) this.met.clear();
  }

  /** The next unit: `process` goes on. */
  unit(process: number, enabled: number, current: number, interrupting: number): void {
    const unit = this.length++;
    this.process[unit] = process;
    this.enabled[unit] = enabled;
    this.current[unit] = current;
    this.begin[unit] = this.accesses;
    this.interrupting[unit] = interrupting;
    this.preemptions[unit] = this.preemptions_before(unit) + this.cost(unit, process);
  }

  /** How many preemptions it is if `process` goes on at `unit`: none if nobody else could, or it only interrupts. */
  cost(unit: number, process: number): 0 | 1 {
    const current = this.current[unit]!;
    return current === NOBODY || current === process || (this.interrupting[unit]! & (1 << process)) !== 0 ? 0 : 1;
  }

  /** Is this unit no more than an interrupt of the task that goes on afterwards? */
  interrupts(unit: number): boolean {
    return (this.interrupting[unit]! & (1 << this.process[unit]!)) !== 0;
  }

  /** How many preemptions there were before `unit`. */
  preemptions_before(unit: number): number {
    return unit === 0 ? 0 : this.preemptions[unit - 1]!;
  }

  /** Where the accesses of `unit` end. */
  end(unit: number): number {
    return unit + 1 < this.length ? this.begin[unit + 1]! : this.accesses;
  }

  /** The last unit has touched something. Before the first one nobody counts that. */
  access(object: object, field: string, kind: AccessKind): void {
    if (this.length === 0) return;
    this.object[this.accesses] = this.number(object, field);
    this.kind[this.accesses++] = kind;
  }

  /** The number of an object, or of one of its fields. */
  number(object: object, field: string): number {
    const known = this.met.get(object);
    if (typeof known === "number") return known;
    if (known === undefined && field === "") {
      const number = this.find(this.name(object));
      this.met.set(object, number);
      return number;
    }
    const fields = known ?? new Map<string, number>();
    const met = fields.get(field);
    if (met !== undefined) return met;
    const number = this.find(`${this.name(object)}.${field}`);
    this.met.set(object, fields.set(field, number));
    return number;
  }

  /** The name of each object, by number. */
  names(): string[] {
    return [...this.named.keys()];
  }

  /** The number of the object with this name. */
  find(name: string): number {
    const known = this.named.get(name);
    if (known !== undefined) return known;
    this.named.set(name, this.objects);
    return this.objects++;
  }
}

const { write, acquire, acquire_waited, arrive, release, sample, take, take_read, give, give_read, read, add } = ACCESS;

/** How many kinds of access there are. */
export const KINDS = Object.keys(ACCESS).length;

function table(pairs: readonly (readonly [AccessKind, AccessKind])[]): Uint8Array {
  const set = new Uint8Array(KINDS * KINDS);
  for (const [earlier, later] of pairs) set[earlier * KINDS + later] = 1;
  return set;
}

/** Taking and releasing a lock. */
const HOLD = [acquire, acquire_waited, release] as const;
const ADDED = [[add, read], [read, add]] as const;
/** What changes whether a lock is wanted, and looks at that. */
const SEEN = [acquire, acquire_waited, arrive].flatMap((kind) => [[kind, sample], [sample, kind]] as const);
const ALL = Object.values(ACCESS);

/**
 * [earlier * KINDS + later]: accesses of two processes to one object whose order matters, whether or not it can be another.
 * Arrivals at a lock commute, and so do looks at it.
 */
export const ORDERED = table([
  ...ALL.flatMap((kind) => [[write, kind], [kind, write]] as const),
  ...HOLD.flatMap((one) => [...HOLD, arrive].map((other) => [one, other] as const)),
  ...HOLD.map((other) => [arrive, other] as const),
  ...SEEN,
  ...ADDED,
  ...[take, give].flatMap((one) => [take, take_read, give, give_read].map((other) => [one, other] as const)),
  ...[take_read, give_read].flatMap((one) => [take, give].map((other) => [one, other] as const)),
]);

/**
 * Those of them that could also have come about the other way round: a race. Who takes something that another has given
 * back could not have had it before that, but before the other took it.
 */
export const RACING = table([
  ...ALL.flatMap((kind) => [[write, kind], [kind, write]] as const),
  ...SEEN,
  ...ADDED,
  [acquire, arrive], [acquire_waited, arrive], [arrive, release], [release, acquire],
  [take, take], [take, take_read], [take_read, take],
]);
