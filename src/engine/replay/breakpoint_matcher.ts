// Breakpoints, and which of them are hit where: statements by their sites, tracepoints as they are passed, data as it is
// read or written.

import type { Frames } from "../machine/hooks.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import { TRACEPOINTS, type Sink, type TraceEvent, type TracepointName } from "../machine/trace.ts";
import type { DataAccess, DataAccessKind, DataAccessSink, Location } from "../machine/data_access.ts";

/** Where an execution is to stop. It stops before the statement that is executed next after the hit. */
export interface Breakpoint {
  readonly id: number;
  /** Statement sites, any of which hits. */
  readonly sites?: ReadonlySet<number>;
  /** A tracepoint that hits. */
  readonly event?: TracepointName;
  /** Data whose accesses hit: writes of another value, reads that may race with a write, or both and every write. */
  readonly data?: { readonly location: Location; readonly access: DataAccessKind | "readWrite" };
  /** A hit counts only if this returns true. A pure function of the state. */
  readonly condition?: (at: BreakpointContext) => boolean;
  /**
   * Which hits stop, by their number: hits are counted from 1 at the start of the execution, whatever moves led to the present
   * step. Only those count for which the condition holds.
   */
  readonly hit_condition?: (hit: number) => boolean;
  /** A logpoint: called at the hit while the execution runs forwards, which does not stop then. */
  readonly log?: (at: BreakpointContext) => void;
}

/** Every tracepoint. */
export const ALL_TRACEPOINTS: readonly Breakpoint[] = (Object.keys(TRACEPOINTS) as TracepointName[]).map((event) => ({ id: 0, event }));

/** What a condition is evaluated in: the task and its frames, and the event or the access that hit. */
export interface BreakpointContext {
  readonly task: Task | null;
  readonly frames: Frames;
  readonly event: TraceEvent | null;
  readonly access: DataAccess | null;
}

/** The breakpoints that are hit before one statement, by id, and the first event and the first access that hit. */
export interface Hit {
  readonly ids: readonly number[];
  readonly event: TraceEvent | null;
  readonly access: DataAccess | null;
}

/** An access whose value afterwards is not known yet: it is read at the next statement or access. */
interface PendingAccess extends Omit<DataAccess, "after"> {
  readonly breakpoint: Breakpoint;
  readonly object: object;
}

const NO_SITES: ReadonlySet<number> = new Set();

/** Matches breakpoints against the execution that it is subscribed to. */
export class BreakpointMatcher {
  private machine: Machine | null = null;
  private logging = false;
  /** The sites of the breakpoints, while subscribed. */
  bound_sites = NO_SITES;
  /** How often each breakpoint with a hit condition was hit up to here, by id. */
  private readonly hit_counts = new Map<number, number>();
  /** Tracepoints with breakpoints that were passed since the last statement. */
  private events: TraceEvent[] = [];
  private readonly accesses = new Map<Breakpoint, PendingAccess[]>();

  constructor(readonly breakpoints: readonly Breakpoint[]) {}

  /** Has a breakpoint a hit condition, so that its hits are counted from the start? */
  get counts_hits(): boolean {
    return this.breakpoints.some(({ hit_condition }) => hit_condition !== undefined);
  }

  /** Is a breakpoint set on data, which takes a kernel with write barriers? */
  get needs_watched_build(): boolean {
    return this.breakpoints.some(({ data }) => data !== undefined);
  }

  /** Has an event or an access matched since the last statement? Conditions are not evaluated yet. */
  get pending(): boolean {
    return this.events.length > 0 || this.accesses.size > 0;
  }

  /** The execution has started again: all hit counts are 0. */
  reset_counts(): void {
    this.hit_counts.clear();
  }

  /** Subscribes to the tracepoints and accesses of an execution. With `logging`, logpoints log; else they have no effect. */
  subscribe(machine: Machine, logging: boolean): void {
    this.machine = machine;
    this.logging = logging;
    this.clear_pending();
    this.bound_sites = new Set(this.breakpoints.flatMap(({ sites }) => [...(sites ?? [])]));
    for (const name of this.event_names()) (machine.sinks[name] ??= []).push(this.on_event);
    if (this.needs_watched_build) machine.data_access_sinks.push(this.on_access);
  }

  unsubscribe(): void {
    const { machine } = this;
    if (machine === null) return;
    for (const name of this.event_names()) {
      remove(machine.sinks[name]!, this.on_event);
      if (machine.sinks[name]!.length === 0) delete machine.sinks[name];
    }
    if (this.needs_watched_build) remove(machine.data_access_sinks, this.on_access);
    this.machine = null;
    this.bound_sites = NO_SITES;
    this.clear_pending();
  }

  /**
   * The hit that stops here: of breakpoints on this statement, and of those that events and accesses have matched since the last one. Null
   * if there is none. Counts hits and logs, so it is called once for each stop of the machine.
   */
  match(task: Task, frames: Frames): Hit | null {
    const ids: number[] = [];
    let event: TraceEvent | null = null;
    let access: DataAccess | null = null;
    for (const passed of this.events) {
      const hit = this.match_event(passed, task, frames);
      ids.push(...hit);
      if (hit.length > 0) event ??= passed;
    }
    for (const [breakpoint, done] of this.completed_accesses()) {
      const context = { task: done.task, frames: done.task === task ? frames : [], event: null, access: done };
      if (!this.should_stop(breakpoint, context)) continue;
      ids.push(breakpoint.id);
      access ??= done;
    }
    this.clear_pending();
    const site = frames[0]?.[0];
    const context = { task, frames, event: null, access: null };
    for (const breakpoint of this.breakpoints) {
      if (site !== undefined && breakpoint.sites?.has(site) === true && this.should_stop(breakpoint, context)) ids.push(breakpoint.id);
    }
    return ids.length === 0 ? null : { ids, event, access };
  }

