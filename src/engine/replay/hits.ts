// Breakpoints, and which of them are hit where: statements by their sites, tracepoints as they are passed, data as it is
// read or written.

import type { Frames } from "../machine/hooks.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import { TRACEPOINTS, type Sink, type TraceEvent, type TracepointName } from "../machine/trace.ts";
import type { Access, AccessKind, AccessSink, Location } from "../machine/watch.ts";

/** Where an execution is to stop by itself. It stops before the statement that is executed next after the hit. */
export interface Breakpoint {
  readonly id: number;
  /** Statement sites, any of which hits. */
  readonly sites?: ReadonlySet<number>;
  /** A tracepoint that hits. */
  readonly event?: TracepointName;
  /** Data whose accesses hit: writes of another value, reads that may race with a write, or both and every write. */
  readonly data?: { readonly location: Location; readonly access: AccessKind | "readWrite" };
  /** Must hold as well. A pure function of the state. */
  readonly condition?: (at: Place) => boolean;
  /**
   * Which hits stop, by their number: hits are counted from 1 at the start of the execution, however one got to where one
   * is. Only those count for which the condition holds.
   */
  readonly count?: (hit: number) => boolean;
  /** Told of the hit as the execution runs forwards, instead of stopping it. */
  readonly log?: (at: Place) => void;
}

/** Every tracepoint. */
export const ANY_EVENT: readonly Breakpoint[] = (Object.keys(TRACEPOINTS) as TracepointName[]).map((event) => ({ id: 0, event }));

/** What a breakpoint's condition sees: the task, and its frames, the event or the access. */
export interface Place {
  readonly task: Task | null;
  readonly frames: Frames;
  readonly event: TraceEvent | null;
  readonly access: Access | null;
}

/** Breakpoints that were hit at one place, by id, and the first event and the first access that hit. */
export interface Hit {
  readonly ids: readonly number[];
  readonly event: TraceEvent | null;
  readonly access: Access | null;
}

/** An access that is not over yet: what it came to is seen later. */
interface Begun extends Omit<Access, "after"> {
  readonly breakpoint: Breakpoint;
  readonly object: object;
}

const NO_SITES: ReadonlySet<number> = new Set();

/** Finds the hits of some breakpoints in the execution that it listens to. */
export class HitFinder {
  private machine: Machine | null = null;
  private logging = false;
  /** The sites of the breakpoints, while listening. */
  armed = NO_SITES;
  /** How often each breakpoint with a `count` was hit up to here, by id. */
  private readonly counts = new Map<number, number>();
  /** Tracepoints with breakpoints that were passed since the last statement. */
  private events: TraceEvent[] = [];
  private readonly accesses = new Map<Breakpoint, Begun[]>();

  constructor(readonly breakpoints: readonly Breakpoint[]) {}

  /** Is there a breakpoint whose hits have to be counted from the start? */
  get counting(): boolean {
    return this.breakpoints.some(({ count }) => count !== undefined);
  }

  /** Does it take a kernel with write barriers? */
  get watching(): boolean {
    return this.breakpoints.some(({ data }) => data !== undefined);
  }

  /** Something was hit since the last statement. */
  get pending(): boolean {
    return this.events.length > 0 || this.accesses.size > 0;
  }

  /** Begins anew: nothing was hit yet. */
  forget(): void {
    this.counts.clear();
  }

  /** Listens to an execution. With `logging`, breakpoints that log do so; else they pass unnoticed. */
  listen(machine: Machine, logging: boolean): void {
    this.machine = machine;
    this.logging = logging;
    this.drop_pending();
    this.armed = new Set(this.breakpoints.flatMap(({ sites }) => [...(sites ?? [])]));
    for (const name of this.event_names()) (machine.sinks[name] ??= []).push(this.on_event);
    if (this.watching) machine.access_sinks.push(this.on_access);
  }

  deafen(): void {
    const { machine } = this;
    if (machine === null) return;
    for (const name of this.event_names()) {
      remove(machine.sinks[name]!, this.on_event);
      if (machine.sinks[name]!.length === 0) delete machine.sinks[name];
    }
    if (this.watching) remove(machine.access_sinks, this.on_access);
    this.machine = null;
    this.armed = NO_SITES;
    this.drop_pending();
  }

  /** What stops here: the breakpoints on this statement, and those that were hit since the last one. Null if none is. */
  take(task: Task, frames: Frames): Hit | null {
    const ids: number[] = [];
    let event: TraceEvent | null = null;
    let access: Access | null = null;
    for (const passed of this.events) {
      const hit = this.hits_on(passed, task, frames);
      ids.push(...hit);
      if (hit.length > 0) event ??= passed;
    }
    for (const [breakpoint, done] of this.done_accesses()) {
      const place = { task: done.task, frames: done.task === task ? frames : [], event: null, access: done };
      if (!this.stops(breakpoint, place)) continue;
      ids.push(breakpoint.id);
      access ??= done;
    }
    this.drop_pending();
    const site = frames[0]?.[0];
    const place = { task, frames, event: null, access: null };
    for (const breakpoint of this.breakpoints) {
      if (site !== undefined && breakpoint.sites?.has(site) === true && this.stops(breakpoint, place)) ids.push(breakpoint.id);
    }
    return ids.length === 0 ? null : { ids, event, access };
  }

