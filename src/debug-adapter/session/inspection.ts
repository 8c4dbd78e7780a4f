// Looking at what is, and at what was, while the execution stands still.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { History } from "../../engine/replay/history.ts";
import type { Operation } from "../../engine/replay/recording.ts";
import { read_memory } from "../../engine/observe/memory_view.ts";
import { evaluate, type Expr } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import type { Decision } from "../execution/branch.ts";
import type { Watched } from "../breakpoints/breakpoints.ts";
import { errors } from "../protocol/errors.ts";
import { parse, PlaceEnvironment, valueOf } from "../values/evaluate.ts";
import { listEvents } from "../execution/events.ts";
import type { Execution } from "../execution/execution.ts";
import type { Debuggee } from "../launch/launch.ts";
import { anchoredLocation, checkName, findStorage, namedLocation, tellsReads } from "../values/locations.ts";
import { answer, noted, objectIn, takeQuestions, type Frame } from "../values/past.ts";
import type { ProgressReporter } from "../execution/progress.ts";
import type { Events, EventsArguments } from "../protocol/protocol.ts";
import type { Sources } from "../sources/sources.ts";
import { formatFrame, Stacks, type StackFrame } from "../values/stack.ts";
import { inTurns } from "../execution/turns.ts";
import { visible, type Locals } from "../values/reach.ts";
import { Variables } from "../values/variables.ts";

/** A run that stands still. */
export interface Standing {
  readonly debuggee: Debuggee;
  readonly execution: Execution;
  readonly simulation: Simulation;
}

/** A place that no name leads to: it exists in those branches that have its anchor. */
interface Unnamed {
  readonly watched: Watched;
  readonly branch: readonly Decision[];
  /** The step of its anchor. */
  readonly since: number;
}

/** Bytes of memory that are read at once. */
const MAX_BYTES = 2 ** 20;

/** So many histories are kept. */
const MAX_HISTORIES = 8;

/** An object that no name leads to, as the id of a breakpoint on its data tells it: what means it where and when. */
const UNNAMED = /^(.*) @ step (\d+), thread (\d+), frame (\d+)$/;

export class Inspection {
  readonly variables = new Variables(() => this.standing().simulation);
  private stacks: Stacks;
  private readonly histories = new Map<string, History<Simulation>>();
  /** Places that breakpoints on data were asked for, by id, if no name leads to them. */
  private readonly watched = new Map<string, Unnamed>();
  /** Counts up when questions that are not answered yet are dropped. */
  private dropped = 0;

  /** @param standing the run, while it stands still; else it throws */
  constructor(
    private readonly sources: Sources,
    readonly standing: () => Standing,
    /** The execution, whether it stands still or not. */
    private readonly current: () => Simulation,
    private readonly progress: ProgressReporter,
    private readonly moveWaits: () => boolean,
  ) {
    this.stacks = new Stacks(sources, 1);
  }

  /** The execution moves: frames and references mean nothing any more. */
  forget(): void {
    this.variables.forget();
    this.stacks = new Stacks(this.sources, this.stacks.followingId);
  }

  /** Another run begins: nothing of the one before means anything in it. */
  restart(): void {
    this.forget();
    this.dropQuestions();
    this.histories.clear();
    this.watched.clear();
  }

  /** Another branch is looked at. */
  changeBranch(): void {
    this.histories.clear();
  }

  /** Whoever waits for an answer waits in vain. */
  dropQuestions(): void {
    this.dropped += 1;
  }

  stack(pid: number): readonly StackFrame[] {
    const { simulation, debuggee } = this.standing();
    return this.stacks.of(simulation, debuggee, pid);
  }

  frame(id: number): StackFrame {
    return this.stacks.frame(id);
  }

  stackTrace({ threadId, startFrame = 0, levels = 0, format }: DebugProtocol.StackTraceArguments): DebugProtocol.StackTraceResponse["body"] {
    const stack = this.stack(threadId);
    const part = stack.slice(startFrame, levels === 0 ? undefined : startFrame + levels);
    return { stackFrames: part.map((frame) => (format === undefined ? frame.shown : { ...frame.shown, name: formatFrame(frame, format) })), totalFrames: stack.length };
  }

