// Time travel. An execution is a pure function of how it was started, so being at step N means: start again and run to N.
// A Recording owns the one execution that is looked at, and is the only thing that ever starts it again.
//
// Everything that may take long is an Operation: a generator that yields after each slice of steps, so that whoever drives
// it can show progress, do other things, or drop it. Dropping one leaves the recording at the step it has reached.

import type { Frames } from "./hooks.ts";
import type { Machine, Outcome } from "./machine.ts";
import type { Task } from "./task.ts";
import type { Sink, TraceEvent, TracepointName } from "./trace.ts";

export interface Progress {
  readonly step: number;
  /** The step the operation is on its way to; null if it does not know. */
  readonly target: number | null;
}

export type Operation<T> = Generator<Progress, T, void>;

/** Why the execution stands where it stands. */
export type StopReason = "step" | "breakpoint" | "start" | Exclude<Outcome["kind"], "stopped">;

export interface Stop {
  readonly reason: StopReason;
  readonly step: number;
  /** Tracepoints passed so far. */
  readonly events: number;
  /** Model time of the CPU that was executing, in nanoseconds. */
  readonly time: number;
  /** Whose next statement it is, or who was last. */
  readonly task: Task | null;
  /** The tracepoint that caused the stop, if one did. */
  readonly event: TraceEvent | null;
  /** The breakpoints that were hit, by id. */
  readonly hits: readonly number[];
  /** How the execution ended, if it has. */
  readonly outcome: Outcome | null;
}

/** Where an execution is to stop by itself. It stops before the statement that is executed next after the hit. */
export interface Breakpoint {
  readonly id: number;
  /** Statement sites, any of which hits. */
  readonly sites?: ReadonlySet<number>;
  /** A tracepoint that hits. */
  readonly event?: TracepointName;
  /** Must hold as well. A pure function of the state. */
  readonly condition?: (at: Place) => boolean;
  /**
   * Which hits stop, by their number: hits are counted from 1 at the start of the execution, however one got to where one
   * is. Only those count for which the condition holds.
   */
  readonly count?: (hit: number) => boolean;
}

/** What a breakpoint's condition sees: the task, and its frames or the event. */
export interface Place {
  readonly task: Task | null;
  readonly frames: Frames;
  readonly event: TraceEvent | null;
}

/**
 * Where a step ends. `watch` is asked before every statement and has to be fast; `accept` decides, with the backtrace,
 * where it has said yes.
 */
export interface StepPlan {
  /** Equal for plans that end at the same places; absent if nobody can tell. */
  readonly key?: string;
  watch(site: number, task: Task): boolean;
  accept(task: Task, frames: Frames): boolean;
}

/** A hit that was found on the way to somewhere else. */
interface Found {
  readonly step: number;
  readonly reason: StopReason;
  readonly hits: readonly number[];
  readonly event: TraceEvent | null;
}

/** The last hits before a point of the execution, for going back again and again. */
interface Trail {
  readonly key: string | undefined;
  readonly breakpoints: readonly Breakpoint[];
  /** All hits from the first of these up to this step are known. */
  readonly until: number;
  readonly hits: readonly Found[];
}

/** So many hits of a search are remembered. */
const TRAIL = 1_000;
/** The key of going back without a plan. */
const NO_PLAN = "";

/** Which part of the way here is searched first when going backwards, in steps at least, and how much more each time after. */
const FIRST_WINDOW = { part: 1 / 64, least: 4_096 };
const WINDOW_GROWTH = 32;

export class Recording<S extends { readonly machine: Machine }> {
  /**
   * Steps between two yields of an operation: some milliseconds at full speed. Who drives an operation may change it at
   * any time; it has no influence on where the operation leads.
   */
  slice = 200_000;
  /** The execution, as far as it has come. Another object after every move backwards. */
  system: S;
  /** The furthest point of the execution that was ever reached. */
  furthest = { step: 0, events: 0, ended: false };
  private all_breakpoints: readonly Breakpoint[] = [];
  private armed: ReadonlySet<number> = new Set();
  /** How often each breakpoint with a `count` was hit up to here, by id; right only while `counted`. */
  private readonly counts = new Map<number, number>();
  private counted = true;
  private trail: Trail | null = null;
  /** The tracepoint that the current stop is due to. */
  private pending_event: TraceEvent | null = null;
  /** Breakpoints on tracepoints hit since the last stop. */
  private event_hits: { ids: number[]; event: TraceEvent } | null = null;
  private last: Stop;

  /** @param start starts the execution anew, always the same one, and runs none of it */
  constructor(private readonly start: () => S) {
    this.system = start();
    this.last = this.describe("start", null, []);
  }

  /** Where the execution is. */
  get stop(): Stop {
    return this.last;
  }

  get breakpoints(): readonly Breakpoint[] {
    return this.all_breakpoints;
  }

  set breakpoints(breakpoints: readonly Breakpoint[]) {
    this.all_breakpoints = breakpoints;
    this.counted = false;
  }

