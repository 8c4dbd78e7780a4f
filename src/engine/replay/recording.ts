// Time travel. An execution is a pure function of how it was started, so being at step N means: start again and run to N.
// A Recording owns the one execution that is looked at, and is the only thing that ever starts it again (replay.ts).

import { HitFinder, Recall, type Breakpoint, type Hit } from "./hits.ts";
import type { Frames } from "../machine/hooks.ts";
import type { Machine, Outcome } from "../machine/machine.ts";
import { Replay, type Edit, type Operation, type Speed } from "./replay.ts";
import type { Task } from "../machine/task.ts";
import { TRAIL, Trails, type Found } from "./trails.ts";
import type { TraceEvent } from "../machine/trace.ts";
import type { Access, AccessSink, Anchor } from "../machine/watch.ts";

export type { Breakpoint, Place } from "./hits.ts";
export type { Edit, Operation, Progress, Speed } from "./replay.ts";

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

/** How far an execution is known. */
interface Furthest {
  readonly step: number;
  readonly events: number;
  readonly ended: boolean;
}

/** Steps between two looks on the first way to a place that is not known by its step. */
const STRETCH = 65_536;

/** Which part of the way here is searched first when going backwards, in steps at least, and how much more each time after. */
const FIRST_WINDOW = { part: 1 / 64, least: 4_096 };
const WINDOW_GROWTH = 32;

/** Parking executions may take so many steps, and that of the first two so many each. */
const FAR = 50_000_000;

/** A power of two. */
function first_window(now: number): number {
  return Math.max(FIRST_WINDOW.least, 2 ** Math.ceil(Math.log2(now * FIRST_WINDOW.part)));
}

/** What tells a plan, and the absence of one. */
const NO_PLAN = "";
function key_of(plan: StepPlan | null): string | undefined {
  return plan === null ? NO_PLAN : plan.key;
}

