// The run-time half of the instrumenter (tools/instrument): the step counter, the horizon, and the wrapper around calls.
//
// Instrumented kernel code contains, before every statement,
//     if (($.step += 1) >= $.horizon && $.hit(SITE)) yield [[SITE, { ...locals }]];
// and, around every `yield* f(x)`,
//     yield* $call(SITE, f(x), () => ({ ...locals }))
// so that free running costs one add and one compare per statement, and a stop arrives outside as a whole backtrace.

/** One stack frame of a stop: an index into the site table, and the locals visible there by name. */
export type Frame = readonly [site: number, locals: Readonly<Record<string, unknown>>];

/** A backtrace, innermost frame first. It grows while the yield travels outwards. */
export type Frames = Frame[];

/** What a machine primitive yields when its task cannot go on at once; see sched.ts. */
export interface Park {
  readonly park: string;
}

/** Whatever a running kernel generator can hand to the machine. */
export type Stop = Frames | Park;

/** Sent into a parked task instead of a plain resume: "tell me your frames, and stay where you are". */
export const BACKTRACE = Symbol("backtrace");
export type Resume = typeof BACKTRACE | undefined;

/** The type of every kernel function that may be interrupted. */
export type Kernel<T> = Generator<Stop, T, Resume>;

/**
 * The stepping state of the one execution that is running now. `step` counts statements executed since the start of
 * the run; a statement hook asks `hit` only when `step` has reached `horizon`.
 */
export const $ = {
  step: 0,
  horizon: Infinity,
  /** Decides whether to stop before the statement at `site`. Replaced by the machine for as long as it runs. */
  hit: (_site: number): boolean => true,
};

/** Forwards everything between the machine and `inner`, adding this call's frame to backtraces on their way out. */
export function* $call<T>(site: number, inner: Kernel<T>, locals: () => Readonly<Record<string, unknown>>): Kernel<T> {
  let sent: Resume;
  for (;;) {
    const result = inner.next(sent);
    if (result.done === true) return result.value;
    if (Array.isArray(result.value)) result.value.push([site, locals()]);
    sent = yield result.value;
  }
}
