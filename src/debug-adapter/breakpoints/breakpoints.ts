// Breakpoints: where the lines, functions and events are that a client names, verified and moved at once. Whether a place
// is part of the kernel that runs is known only when a scenario was launched; then the client is told.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { PLAIN } from "../../console/paint.ts";
import { Timeline } from "../../console/timeline.ts";
import { TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import type { Breakpoint, Place } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import type { Location } from "../../engine/machine/watch.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import { parseCondition, parseCount, type Condition, type Count } from "./conditions.ts";
import type { Locals } from "../values/reach.ts";
import { FILTERS, filterNamed, type Filter } from "./filters.ts";
import type { Debuggee } from "../launch/launch.ts";
import { tracedEvents } from "../launch/launch-arguments.ts";
import { mayTellReads } from "../values/locations.ts";
import { parseLog, type Log, type LogPrinter } from "./log-messages.ts";
import { entrySpots, isInKernel, kernelFunctions, type Spot } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";

/** What a breakpoint is on, and so the reason of its stops. */
export type BreakpointKind =
  | { readonly kind: "line" | "function" | "check" }
  | { readonly kind: "event"; readonly event: TracepointName }
  | { readonly kind: "data"; readonly name: string };

/** A breakpoint that a client has set. */
interface Bound {
  readonly id: number;
  readonly on: BreakpointKind;
  /** Why it cannot be hit, for people; empty for a file that is none of ours. */
  readonly problem: string | null;
  /** Where it is; none on an event. */
  readonly spots: readonly Spot[];
  readonly condition?: Condition;
  readonly count?: Count;
  /** What is printed where it is hit, instead of stopping. */
  readonly log?: Log;
  /** The data it is on. */
  readonly data?: { readonly location: (simulation: () => Simulation) => Location; readonly access: NonNullable<Breakpoint["data"]>["access"] };
}

/** A place of data that a breakpoint is asked for. */
export interface Watched {
  readonly name: string;
  /** Why it cannot be watched, for people. */
  readonly problem: string | null;
  /** The place, in whatever execution runs; null with a problem. */
  readonly location: ((simulation: () => Simulation) => Location) | null;
}

/** The `stop` statements of the scenario are breakpoints, too. */
export const SCENARIO_STOP = -1;

type Asked = Pick<DebugProtocol.SourceBreakpoint, "condition" | "hitCondition" | "logMessage">;

export class Breakpoints {
  private lines = new Map<string, { readonly source: DebugProtocol.Source; readonly asked: readonly DebugProtocol.SourceBreakpoint[]; bound: Bound[] }>();
  private functions: Bound[] = [];
  private filters: Bound[] = [];
  private data: Bound[] = [];
  private askedData: readonly DebugProtocol.DataBreakpoint[] = [];
  private nextId = 1;
  /** Conditions whose failure was reported. */
  private readonly reported = new Set<string>();

  constructor(
    private readonly sources: Sources,
    private readonly simulation: () => Simulation,
    /** The place of data that an id means; before a scenario is launched, nothing can be said against it. */
    private readonly watch: (id: string, launched: boolean) => Promise<Watched>,
    private readonly report: (message: string) => void,
    private readonly logs: LogPrinter,
  ) {}

  /** All breakpoints of one source. */
  async setLines(source: DebugProtocol.Source, asked: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const key = this.sources.key(source);
    const bound = await this.bindLines(source, asked);
    if (asked.length === 0) this.lines.delete(key);
    else this.lines.set(key, { source, asked, bound });
    return bound.map((one) => this.answer(one));
  }

  setFunctions(asked: readonly DebugProtocol.FunctionBreakpoint[]): DebugProtocol.Breakpoint[] {
    this.functions = asked.map((one) => this.bindFunction(one));
    return this.functions.map((one) => this.answer(one));
  }

  setFilters(asked: readonly DebugProtocol.ExceptionFilterOptions[]): DebugProtocol.Breakpoint[] {
    this.filters = asked.map(({ filterId, condition }) => this.bindFilter(filterId, condition));
    return this.filters.map((one) => this.answer(one));
  }

  async setData(asked: readonly DebugProtocol.DataBreakpoint[], launched: boolean): Promise<DebugProtocol.Breakpoint[]> {
    const bound = await this.bindData(asked, launched);
    this.askedData = asked;
    this.data = bound;
    return bound.map((one) => this.answer(one));
  }

  /** A scenario was launched, or another branch is looked at: breakpoints that mean something else by that, as `breakpoint` events tell. */
  async rebind(): Promise<DebugProtocol.Breakpoint[]> {
    const changed: DebugProtocol.Breakpoint[] = [];
    /** The same breakpoints, bound anew. */
    const again = (before: readonly Bound[], after: readonly Bound[]): Bound[] =>
      after.map((one, at) => {
        const same = { ...one, id: before[at]!.id };
        if (JSON.stringify(this.answer(same)) !== JSON.stringify(this.answer(before[at]!))) changed.push(this.answer(same));
        return same;
      });
    for (const entry of this.lines.values()) entry.bound = again(entry.bound, await this.bindLines(entry.source, entry.asked));
    this.data = again(this.data, await this.bindData(this.askedData, true));
    this.functions = this.functions.map((one) => {
      const now = { ...one, problem: one.problem ?? this.missing(one.spots), spots: this.ownFirst(one.spots) };
      if (JSON.stringify(this.answer(now)) !== JSON.stringify(this.answer(one))) changed.push(this.answer(now));
      return now;
    });
    return changed;
  }

  /** What the recording has to stop at, and what it prints. */
  armed(debuggee: Debuggee): Breakpoint[] {
    const traced = this.traced(debuggee);
    if (debuggee.launch.noDebug === true) return traced;
    const stops = this.sources.scenarioSites(debuggee.statements.filter(({ kind }) => kind === "stop"));
    return [...traced, ...(stops.size === 0 ? [] : [{ id: SCENARIO_STOP, sites: stops }]), ...this.all().flatMap((one) => this.arm(one))];
  }

  private traced(debuggee: Debuggee): Breakpoint[] {
    const { program, launch } = debuggee;
    const timeline = new Timeline(PLAIN, (statement) => debuggee.quote(statement), program.machine.cpus, program.tasks.map(({ name }) => name));
    const log = ({ event }: Place): void => this.logs.message(timeline.line(event!), {});
    return tracedEvents(launch).map((event) => ({ id: SCENARIO_STOP, event, log }));
  }

  /** Is the end of a run, with what was found there, a stop of this filter? Its condition sees `locals`. */
  stopsAt(name: Filter["filter"], task: Task | null, locals: Locals): boolean {
    const event = filterNamed(name)?.event;
    return this.filters.some(({ on, problem, condition }) => {
      const meant = on.kind === "check" ? event === "check_failed" : on.kind === "event" && on.event === event;
      return meant && problem === null && (condition?.({ task, frames: [[-1, locals]], event: null, access: null }) ?? true);
    });
  }

  /** What a breakpoint is on, by its id. */
  kindOf(id: number): BreakpointKind | undefined {
    return this.all().find((one) => one.id === id)?.on;
  }

  private all(): Bound[] {
    return [...[...this.lines.values()].flatMap(({ bound }) => bound), ...this.functions, ...this.filters, ...this.data];
  }

  private arm({ id, on, problem, spots, condition, count, log, data }: Bound): Breakpoint[] {
    if (problem !== null) return [];
    const event = on.kind === "event" ? on.event : on.kind === "check" ? ("check_failed" as const) : undefined;
    const statements = { sites: new Set(spots.map(({ site }) => site)) };
    const place = data !== undefined ? { data: { location: data.location(this.simulation), access: data.access } } : event === undefined ? statements : { event };
    return [{ id, ...place, ...(condition === undefined ? {} : { condition }), ...(count === undefined ? {} : { count }), ...(log === undefined ? {} : { log: (at: Place) => this.print(log(at), spots[0]) }) }];
  }

  private print(text: string, spot: Spot | undefined): void {
    const place = spot === undefined || this.sources.debuggee === null ? null : this.sources.place(spot.site, this.sources.debuggee);
    this.logs.message(text, place === null ? {} : { source: place.source, ...startOf(this.sources.clientRange(place.range)) });
  }

  private async bindLines(source: DebugProtocol.Source, asked: readonly DebugProtocol.SourceBreakpoint[]): Promise<Bound[]> {
    const statements = await this.sources.spots(source);
    return asked.map((one) => {
      if ("problem" in statements) return this.bound({ kind: "line" }, statements.problem, [], one);
      const spot = nearest(statements.spots, one.line, one.column);
      if (spot === undefined) return this.bound({ kind: "line" }, "There is no statement on this line or behind it.", [], one);
      return this.bound({ kind: "line" }, this.missing([spot]), [spot], one);
    });
  }

  private async bindData(asked: readonly DebugProtocol.DataBreakpoint[], launched: boolean): Promise<Bound[]> {
    const bound: Bound[] = [];
    for (const { dataId, accessType = "write", ...one } of asked) {
      const { name, problem, location } = await this.watch(dataId, launched);
      const untold = accessType !== "write" && !mayTellReads(name) ? "The kernel does not tell reads of this: it reads it under its lock. Writes can stop." : null;
      bound.push({ ...this.bound({ kind: "data", name }, problem ?? untold, [], one), ...(location === null ? {} : { data: { location, access: accessType } }) });
    }
    return bound;
  }

  private bindFunction(asked: DebugProtocol.FunctionBreakpoint): Bound {
    const name = asked.name.trim().replace(/\(\)$/, "");
    if (Object.hasOwn(TRACEPOINTS, name)) return this.bound({ kind: "event", event: name as TracepointName }, null, [], asked);
    const spots = this.ownFirst(entrySpots(name));
    if (spots.length > 0) return this.bound({ kind: "function" }, this.missing(spots), spots, asked);
    const near = suggest(name, [...kernelFunctions(), ...Object.keys(TRACEPOINTS)]);
    return this.bound({ kind: "function" }, `There is no kernel function or tracepoint '${name}'.${near === undefined ? "" : ` Did you mean '${near}'?`}`, [], asked);
  }

  private bindFilter(name: string, condition: string | undefined): Bound {
    const filter = filterNamed(name);
    const asked = condition === undefined ? {} : { condition };
    if (filter === undefined) return this.bound({ kind: "function" }, `There is no filter '${name}'. There are ${FILTERS.map((one) => one.filter).join(", ")}.`, [], asked);
    return this.bound(filter.event === "check_failed" ? { kind: "check" } : { kind: "event", event: filter.event }, null, [], asked);
  }

  private bound(on: BreakpointKind, problem: string | null, spots: readonly Spot[], { condition, hitCondition, logMessage }: Asked): Bound {
    const id = this.nextId++;
    const bound = { id, on, spots };
    const test = blank(condition) ? undefined : parseCondition(condition!, this.simulation, (message) => this.reportOnce(message));
    if (typeof test === "object") return { ...bound, problem: problem ?? test.mistake };
    const count = blank(hitCondition) ? undefined : parseCount(hitCondition!);
    if (typeof count === "object") return { ...bound, problem: problem ?? count.mistake };
    const log = blank(logMessage) ? undefined : parseLog(logMessage!, this.simulation);
    if (typeof log === "object") return { ...bound, problem: problem ?? log.mistake };
    return { ...bound, problem, ...(log === undefined ? {} : { log }), ...(test === undefined ? {} : { condition: test }), ...(count === undefined ? {} : { count }) };
  }

  /** Places of a function that several kernels have, those of the kernel that runs first: the first is what a client is told. */
  private ownFirst(spots: readonly Spot[]): readonly Spot[] {
    const { kernel } = this.sources;
    return kernel === null ? spots : [...spots.filter(({ site }) => isInKernel(site, kernel)), ...spots.filter(({ site }) => !isInKernel(site, kernel))];
  }

  /** Why none of these places can be reached in the kernel that runs; null if one can, or if none runs yet. */
  private missing(spots: readonly Spot[]): string | null {
    const kernel = this.sources.kernel;
    if (kernel === null || spots.length === 0 || spots.some(({ site }) => this.sources.isScenarioSite(site) || isInKernel(site, kernel))) return null;
    return `This is not part of the kernel that runs, ${kernel}.`;
  }

  private answer({ id, problem, spots }: Bound): DebugProtocol.Breakpoint {
    const [spot] = spots;
    const where = spot === undefined || problem !== null ? {} : this.sources.clientRange(spot);
    return { id, verified: problem === null, ...where, ...(problem === null || problem === "" ? {} : { message: problem }) };
  }

  private reportOnce(message: string): void {
    if (this.reported.has(message)) return;
    this.reported.add(message);
    this.report(message);
  }
}

function startOf({ line, column }: { readonly line: number; readonly column: number }): { line: number; column: number } {
  return { line, column };
}

function blank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}

/** The first statement of the line, or at the column; if there is none, the first behind. */
function nearest(spots: readonly Spot[], line: number, column: number | undefined): Spot | undefined {
  const from = spots.find((spot) => spot.line > line || (spot.line === line && spot.column >= (column ?? 0)));
  if (column === undefined || from?.line === line) return from;
  // Behind the last statement of a line, that statement is meant.
  return spots.findLast((spot) => spot.line === line) ?? from;
}
