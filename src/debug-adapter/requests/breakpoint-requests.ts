// Requests about breakpoints: each binds all breakpoints of its kind again, and answers with what they were bound to.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Breakpoints } from "../breakpoints/breakpoints.ts";
import type { LaunchedRun } from "../execution/execution.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { RequestResult, SendEvent } from "../protocol/request-result.ts";
import type { Sources } from "../sources/sources.ts";

type BreakpointsResult = RequestResult<{ breakpoints: DebugProtocol.Breakpoint[] }>;

export class BreakpointRequests {
  /** Breakpoints were changed since they were passed on to the execution. */
  private outdated = true;

  constructor(
    private readonly breakpoints: Breakpoints,
    private readonly sources: Sources,
    /** The run; null before a scenario was launched. */
    private readonly launched: () => LaunchedRun | null,
    /** Warns the user if the file of the scenario was changed since the launch: clients send breakpoints again after an edit. */
    private readonly checkProgram: () => Promise<unknown>,
    private readonly sendEvent: SendEvent,
  ) {}

  async setBreakpoints({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments): Promise<BreakpointsResult> {
    if (source === undefined) throw adapterErrors.malformedRequest("'source' is missing");
    const requested = requireList(breakpoints, "breakpoints").map(({ line, column, ...rest }) => {
      const clientColumn = this.sources.fromClientColumn(column);
      return { ...rest, line: this.sources.fromClientLine(line), ...(clientColumn === undefined ? {} : { column: clientColumn }) };
    });
    if (this.launched() !== null && this.sources.isLaunchedScenario(source)) await this.checkProgram();
    return this.changed(await this.breakpoints.setLines(source, requested));
  }

  setFunctionBreakpoints({ breakpoints = [] }: DebugProtocol.SetFunctionBreakpointsArguments): BreakpointsResult {
    return this.changed(this.breakpoints.setFunctions(requireList(breakpoints, "breakpoints")));
  }

  setExceptionBreakpoints({ filters = [], filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): BreakpointsResult {
    const withoutOptions = requireList(filters, "filters").map((filterId) => ({ filterId }));
    return this.changed(this.breakpoints.setFilters([...withoutOptions, ...requireList(filterOptions, "filterOptions")]));
  }

  async setDataBreakpoints({ breakpoints = [] }: DebugProtocol.SetDataBreakpointsArguments): Promise<BreakpointsResult> {
    return this.changed(await this.breakpoints.setData(requireList(breakpoints, "breakpoints"), this.launched() !== null));
  }

  async breakpointLocations({
    source,
    line,
    endLine = line,
  }: DebugProtocol.BreakpointLocationsArguments): Promise<RequestResult<DebugProtocol.BreakpointLocationsResponse["body"]>> {
    if (source === undefined) throw adapterErrors.malformedRequest("'source' is missing");
    const found = await this.sources.locationsIn(source);
    const [first, last] = [this.sources.fromClientLine(line), this.sources.fromClientLine(endLine)];
    const locations = "locations" in found ? found.locations.filter((location) => location.line >= first && location.line <= last) : [];
    return { body: { breakpoints: locations.map((location) => this.sources.toClientRange(location)) } };
  }

  /** Binds all breakpoints again, to the run or the branch that has begun, and sends a `breakpoint` event for each that has changed. */
  async rebind(): Promise<void> {
    this.sendChanged(await this.prepareRebind());
  }

  /** Binds all breakpoints again. Returns those that have changed, for `sendChanged` after the response. */
  async prepareRebind(): Promise<DebugProtocol.Breakpoint[]> {
    try {
      return await this.breakpoints.rebind();
    } finally {
      this.outdated = true;
    }
  }

  sendChanged(breakpoints: readonly DebugProtocol.Breakpoint[]): void {
    for (const breakpoint of breakpoints) this.sendEvent("breakpoint", { reason: "changed", breakpoint });
  }

  /** Passes breakpoints that were changed on to the execution. */
  sync({ debuggee, execution }: LaunchedRun): void {
    if (!this.outdated) return;
    this.outdated = false;
    execution.setBreakpoints(this.breakpoints.forEngine(debuggee));
  }

  /** An execution that runs gets changed breakpoints at once, one that is stopped before it is resumed. */
  private changed(breakpoints: DebugProtocol.Breakpoint[]): BreakpointsResult {
    this.outdated = true;
    const launched = this.launched();
    if (launched?.execution.running === true) this.sync(launched);
    return { body: { breakpoints } };
  }
}

/** An argument that has to be a list, whatever the client has sent. */
function requireList<T>(value: readonly T[], name: string): readonly T[] {
  if (!Array.isArray(value)) throw adapterErrors.malformedRequest(`'${name}' must be a list`);
  return value;
}
