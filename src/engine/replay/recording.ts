// Time travel. An execution is a pure function of how it was started, so being at step N means: start again and run to N.
// A Recording owns the execution that is looked at, and is the only object that starts it again (replay.ts).

import type { Machine, Outcome } from "../machine/machine.ts";
import type { DataAccessSink, Anchor } from "../machine/data_access.ts";
import { BreakpointMatcher, HitReplay, type Breakpoint, type Hit } from "./breakpoint_matcher.ts";
import { HitCache, MAX_CACHED_HITS, type StopPoint } from "./hit_cache.ts";
import { Replay, type Edit, type ReplayJob, type SliceLimits } from "./replay.ts";
import { first_window, WINDOW_GROWTH } from "./search_window.ts";
import type { ExecutionExtent, StepPlan, Stop, StopReason } from "./stops.ts";

export type { Breakpoint, BreakpointContext } from "./breakpoint_matcher.ts";
export { complete_job, type Edit, type ReplayJob, type ReplayProgress, type SliceLimits } from "./replay.ts";
export type { StepPlan, Stop, StopReason } from "./stops.ts";

/** Steps between two tests of `seek_first` in its first pass. */
const SEEK_STRIDE = 65_536;

/** Steps that placing checkpoints may take in all, the first two excepted, and steps that each of the first two may take. */
const MAX_CHECKPOINT_STEPS = 50_000_000;

/** The key of a plan, and of the absence of one. */
const NO_PLAN = "";
function key_of(plan: StepPlan | null): string | undefined {
  return plan === null ? NO_PLAN : plan.key;
}

/**
 * One execution that can be moved in time, forwards and backwards.
 *
 * A method that may take long returns a `ReplayJob`, a generator. It has no effect before its first `next()`. It yields a
 * `ReplayProgress` after each slice of at most `limits.steps` steps. While it runs, the execution must not be changed, and no
 * other job of this recording may be started before it has ended or was dropped with `return()`. A job that is dropped leaves the
 * execution before the statement that it has reached, from where any other job may start; `stop` is that of the last job that
 * has ended.
 *
 * No job changes what happens in the execution: its events, states, times and steps are those of a run that never stops. Only
 * `edit` and `switch_branch` choose another execution. Objects of `system` (tasks, vmas, frames) are valid until the next job;
 * after a move backwards they belong to an execution that is gone. Steps, pids, sites and breakpoint ids stay valid.
 */
export class Recording<S extends { readonly machine: Machine }> {
  /** The furthest point of the present branch that was ever reached. */
  furthest: ExecutionExtent = { step: 0, events: 0, ended: false };
  /** The furthest point of the recorded execution, while a branch is looked at. */
  private recorded_extent = this.furthest;
  private readonly replay: Replay<S>;
  private matcher = new BreakpointMatcher([]);
  /** The matcher that is subscribed to the execution, or was last. */
  private subscribed_matcher = this.matcher;
  /** Do the counts of `matcher` include all hits from the start up to here? */
  private hit_counts_valid = true;
  private readonly hit_cache = new HitCache();
  private current_stop: Stop;

  /**
   * @param start starts the execution anew, always the same one, and runs none of it; with `watched`, on the watched build, which
   * reports all accesses to data and differs in nothing else but its speed
   * @param limits the length of a slice, some milliseconds' worth of steps; the caller may change it at any time
   */
  constructor(
    private readonly start: (watched: boolean) => S,
    private readonly limits: SliceLimits = { steps: 200_000 },
  ) {
    this.replay = new Replay(start, limits);
    this.current_stop = this.make_stop("start", null, null);
  }

  /** The execution, as far as it has come. Another object after every move backwards. May be inspected between jobs. */
  get system(): S {
    return this.replay.system;
  }

  /** Where the last job that has ended left the execution. */
  get stop(): Stop {
    return this.current_stop;
  }

  /**
   * The breakpoints at which `forward` and `backward` stop. May be set between jobs; does not move the execution. Hit counts and
   * accesses to data that the new ones need are caught up on by the next `forward`, which replays up to here for that.
   */
  get breakpoints(): readonly Breakpoint[] {
    return this.matcher.breakpoints;
  }

  set breakpoints(breakpoints: readonly Breakpoint[]) {
    this.matcher = new BreakpointMatcher(breakpoints);
    this.hit_counts_valid = !this.matcher.counts_hits;
  }