  /** The condition is evaluated once the execution stands still, as its task has a stack only then. */
  private readonly on_event: Sink = (event) => {
    this.events.push(event);
    this.machine!.request_stop();
  };

  /** The breakpoints that stop for a tracepoint that was passed. Its task need not be the one whose statement is next. */
  private match_event(event: TraceEvent, next: Task, frames: Frames): number[] {
    const { task } = event;
    const context = { task, frames: task === next ? frames : task === null ? [] : this.machine!.backtrace(task), event, access: null };
    const stopping = this.breakpoints.filter((breakpoint) => breakpoint.event === event.name && this.should_stop(breakpoint, context));
    return stopping.map(({ id }) => id);
  }

  private readonly on_access: DataAccessSink = (kind, object, key) => {
    for (const breakpoint of this.breakpoints) {
      if (!matches_access(breakpoint, kind, object, key)) continue;
      const pending = this.accesses.get(breakpoint) ?? [];
      pending.push(begin_access(this.machine!, breakpoint, kind, object, pending.length));
      this.accesses.set(breakpoint, pending);
      this.machine!.request_stop();
    }
  };

  /** The accesses since the last statement. A breakpoint on changes is not hit by a write of the value that was there already. */
  private completed_accesses(): [Breakpoint, DataAccess][] {
    return this.breakpoints.flatMap((breakpoint) => {
      const pending = this.accesses.get(breakpoint) ?? [];
      const unchanged = ({ before, after }: DataAccess): boolean => breakpoint.data!.access === "write" && Object.is(before, after);
      return complete_accesses(pending).flatMap((access): [Breakpoint, DataAccess][] => (unchanged(access) ? [] : [[breakpoint, access]]));
    });
  }

  /** Does this hit stop? Called once for each match. */
  private should_stop({ id, condition, hit_condition, log }: Breakpoint, context: BreakpointContext): boolean {
    if (condition !== undefined && !condition(context)) return false;
    if (hit_condition !== undefined) {
      const number = (this.hit_counts.get(id) ?? 0) + 1;
      this.hit_counts.set(id, number);
      if (!hit_condition(number)) return false;
    }
    if (log !== undefined && this.logging) log(context);
    return log === undefined;
  }

  private event_names(): Set<TracepointName> {
    return new Set(this.breakpoints.flatMap(({ event }) => event ?? []));
  }

  private clear_pending(): void {
    this.events = [];
    this.accesses.clear();
  }
}

/** Captures the event and the access of a known hit anew, while the statement before it is replayed in another execution. */
export class HitReplay {
  private event: TraceEvent | null = null;
  private readonly accesses: PendingAccess[] = [];
  private readonly breakpoint: Breakpoint | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly hit: Hit,
    breakpoints: readonly Breakpoint[],
  ) {
    this.breakpoint = hit.access === null ? undefined : breakpoints.find(({ id, data }) => data !== undefined && hit.ids.includes(id));
    if (hit.event !== null) (machine.sinks[hit.event.name] ??= []).push(this.on_event);
    if (this.breakpoint !== undefined) machine.data_access_sinks.push(this.on_access);
  }

  /** Unsubscribes, and returns the hit as it is in this execution. */
  finish(): Hit {
    const { machine, hit, breakpoint } = this;
    if (hit.event !== null) remove(machine.sinks[hit.event.name]!, this.on_event);
    if (breakpoint !== undefined) remove(machine.data_access_sinks, this.on_access);
    const access = hit.access === null ? undefined : complete_accesses(this.accesses)[hit.access.nth];
    return { ids: hit.ids, event: this.event, access: access ?? null };
  }

  private readonly on_event: Sink = (event) => {
    if (event.number === this.hit.event?.number) this.event = event;
  };

  private readonly on_access: DataAccessSink = (kind, object, key) => {
    const breakpoint = this.breakpoint!;
    if (!matches_access(breakpoint, kind, object, key)) return;
    this.accesses.push(begin_access(this.machine, breakpoint, kind, object, this.accesses.length));
  };
}

/** Does a breakpoint on data match this access? */
function matches_access({ data }: Breakpoint, kind: DataAccessKind, object: object, key: string | number): boolean {
  if (data === undefined || (data.access !== kind && data.access !== "readWrite")) return false;
  return data.location.keys.includes(key) && data.location.is(object);
}

function begin_access(machine: Machine, breakpoint: Breakpoint, kind: DataAccessKind, object: object, nth: number): PendingAccess {
  const { current: task, cpu, events, now: step } = machine;
  return { breakpoint, object, kind, nth, step, events, time: cpu.clock, task, before: breakpoint.data!.location.value(object) };
}

/** Accesses to one location in their order, each with its value afterwards: that is the value before the next access to the object. */
function complete_accesses(accesses: readonly PendingAccess[]): DataAccess[] {
  return accesses.map(({ breakpoint, object, ...access }, index) => {
    const next = accesses.slice(index + 1).find((other) => other.object === object);
    return { ...access, after: next === undefined ? breakpoint.data!.location.value(object) : next.before };
  });
}

function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}
