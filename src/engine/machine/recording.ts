// Time travel. An execution is a pure function of how it was started, so being at step N means: start again and run to N.
// A Recording owns the one execution that is looked at, and is the only thing that ever starts it again.
//
// Everything that may take long is an Operation: a generator that yields after each slice of steps, so that whoever drives
// it can show progress, do other things, or drop it. Dropping one leaves the recording at the step it has reached.

import { HitFinder, Recall, type Breakpoint, type Hit } from "./hits.ts";
import type { Frames } from "./hooks.ts";
import type { Machine, Outcome } from "./machine.ts";
import type { Task } from "./task.ts";
import type { TraceEvent } from "./trace.ts";
import type { Access, AccessSink, Anchor } from "./watch.ts";

export type { Breakpoint, Place } from "./hits.ts";

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
  /** The access to data that caused the stop, if one did. */
  readonly access: Access | null;
  /** The breakpoints that were hit, by id. */
  readonly hits: readonly number[];
  /** How the execution ended, if it has. */
  readonly outcome: Outcome | null;
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

/** A hit that was found on the way to somewhere else; without one, the end of a step plan. */
interface Found {
  readonly step: number;
  readonly hit: Hit | null;
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

/** How far an operation goes between two yields. It has no influence on where the operation leads. */
export interface Speed {
  /** So many steps. */
  readonly slice: number;
  /** Less, if this says so. */
  readonly overdue?: () => boolean;
}

export class Recording<S extends { readonly machine: Machine }> {
  /** The execution, as far as it has come. Another object after every move backwards. */
  system: S;
  /** The furthest point of the execution that was ever reached. */
  furthest = { step: 0, events: 0, ended: false };
  private finder = new HitFinder([]);
  /** The finder has counted the hits up to here. */
  private counted = true;
  /** The execution was started so that it tells of accesses. */
  private started_watched = false;
  private trail: Trail | null = null;
  private last: Stop;

  /**
   * @param start starts the execution anew, always the same one, and runs none of it; if it is to be watched, so that it tells
   * of all accesses to data, which makes it slower and nothing else
   * @param speed some milliseconds' worth of steps; who drives an operation may change it at any time
   */
  constructor(
    private readonly start: (watched: boolean) => S,
    private readonly speed: Speed = { slice: 200_000 },
  ) {
    this.system = start(false);
    this.machine.overdue = speed.overdue ?? null;
    this.last = this.describe("start", null, null);
  }

  /** Where the execution is. */
  get stop(): Stop {
    return this.last;
  }

  get breakpoints(): readonly Breakpoint[] {
    return this.finder.breakpoints;
  }

  set breakpoints(breakpoints: readonly Breakpoint[]) {
    this.finder = new HitFinder(breakpoints);
    this.counted = !this.finder.counting;
  }

  /** Another recording of the same execution, at its start, in which `sink` is told of all accesses. It is made for going forwards. */
  fork(sink: AccessSink, speed: Speed): Recording<S> {
    const start = (): S => {
      const system = this.start(true);
      system.machine.access_sinks.push(sink);
      return system;
    };
    return new Recording(start, speed);
  }

  /** Goes to `step`: before the execution of the step-th statement, or to the end if there are fewer. */
  *seek(step: number): Operation<Stop> {
    const wanted = Math.max(1, step);
    if (wanted < this.machine.step || (wanted === this.machine.step && this.machine.outcome !== null)) this.restart();
    if (wanted > this.machine.step) this.counted = !this.finder.counting;
    const outcome = yield* this.advance(wanted, null);
    return this.arrive(outcome, step < 1 ? "start" : "step", null);
  }