  /** Whether it hits is asked where the execution stops, as its task has a stack only then. */
  private readonly on_event: Sink = (event) => {
    this.events.push(event);
    this.machine!.request_stop();
  };

  /** Those that stop at a tracepoint that was passed. Its task need not be the one whose statement is next. */
  private hits_on(event: TraceEvent, next: Task, frames: Frames): number[] {
    const { task } = event;
    const place = { task, frames: task === next ? frames : task === null ? [] : this.machine!.backtrace(task), event, access: null };
    return this.breakpoints.filter((breakpoint) => breakpoint.event === event.name && this.stops(breakpoint, place)).map(({ id }) => id);
  }

  private readonly on_access: AccessSink = (kind, object, key) => {
    for (const breakpoint of this.breakpoints) {
      if (!wants(breakpoint, kind, object, key)) continue;
      const begun = this.accesses.get(breakpoint) ?? [];
      begun.push(begin(this.machine!, breakpoint, kind, object, begun.length));
      this.accesses.set(breakpoint, begun);
      this.machine!.request_stop();
    }
  };

  /** The accesses since the last statement. A write of what was there already is none to who wants changes. */
  private done_accesses(): [Breakpoint, Access][] {
    return this.breakpoints.flatMap((breakpoint) => {
      const begun = this.accesses.get(breakpoint) ?? [];
      const unchanged = ({ before, after }: Access): boolean => breakpoint.data!.access === "write" && Object.is(before, after);
      return finished(begun).flatMap((access): [Breakpoint, Access][] => (unchanged(access) ? [] : [[breakpoint, access]]));
    });
  }

  /** Is this a hit that stops? Asked once for each time that a breakpoint's place is passed. */
  private stops({ id, condition, count, log }: Breakpoint, place: Place): boolean {
    if (condition !== undefined && !condition(place)) return false;
    if (count !== undefined) {
      const number = (this.counts.get(id) ?? 0) + 1;
      this.counts.set(id, number);
      if (!count(number)) return false;
    }
    if (log !== undefined && this.logging) log(place);
    return log === undefined;
  }

  private event_names(): Set<TracepointName> {
    return new Set(this.breakpoints.flatMap(({ event }) => event ?? []));
  }

  private drop_pending(): void {
    this.events = [];
    this.accesses.clear();
  }
}

/** Sees again, while the statement before a hit is executed once more, what has hit. */
export class Recall {
  private event: TraceEvent | null = null;
  private readonly accesses: Begun[] = [];
  private readonly breakpoint: Breakpoint | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly hit: Hit,
    breakpoints: readonly Breakpoint[],
  ) {
    this.breakpoint = hit.access === null ? undefined : breakpoints.find(({ id, data }) => data !== undefined && hit.ids.includes(id));
    if (hit.event !== null) (machine.sinks[hit.event.name] ??= []).push(this.on_event);
    if (this.breakpoint !== undefined) machine.access_sinks.push(this.on_access);
  }

  /** Stops to listen: the hit as it is in this execution. */
  finish(): Hit {
    const { machine, hit, breakpoint } = this;
    if (hit.event !== null) remove(machine.sinks[hit.event.name]!, this.on_event);
    if (breakpoint !== undefined) remove(machine.access_sinks, this.on_access);
    return { ids: hit.ids, event: this.event, access: hit.access === null ? null : (finished(this.accesses)[hit.access.nth] ?? null) };
  }

  private readonly on_event: Sink = (event) => {
    if (event.number === this.hit.event?.number) this.event = event;
  };

  private readonly on_access: AccessSink = (kind, object, key) => {
    if (wants(this.breakpoint!, kind, object, key)) this.accesses.push(begin(this.machine, this.breakpoint!, kind, object, this.accesses.length));
  };
}

/** Is this an access that a breakpoint on data is about? */
function wants({ data }: Breakpoint, kind: AccessKind, object: object, key: string | number): boolean {
  return data !== undefined && (data.access === kind || data.access === "readWrite") && data.location.keys.includes(key) && data.location.is(object);
}

function begin(machine: Machine, breakpoint: Breakpoint, kind: AccessKind, object: object, nth: number): Begun {
  const { current: task, cpu, events, now: step } = machine;
  return { breakpoint, object, kind, nth, step, events, time: cpu.clock, task, before: breakpoint.data!.location.value(object) };
}

/** What became of some accesses to one location, in their order: each leaves what the next one finds. */
function finished(accesses: readonly Begun[]): Access[] {
  return accesses.map(({ breakpoint, object, ...access }, at) => {
    const next = accesses.slice(at + 1).find((other) => other.object === object);
    return { ...access, after: next === undefined ? breakpoint.data!.location.value(object) : next.before };
  });
}

function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}
