// One debug session: what each request of the protocol does. How requests arrive and answers leave is session.ts.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { Breakpoints } from "../breakpoints/breakpoints.ts";
import type { Answer, Emit } from "../protocol/answer.ts";
import { errors } from "../protocol/errors.ts";
import { Execution, type Running } from "../execution/execution.ts";
import type { Host } from "../sources/host.ts";
import { Inspection, type Standing } from "./inspection.ts";
import { load } from "../launch/launch.ts";
import { checkArguments } from "../launch/launch-arguments.ts";
import { LogPrinter } from "../breakpoints/log-messages.ts";
import { Motions, type Session } from "./motions.ts";
import type { CheckedProgram, CheckProgramArguments, HexArguments, LaunchArguments, Snapshot, SnapshotArguments } from "../protocol/protocol.ts";
import { ProgressReporter } from "../execution/progress.ts";
import { Repl } from "./repl.ts";
import { traceLines, traceOf } from "./report.ts";
import { takeSnapshot } from "../values/snapshot.ts";
import { Sources } from "../sources/sources.ts";
import { shownAt, threads, type StackFrame } from "../values/stack.ts";
import { Targets } from "./targets.ts";

export class Adapter {
  readonly motions: Motions;
  readonly inspection: Inspection;
  readonly repl: Repl;
  private readonly sources: Sources;
  private readonly breakpoints: Breakpoints;
  private readonly targets: Targets;
  private readonly progress: ProgressReporter;
  private readonly logs = new LogPrinter((text, where) => this.output("console", text, where));
  private run: Running | null = null;
  private supportsInvalidated = false;
  private configured = false;
  private started = false;
  private closed = false;
  /** Breakpoints were changed since the execution was told of them. */
  private rearm = true;
  /** The text of the scenario that the client was told of last. */
  private toldOf: string | null = null;

  constructor(
    private readonly host: Host,
    private readonly emit: Emit,
    /** Does a request wait that makes the execution move? Then nobody needs to hear of where it stands. */
    moveWaits: () => boolean,
  ) {
    this.sources = new Sources(host);
    this.progress = new ProgressReporter(emit);
    this.inspection = new Inspection(this.sources, this.standing, () => this.running.execution.simulation, this.progress, moveWaits);
    this.breakpoints = new Breakpoints(this.sources, () => this.running.execution.simulation, (id, launched) => this.inspection.watch(id, launched), (message) => this.output("important", message), this.logs);
    this.targets = new Targets(this.sources);
    this.motions = new Motions(this.asSession(), this.sources, this.breakpoints, this.inspection, this.targets, emit);
    this.repl = new Repl(this.inspection, this.motions, this.sources, emit);
  }

  /** What the motions see of it. */
  private asSession(): Session {
    const adapter = (): Adapter => this;
    return {
      get running() {
        return adapter().running;
      },
      get closed() {
        return adapter().closed;
      },
      beginLate: () => this.beginLate(),
      arm: () => (this.rearm ? this.arm(this.running) : undefined),
      finish: (exit_code) => this.finish(exit_code),
      output: (category, text, more) => this.output(category, text, more),
      arrived: () => this.logs.end(),
      changeBranch: () => this.changeBranch(),
    };
  }

  // Beginning and end

  /** What the client has said of itself. */
  initialize(args: Partial<DebugProtocol.InitializeRequestArguments>): void {
    this.sources.conventions = { linesStartAt1: args.linesStartAt1 ?? true, columnsStartAt1: args.columnsStartAt1 ?? true, uris: args.pathFormat === "uri" };
    this.inspection.variables.types = args.supportsVariableType === true;
    this.inspection.variables.memory = args.supportsMemoryReferences === true;
    this.progress.enabled = args.supportsProgressReporting === true;
    this.supportsInvalidated = args.supportsInvalidatedEvent === true;
  }

