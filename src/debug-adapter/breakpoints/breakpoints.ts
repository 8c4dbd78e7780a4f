// Breakpoints: binds the lines, functions, tracepoints and data that a client names, and verifies and moves them at once. Whether
// a location is part of the kernel that runs is known only when a scenario was launched; breakpoints are bound again then.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { UNSTYLED } from "../../console/text-style.ts";
import { Timeline } from "../../console/timeline.ts";
import { TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import type { Breakpoint, BreakpointContext } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import type { Location } from "../../engine/machine/data_access.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import { parseCondition, parseHitCondition, type Condition, type HitCondition } from "./conditions.ts";
import type { Locals } from "../values/frame-scope.ts";
import { EXCEPTION_FILTERS, findExceptionFilter, type ExceptionFilter } from "./exception-filters.ts";
import type { Debuggee } from "../launch/debuggee.ts";
import { launchTracepoints } from "../launch/launch-arguments.ts";
import { mayReportReads } from "../values/data-locations.ts";
import { parseLogMessage, type LogMessage, type LogPrinter } from "./log-messages.ts";
import { entryLocations, isInKernel, kernelFunctions, type SourceLocation } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";

/** What a breakpoint is on, and so the reason of its stops. */
export type BreakpointKind =
  | { readonly kind: "line" | "function" | "check" }
  | { readonly kind: "event"; readonly event: TracepointName }
  | { readonly kind: "data"; readonly name: string };

/** A breakpoint that a client has set, bound to what it can be hit at. */
interface BoundBreakpoint {
  readonly id: number;
  readonly on: BreakpointKind;
  /** Why it cannot be hit, for the user; empty for a file of another debugger. */
  readonly problem: string | null;
  /** Where it is; none on a tracepoint. */
  readonly sourceLocations: readonly SourceLocation[];
  readonly condition?: Condition;
  readonly hitCondition?: HitCondition;
  /** What is printed where it is hit, instead of stopping. */
  readonly log?: LogMessage;
  /** The data it is on. */
  readonly data?: {
    readonly location: (simulation: () => Simulation) => Location;
    readonly access: NonNullable<Breakpoint["data"]>["access"];
  };
}

/** A data location that a breakpoint was requested on. */
export interface DataBreakpointLocation {
  readonly name: string;
  /** Why it cannot be watched, for the user. */
  readonly problem: string | null;
  /** The location, in the execution that runs when it is requested for; null with a problem. */
  readonly location: ((simulation: () => Simulation) => Location) | null;
}

/** The `stop` statements of the scenario are breakpoints, too. */
export const SCENARIO_STOP = -1;

type RequestedOptions = Pick<DebugProtocol.SourceBreakpoint, "condition" | "hitCondition" | "logMessage">;

export class Breakpoints {
  private lines = new Map<
    string,
    { readonly source: DebugProtocol.Source; readonly requested: readonly DebugProtocol.SourceBreakpoint[]; bound: BoundBreakpoint[] }
  >();
  private functions: BoundBreakpoint[] = [];
  private filters: BoundBreakpoint[] = [];
  private data: BoundBreakpoint[] = [];
  private requestedData: readonly DebugProtocol.DataBreakpoint[] = [];
  private nextId = 1;
  /** Conditions that could not be evaluated, and whose error was reported. */
  private readonly reported = new Set<string>();

  constructor(
    private readonly sources: Sources,
    private readonly simulation: () => Simulation,
    /** Resolves the id of a data breakpoint; before a scenario is launched every name is accepted. */
    private readonly resolveData: (id: string, launched: boolean) => Promise<DataBreakpointLocation>,
    private readonly reportError: (message: string) => void,
    private readonly logPrinter: LogPrinter,
  ) {}

  /** Replaces all breakpoints of one source. */
  async setLines(source: DebugProtocol.Source, requested: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const key = this.sources.key(source);
    const bound = await this.bindLines(source, requested);
    if (requested.length === 0) this.lines.delete(key);
    else this.lines.set(key, { source, requested, bound });
    return bound.map((one) => this.toProtocol(one));
  }

  setFunctions(requested: readonly DebugProtocol.FunctionBreakpoint[]): DebugProtocol.Breakpoint[] {
    this.functions = requested.map((one) => this.bindFunction(one));
    return this.functions.map((one) => this.toProtocol(one));
  }

  setFilters(requested: readonly DebugProtocol.ExceptionFilterOptions[]): DebugProtocol.Breakpoint[] {
    this.filters = requested.map(({ filterId, condition }) => this.bindFilter(filterId, condition));
    return this.filters.map((one) => this.toProtocol(one));
  }

  async setData(requested: readonly DebugProtocol.DataBreakpoint[], launched: boolean): Promise<DebugProtocol.Breakpoint[]> {
    const bound = await this.bindData(requested, launched);
    this.requestedData = requested;
    this.data = bound;
    return bound.map((one) => this.toProtocol(one));
  }

  /** Binds all breakpoints again, after a launch or in another branch. Returns those that have changed by that, for `breakpoint` events. */
  async rebind(): Promise<DebugProtocol.Breakpoint[]> {
    const changed: DebugProtocol.Breakpoint[] = [];
    /** The same breakpoints, bound again: their ids stay. */
    const keepIds = (before: readonly BoundBreakpoint[], after: readonly BoundBreakpoint[]): BoundBreakpoint[] =>
      after.map((one, at) => {
        const same = { ...one, id: before[at]!.id };
        if (JSON.stringify(this.toProtocol(same)) !== JSON.stringify(this.toProtocol(before[at]!))) changed.push(this.toProtocol(same));
        return same;
      });
    for (const entry of this.lines.values()) entry.bound = keepIds(entry.bound, await this.bindLines(entry.source, entry.requested));
    this.data = keepIds(this.data, await this.bindData(this.requestedData, true));
    this.functions = this.functions.map((one) => {
      const now = {
        ...one,
        problem: one.problem ?? this.whyUnreachable(one.sourceLocations),
        sourceLocations: this.launchedKernelFirst(one.sourceLocations),
      };
      if (JSON.stringify(this.toProtocol(now)) !== JSON.stringify(this.toProtocol(one))) changed.push(this.toProtocol(now));
      return now;
    });
    return changed;
  }

  /** The breakpoints as the engine takes them: what the execution stops at, and what it prints. */
  forEngine(debuggee: Debuggee): Breakpoint[] {
    const traced = this.tracedTracepoints(debuggee);
    if (debuggee.launch.noDebug === true) return traced;
    const stops = this.sources.scenarioSites(debuggee.statements.filter(({ kind }) => kind === "stop"));
    return [
      ...traced,
      ...(stops.size === 0 ? [] : [{ id: SCENARIO_STOP, sites: stops }]),
      ...this.allBound().flatMap((one) => this.toEngineBreakpoints(one)),
    ];
  }

  private tracedTracepoints(debuggee: Debuggee): Breakpoint[] {
    const { program, launch } = debuggee;
    const timeline = new Timeline(
      UNSTYLED,
      (statement) => debuggee.quote(statement),
      program.machine.cpus,
      program.tasks.map(({ name }) => name),
    );
    const log = ({ event }: BreakpointContext): void => this.logPrinter.print(timeline.line(event!), {});
    return launchTracepoints(launch).map((event) => ({ id: SCENARIO_STOP, event, log }));
  }

  /** Does the filter stop at this end of a run? Its condition is evaluated with `locals`. */
  stopsAtException(name: ExceptionFilter["filter"], task: Task | null, locals: Locals): boolean {
    const event = findExceptionFilter(name)?.event;
    return this.filters.some(({ on, problem, condition }) => {
      const meant = on.kind === "check" ? event === "check_failed" : on.kind === "event" && on.event === event;
      return meant && problem === null && (condition?.({ task, frames: [[-1, locals]], event: null, access: null }) ?? true);
    });
  }

  /** What a breakpoint is on, by its id. */
  kindOfBreakpoint(id: number): BreakpointKind | undefined {
    return this.allBound().find((one) => one.id === id)?.on;
  }

  private allBound(): BoundBreakpoint[] {
    return [...[...this.lines.values()].flatMap(({ bound }) => bound), ...this.functions, ...this.filters, ...this.data];
  }

  private toEngineBreakpoints({ id, on, problem, sourceLocations, condition, hitCondition, log, data }: BoundBreakpoint): Breakpoint[] {
    if (problem !== null) return [];
    const event = on.kind === "event" ? on.event : on.kind === "check" ? ("check_failed" as const) : undefined;
    const statements = { sites: new Set(sourceLocations.map(({ site }) => site)) };
    const place =
      data !== undefined
        ? { data: { location: data.location(this.simulation), access: data.access } }
        : event === undefined
          ? statements
          : { event };
    return [
      {
        id,
        ...place,
        ...(condition === undefined ? {} : { condition }),
        ...(hitCondition === undefined ? {} : { hit_condition: hitCondition }),
        ...(log === undefined ? {} : { log: (at: BreakpointContext) => this.printLogMessage(log(at), sourceLocations[0]) }),
      },
    ];
  }

  private printLogMessage(text: string, location: SourceLocation | undefined): void {
    const place =
      location === undefined || this.sources.debuggee === null ? null : this.sources.locate(location.site, this.sources.debuggee);
    this.logPrinter.print(text, place === null ? {} : { source: place.source, ...startOf(this.sources.toClientRange(place.range)) });
  }

  private async bindLines(source: DebugProtocol.Source, requested: readonly DebugProtocol.SourceBreakpoint[]): Promise<BoundBreakpoint[]> {
    const statements = await this.sources.locationsIn(source);
    return requested.map((one) => {
      if ("problem" in statements) return this.bindOptions({ kind: "line" }, statements.problem, [], one);
      const location = nearestLocation(statements.locations, one.line, one.column);
      if (location === undefined) return this.bindOptions({ kind: "line" }, "There is no statement on this line or behind it.", [], one);
      return this.bindOptions({ kind: "line" }, this.whyUnreachable([location]), [location], one);
    });
  }

  private async bindData(requested: readonly DebugProtocol.DataBreakpoint[], launched: boolean): Promise<BoundBreakpoint[]> {
    const bound: BoundBreakpoint[] = [];
    for (const { dataId, accessType = "write", ...one } of requested) {
      const { name, problem, location } = await this.resolveData(dataId, launched);
      const unreported =
        accessType !== "write" && !mayReportReads(name)
          ? "Reads of this are not reported, as the kernel reads it under its lock. Writes can stop."
          : null;
      bound.push({
        ...this.bindOptions({ kind: "data", name }, problem ?? unreported, [], one),
        ...(location === null ? {} : { data: { location, access: accessType } }),
      });
    }
    return bound;
  }

  private bindFunction(requested: DebugProtocol.FunctionBreakpoint): BoundBreakpoint {
    const name = requested.name.trim().replace(/\(\)$/, "");
    if (Object.hasOwn(TRACEPOINTS, name)) return this.bindOptions({ kind: "event", event: name as TracepointName }, null, [], requested);
    const locations = this.launchedKernelFirst(entryLocations(name));
    if (locations.length > 0) return this.bindOptions({ kind: "function" }, this.whyUnreachable(locations), locations, requested);
    const near = nearestName(name, [...kernelFunctions(), ...Object.keys(TRACEPOINTS)]);
    return this.bindOptions(
      { kind: "function" },
      `There is no kernel function or tracepoint '${name}'.${near === undefined ? "" : ` Did you mean '${near}'?`}`,
      [],
      requested,
    );
  }

  private bindFilter(name: string, condition: string | undefined): BoundBreakpoint {
    const filter = findExceptionFilter(name);
    const requested = condition === undefined ? {} : { condition };
    if (filter === undefined)
      return this.bindOptions(
        { kind: "function" },
        `There is no filter '${name}'. There are ${EXCEPTION_FILTERS.map((one) => one.filter).join(", ")}.`,
        [],
        requested,
      );
    return this.bindOptions(
      filter.event === "check_failed" ? { kind: "check" } : { kind: "event", event: filter.event },
      null,
      [],
      requested,
    );
  }

  private bindOptions(
    on: BreakpointKind,
    problem: string | null,
    locations: readonly SourceLocation[],
    { condition, hitCondition, logMessage }: RequestedOptions,
  ): BoundBreakpoint {
    const id = this.nextId++;
    const bound = { id, on, sourceLocations: locations };
    const test = isBlank(condition) ? undefined : parseCondition(condition!, this.simulation, (message) => this.reportOnce(message));
    if (typeof test === "object") return { ...bound, problem: problem ?? test.mistake };
    const hits = isBlank(hitCondition) ? undefined : parseHitCondition(hitCondition!);
    if (typeof hits === "object") return { ...bound, problem: problem ?? hits.mistake };
    const log = isBlank(logMessage) ? undefined : parseLogMessage(logMessage!, this.simulation);
    if (typeof log === "object") return { ...bound, problem: problem ?? log.mistake };
    return {
      ...bound,
      problem,
      ...(log === undefined ? {} : { log }),
      ...(test === undefined ? {} : { condition: test }),
      ...(hits === undefined ? {} : { hitCondition: hits }),
    };
  }

  /** Locations of a function that several kernels have, those of the kernel that runs first: the first one is reported to the client. */
  private launchedKernelFirst(locations: readonly SourceLocation[]): readonly SourceLocation[] {
    const { kernel } = this.sources;
    return kernel === null
      ? locations
      : [...locations.filter(({ site }) => isInKernel(site, kernel)), ...locations.filter(({ site }) => !isInKernel(site, kernel))];
  }

  /** Why none of these locations can be reached in the kernel that runs; null if one can, or before a launch. */
  private whyUnreachable(locations: readonly SourceLocation[]): string | null {
    const kernel = this.sources.kernel;
    if (
      kernel === null ||
      locations.length === 0 ||
      locations.some(({ site }) => this.sources.isScenarioSite(site) || isInKernel(site, kernel))
    )
      return null;
    return `This is not part of the kernel that runs, ${kernel}.`;
  }

  private toProtocol({ id, problem, sourceLocations }: BoundBreakpoint): DebugProtocol.Breakpoint {
    const [location] = sourceLocations;
    const where = location === undefined || problem !== null ? {} : this.sources.toClientRange(location);
    return { id, verified: problem === null, ...where, ...(problem === null || problem === "" ? {} : { message: problem }) };
  }

  private reportOnce(message: string): void {
    if (this.reported.has(message)) return;
    this.reported.add(message);
    this.reportError(message);
  }
}

function startOf({ line, column }: { readonly line: number; readonly column: number }): { line: number; column: number } {
  return { line, column };
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}

/** The first statement of the line, or at the column; if there is none, the first one behind it. */
function nearestLocation(locations: readonly SourceLocation[], line: number, column: number | undefined): SourceLocation | undefined {
  const from = locations.find((location) => location.line > line || (location.line === line && location.column >= (column ?? 0)));
  if (column === undefined || from?.line === line) return from;
  // Behind the last statement of a line, that statement is meant.
  return locations.findLast((location) => location.line === line) ?? from;
}
