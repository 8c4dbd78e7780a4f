// One debug session: what each request of the protocol does. How requests arrive and answers leave is session.ts.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Stop } from "../engine/machine/recording.ts";
import { Breakpoints } from "./breakpoints.ts";
import { errors } from "./errors.ts";
import { Execution, type StepKind } from "./execution.ts";
import type { Host } from "./host.ts";
import { Inspection, type Standing } from "./inspection.ts";
import { check_arguments, load, type Debuggee } from "./launch.ts";
import type { HexArguments, Position, ReverseArguments, Snapshot, SnapshotArguments } from "./protocol.ts";
import { check_outputs, summary, trace_lines, trace_of } from "./report.ts";
import { take_snapshot } from "./snapshot.ts";
import { Sources } from "./sources.ts";
import { shown_at, threads } from "./stack.ts";
import { describe_stop, position_of, stopped_body, thread_of, type Ended, type ShownStop } from "./stops.ts";

/** What a request is answered with, and what is to be done when the answer has left. */
export interface Answer<B = unknown> {
  readonly body?: B;
  readonly after?: () => void | Promise<void>;
}

/** Sends an event to the client. */
export type Emit = (event: string, body?: object) => void;

type Motion = "entry" | "step" | "continue";

/** All that exists once a scenario was launched. */
interface Running {
  readonly debuggee: Debuggee;
  readonly execution: Execution;
}

export class Adapter {
  private readonly sources: Sources;
  private readonly breakpoints: Breakpoints;
  private readonly inspection: Inspection;
  private run: Running | null = null;
  private supports_invalidated = false;
  private configured = false;
  private started = false;
  private closed = false;
  /** Breakpoints were changed since the execution was told of them. */
  private rearm = true;
  /** The stop at hand, as the client was told of it. */
  private shown: { readonly stop: ShownStop; readonly position: Position } | null = null;
  /** How the run ends, once that was reached. */
  private ended: Ended | null = null;

  constructor(
    private readonly host: Host,
    private readonly emit: Emit,
  ) {
    this.sources = new Sources(host);
    this.inspection = new Inspection(this.sources, this.standing, () => this.running.execution.simulation);
    this.breakpoints = new Breakpoints(this.sources, () => this.running.execution.simulation, (id, launched) => this.inspection.watch(id, launched), (message) => this.output("important", message));
  }

  // Beginning and end

  /** What the client has said of itself. */
  initialize(args: Partial<DebugProtocol.InitializeRequestArguments>): void {
    this.sources.conventions = { linesStartAt1: args.linesStartAt1 ?? true, columnsStartAt1: args.columnsStartAt1 ?? true, uris: args.pathFormat === "uri" };
    this.inspection.variables.types = args.supportsVariableType === true;
    this.supports_invalidated = args.supportsInvalidatedEvent === true;
  }

  async launch(raw: unknown): Promise<Answer> {
    if (this.run !== null) throw errors.launched_already();
    const launch = check_arguments(raw);
    this.sources.launch = launch;
    try {
      const debuggee = await load(launch, (path) => this.sources.read(path));
      this.run = { debuggee, execution: new Execution(debuggee) };
      this.sources.debuggee = debuggee;
    } catch (error) {
      this.sources.launch = null;
      throw error;
    }
    const changed = await this.breakpoints.launched();
    return {
      after: () => {
        for (const breakpoint of changed) this.emit("breakpoint", { reason: "changed", breakpoint });
        return this.start();
      },
    };
  }

