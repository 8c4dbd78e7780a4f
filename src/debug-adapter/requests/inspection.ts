// Requests that inspect the state of the run, and its past, while the execution is stopped.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { DataHistory } from "../../engine/replay/data_history.ts";
import type { ReplayJob } from "../../engine/replay/recording.ts";
import { read_memory } from "../../engine/observe/memory_view.ts";
import { evaluate, type Expr } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import type { BranchEdit } from "../execution/branch.ts";
import type { DataBreakpointLocation } from "../breakpoints/breakpoints.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { parseWatchExpression, FrameEnvironment, evaluateNamed } from "../values/evaluate.ts";
import { listEvents } from "../execution/event-list.ts";
import type { Execution } from "../execution/execution.ts";
import type { Debuggee } from "../launch/debuggee.ts";
import { anchoredLocation, checkName, findStorage, namedLocation, reportsReads } from "../values/data-locations.ts";
import { answerHistoryQuery, recordedLocation, objectInHistory, extractHistoryQueries, type FrameKey } from "../values/data-history.ts";
import type { ProgressReporter } from "../execution/progress.ts";
import type { EventList, EventListArguments } from "../protocol/protocol.ts";
import type { Sources } from "../sources/sources.ts";
import { formatFrame, Stacks, type StackFrame } from "../values/stack.ts";
import { driveInSlices } from "../execution/slices.ts";
import { variablesInScope, type Locals } from "../values/frame-scope.ts";
import { Variables } from "../values/variables.ts";

/** A run whose execution is stopped. */
export interface StoppedRun {
  readonly debuggee: Debuggee;
  readonly execution: Execution;
  readonly simulation: Simulation;
}

/** A data location without a name: it exists in those branches that have its anchor. */
interface AnchoredData {
  readonly location: DataBreakpointLocation;
  readonly branch: readonly BranchEdit[];
  /** The step of its anchor. */
  readonly since: number;
}

/** At most this many bytes of memory are read at once. */
const MAX_BYTES = 2 ** 20;

/** At most this many histories are kept. */
const MAX_HISTORIES = 8;

/**
 * The id of a data breakpoint on a location without a name: the expression, and the step, thread and frame in which it denotes the
 * location.
 */
const ANCHORED_ID = /^(.*) @ step (\d+), thread (\d+), frame (\d+)$/;

export class Inspection {
  readonly variables = new Variables(() => this.requireStopped().simulation);
  private stacks: Stacks;
  private readonly histories = new Map<string, DataHistory<Simulation>>();
  /** Locations without a name that data breakpoints were requested on, by id. */
  private readonly anchored = new Map<string, AnchoredData>();
  /** Counts up when queries that are not answered yet are cancelled. */
  private cancellations = 0;

  /** @param requireStopped the run, while it stands still; else it throws */
  constructor(
    private readonly sources: Sources,
    readonly requireStopped: () => StoppedRun,
    /** The simulation, whether it is stopped or not. */
    private readonly currentSimulation: () => Simulation,
    private readonly progress: ProgressReporter,
    private readonly executionRequestPending: () => boolean,
  ) {
    this.stacks = new Stacks(sources, 1);
  }

  /** The execution moves: frames and references become invalid. */
  invalidate(): void {
    this.variables.invalidate();
    this.stacks = new Stacks(this.sources, this.stacks.nextFrameId);
  }

  /** Another run begins: histories and anchors of the run before do not exist in it. */
  reset(): void {
    this.invalidate();
    this.cancelQueries();
    this.histories.clear();
    this.anchored.clear();
  }

  /** The execution is in another branch: histories are read again. */
  clearHistories(): void {
    this.histories.clear();
  }

  /** Queries that are not answered yet are answered with the error `cancelled`. */
  cancelQueries(): void {
    this.cancellations += 1;
  }

  stack(pid: number): readonly StackFrame[] {
    const { simulation, debuggee } = this.requireStopped();
    return this.stacks.stackOf(simulation, debuggee, pid);
  }

  frame(id: number): StackFrame {
    return this.stacks.frame(id);
  }

  stackTrace({
    threadId,
    startFrame = 0,
    levels = 0,
    format,
  }: DebugProtocol.StackTraceArguments): DebugProtocol.StackTraceResponse["body"] {
    const stack = this.stack(threadId);
    const part = stack.slice(startFrame, levels === 0 ? undefined : startFrame + levels);
    return {
      stackFrames: part.map((frame) =>
        format === undefined ? frame.protocolFrame : { ...frame.protocolFrame, name: formatFrame(frame, format) },
      ),
      totalFrames: stack.length,
    };
  }