  /** Runs until a breakpoint is hit, `plan` ends, or the execution does. */
  *forward(plan: StepPlan | null): Operation<Stop> {
    if (!this.counted || !this.watches()) yield* this.come_again();
    const { machine, finder } = this;
    finder.listen(machine, true);
    try {
      for (;;) {
        const outcome = yield* this.advance(Infinity, this.watcher(plan));
        if (outcome.kind !== "stopped") return this.arrive(outcome, "step", null);
        const frames = machine.backtrace(outcome.task);
        const hit = finder.take(outcome.task, frames);
        if (hit !== null) return this.arrive(outcome, "breakpoint", hit);
        if (plan !== null && plan.accept(outcome.task, frames)) return this.arrive(outcome, "step", null);
      }
    } finally {
      finder.deafen();
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
    const nothing = plan === null && this.breakpoints.length === 0;
    const first = this.finder.counting ? Infinity : Math.max(FIRST_WINDOW.least, Math.ceil(now * FIRST_WINDOW.part));
    for (let window = first; found === undefined && !nothing; window *= WINDOW_GROWTH) {
      this.restart();
      if (now - window > 1) yield* this.advance(now - window, null);
      const hits = yield* this.search(plan, now);
      this.trail = { key: plan === null ? NO_PLAN : plan.key, breakpoints: this.breakpoints, until: now, hits };
      found = hits.at(-1);
      if (now - window <= 1) break;
    }
    if (found === undefined) {
      this.restart();
      yield* this.seek(1);
      this.last = { ...this.last, reason: "start" };
    } else {
      yield* this.revisit(found);
    }
    return this.last;
  }

  /** Goes to a hit from the start; what hits there is seen again as it is in this execution. */
  private *revisit({ step, hit }: Found): Operation<void> {
    this.restart();
    if (step > 1) yield* this.seek(step - 1);
    const { machine } = this;
    const recall = hit === null ? null : new Recall(machine, hit, this.breakpoints);
    let again: Hit | null = null;
    try {
      yield* this.seek(step);
    } finally {
      again = recall?.finish() ?? null;
    }
    if (again !== null) this.last = { ...this.last, reason: "breakpoint", hits: again.ids, event: again.event, access: again.access };
  }

  /** The last hit before `now`, if an earlier search has met it. */
  private known_hit(plan: StepPlan | null, now: number): Found | undefined {
    const { trail } = this;
    const key = plan === null ? NO_PLAN : plan.key;
    if (trail === null || key === undefined || trail.key !== key || trail.breakpoints !== this.breakpoints || trail.until < now) return undefined;
    return trail.hits.findLast(({ step }) => step < now);
  }

  /**
   * The last hits from here on up to, not including, step `end`, in their order. Counts hits on the way; with `inclusive`
   * those at the end, too.
   */
  private *search(plan: StepPlan | null, end: number, inclusive = false): Operation<Found[]> {
    const { machine, finder } = this;
    let found: Found[] = [];
    finder.listen(machine, false);
    try {
      for (;;) {
        const outcome = yield* this.advance(end, this.watcher(plan));
        if (outcome.kind !== "stopped" || (machine.step >= end && !inclusive)) return found;
        const frames = machine.backtrace(outcome.task);
        const hit = finder.take(outcome.task, frames);
        if (machine.step >= end) return found;
        if (hit !== null || (plan !== null && plan.accept(outcome.task, frames))) found.push({ step: machine.step, hit });
        if (found.length >= 2 * TRAIL) found = found.slice(-TRAIL);
      }
    } finally {
      finder.deafen();
    }
  }

  /** Comes here again, counting the hits from the start up to here, this statement included, in an execution that tells of accesses if need be. */
  private *come_again(): Operation<void> {
    const { last } = this;
    const { step, outcome } = this.machine;
    const end = outcome === null ? step : step + 1;
    this.restart();
    if (!this.finder.counting) {
      yield* this.advance(end, null);
    } else {
      yield* this.search(null, end, outcome === null);
    }
    this.last = { ...last, task: last.task === null ? null : this.machine.tasks[last.task.pid - 1]! };
  }

  private get machine(): Machine {
    return this.system.machine;
  }

  private restart(): void {
    this.started_watched = this.finder.watching;
    this.system = this.start(this.started_watched);
    this.machine.overdue = this.speed.overdue ?? null;
    for (const anchor of this.anchors()) anchor.object = null;
    this.finder.forget();
    this.counted = true;
  }

  /** Runs up to `step`, or to where `watch` says so, in slices. */
  private *advance(step: number, watch: Machine["watch"]): Operation<Outcome> {
    const { machine } = this;
    machine.watch = watch;
    // Places that do not stop take their time, too.
    if (machine.overdue?.() === true) yield { step: machine.step, target: step === Infinity ? null : step };
    for (;;) {
      const slice_end = Math.min(step, Math.floor(machine.step / this.speed.slice + 1) * this.speed.slice);
      const outcome = this.run(slice_end);
      if (outcome.kind !== "stopped" || machine.step >= step || (machine.step < slice_end && !machine.cut) || this.finder.pending) return outcome;
      yield { step: machine.step, target: step === Infinity ? null : step };
      if (watch !== null && this.stopped_by(watch, outcome.task)) return outcome;
    }
  }

  /** Runs up to `step`, finding the anchors on the way. */
  private run(step: number): Outcome {
    const { machine } = this;
    for (;;) {
      const missing = this.anchors().filter(({ object }) => object === null);
      const next = Math.min(...missing.map((anchor) => (anchor.step > machine.step ? anchor.step : anchor.step === machine.step ? anchor.step + 1 : Infinity)));
      const finders = missing.filter((anchor) => anchor.step === machine.step).map(anchor_finder);
      machine.access_sinks.push(...finders);
      const end = Math.min(step, next);
      const outcome = machine.run(end);
      for (const finder of finders) machine.access_sinks.splice(machine.access_sinks.indexOf(finder), 1);
      if (outcome.kind !== "stopped" || end === step || machine.step < end || this.finder.pending) return outcome;
      if (machine.watch !== null && this.stopped_by(machine.watch, outcome.task)) return outcome;
    }
  }

  private anchors(): Anchor[] {
    return this.breakpoints.flatMap(({ data }) => data?.location.anchor ?? []);
  }

  /** Does the execution tell of all accesses that breakpoints are on? */
  private watches(): boolean {
    if (!this.finder.watching) return true;
    return this.started_watched && this.anchors().every(({ step, object }) => object !== null || step > this.machine.step);
  }

  /** At the end of a slice: would the run have stopped here anyway? */
  private stopped_by(watch: NonNullable<Machine["watch"]>, task: Task): boolean {
    const site = this.machine.backtrace(task)[0]?.[0];
    return site !== undefined && watch(site, task);
  }

  private watcher(plan: StepPlan | null): Machine["watch"] {
    const { armed } = this.finder;
    if (plan === null) return armed.size === 0 ? null : (site) => armed.has(site);
    return (site, task) => armed.has(site) || plan.watch(site, task);
  }

  private arrive(outcome: Outcome, reason: StopReason, hit: Hit | null): Stop {
    const { step, events } = this.machine;
    this.furthest = {
      step: Math.max(this.furthest.step, step),
      events: Math.max(this.furthest.events, events),
      ended: this.furthest.ended || outcome.kind !== "stopped",
    };
    this.last = this.describe(outcome.kind === "stopped" ? reason : outcome.kind, outcome, hit);
    return this.last;
  }

  private describe(reason: StopReason, outcome: Outcome | null, hit: Hit | null): Stop {
    const { machine } = this;
    const task = outcome === null ? null : "task" in outcome ? outcome.task : machine.current;
    const { ids: hits = [], event = null, access = null } = hit ?? {};
    return { reason, step: machine.step, events: machine.events, time: machine.cpu.clock, task, event, access, hits, outcome: outcome?.kind === "stopped" ? null : outcome };
  }
}

/** Sees the write by which an anchor tells its object, while the statement that makes it is executed. */
function anchor_finder(anchor: Anchor): AccessSink {
  let writes = 0;
  return (kind, object) => {
    if (kind === "write" && writes++ === anchor.write) anchor.object = object;
  };
}

/** Drives an operation to its end without a pause. */
export function complete<T>(operation: Operation<T>): T {
  for (;;) {
    const { done, value } = operation.next();
    if (done === true) return value;
  }
}