export class Recording<S extends { readonly machine: Machine }> {
  /** The furthest point of the execution that was ever reached. */
  furthest: Furthest = { step: 0, events: 0, ended: false };
  /** The furthest point of the recorded execution, while a branch is looked at. */
  private recorded = this.furthest;
  private readonly replay: Replay<S>;
  private finder = new HitFinder([]);
  /** The one that listens, or did last. */
  private listening = this.finder;
  /** The finder has counted the hits up to here. */
  private counted = true;
  private readonly trails = new Trails();
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
    this.replay = new Replay(start, speed);
    this.last = this.describe("start", null, null);
  }

  /** The execution, as far as it has come. Another object after every move backwards. */
  get system(): S {
    return this.replay.system;
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

  /** Another recording of the same execution, at its start. With `sink`, that is told of all accesses to data. */
  fork(sink?: AccessSink): Recording<S> {
    const start = (watched: boolean): S => {
      const system = this.start(watched || sink !== undefined);
      if (sink !== undefined) system.machine.access_sinks.push(sink);
      return system;
    };
    const forked = new Recording(start, this.speed);
    forked.replay.edits = this.edits;
    return forked;
  }

  /** What makes the branch that is looked at, in order of steps; nothing for the execution that was recorded. */
  get edits(): readonly Edit<S>[] {
    return this.replay.edits;
  }

  /**
   * Makes an edit at the statement at hand: from here on this is a branch of the execution that was looked at before. What was
   * edited further on belongs to the other one.
   */
  edit(edit: Edit<S>): void {
    this.keep_recorded();
    this.replay.edit(edit);
    const { step, events } = this.machine;
    this.furthest = { step, events, ended: false };
  }

  /** Goes to another branch, with none of its edits to the recorded execution: to `step` of it. */
  *enter(edits: readonly Edit<S>[], step: number): Operation<Stop> {
    this.keep_recorded();
    this.replay.edits = edits;
    this.furthest = edits.length === 0 ? this.recorded : { step: 0, events: 0, ended: false };
    this.restart(step);
    return yield* this.seek(step);
  }

  private keep_recorded(): void {
    if (this.edits.length === 0) this.recorded = this.furthest;
    this.trails.clear();
  }

  /** Goes to `step`: before the execution of the step-th statement, or to the end if there are fewer. */
  *seek(step: number): Operation<Stop> {
    const wanted = Math.max(1, step);
    if (wanted < this.machine.step || (wanted === this.machine.step && this.machine.outcome !== null)) this.restart(wanted);
    if (wanted > this.machine.step) this.counted = !this.finder.counting;
    const outcome = yield* this.advance(wanted, null);
    return this.arrive(outcome, step < 1 ? "start" : "step", null);
  }

  /**
   * Goes to the first place where `test` holds, which then has to hold for ever: to the end if there is none. No breakpoint
   * stops. Two passes: one looks at the end of long stretches only.
   */
  *reach(test: (machine: Machine) => boolean): Operation<Stop> {
    if (test(this.machine)) this.restart(0);
    let before = this.machine.step;
    for (;;) {
      const outcome = yield* this.advance(this.machine.step + STRETCH, null);
      if (test(this.machine)) break;
      if (outcome.kind !== "stopped") return this.arrive(outcome, "step", null);
      before = this.machine.step;
    }
    this.restart(before);
    if (before > this.machine.step) yield* this.advance(before, null);
    return yield* this.forward({ watch: () => test(this.machine), accept: () => true }, []);
  }

  /** Runs until a breakpoint is hit, or one of those `instead`; or until `plan` ends, or the execution does. */
  *forward(plan: StepPlan | null, instead?: readonly Breakpoint[]): Operation<Stop> {
    if (instead !== undefined) this.counted = !this.finder.counting;
    else if (!this.counted || !this.watches()) yield* this.come_again();
    const { machine } = this;
    const finder = this.listen(instead === undefined ? this.finder : new HitFinder(instead), true);
    const from = machine.step;
    try {
      for (;;) {
        const outcome = yield* this.advance(Infinity, this.watcher(plan, finder));
        if (outcome.kind !== "stopped") return this.arrive(outcome, "step", null);
        const frames = machine.backtrace(outcome.task);
        const hit = finder.take(outcome.task, frames);
        if (hit === null && plan?.accept(outcome.task, frames) !== true) continue;
        this.trails.lay(key_of(plan), finder.breakpoints, from, { step: machine.step, hit });
        return this.arrive(outcome, hit === null ? "step" : "breakpoint", hit);
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
  *backward(plan: StepPlan | null, instead?: readonly Breakpoint[]): Operation<Stop> {
    const now = this.machine.outcome === null ? this.machine.step : this.machine.step + 1;
    const finder = instead === undefined ? this.finder : new HitFinder(instead);
    let found = this.trails.before(key_of(plan), finder.breakpoints, now);
    const nothing = plan === null && finder.breakpoints.length === 0;
    const first = finder.counting ? Infinity : first_window(now);
    for (let window = first; found === undefined && !nothing; window *= WINDOW_GROWTH) {
      this.restart(finder.counting ? 0 : now - window);
      if (now - window > this.machine.step) yield* this.advance(now - window, null);
      const hits = yield* this.search(plan, now, finder);
      this.trails.keep(key_of(plan), finder.breakpoints, now, hits);
      found = hits.at(-1);
      if (now - window <= 1) break;
    }
    if (found === undefined) {
      this.restart(0);
      yield* this.seek(1);
      this.last = { ...this.last, reason: "start" };
    } else {
      yield* this.revisit(found, finder.breakpoints);
    }
    return this.last;
  }

  /** Goes to a hit from the start; what hits there is seen again as it is in this execution. */
  private *revisit({ step, hit }: Found, breakpoints: readonly Breakpoint[]): Operation<void> {
    this.restart(step - 1);
    if (step > 1) yield* this.seek(step - 1);
    const { machine } = this;
    const recall = hit === null ? null : new Recall(machine, hit, breakpoints);
    let again: Hit | null = null;
    try {
      yield* this.seek(step);
    } finally {
      again = recall?.finish() ?? null;
    }
    if (again !== null) this.last = { ...this.last, reason: "breakpoint", hits: again.ids, event: again.event, access: again.access };
  }

  /**
   * Parks executions where one may want to go back to from here, to be driven while nothing else is to be done. Each takes a
   * replay of all that has happened; going back from here then takes no wait, as often in a row as there are executions.
   * @param most as many executions as there is memory for: 2 or more
   * @param plan of the step back that is the most likely one: where it ends is searched for in advance
   */
  *prepare(most = 2, plan: StepPlan | null = null): Operation<void> {
    const { step: now, outcome } = this.machine;
    if (this.finder.counting || this.anchors().length > 0 || now > FAR) return;
    // The same for many steps, so that what is parked there serves them all.
    const grid = first_window(now) / 2;
    const near = (Math.floor(now / grid) - 2) * grid;
    if (near < 1) return;
    const known = this.trails.before(NO_PLAN, this.breakpoints, outcome === null ? now : now + 1);
    // One to search for what is before, the others to go there, each once; or one to go to the last stop, if that is far.
    const steps = Array.from({ length: Math.max(2, Math.min(most, Math.floor(FAR / now))) }, () => near);
    if (known !== undefined && known.step < near && known.step > 1) steps[0] = known.step - 1;
    yield* this.replay.park(steps.slice(-2), this.finder.watching);
    if (outcome === null) yield* this.look_back(plan, near, now);
    yield* this.replay.park(steps, this.finder.watching);
  }

  /** Searches for the last hits between two steps in an execution on the side, which is forgotten then. */
  private *look_back(plan: StepPlan | null, from: number, now: number): Operation<void> {
    const { breakpoints } = this;
    // What conditions see is the execution that is looked at.
    const plain = breakpoints.every(({ condition, data }) => condition === undefined && data === undefined);
    if (plan?.key === undefined || !plain || this.trails.before(plan.key, breakpoints, now) !== undefined) return;
    const aside = this.fork();
    yield* aside.seek(from);
    const hits = yield* aside.search(plan, now, new HitFinder(breakpoints));
    if (hits.length > 0) this.trails.keep(plan.key, breakpoints, now, hits);
  }

  /**
   * The last hits from here on up to, not including, step `end`, in their order. Counts hits on the way; with `inclusive`
   * those at the end, too.
   */
  private *search(plan: StepPlan | null, end: number, finder: HitFinder, inclusive = false): Operation<Found[]> {
    const { machine } = this;
    let found: Found[] = [];
    this.listen(finder, false);
    try {
      for (;;) {
        const outcome = yield* this.advance(end, this.watcher(plan, finder));
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

  private listen(finder: HitFinder, logging: boolean): HitFinder {
    finder.listen(this.machine, logging);
    this.listening = finder;
    return finder;
  }

  /** Comes here again, counting the hits from the start up to here, this statement included, in an execution that tells of accesses if need be. */
  private *come_again(): Operation<void> {
    const { last } = this;
    const { step, outcome } = this.machine;
    const end = outcome === null ? step : step + 1;
    this.restart(this.finder.counting ? 0 : step);
    if (!this.finder.counting) {
      yield* this.advance(end, null);
    } else {
      yield* this.search(null, end, this.finder, outcome === null);
    }
    this.last = { ...last, task: last.task === null ? null : this.machine.tasks[last.task.pid - 1]! };
  }

  private get machine(): Machine {
    return this.system.machine;
  }

  /** Starts again, at a step up to `target` if an execution is parked there; hits are counted from the start only. */
  private restart(target: number): void {
    this.replay.restart(this.finder.watching, this.anchors(), target);
    this.finder.forget();
    this.counted = !this.finder.counting || this.machine.step === 0;
  }

  /** Runs up to `step`, or to where `watch` says so, in slices. */
  private advance(step: number, watch: Machine["watch"]): Operation<Outcome> {
    return this.replay.advance(step, watch, this.anchors(), () => this.listening.pending);
  }

  private anchors(): Anchor[] {
    return this.breakpoints.flatMap(({ data }) => data?.location.anchor ?? []);
  }

  /** Does the execution tell of all accesses that breakpoints are on? */
  private watches(): boolean {
    if (!this.finder.watching) return true;
    return this.replay.watched && this.anchors().every(({ step, object }) => object !== null || step > this.machine.step);
  }

  private watcher(plan: StepPlan | null, { armed }: HitFinder): Machine["watch"] {
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

/** Drives an operation to its end without a pause. */
export function complete<T>(operation: Operation<T>): T {
  for (;;) {
    const { done, value } = operation.next();
    if (done === true) return value;
  }
}
