// One execution as the search sees it: which process was chosen at each decision, which were enabled, and the accesses of the
// transition that followed. An execution is in flat arrays, which the next one reuses.

import { ACCESS, type AccessKind, type AccessLog } from "../machine/accesses.ts";
import { NO_PROCESS } from "../schedule/strategy.ts";

/** Objects that are cached before the cache is cleared: most of them belong to executions that are over. */
const MAX_CACHED_OBJECTS = 1_000;

export class Trace implements AccessLog {
  /** Transitions so far. */
  length = 0;
  /** By transition: the process that executed it, the processes that were enabled, and the one that is no preemption (or NO_PROCESS). */
  readonly process: number[] = [];
  readonly enabled: number[] = [];
  readonly current: number[] = [];
  /** By transition: the processes that would only have interrupted a task, as a bit mask. */
  readonly interrupts_only: number[] = [];
  /** By transition: the preemptions up to it, its own included. */
  readonly preemptions: number[] = [];
  /** By transition: where its accesses begin. */
  readonly begin: number[] = [];
  /** By access: the object, by number, and the kind of access. */
  readonly object: number[] = [];
  readonly kind: AccessKind[] = [];
  accesses = 0;
  /** Objects so far, over all executions: by name, as each execution makes them anew. */
  objects = 0;
  private readonly named = new Map<string, number>();
  /** The numbers of recent objects, or of their fields: most are the same objects in all executions. */
  private readonly number_cache = new Map<object, number | Map<string, number>>();

  /** @param name the name of an object: objects with the same name are taken for one */
  constructor(private readonly name: (object: object) => string) {}

  /** Begins a new execution. */
  clear(): void {
    this.length = this.accesses = 0;
    if (this.number_cache.size > MAX_CACHED_OBJECTS) this.number_cache.clear();
  }

  /** Begins the next transition, of `process`. */
  append(process: number, enabled: number, current: number, interrupting: number): void {
    const transition = this.length++;
    this.process[transition] = process;
    this.enabled[transition] = enabled;
    this.current[transition] = current;
    this.begin[transition] = this.accesses;
    this.interrupts_only[transition] = interrupting;
    this.preemptions[transition] = this.preemptions_before(transition) + this.preemption_cost(transition, process);
  }

  /** How many preemptions it is to choose `process` at `transition`: none if it is current, or no process is, or it only interrupts. */
  preemption_cost(transition: number, process: number): 0 | 1 {
    const current = this.current[transition]!;
    return current === NO_PROCESS || current === process || (this.interrupts_only[transition]! & (1 << process)) !== 0 ? 0 : 1;
  }

  /** Is this transition only an interrupt, after which the interrupted task can continue? */
  is_interrupt(transition: number): boolean {
    return (this.interrupts_only[transition]! & (1 << this.process[transition]!)) !== 0;
  }

  /** How many preemptions there were before `transition`. */
  preemptions_before(transition: number): number {
    return transition === 0 ? 0 : this.preemptions[transition - 1]!;
  }

  /** Where the accesses of `transition` end. */
  end(transition: number): number {
    return transition + 1 < this.length ? this.begin[transition + 1]! : this.accesses;
  }

  /** Adds an access to the last transition. Before the first one accesses are ignored. */
  access(object: object, field: string, kind: AccessKind): void {
    if (this.length === 0) return;
    this.object[this.accesses] = this.number_of(object, field);
    this.kind[this.accesses++] = kind;
  }

  /** The number of an object, or of one of its fields. */
  number_of(object: object, field: string): number {
    const known = this.number_cache.get(object);
    if (typeof known === "number") return known;
    if (known === undefined && field === "") {
      const number = this.number_named(this.name(object));
      this.number_cache.set(object, number);
      return number;
    }
    const fields = known ?? new Map<string, number>();
    const numbered = fields.get(field);
    if (numbered !== undefined) return numbered;
    const number = this.number_named(`${this.name(object)}.${field}`);
    this.number_cache.set(object, fields.set(field, number));
    return number;
  }

  /** The name of each object, by number. */
  names(): string[] {
    return [...this.named.keys()];
  }

  /** The number of the object with this name. */
  number_named(name: string): number {
    const known = this.named.get(name);
    if (known !== undefined) return known;
    this.named.set(name, this.objects);
    return this.objects++;
  }
}

const { read, write, add, acquire, acquire_contended, contend, release, sample } = ACCESS;
const { acquire_exclusive, acquire_shared, release_exclusive, release_shared } = ACCESS;

/** How many kinds of access there are. */
export const ACCESS_KINDS = Object.keys(ACCESS).length;

function table(pairs: readonly (readonly [AccessKind, AccessKind])[]): Uint8Array {
  const set = new Uint8Array(ACCESS_KINDS * ACCESS_KINDS);
  for (const [earlier, later] of pairs) set[earlier * ACCESS_KINDS + later] = 1;
  return set;
}

/** Acquiring and releasing a spinlock. */
const HOLDING = [acquire, acquire_contended, release] as const;
/** Acquiring and releasing a semaphore or a CPU. */
const EXCLUSIVE = [acquire_exclusive, release_exclusive] as const;
const SHARED = [acquire_shared, release_shared] as const;
const ADDING = [
  [add, read],
  [read, add],
] as const;
/** What may change break_lock, and the read of it. */
const SAMPLING = [acquire, acquire_contended, contend].flatMap(
  (kind) =>
    [
      [kind, sample],
      [sample, kind],
    ] as const,
);
const ALL = Object.values(ACCESS);

/**
 * [earlier * ACCESS_KINDS + later]: dependent accesses of two processes to one object. Their order matters, whether or not it can be
 * another. Contending for a lock commutes with contending for it, and sampling break_lock with sampling it.
 */
export const DEPENDENT = table([
  ...ALL.flatMap(
    (kind) =>
      [
        [write, kind],
        [kind, write],
      ] as const,
  ),
  ...HOLDING.flatMap((one) => [...HOLDING, contend].map((other) => [one, other] as const)),
  ...HOLDING.map((other) => [contend, other] as const),
  ...SAMPLING,
  ...ADDING,
  ...EXCLUSIVE.flatMap((one) => [...EXCLUSIVE, ...SHARED].map((other) => [one, other] as const)),
  ...SHARED.flatMap((one) => EXCLUSIVE.map((other) => [one, other] as const)),
]);

/**
 * The reversible ones among them: the accesses could also have come in the other order, so they are a race. A task that acquires
 * what another has released could not have acquired it right before the release, but before the other acquired it.
 */
export const REVERSIBLE = table([
  ...ALL.flatMap(
    (kind) =>
      [
        [write, kind],
        [kind, write],
      ] as const,
  ),
  ...SAMPLING,
  ...ADDING,
  [acquire, contend],
  [acquire_contended, contend],
  [contend, release],
  [release, acquire],
  [acquire_exclusive, acquire_exclusive],
  [acquire_exclusive, acquire_shared],
  [acquire_shared, acquire_exclusive],
]);