  /** Goes to `step`: before the execution of the step-th statement, or to the end if there are fewer. */
  *seek(step: number): Operation<Stop> {
    const wanted = Math.max(1, step);
    if (wanted < this.machine.step || (wanted === this.machine.step && this.machine.outcome !== null)) this.restart();
    if (wanted > this.machine.step) this.counted = false;
    const outcome = yield* this.advance(wanted, null);
    return this.arrive(outcome, step < 1 ? "start" : "step", []);
  }

  /** Runs until a breakpoint is hit, `plan` ends, or the execution does. */
  *forward(plan: StepPlan | null): Operation<Stop> {
    if (!this.counted && this.counts_hits()) yield* this.count_hits();
    const machine = this.machine;
    this.listen();
    try {
      for (;;) {
        const outcome = yield* this.advance(Infinity, this.watcher(plan));
        if (outcome.kind !== "stopped") return this.arrive(outcome, "step", []);
        const frames = machine.backtrace(outcome.task);
        const hits = this.hits(outcome.task, frames);
        if (hits.length > 0) return this.arrive(outcome, "breakpoint", hits);
        if (plan !== null && plan.accept(outcome.task, frames)) return this.arrive(outcome, "step", []);
      }
    } finally {
      this.deafen();
    }
  }

  /**
   * Goes back to the last point before this one at which `forward` would have stopped, or to the start if there is none.
   * One pass finds the last hits before now, another goes to the last of them; the others save the first pass next time.
   * As that hit is near as a rule, only the end of the way is searched at first, at the speed of statements that are
   * watched; what is before it runs free.
   */
  *backward(plan: StepPlan | null): Operation<Stop> {
    const now = this.machine.outcome === null ? this.machine.step : this.machine.step + 1;
    let found = this.known_hit(plan, now);
    const nothing = plan === null && this.all_breakpoints.length === 0;
    const first = this.counts_hits() ? Infinity : Math.max(FIRST_WINDOW.least, Math.ceil(now * FIRST_WINDOW.part));
    for (let window = first; found === undefined && !nothing; window *= WINDOW_GROWTH) {
      this.restart();
      if (now - window > 1) yield* this.advance(now - window, null);
      const hits = yield* this.search(plan, now);
      this.trail = { key: plan === null ? NO_PLAN : plan.key, breakpoints: this.all_breakpoints, until: now, hits };
      found = hits.at(-1);
      if (now - window <= 1) break;
    }
    const target = found ?? { step: 1, reason: "start" as const, hits: [], event: null };
    const event = yield* this.revisit(target.step, target.event);
    this.last = { ...this.last, reason: target.reason, hits: target.hits, event };
    return this.last;
  }

  /** Goes to `step` from the start; what `event`, passed on the way there, is in this execution. */
  private *revisit(step: number, event: TraceEvent | null): Operation<TraceEvent | null> {
    let again: TraceEvent | null = null;
    this.restart();
    const { sinks } = this.machine;
    const sink: Sink = (passed) => {
      if (passed.number === event?.number) again = passed;
    };
    if (event !== null) (sinks[event.name] ??= []).push(sink);
    try {
      yield* this.seek(step);
    } finally {
      if (event !== null) sinks[event.name]!.splice(sinks[event.name]!.indexOf(sink), 1);
    }
    return again;
  }

  /** The last hit before `now`, if an earlier search has met it. */
  private known_hit(plan: StepPlan | null, now: number): Found | undefined {
    const { trail } = this;
    const key = plan === null ? NO_PLAN : plan.key;
    if (trail === null || key === undefined || trail.key !== key || trail.breakpoints !== this.all_breakpoints || trail.until < now) return undefined;
    return trail.hits.findLast(({ step }) => step < now);
  }

  /** The last hits from here on up to, not including, step `end`, in their order. Counts hits on the way. */
  private *search(plan: StepPlan | null, end: number): Operation<Found[]> {
    const { machine } = this;
    let found: Found[] = [];
    this.listen();
    try {
      for (;;) {
        const outcome = yield* this.advance(end, this.watcher(plan));
        if (outcome.kind !== "stopped" || machine.step >= end) return found;
        const frames = machine.backtrace(outcome.task);
        const hits = this.hits(outcome.task, frames);
        if (hits.length > 0) found.push({ step: machine.step, reason: "breakpoint", hits, event: this.pending_event });
        else if (plan !== null && plan.accept(outcome.task, frames)) found.push({ step: machine.step, reason: "step", hits, event: null });
        if (found.length >= 2 * TRAIL) found = found.slice(-TRAIL);
      }
    } finally {
      this.deafen();
    }
  }

  private counts_hits(): boolean {
    return this.all_breakpoints.some(({ count }) => count !== undefined);
  }