  scopes({ frameId }: DebugProtocol.ScopesArguments): DebugProtocol.ScopesResponse["body"] {
    return { scopes: this.variables.scopes(this.stacks.frame(frameId)) };
  }

  list(args: DebugProtocol.VariablesArguments): DebugProtocol.VariablesResponse["body"] {
    this.standing();
    return { variables: this.variables.list(args) };
  }

  async evaluate({ expression, frameId, format }: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse["body"]> {
    const { simulation } = this.standing();
    if (typeof expression !== "string" || expression.trim() === "") throw errors.nothing_to_evaluate();
    const frame = frameId === undefined ? null : this.stacks.frame(frameId);
    const parsed = parse(expression);
    if ("mistake" in parsed) throw errors.not_evaluated(parsed.mistake);
    const { expr, questions } = takeQuestions(parsed);
    const answers: Record<string, unknown> = {};
    for (const question of questions) {
      const asked = { simulation, step: this.step, frame: frame === null ? null : { pid: frame.task.pid, number: frame.number } };
      answers[question.as] = await this.inquire(answer(question, asked, (name, key) => this.history(name, key)));
    }
    const { name, value } = valueOf(expr, this.environment(frame, answers));
    const path = questions.length > 0 ? "" : /^[\w.[\]\s>-]+$/.test(expression) ? expression.trim() : `(${expression.trim()})`;
    const { text, rest } = this.variables.show(name, value, path, frame, this.variables.hex || format?.hex === true);
    return { result: text, ...rest };
  }

  /** The names that a frame sees, or those of the scenario alone. */
  environment(frame: StackFrame | null, more: Locals = {}): PlaceEnvironment {
    const locals = frame === null ? {} : visible(frame);
    return new PlaceEnvironment(this.standing().simulation, frame?.task ?? null, { ...locals, ...more });
  }

  /** What is executed before here, as steps count it: all statements before this one. */
  private get step(): number {
    const { machine } = this.standing().simulation;
    return machine.outcome === null ? machine.step : machine.step + 1;
  }

  /** The model's memory, as far as it has contents there. */
  readMemory({ memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments): DebugProtocol.ReadMemoryResponse["body"] {
    const begin = Number(memoryReference) + offset;
    if (!/^0x[\da-f]+$/i.test(memoryReference) || !Number.isSafeInteger(begin) || !(count >= 0)) throw errors.bad_request("a memory reference is an address, and a count is not negative");
    const bytes = read_memory(this.standing().simulation.system.kernel, begin, Math.min(count, MAX_BYTES));
    const missing = count - bytes.length;
    return { address: `0x${Math.max(0, begin).toString(16)}`, data: base64(bytes), ...(missing > 0 ? { unreadableBytes: missing } : {}) };
  }

  // The past

  /** Drives a question to its answer. Throws an AdapterError if somebody has dropped it meanwhile. */
  async inquire<T>(question: Operation<T>): Promise<T> {
    const { dropped } = this;
    const report = this.progress.begin("Looking into the past", () => this.dropQuestions());
    const found = await inTurns(question, this.standing().execution.speed, () => this.dropped !== dropped || this.moveWaits(), report);
    if (found === null) throw errors.cancelled();
    return found.value;
  }

  /** The history of a place, as far as it is known. */
  private history(name: string | null, key: string | number): History<Simulation> {
    const id = name ?? `* ${key}`;
    const known = this.histories.get(id);
    // Objects can be found only where they are in reach: a run that is ahead is of no use for those without a name.
    const useful = known !== undefined && (name !== null || known.step <= this.step);
    this.histories.delete(id);
    const history = useful ? known : this.newHistory(name, key);
    this.histories.set(id, history);
    if (this.histories.size > MAX_HISTORIES) this.histories.delete(this.histories.keys().next().value!);
    return history;
  }

  private newHistory(name: string | null, key: string | number): History<Simulation> {
    const { recording } = this.standing().execution;
    const history: History<Simulation> = new History((sink) => recording.fork(sink), noted(name, key, () => history.system));
    return history;
  }

  /** Answers the request `lockbreak/events`. */
  events(args: EventsArguments): Promise<Events> {
    const { execution, debuggee } = this.standing();
    return this.inquire(listEvents(execution.recording, args, (statement) => debuggee.quote(statement)));
  }

  // Breakpoints on data

  dataBreakpointInfo({ variablesReference, name, frameId }: DebugProtocol.DataBreakpointInfoArguments): DebugProtocol.DataBreakpointInfoResponse["body"] {
    const { simulation } = this.standing();
    const found = variablesReference === undefined ? { expression: name, frame: frameId === undefined ? null : this.stacks.frame(frameId) } : this.variables.find(variablesReference, name);
    if (found === null || found.expression === "") return { dataId: null, description: `'${name}' is no place of data.` };
    const { expression, frame } = found;
    const expr = parse(expression);
    if ("mistake" in expr) return { dataId: null, description: expr.mistake };
    const place = findStorage(expr, this.environment(frame), simulation);
    if ("problem" in place) return { dataId: null, description: place.problem };
    const accessTypes: DebugProtocol.DataBreakpointAccessType[] = tellsReads(place.storage) ? ["write", "read", "readWrite"] : ["write"];
    if (place.name !== null) return { dataId: place.name, description: place.name, accessTypes, canPersist: true };
    const where = `step ${this.step}, thread ${frame?.task.pid ?? 0}, frame ${frame?.number ?? 0}`;
    return { dataId: `${expression} @ ${where}`, description: `${expression} of this call`, accessTypes, canPersist: false };
  }

  /** The place that the id of a breakpoint on data means. Before a scenario is launched nothing can be said against a name. */
  async watch(id: string, launched: boolean): Promise<Watched> {
    const unnamed = UNNAMED.exec(id);
    if (unnamed === null) return this.watchName(id, launched);
    if (!launched) return { name: unnamed[1]!, problem: GONE, location: null };
    const { branch } = this.standing().execution;
    const known = this.watched.get(id) ?? { branch, ...(await this.watchObject(unnamed)) };
    this.watched.set(id, known);
    if (known.since < divergence(known.branch, branch)) return known.watched;
    return { ...known.watched, problem: "The object that this is a part of belongs to another branch.", location: null };
  }

  private watchName(name: string, launched: boolean): Watched {
    const problem = launched ? checkName(name, this.current()) : null;
    return { name, problem, location: problem === null ? (simulation) => namedLocation(name, simulation) : null };
  }

  private async watchObject([, expression, step, pid, frame]: RegExpExecArray): Promise<Omit<Unnamed, "branch">> {
    const name = expression!;
    const refused = (problem: string): Omit<Unnamed, "branch"> => ({ watched: { name, problem, location: null }, since: 0 });
    const gone = refused(GONE);
    const expr = parse(name);
    if ("mistake" in expr || (expr.kind !== "member" && expr.kind !== "index")) return gone;
    const { simulation } = this.standing();
    const task = simulation.machine.tasks[Number(pid) - 1];
    if (task === undefined) return gone;
    const key = expr.kind === "member" ? expr.name : (evaluate(expr.index, new PlaceEnvironment(simulation, null, {})) as number);
    const history = this.newHistory(null, key);
    const anchor = await this.inquire(findAnchor(history, Number(step), expr, { pid: task.pid, number: Number(frame) }));
    if (anchor === null) return refused("Nothing was written to this object yet: stop behind the first write to it.");
    return { watched: { name, problem: null, location: () => anchoredLocation(key, anchor) }, since: anchor.step };
  }
}

const GONE = "The object that this was a part of is gone: it belonged to another session.";

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The first step at which two branches may differ. */
function divergence(one: readonly Decision[], two: readonly Decision[]): number {
  const at = Math.max(one.length, two.length);
  for (let n = 0; n < at; n++) if (JSON.stringify(one[n]) !== JSON.stringify(two[n])) return Math.min(one[n]?.step ?? Infinity, two[n]?.step ?? Infinity);
  return Infinity;
}

function* findAnchor(history: History<Simulation>, step: number, expr: Expr, frame: Frame): Operation<ReturnType<typeof history.anchor_of>> {
  yield* history.reach(step);
  const object = objectIn(history, expr, frame);
  return object === null ? null : history.anchor_of(object);
}