  /**
   * Another recording of the same branch, at its start. The two share nothing that either changes: jobs of one do not move the
   * other. With `sink`, the fork runs on the watched build and reports all accesses to data to it.
   */
  fork(sink?: DataAccessSink): Recording<S> {
    const start = (watched: boolean): S => {
      const system = this.start(watched || sink !== undefined);
      if (sink !== undefined) system.machine.data_access_sinks.push(sink);
      return system;
    };
    const forked = new Recording(start, this.limits);
    forked.replay.edits = this.edits;
    return forked;
  }

  /** The edits that make the present branch, in order of steps; empty for the recorded execution. */
  get edits(): readonly Edit<S>[] {
    return this.replay.edits;
  }

  /**
   * Applies an edit before the statement at which the execution stands, and makes what follows a new branch, without the edits
   * of the old branch at later steps. Called between jobs, while the execution has not ended; takes effect at once. What lies
   * before this step, and the recorded execution, stay as they were.
   */
  edit(change: Edit<S>): void {
    this.save_recorded_extent();
    this.replay.edit(change);
    const { step, events } = this.machine;
    this.furthest = { step, events, ended: false };
  }

  /**
   * Replaces the execution by another branch, the recorded execution if `edits` is empty, and goes to `step` of it. Takes effect
   * at the first `next()`: a job that is dropped leaves the new branch, somewhere before `step`.
   */
  *switch_branch(edits: readonly Edit<S>[], step: number): ReplayJob<Stop> {
    this.save_recorded_extent();
    this.replay.edits = edits;
    this.furthest = edits.length === 0 ? this.recorded_extent : { step: 0, events: 0, ended: false };
    this.restart(step);
    return yield* this.seek(step);
  }

  private save_recorded_extent(): void {
    if (this.edits.length === 0) this.recorded_extent = this.furthest;
    this.hit_cache.clear();
  }

  /**
   * Goes to `step`, forwards or backwards: before the execution of the step-th statement, or to the end if there are fewer. No
   * breakpoint stops, none logs. May be called wherever the execution stands, at its end included.
   */
  *seek(step: number): ReplayJob<Stop> {
    const wanted = Math.max(1, step);
    if (wanted < this.machine.step || (wanted === this.machine.step && this.machine.outcome !== null)) this.restart(wanted);
    if (wanted > this.machine.step) this.hit_counts_valid = !this.matcher.counts_hits;
    const outcome = yield* this.advance(wanted, null);
    return this.record_stop(outcome, step < 1 ? "start" : "step", null);
  }

  /**
   * Goes to the first statement before which `test` holds, or to the end if there is none. `test` has to be a pure function of the
   * state that stays true once it is. No breakpoint stops. Two passes: the first tests at the end of each stride only, the second
   * before every statement of the stride that holds the place.
   */
  *seek_first(test: (machine: Machine) => boolean): ReplayJob<Stop> {
    if (test(this.machine)) this.restart(0);
    let before = this.machine.step;
    for (;;) {
      const outcome = yield* this.advance(this.machine.step + SEEK_STRIDE, null);
      if (test(this.machine)) break;
      if (outcome.kind !== "stopped") return this.record_stop(outcome, "step", null);
      before = this.machine.step;
    }
    this.restart(before);
    if (before > this.machine.step) yield* this.advance(before, null);
    return yield* this.forward({ may_stop: () => test(this.machine), accepts: () => true }, []);
  }

  /**
   * Runs until a breakpoint is hit, `plan` is fulfilled, or the execution ends; at least one statement is executed. With
   * `temporary`, these breakpoints are matched in place of `breakpoints`, for this job only. Logpoints log. At the end of the
   * execution the job ends at once, there. The stop goes into the hit cache.
   */
  *forward(plan: StepPlan | null, temporary?: readonly Breakpoint[]): ReplayJob<Stop> {
    if (temporary !== undefined) this.hit_counts_valid = !this.matcher.counts_hits;
    else if (!this.hit_counts_valid || !this.reports_accesses()) yield* this.replay_to_here();
    const { machine } = this;
    const matcher = this.subscribe(temporary === undefined ? this.matcher : new BreakpointMatcher(temporary), true);
    const from = machine.step;
    try {
      for (;;) {
        const outcome = yield* this.advance(Infinity, this.statement_watch(plan, matcher));
        if (outcome.kind !== "stopped") return this.record_stop(outcome, "step", null);
        const frames = machine.backtrace(outcome.task);
        const hit = matcher.match(outcome.task, frames);
        if (hit === null && plan?.accepts(outcome.task, frames) !== true) continue;
        this.hit_cache.add_forward_hit(key_of(plan), matcher.breakpoints, from, { step: machine.step, hit });
        return this.record_stop(outcome, hit === null ? "step" : "breakpoint", hit);
      }
    } finally {
      matcher.unsubscribe();
    }
  }