  /** Counts the hits from the start up to here, this statement included, by coming here again. */
  private *count_hits(): Operation<void> {
    const { last } = this;
    const { step, outcome } = this.machine;
    this.restart();
    yield* this.search(null, outcome === null ? step : step + 1);
    const { machine } = this;
    if (outcome === null) this.hits(machine.current!, machine.backtrace(machine.current!));
    this.last = { ...last, task: last.task === null ? null : machine.tasks[last.task.pid - 1]! };
  }

  private get machine(): Machine {
    return this.system.machine;
  }

  private restart(): void {
    this.system = this.start();
    this.counts.clear();
    this.counted = true;
  }

  /** Runs up to `step`, or to where `watch` says so, in slices. */
  private *advance(step: number, watch: Machine["watch"]): Operation<Outcome> {
    const machine = this.machine;
    machine.watch = watch;
    for (;;) {
      const slice_end = Math.min(step, Math.floor(machine.step / this.slice + 1) * this.slice);
      const outcome = machine.run(slice_end);
      if (outcome.kind !== "stopped" || machine.step >= step || machine.step < slice_end || this.event_hits !== null) return outcome;
      yield { step: machine.step, target: step === Infinity ? null : step };
      if (watch !== null && this.stopped_by(watch, outcome.task)) return outcome;
    }
  }

  /** At the end of a slice: would the run have stopped here anyway? */
  private stopped_by(watch: NonNullable<Machine["watch"]>, task: Task): boolean {
    const site = this.machine.backtrace(task)[0]?.[0];
    return site !== undefined && watch(site, task);
  }

  private watcher(plan: StepPlan | null): Machine["watch"] {
    const { armed } = this;
    if (plan === null) return armed.size === 0 ? null : (site) => armed.has(site);
    return (site, task) => armed.has(site) || plan.watch(site, task);
  }

  /** Subscribes to the tracepoints that breakpoints are on, for as long as the execution runs towards them. */
  private listen(): void {
    this.event_hits = null;
    this.armed = new Set(this.breakpoints.flatMap(({ sites }) => [...(sites ?? [])]));
    for (const name of new Set(this.breakpoints.flatMap(({ event }) => event ?? []))) {
      (this.machine.sinks[name] ??= []).push(this.on_event);
    }
  }

  private deafen(): void {
    this.armed = new Set();
    for (const [name, sinks] of Object.entries(this.machine.sinks) as [TracepointName, Sink[]][]) {
      const at = sinks.indexOf(this.on_event);
      if (at >= 0) sinks.splice(at, 1);
      if (sinks.length === 0) delete this.machine.sinks[name];
    }
    this.event_hits = null;
  }

  private readonly on_event: Sink = (event) => {
    const place = { task: event.task, frames: [], event };
    const ids = this.breakpoints.filter((breakpoint) => breakpoint.event === event.name && this.is_hit(breakpoint, place)).map(({ id }) => id);
    if (ids.length === 0) return;
    this.event_hits = { event, ids: [...(this.event_hits?.ids ?? []), ...ids] };
    this.machine.request_stop();
  };

  /** The breakpoints hit here: those on this statement, and those on tracepoints since the last one. */
  private hits(task: Task, frames: Frames): number[] {
    const site = frames[0]?.[0];
    const place = { task, frames, event: null };
    const here = this.breakpoints.filter((breakpoint) => site !== undefined && breakpoint.sites?.has(site) === true && this.is_hit(breakpoint, place));
    const hits = [...(this.event_hits?.ids ?? []), ...here.map(({ id }) => id)];
    this.pending_event = this.event_hits?.event ?? null;
    this.event_hits = null;
    return hits;
  }

  /** Is this a hit that stops? Asked once for each time that a breakpoint's place is passed. */
  private is_hit({ id, condition, count }: Breakpoint, place: Place): boolean {
    if (condition !== undefined && !condition(place)) return false;
    if (count === undefined) return true;
    const number = (this.counts.get(id) ?? 0) + 1;
    this.counts.set(id, number);
    return count(number);
  }

  private arrive(outcome: Outcome, reason: StopReason, hits: readonly number[]): Stop {
    const { step, events } = this.machine;
    this.furthest = {
      step: Math.max(this.furthest.step, step),
      events: Math.max(this.furthest.events, events),
      ended: this.furthest.ended || outcome.kind !== "stopped",
    };
    this.last = this.describe(outcome.kind === "stopped" ? reason : outcome.kind, outcome, hits);
    return this.last;
  }

  private describe(reason: StopReason, outcome: Outcome | null, hits: readonly number[]): Stop {
    const { machine } = this;
    const task = outcome === null ? null : "task" in outcome ? outcome.task : machine.current;
    const event = reason === "breakpoint" ? this.pending_event : null;
    return { reason, step: machine.step, events: machine.events, time: machine.cpu.clock, task, event, hits, outcome: outcome?.kind === "stopped" ? null : outcome };
  }
}

/** Drives an operation to its end without a pause. */
export function complete<T>(operation: Operation<T>): T {
  for (;;) {
    const { done, value } = operation.next();
    if (done === true) return value;
  }
}
