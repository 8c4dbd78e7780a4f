// The run-time half of the instrumenter (tools/instrument): the step counter, the horizon, and the wrapper around calls.
//
// Instrumented kernel code contains, before every statement,
//     if (($.step += 1) >= $.horizon && $.hit(SITE)) yield [[SITE, { ...locals }]];
// and, in place of every `yield* f(x)`,
//     ($result = ($inner = f(x)).next()).done ? $result.value : yield* $call(SITE, $inner, $result.value, { ...locals })
// so that free running costs one add and one compare per statement and next to nothing per call, and a stop reaches the
// machine as a whole backtrace.

/** One stack frame of a stop: an index into the site table, and the locals visible there by name. */
export type Frame = readonly [site: number, locals: Readonly<Record<string, unknown>>];

/** A backtrace, innermost frame first. It grows while the yield travels outwards. */
export type Frames = Frame[];

/** What a machine primitive yields when its task parks; see sched.ts. */
export interface Park {
  readonly park: string;
}

/** What a kernel generator yields to the machine: a statement hook its backtrace, a primitive why it parks. */
export type KernelYield = Frames | Park;

/** Sent into a parked task instead of a plain resume: it yields its frames, and stays parked. */
export const BACKTRACE = Symbol("backtrace");
export type Resume = typeof BACKTRACE | undefined;

/** The type of every kernel function that may be interrupted. */
export type Kernel<T> = Generator<KernelYield, T, Resume>;

/**
 * The stepping state of the one execution that is running now. `step` counts statements executed since the start of
 * the run; a statement hook asks `hit` only when `step` has reached `horizon`.
 */
export const $ = {
  step: 0,
  horizon: Infinity,
  /** Decides whether to stop before the statement at `site`. Replaced by the machine for as long as it runs. */
  hit: (_site: number): boolean => true,
  /** Called in each round of a loop of plain code once `step` has reached `horizon`: it cannot stop there, but ends with a limit. */
  check_divergence: (): void => undefined,
  /** Are writes and unlocked reads reported? See data_access.ts. */
  watching: false,
  /** Reports one, before it happens. Replaced by the machine for as long as it runs. */
  write: (_object: object, _key: string | number): void => undefined,
  read: (_object: object, _key: string | number): void => undefined,
};

/** Reports a write whose value was evaluated just now, and returns the value. */
export function $store<T>(object: object, key: string | number, value: T): T {
  if ($.watching) $.write(object, key);
  return value;
}

/**
 * Continues a call that has stopped or parked with `stop`: forwards everything between the machine and `inner`, adding
 * this call's frame to backtraces on their way out. The caller's locals cannot change until the call returns.
 */
export function* $call<T>(site: number, inner: Kernel<T>, stop: KernelYield, locals: Readonly<Record<string, unknown>>): Kernel<T> {
  for (;;) {
    if (Array.isArray(stop)) stop.push([site, locals]);
    const result = inner.next(yield stop);
    if (result.done === true) return result.value;
    stop = result.value;
  }
}

/**
 * What a primitive returns that was over at once: a generator that is done before it began, for a fraction of the cost.
 * Most calls of most primitives are of this kind. Such a primitive acts when it is called: `yield*` has to follow at once.
 */
class Ended<T> implements Generator<never, T, Resume>, IteratorReturnResult<T> {
  readonly done = true;
  constructor(readonly value: T) {}
  /** It is its own result, as two objects would take twice the time. */
  next(): IteratorReturnResult<T> {
    return this;
  }
  return(value: T): IteratorReturnResult<T> {
    return { done: true, value };
  }
  throw(error: unknown): never {
    throw error;
  }
  [Symbol.iterator](): this {
    return this;
  }
}

/** A call that has ended with `value`. */
export function ended<T>(value: T): Kernel<T> {
  return new Ended(value);
}

export const ENDED: Kernel<void> = ended(undefined);
export const ENDED_TRUE: Kernel<boolean> = ended(true);
export const ENDED_FALSE: Kernel<boolean> = ended(false);