  /**
   * Goes back to the last point before this one at which `forward` would have stopped, or to the start if there is none. Nothing is
   * logged. May be called wherever the execution stands, at its end included.
   *
   * One pass collects the last hits before now, another goes to the last of them; the others are cached and spare the first pass
   * next time. That hit is near as a rule, so the first pass searches a window that ends now, and a larger one only if it holds
   * none. Statements before the window run free; those in it are matched one by one.
   */
  *backward(plan: StepPlan | null, temporary?: readonly Breakpoint[]): ReplayJob<Stop> {
    const now = this.machine.outcome === null ? this.machine.step : this.machine.step + 1;
    const matcher = temporary === undefined ? this.matcher : new BreakpointMatcher(temporary);
    let found = this.hit_cache.last_before(key_of(plan), matcher.breakpoints, now);
    const nothing = plan === null && matcher.breakpoints.length === 0;
    const first = matcher.counts_hits ? Infinity : first_window(now);
    for (let window = first; found === undefined && !nothing; window *= WINDOW_GROWTH) {
      this.restart(matcher.counts_hits ? 0 : now - window);
      if (now - window > this.machine.step) yield* this.advance(now - window, null);
      const hits = yield* this.collect_hits(plan, now, matcher);
      this.hit_cache.store(key_of(plan), matcher.breakpoints, now, hits);
      found = hits.at(-1);
      if (now - window <= 1) break;
    }
    if (found === undefined) {
      this.restart(0);
      yield* this.seek(1);
      this.current_stop = { ...this.current_stop, reason: "start" };
    } else {
      yield* this.seek_to_hit(found, matcher.breakpoints);
    }
    return this.current_stop;
  }

  /**
   * Goes to a hit from the start. The statement before it is replayed with the breakpoint subscribed, for the event or access as it
   * is in this execution.
   */
  private *seek_to_hit({ step, hit }: StopPoint, breakpoints: readonly Breakpoint[]): ReplayJob<void> {
    this.restart(step - 1);
    if (step > 1) yield* this.seek(step - 1);
    const { machine } = this;
    const hit_replay = hit === null ? null : new HitReplay(machine, hit, breakpoints);
    let replayed: Hit | null = null;
    try {
      yield* this.seek(step);
    } finally {
      replayed = hit_replay?.finish() ?? null;
    }
    if (replayed === null) return;
    const { ids, event, access } = replayed;
    this.current_stop = { ...this.current_stop, reason: "breakpoint", hits: ids, event, access };
  }

  /**
   * Runs further executions to a step a little before this one and keeps them as checkpoints, from which later moves backwards
   * start. For idle time: the execution that is looked at is not touched, and the job may be dropped at any time. Each checkpoint
   * takes a replay of all that has happened; as many moves back in a row as there are checkpoints then take none.
   * @param max_checkpoints as many as there is memory for: 2 or more
   * @param plan of the step back that is the most likely one: its end is searched for in advance
   */
  *place_checkpoints(max_checkpoints = 2, plan: StepPlan | null = null): ReplayJob<void> {
    const { step: now, outcome } = this.machine;
    if (this.matcher.counts_hits || this.anchors().length > 0 || now > MAX_CHECKPOINT_STEPS) return;
    // One step of a grid for many present steps, so that a checkpoint there serves them all.
    const grid = first_window(now) / 2;
    const near = (Math.floor(now / grid) - 2) * grid;
    if (near < 1) return;
    const known = this.hit_cache.last_before(NO_PLAN, this.breakpoints, outcome === null ? now : now + 1);
    // One for the search, the others for the moves, each for one; or one for the move to the last stop, if that is far.
    const steps = Array.from({ length: Math.max(2, Math.min(max_checkpoints, Math.floor(MAX_CHECKPOINT_STEPS / now))) }, () => near);
    if (known !== undefined && known.step < near && known.step > 1) steps[0] = known.step - 1;
    yield* this.replay.place_checkpoints(steps.slice(-2), this.matcher.needs_watched_build);
    if (outcome === null) yield* this.prefetch_hits(plan, near, now);
    yield* this.replay.place_checkpoints(steps, this.matcher.needs_watched_build);
  }

  /** Collects the last hits between two steps in a fork, which is dropped then, and caches them. */
  private *prefetch_hits(plan: StepPlan | null, from: number, now: number): ReplayJob<void> {
    const { breakpoints } = this;
    // Conditions are evaluated in the execution that is looked at, not in a fork.
    const evaluable = breakpoints.every(({ condition, data }) => condition === undefined && data === undefined);
    if (plan?.key === undefined || !evaluable || this.hit_cache.last_before(plan.key, breakpoints, now) !== undefined) return;
    const fork = this.fork();
    yield* fork.seek(from);
    const hits = yield* fork.collect_hits(plan, now, new BreakpointMatcher(breakpoints));
    if (hits.length > 0) this.hit_cache.store(plan.key, breakpoints, now, hits);
  }