  configuration_done(): Answer {
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
  stop_waiting(): void {
    this.sources.close();
  }

  private finish(exit_code: number | null): void {
    if (this.closed) return;
    this.close();
    if (exit_code !== null) this.emit("exited", { exitCode: exit_code });
    this.emit("terminated");
  }

  // Breakpoints

  async set_breakpoints({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments): Promise<Answer<DebugProtocol.SetBreakpointsResponse["body"]>> {
    if (source === undefined) throw errors.bad_request("'source' is missing");
    const asked = list(breakpoints, "breakpoints").map(({ line, column, ...rest }) => {
      const at = this.sources.column(column);
      return { ...rest, line: this.sources.line(line), ...(at === undefined ? {} : { column: at }) };
    });
    return this.armed(await this.breakpoints.set_lines(source, asked));
  }

  set_function_breakpoints({ breakpoints = [] }: DebugProtocol.SetFunctionBreakpointsArguments): Answer<DebugProtocol.SetFunctionBreakpointsResponse["body"]> {
    return this.armed(this.breakpoints.set_functions(list(breakpoints, "breakpoints")));
  }

  set_exception_breakpoints({ filters = [], filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): Answer<DebugProtocol.SetExceptionBreakpointsResponse["body"]> {
    return this.armed(this.breakpoints.set_filters([...list(filters, "filters").map((filterId) => ({ filterId })), ...list(filterOptions, "filterOptions")]));
  }

  data_breakpoint_info(args: DebugProtocol.DataBreakpointInfoArguments): Answer<DebugProtocol.DataBreakpointInfoResponse["body"]> {
    return { body: this.inspection.data_breakpoint_info(args) };
  }

  async set_data_breakpoints({ breakpoints = [] }: DebugProtocol.SetDataBreakpointsArguments): Promise<Answer<DebugProtocol.SetDataBreakpointsResponse["body"]>> {
    return this.armed(await this.breakpoints.set_data(list(breakpoints, "breakpoints"), this.run !== null));
  }

  private armed(breakpoints: DebugProtocol.Breakpoint[]): Answer<{ breakpoints: DebugProtocol.Breakpoint[] }> {
    this.rearm = true;
    if (this.run?.execution.running === true) this.arm(this.run);
    return { body: { breakpoints } };
  }

  private arm({ debuggee, execution }: Running): void {
    this.rearm = false;
    execution.arm(debuggee.launch.noDebug === true ? [] : this.breakpoints.armed(debuggee));
  }

  async breakpoint_locations({ source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments): Promise<Answer<DebugProtocol.BreakpointLocationsResponse["body"]>> {
    if (source === undefined) throw errors.bad_request("'source' is missing");
    const found = await this.sources.spots(source);
    const [from, to] = [this.sources.line(line), this.sources.line(endLine)];
    const spots = "spots" in found ? found.spots.filter((spot) => spot.line >= from && spot.line <= to) : [];
    return { body: { breakpoints: spots.map((spot) => this.sources.client_range(spot)) } };
  }

  // Motions

  resume(): Answer<DebugProtocol.ContinueResponse["body"]> {
    const { after } = this.forward("continue", null, 0);
    return { body: { allThreadsContinued: true }, ...(after === undefined ? {} : { after }) };
  }

  step(kind: StepKind, { threadId }: { threadId: number }): Answer {
    return this.forward("step", kind, threadId);
  }

  private forward(motion: Motion, step: StepKind | null, pid: number): Answer {
    const { execution } = this.running;
    if (this.begin_late()) return {};
    this.check_stopped(execution, step === null ? null : pid);
    if (execution.final !== null) return { after: () => (step === null ? this.finish(this.ended?.exit_code ?? 0) : this.announce()) };
    return { after: () => this.move(motion, () => execution.forward(step, pid)) };
  }

  reverse_continue(): Answer {
    return this.backward("continue", null, 0);
  }

  step_back({ threadId }: { threadId: number }): Answer {
    return this.backward("step", "over", threadId);
  }

  reverse({ kind, threadId }: ReverseArguments): Answer {
    const step = ({ next: "over", stepIn: "into", stepOut: "out" } as const)[kind];
    if (step === undefined) throw errors.bad_request("'kind' must be next, stepIn or stepOut");
    const { after } = this.backward("step", step, threadId);
    return {
      after: () => {
        this.emit("continued", { threadId, allThreadsContinued: true });
        return after?.();
      },
    };
  }

  private backward(motion: Motion, step: StepKind | null, pid: number): Answer {
    const { execution } = this.running;
    if (this.begin_late()) return {};
    this.check_stopped(execution, step === null ? null : pid);
    if (execution.stop.step <= 1) return { after: () => this.move("entry", () => execution.start()) };
    return { after: () => this.move(motion, () => execution.backward(step, pid)) };
  }

  pause(): Answer {
    this.running.execution.pause();
    return {};
  }

  /** A client that knows no `configurationDone` begins by going on. */
  private begin_late(): boolean {
    if (this.started) return false;
    this.configured = true;
    void this.start();
    return true;
  }

  private check_stopped(execution: Execution, pid: number | null): void {
    if (execution.running) throw errors.running();
    if (pid !== null && execution.simulation.machine.tasks[pid - 1] === undefined) throw errors.no_thread(pid);
  }

  /** Begins to run, as soon as both the scenario and the breakpoints are known. */
  private async start(): Promise<void> {
    if (this.run === null || !this.configured || this.started || this.closed) return;
    this.started = true;
    const { execution, debuggee } = this.run;
    const { stopOnEntry, noDebug } = debuggee.launch;
    if (stopOnEntry === true && noDebug !== true) await this.move("entry", () => execution.start());
    else await this.move("continue", () => execution.forward(null, 0));
  }

  private async move(motion: Motion, go: () => Promise<Stop | null>): Promise<void> {
    const run = this.running;
    this.inspection.forget();
    this.shown = null;
    if (this.rearm) this.arm(run);
    const stop = await go();
    if (stop !== null && !this.closed) this.arrive(run, stop, motion);
  }

  private arrive({ execution, debuggee }: Running, stop: Stop, motion: Motion): void {
    const { simulation, recording } = execution;
    if (stop.outcome !== null) this.reach_end(execution, stop);
    const ended = stop.outcome === null ? null : this.ended;
    const shown = describe_stop(stop, execution.paused ? "pause" : motion, this.breakpoints, ended);
    const { noDebug, stopAtEnd = true } = debuggee.launch;
    if (ended !== null && (noDebug === true || (!stopAtEnd && shown.finding === null))) return this.finish(ended.exit_code);
    this.shown = { stop: shown, position: position_of(stop, recording.furthest, shown, thread_of(stop, simulation)) };
    this.announce();
  }

  /** The end was reached: the first time, the client is told what it amounts to. */
  private reach_end({ ending, simulation }: Execution, stop: Stop): void {
    if (this.ended !== null || ending === null) return;
    const { ended, checks } = ending;
    this.ended = ended;
    const { debuggee } = this.running;
    const source = this.sources.scenario_source(debuggee);
    for (const { text, line } of check_outputs(checks)) this.output("stderr", text, { source, line: this.sources.client_range({ line, column: 1, endLine: line, endColumn: 1 }).line });
    if (ended.finding?.filter === "bug" || ended.exit_code > 1) this.output("stderr", [ended.finding?.message ?? ended.what, ...(ended.finding?.lines ?? [])].join("\n  "));
    this.output("console", summary(simulation, checks, stop, ended));
  }

  /** Tells the client, once more perhaps, where the execution stands. */
  private announce(): void {
    if (this.shown === null) return;
    const { stop, position } = this.shown;
    this.emit("stopped", stopped_body(stop, position));
    this.emit("lockbreak/moved", position);
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
    return { body: { threads: threads(this.run.execution.simulation, this.shown?.position.threadId ?? null) } };
  }

  stack_trace({ threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments): Answer<DebugProtocol.StackTraceResponse["body"]> {
    const stack = this.inspection.stack(threadId);
    const part = stack.slice(startFrame, levels === 0 ? undefined : startFrame + levels);
    return { body: { stackFrames: part.map(({ shown }) => shown), totalFrames: stack.length } };
  }

  scopes({ frameId }: DebugProtocol.ScopesArguments): Answer<DebugProtocol.ScopesResponse["body"]> {
    return { body: { scopes: this.inspection.scopes(frameId) } };
  }

  list_variables(args: DebugProtocol.VariablesArguments): Answer<DebugProtocol.VariablesResponse["body"]> {
    return { body: { variables: this.inspection.list(args) } };
  }

  async evaluate(args: DebugProtocol.EvaluateArguments): Promise<Answer<DebugProtocol.EvaluateResponse["body"]>> {
    return { body: await this.inspection.evaluate(args) };
  }

  /** Questions that take a run on the side are not answered any more: something else is to happen. */
  drop_questions(): void {
    this.inspection.drop_questions();
  }

  exception_info({ threadId }: DebugProtocol.ExceptionInfoArguments): Answer<DebugProtocol.ExceptionInfoResponse["body"]> {
    const { simulation, execution, debuggee } = this.standing();
    const finding = this.shown?.stop.finding;
    if (finding === undefined || finding === null || this.shown?.position.threadId !== threadId) throw errors.no_exception();
    const traces = finding === execution.ending?.ended.finding ? execution.ending.traces : [];
    const stacks = traces.length > 0 ? trace_lines(traces, (site) => shown_at(this.sources, debuggee, site)) : trace_of(simulation, threadId, (pid) => this.inspection.stack(pid));
    const stackTrace = [...finding.lines, ...stacks].join("\n");
    return { body: { exceptionId: finding.id, description: finding.message, breakMode: "always", details: { message: finding.message, typeName: finding.id, stackTrace } } };
  }

  source({ source, sourceReference }: DebugProtocol.SourceArguments): Answer<DebugProtocol.SourceResponse["body"]> {
    return { body: { content: this.sources.text(source?.sourceReference ?? sourceReference), mimeType: "text/typescript" } };
  }

  loaded_sources(): Answer<DebugProtocol.LoadedSourcesResponse["body"]> {
    return { body: { sources: this.run === null ? [] : this.sources.loaded(this.run.debuggee) } };
  }

  // Requests of our own

  snapshot(args: SnapshotArguments): Answer<Snapshot> {
    const { simulation, debuggee } = this.standing();
    if (this.shown === null) throw errors.not_running();
    return { body: take_snapshot(simulation, debuggee, this.shown.position, args) };
  }

  set_hex({ hex }: HexArguments): Answer {
    this.inspection.variables.hex = hex === true;
    return { after: () => (this.supports_invalidated ? this.emit("invalidated", { areas: ["variables"] }) : undefined) };
  }
}

/** An argument that has to be a list, whatever the client has sent. */
function list<T>(value: readonly T[], name: string): readonly T[] {
  if (!Array.isArray(value)) throw errors.bad_request(`'${name}' must be a list`);
  return value;
}