  async launch(raw: unknown): Promise<Answer> {
    if (this.run !== null) throw errors.launched_already();
    const changed = await this.load(checkArguments(raw));
    return {
      after: () => {
        this.tellChanged(changed);
        return this.start();
      },
    };
  }

  /** Begins anew with the scenario as it is now; all breakpoints stay. If it has mistakes, the session goes on with the old one. */
  async restart({ arguments: raw }: { readonly arguments?: unknown }): Promise<Answer> {
    const before = this.running;
    const changed = await this.load(raw === undefined ? before.debuggee.launch : checkArguments(raw));
    before.execution.close();
    return {
      after: () => {
        this.emit("continued", { threadId: 0, allThreadsContinued: true });
        this.tellChanged(changed);
        this.started = true;
        return this.motions.begin();
      },
    };
  }

  /** Makes a run of a scenario; breakpoints that mean something else in it. */
  private async load(launch: LaunchArguments): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.sources.launch;
    this.sources.launch = launch;
    try {
      const debuggee = await load(launch, (path) => this.sources.read(path));
      this.run = { debuggee, execution: new Execution(debuggee, this.progress) };
      this.sources.debuggee = debuggee;
    } catch (error) {
      this.sources.launch = before;
      throw error;
    }
    this.inspection.restart();
    this.motions.forget();
    this.rearm = true;
    return this.breakpoints.rebind();
  }

  private tellChanged(breakpoints: readonly DebugProtocol.Breakpoint[]): void {
    for (const breakpoint of breakpoints) this.emit("breakpoint", { reason: "changed", breakpoint });
  }

  /** Is the scenario another one by now than that which runs? Whoever looks at it is told once. */
  async checkProgram({ text }: CheckProgramArguments): Promise<Answer<CheckedProgram>> {
    const { debuggee } = this.running;
    const now = text ?? (debuggee.launch.text === undefined ? await this.sources.read(debuggee.launch.program).catch(() => debuggee.text) : debuggee.text);
    const changed = now !== debuggee.text;
    if (changed && this.toldOf !== now) this.output("important", `${debuggee.program.uri} was changed: this session goes on with the text it began with. Restart it to run the new one.`);
    this.toldOf = now;
    return { body: { changed } };
  }

  /** What was known of the other branch holds no more, and objects of it may not exist in this one. */
  private async changeBranch(): Promise<void> {
    this.inspection.changeBranch();
    this.tellChanged(await this.breakpoints.rebind());
    this.rearm = true;
  }

  configurationDone(): Answer {
    this.configured = true;
    return { after: () => this.start() };
  }

  /** Ends the run, and tells the client that it is over. */
  terminate(): Answer {
    return { after: () => this.finish(null) };
  }

  disconnect(): Answer {
    this.close();
    return { after: () => this.host.end() };
  }

  /** Stops whatever runs and waits; nothing is sent any more. */
  close(): void {
    this.closed = true;
    this.run?.execution.close();
    this.sources.close();
  }

  /** Requests that wait for a file fail at once. */
  stopWaiting(): void {
    this.sources.close();
  }

  private finish(exit_code: number | null): void {
    if (this.closed) return;
    this.close();
    if (exit_code !== null) this.emit("exited", { exitCode: exit_code });
    this.emit("terminated");
  }

  // Breakpoints

  async setBreakpoints({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments): Promise<Answer<DebugProtocol.SetBreakpointsResponse["body"]>> {
    if (source === undefined) throw errors.bad_request("'source' is missing");
    const asked = list(breakpoints, "breakpoints").map(({ line, column, ...rest }) => {
      const at = this.sources.column(column);
      return { ...rest, line: this.sources.line(line), ...(at === undefined ? {} : { column: at }) };
    });
    if (this.run !== null && this.sources.isProgram(source)) await this.checkProgram({});
    return this.armed(await this.breakpoints.setLines(source, asked));
  }

  setFunctionBreakpoints({ breakpoints = [] }: DebugProtocol.SetFunctionBreakpointsArguments): Answer<DebugProtocol.SetFunctionBreakpointsResponse["body"]> {
    return this.armed(this.breakpoints.setFunctions(list(breakpoints, "breakpoints")));
  }

  setExceptionBreakpoints({ filters = [], filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): Answer<DebugProtocol.SetExceptionBreakpointsResponse["body"]> {
    return this.armed(this.breakpoints.setFilters([...list(filters, "filters").map((filterId) => ({ filterId })), ...list(filterOptions, "filterOptions")]));
  }

  async setDataBreakpoints({ breakpoints = [] }: DebugProtocol.SetDataBreakpointsArguments): Promise<Answer<DebugProtocol.SetDataBreakpointsResponse["body"]>> {
    return this.armed(await this.breakpoints.setData(list(breakpoints, "breakpoints"), this.run !== null));
  }

  private armed(breakpoints: DebugProtocol.Breakpoint[]): Answer<{ breakpoints: DebugProtocol.Breakpoint[] }> {
    this.rearm = true;
    if (this.run?.execution.running === true) this.arm(this.run);
    return { body: { breakpoints } };
  }

  private arm({ debuggee, execution }: Running): void {
    this.rearm = false;
    execution.arm(this.breakpoints.armed(debuggee));
  }

  async breakpointLocations({ source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments): Promise<Answer<DebugProtocol.BreakpointLocationsResponse["body"]>> {
    if (source === undefined) throw errors.bad_request("'source' is missing");
    const found = await this.sources.spots(source);
    const [from, to] = [this.sources.line(line), this.sources.line(endLine)];
    const spots = "spots" in found ? found.spots.filter((spot) => spot.line >= from && spot.line <= to) : [];
    return { body: { breakpoints: spots.map((spot) => this.sources.clientRange(spot)) } };
  }

  /** A client that knows no `configurationDone` begins by going on. */
  private beginLate(): boolean {
    if (this.started) return false;
    this.configured = true;
    void this.start();
    return true;
  }

  /** Begins to run, as soon as both the scenario and the breakpoints are known. */
  private async start(): Promise<void> {
    if (this.run === null || !this.configured || this.started || this.closed) return;
    this.started = true;
    await this.motions.begin();
  }

  private output(category: "console" | "stderr" | "important", text: string, more: object = {}): void {
    if (!this.closed) this.emit("output", { category, output: `${text}\n`, ...more });
  }

  // Looking at what is

  private get running(): Running {
    if (this.closed) throw errors.ended();
    if (this.run === null) throw errors.not_launched();
    return this.run;
  }

  /** The run, while it stands still. */
  private readonly standing = (): Standing => {
    const run = this.running;
    if (run.execution.running) throw errors.running();
    const { simulation } = run.execution;
    // With several sessions in one process, the kernel's globals may be another's.
    simulation.machine.activate();
    return { ...run, simulation };
  };

  threads(): Answer<DebugProtocol.ThreadsResponse["body"]> {
    if (this.run === null || this.closed) return { body: { threads: [] } };
    return { body: { threads: threads(this.run.execution.simulation, this.motions.shown?.position.threadId ?? null, this.run.execution.branch.length > 0) } };
  }

  /** A client does not want to wait any longer for something it was told the progress of. */
  cancelProgress(id: string): void {
    this.progress.cancel(id);
  }

  /** Questions that take a run on the side are not answered any more: something else is to happen. */
  dropQuestions(): void {
    this.inspection.dropQuestions();
  }

  exceptionInfo({ threadId }: DebugProtocol.ExceptionInfoArguments): Answer<DebugProtocol.ExceptionInfoResponse["body"]> {
    const { simulation, execution, debuggee } = this.standing();
    const finding = this.motions.shown?.stop.finding;
    if (finding === undefined || finding === null || this.motions.shown?.position.threadId !== threadId) throw errors.no_exception();
    const traces = finding === execution.ending?.ended.finding ? execution.ending.traces : [];
    const stacks = traces.length > 0 ? traceLines(traces, (site) => shownAt(this.sources, debuggee, site)) : traceOf(simulation, threadId, (pid) => this.inspection.stack(pid));
    const stackTrace = [...finding.lines, ...stacks].join("\n");
    return { body: { exceptionId: finding.id, description: finding.message, breakMode: "always", details: { message: finding.message, typeName: finding.id, stackTrace } } };
  }

  source({ source, sourceReference }: DebugProtocol.SourceArguments): Answer<DebugProtocol.SourceResponse["body"]> {
    return { body: { content: this.sources.text(source?.sourceReference ?? sourceReference), mimeType: "text/typescript" } };
  }

  modules({ startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments): Answer<DebugProtocol.ModulesResponse["body"]> {
    const all = this.run === null ? [] : this.sources.modules(this.run.debuggee);
    return { body: { modules: all.slice(startModule, moduleCount === 0 ? undefined : startModule + moduleCount), totalModules: all.length } };
  }

  loadedSources(): Answer<DebugProtocol.LoadedSourcesResponse["body"]> {
    return { body: { sources: this.run === null ? [] : this.sources.loaded(this.run.debuggee) } };
  }

  async gotoTargets(args: DebugProtocol.GotoTargetsArguments): Promise<Answer<DebugProtocol.GotoTargetsResponse["body"]>> {
    if (args.source === undefined) throw errors.bad_request("'source' is missing");
    this.standing();
    return { body: { targets: await this.targets.onLine(args) } };
  }

  async setVariable({ variablesReference, name, value, format }: DebugProtocol.SetVariableArguments): Promise<Answer<DebugProtocol.SetVariableResponse["body"]>> {
    this.standing();
    const found = this.inspection.variables.find(variablesReference, name);
    if (found === null || found.expression === "") throw errors.not_set(name, "it is no place of data");
    return this.set(found.expression, value, found.frame, format);
  }

  setExpression({ expression, value, frameId, format }: DebugProtocol.SetExpressionArguments): Promise<Answer<DebugProtocol.SetExpressionResponse["body"]>> {
    this.standing();
    return this.set(expression, value, frameId === undefined ? null : this.inspection.frame(frameId), format);
  }

  private async set(place: string, value: string, frame: StackFrame | null, format: DebugProtocol.ValueFormat | undefined): Promise<Answer<DebugProtocol.SetVariableResponse["body"]>> {
    const after = this.motions.set(place, value, frame);
    const { result, ...rest } = await this.inspection.evaluate({ expression: place, ...(frame === null ? {} : { frameId: frame.shown.id }), ...(format === undefined ? {} : { format }) });
    return { body: { value: result, ...rest }, ...(after === undefined ? {} : { after }) };
  }

  stepInTargets({ frameId }: DebugProtocol.StepInTargetsArguments): Answer<DebugProtocol.StepInTargetsResponse["body"]> {
    this.standing();
    return { body: { targets: this.targets.inStatement(this.inspection.frame(frameId)) } };
  }

  // Requests of our own

  snapshot(args: SnapshotArguments): Answer<Snapshot> {
    const { simulation, debuggee } = this.standing();
    if (this.motions.shown === null) throw errors.not_running();
    return { body: takeSnapshot(simulation, debuggee, this.motions.shown.position, args) };
  }

  setHex({ hex }: HexArguments): Answer {
    this.inspection.variables.hex = hex === true;
    return { after: () => (this.supportsInvalidated ? this.emit("invalidated", { areas: ["variables"] }) : undefined) };
  }
}

/** An argument that has to be a list, whatever the client has sent. */
function list<T>(value: readonly T[], name: string): readonly T[] {
  if (!Array.isArray(value)) throw errors.bad_request(`'${name}' must be a list`);
  return value;
}