  /**
   * The last hits from here on up to, not including, step `end`, in their order. Counts hits on the way; with `inclusive`
   * those at the end, too.
   */
  private *collect_hits(plan: StepPlan | null, end: number, matcher: BreakpointMatcher, inclusive = false): ReplayJob<StopPoint[]> {
    const { machine } = this;
    let hits: StopPoint[] = [];
    this.subscribe(matcher, false);
    try {
      for (;;) {
        const outcome = yield* this.advance(end, this.statement_watch(plan, matcher));
        if (outcome.kind !== "stopped" || (machine.step >= end && !inclusive)) return hits;
        const frames = machine.backtrace(outcome.task);
        const hit = matcher.match(outcome.task, frames);
        if (machine.step >= end) return hits;
        if (hit !== null || (plan !== null && plan.accepts(outcome.task, frames))) hits.push({ step: machine.step, hit });
        if (hits.length >= 2 * MAX_CACHED_HITS) hits = hits.slice(-MAX_CACHED_HITS);
      }
    } finally {
      matcher.unsubscribe();
    }
  }

  private subscribe(matcher: BreakpointMatcher, logging: boolean): BreakpointMatcher {
    matcher.subscribe(this.machine, logging);
    this.subscribed_matcher = matcher;
    return matcher;
  }

  /**
   * Replays up to here, counting the hits from the start, those at this statement included; on the watched build if a breakpoint
   * needs it.
   */
  private *replay_to_here(): ReplayJob<void> {
    const { current_stop } = this;
    const { step, outcome } = this.machine;
    const end = outcome === null ? step : step + 1;
    this.restart(this.matcher.counts_hits ? 0 : step);
    if (!this.matcher.counts_hits) {
      yield* this.advance(end, null);
    } else {
      yield* this.collect_hits(null, end, this.matcher, outcome === null);
    }
    this.current_stop = { ...current_stop, task: current_stop.task === null ? null : this.machine.tasks[current_stop.task.pid - 1]! };
  }

  private get machine(): Machine {
    return this.system.machine;
  }

  /** Starts again, from the last checkpoint up to `target` if there is one; hits are counted from the start only. */
  private restart(target: number): void {
    this.replay.restart(this.matcher.needs_watched_build, this.anchors(), target);
    this.matcher.reset_counts();
    this.hit_counts_valid = !this.matcher.counts_hits || this.machine.step === 0;
  }

  /** Runs up to `step`, or to where `watch` says so, in slices. */
  private advance(step: number, watch: Machine["should_stop"]): ReplayJob<Outcome> {
    return this.replay.advance(step, watch, this.anchors(), () => this.subscribed_matcher.pending);
  }

  private anchors(): Anchor[] {
    return this.breakpoints.flatMap(({ data }) => data?.location.anchor ?? []);
  }

  /** Does the execution report all accesses that breakpoints are set on? */
  private reports_accesses(): boolean {
    if (!this.matcher.needs_watched_build) return true;
    return this.replay.watched && this.anchors().every(({ step, object }) => object !== null || step > this.machine.step);
  }

  private statement_watch(plan: StepPlan | null, { bound_sites }: BreakpointMatcher): Machine["should_stop"] {
    if (plan === null) return bound_sites.size === 0 ? null : (site) => bound_sites.has(site);
    return (site, task) => bound_sites.has(site) || plan.may_stop(site, task);
  }

  private record_stop(outcome: Outcome, reason: StopReason, hit: Hit | null): Stop {
    const { step, events } = this.machine;
    this.furthest = {
      step: Math.max(this.furthest.step, step),
      events: Math.max(this.furthest.events, events),
      ended: this.furthest.ended || outcome.kind !== "stopped",
    };
    this.current_stop = this.make_stop(outcome.kind === "stopped" ? reason : outcome.kind, outcome, hit);
    return this.current_stop;
  }

  private make_stop(reason: StopReason, outcome: Outcome | null, hit: Hit | null): Stop {
    const { machine } = this;
    const task = outcome === null ? null : "task" in outcome ? outcome.task : machine.current;
    const { ids: hits = [], event = null, access = null } = hit ?? {};
    const { step, events, cpu } = machine;
    const end = outcome?.kind === "stopped" ? null : outcome;
    return { reason, step, events, time: cpu.clock, task, event, access, hits, outcome: end };
  }
}