  scopes({ frameId }: DebugProtocol.ScopesArguments): DebugProtocol.ScopesResponse["body"] {
    return { scopes: this.variables.scopes(this.stacks.frame(frameId)) };
  }

  listVariables(args: DebugProtocol.VariablesArguments): DebugProtocol.VariablesResponse["body"] {
    this.requireStopped();
    return { variables: this.variables.list(args) };
  }

  async evaluate({ expression, frameId, format }: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse["body"]> {
    const { simulation } = this.requireStopped();
    if (typeof expression !== "string" || expression.trim() === "") throw adapterErrors.nothingToEvaluate();
    const frame = frameId === undefined ? null : this.stacks.frame(frameId);
    const parsed = parseWatchExpression(expression);
    if ("mistake" in parsed) throw adapterErrors.notEvaluated(parsed.mistake);
    const { expr, queries } = extractHistoryQueries(parsed);
    const answers: Record<string, unknown> = {};
    for (const query of queries) {
      const queryContext = { simulation, step: this.step, frame: frame === null ? null : { pid: frame.task.pid, number: frame.number } };
      answers[query.placeholder] = await this.runQuery(answerHistoryQuery(query, queryContext, (name, key) => this.history(name, key)));
    }
    const { name, value } = evaluateNamed(expr, this.environment(frame, answers));
    const path = queries.length > 0 ? "" : /^[\w.[\]\s>-]+$/.test(expression) ? expression.trim() : `(${expression.trim()})`;
    const { text, rest } = this.variables.format(name, value, path, frame, this.variables.hex || format?.hex === true);
    return { result: text, ...rest };
  }

  /** The names in scope at a frame, or without a frame those of the scenario. */
  environment(frame: StackFrame | null, more: Locals = {}): FrameEnvironment {
    const locals = frame === null ? {} : variablesInScope(frame);
    return new FrameEnvironment(this.requireStopped().simulation, frame?.task ?? null, { ...locals, ...more });
  }

  /** The current step: the history of data is that of all statements before it. */
  private get step(): number {
    const { machine } = this.requireStopped().simulation;
    return machine.outcome === null ? machine.step : machine.step + 1;
  }

  /** Reads the model's memory, as far as it has contents there. */
  readMemory({ memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments): DebugProtocol.ReadMemoryResponse["body"] {
    const begin = Number(memoryReference) + offset;
    if (!/^0x[\da-f]+$/i.test(memoryReference) || !Number.isSafeInteger(begin) || !(count >= 0))
      throw adapterErrors.malformedRequest("a memory reference is an address, and a count is not negative");
    const bytes = read_memory(this.requireStopped().simulation.system.kernel, begin, Math.min(count, MAX_BYTES));
    const missing = count - bytes.length;
    return { address: `0x${Math.max(0, begin).toString(16)}`, data: base64(bytes), ...(missing > 0 ? { unreadableBytes: missing } : {}) };
  }

  // Queries about the past

  /** Drives a query to its answer. Throws an AdapterError if it is cancelled meanwhile. */
  async runQuery<T>(query: ReplayJob<T>): Promise<T> {
    const { cancellations } = this;
    const report = this.progress.begin("Searching the past", () => this.cancelQueries());
    const found = await driveInSlices(
      query,
      this.requireStopped().execution.pacer,
      () => this.cancellations !== cancellations || this.executionRequestPending(),
      report,
    );
    if (found === null) throw adapterErrors.cancelled();
    return found.value;
  }

  /** The history of a data location, as far as it was recorded. */
  private history(name: string | null, key: string | number): DataHistory<Simulation> {
    const id = name ?? `* ${key}`;
    const known = this.histories.get(id);
    // An object without a name can be found only while it is in scope: a history that is ahead of this step is of no use for it.
    const useful = known !== undefined && (name !== null || known.step <= this.step);
    this.histories.delete(id);
    const history = useful ? known : this.newHistory(name, key);
    this.histories.set(id, history);
    if (this.histories.size > MAX_HISTORIES) this.histories.delete(this.histories.keys().next().value!);
    return history;
  }

  private newHistory(name: string | null, key: string | number): DataHistory<Simulation> {
    const { recording } = this.requireStopped().execution;
    const history: DataHistory<Simulation> = new DataHistory(
      (sink) => recording.fork(sink),
      recordedLocation(name, key, () => history.system),
    );
    return history;
  }

  /** Answers the request `lockbreak/events`. */
  listEvents(args: EventListArguments): Promise<EventList> {
    const { execution, debuggee } = this.requireStopped();
    return this.runQuery(listEvents(execution.recording, args, (statement) => debuggee.quote(statement)));
  }

  // Data breakpoints

  dataBreakpointInfo({
    variablesReference,
    name,
    frameId,
  }: DebugProtocol.DataBreakpointInfoArguments): DebugProtocol.DataBreakpointInfoResponse["body"] {
    const { simulation } = this.requireStopped();
    const found =
      variablesReference === undefined
        ? { expression: name, frame: frameId === undefined ? null : this.stacks.frame(frameId) }
        : this.variables.resolve(variablesReference, name);
    if (found === null || found.expression === "") return { dataId: null, description: `'${name}' is no data location.` };
    const { expression, frame } = found;
    const expr = parseWatchExpression(expression);
    if ("mistake" in expr) return { dataId: null, description: expr.mistake };
    const place = findStorage(expr, this.environment(frame), simulation);
    if ("problem" in place) return { dataId: null, description: place.problem };
    const accessTypes: DebugProtocol.DataBreakpointAccessType[] = reportsReads(place.storage) ? ["write", "read", "readWrite"] : ["write"];
    if (place.name !== null) return { dataId: place.name, description: place.name, accessTypes, canPersist: true };
    const where = `step ${this.step}, thread ${frame?.task.pid ?? 0}, frame ${frame?.number ?? 0}`;
    return { dataId: `${expression} @ ${where}`, description: `${expression} of this call`, accessTypes, canPersist: false };
  }

  /** The location that the id of a data breakpoint denotes. Before a scenario is launched every name is accepted. */
  async resolveData(id: string, launched: boolean): Promise<DataBreakpointLocation> {
    const anchoredId = ANCHORED_ID.exec(id);
    if (anchoredId === null) return this.resolveNamed(id, launched);
    if (!launched) return { name: anchoredId[1]!, problem: GONE, location: null };
    const { branch } = this.requireStopped().execution;
    const known = this.anchored.get(id) ?? { branch, ...(await this.resolveAnchored(anchoredId)) };
    this.anchored.set(id, known);
    if (known.since < divergence(known.branch, branch)) return known.location;
    return { ...known.location, problem: "The object that this is a part of belongs to another branch.", location: null };
  }

  private resolveNamed(name: string, launched: boolean): DataBreakpointLocation {
    const problem = launched ? checkName(name, this.currentSimulation()) : null;
    return { name, problem, location: problem === null ? (simulation) => namedLocation(name, simulation) : null };
  }

  private async resolveAnchored([, expression, step, pid, frame]: RegExpExecArray): Promise<Omit<AnchoredData, "branch">> {
    const name = expression!;
    const refused = (problem: string): Omit<AnchoredData, "branch"> => ({ location: { name, problem, location: null }, since: 0 });
    const gone = refused(GONE);
    const expr = parseWatchExpression(name);
    if ("mistake" in expr || (expr.kind !== "member" && expr.kind !== "index")) return gone;
    const { simulation } = this.requireStopped();
    const task = simulation.machine.tasks[Number(pid) - 1];
    if (task === undefined) return gone;
    const key = expr.kind === "member" ? expr.name : (evaluate(expr.index, new FrameEnvironment(simulation, null, {})) as number);
    const history = this.newHistory(null, key);
    const anchor = await this.runQuery(findAnchor(history, Number(step), expr, { pid: task.pid, number: Number(frame) }));
    if (anchor === null) return refused("Nothing was written to this object yet: stop behind the first write to it.");
    return { location: { name, problem: null, location: () => anchoredLocation(key, anchor) }, since: anchor.step };
  }
}

const GONE = "The object that this was a part of is gone: it belonged to another session.";

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The first step at which two branches may differ. */
function divergence(one: readonly BranchEdit[], two: readonly BranchEdit[]): number {
  const at = Math.max(one.length, two.length);
  for (let n = 0; n < at; n++)
    if (JSON.stringify(one[n]) !== JSON.stringify(two[n])) return Math.min(one[n]?.step ?? Infinity, two[n]?.step ?? Infinity);
  return Infinity;
}

function* findAnchor(
  history: DataHistory<Simulation>,
  step: number,
  expr: Expr,
  frame: FrameKey,
): ReplayJob<ReturnType<typeof history.anchor_of>> {
  yield* history.run_to(step);
  const object = objectInHistory(history, expr, frame);
  return object === null ? null : history.anchor_of(object);
}
