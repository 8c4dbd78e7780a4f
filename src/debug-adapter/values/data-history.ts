// Queries about the history of data, `changes(x)` and `last_write(x)`, which are answered by a replay of the execution.

import type { DataHistory } from "../../engine/replay/data_history.ts";
import type { ReplayJob } from "../../engine/replay/recording.ts";
import type { Environment, Expr, Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { readStorage } from "../../scenario/run/kernel-values.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { FrameEnvironment } from "./evaluate.ts";
import { findStorage, namedLocation } from "./data-locations.ts";
import { WriteValue, WriteListValue } from "./write-values.ts";
import { variablesInScope } from "./frame-scope.ts";

/** At most this many writes are listed. */
const MAX_LISTED_WRITES = 1_000;

/** A query that was extracted from an expression: its answer is the value of the name `placeholder`. */
interface HistoryQuery {
  readonly placeholder: string;
  readonly kind: "changes" | "last_write";
  readonly operand: Expr;
}

/** Extracts the queries from an expression: names that no expression can contain take their places. */
export function extractHistoryQueries(expr: Expr): { readonly expr: Expr; readonly queries: readonly HistoryQuery[] } {
  const questions: HistoryQuery[] = [];
  const walk = (part: Expr): Expr => {
    if (part.kind === "call" && (part.name === "changes" || part.name === "last_write")) {
      const placeholder = `#${questions.length}`;
      questions.push({ placeholder, kind: part.name, operand: part.args["what"]! });
      return { kind: "name", name: placeholder, range: part.range };
    }
    const entries = Object.entries(part).map(([key, value]: [string, unknown]) => [
      key,
      key === "args" ? walkAll(value as Readonly<Record<string, Expr>>) : isExpr(value) ? walk(value) : value,
    ]);
    return Object.fromEntries(entries) as Expr;
  };
  const walkAll = (args: Readonly<Record<string, Expr>>): Record<string, Expr> =>
    Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, walk(arg)]));
  return { expr: walk(expr), queries: questions };
}

function isExpr(value: unknown): value is Expr {
  return typeof value === "object" && value !== null && "kind" in value && "range" in value;
}

/** Identifies a frame in every replay of an execution. */
export interface FrameKey {
  readonly pid: number;
  /** Its index in the stack of the task, from 0, the innermost. */
  readonly number: number;
}

/** Where a query is asked: the execution, the step, and the frame in which names are looked up. */
export interface QueryContext {
  readonly simulation: Simulation;
  readonly step: number;
  readonly frame: FrameKey | null;
}

/** Finds or makes the history of a data location: of `name`, or of the field `key` of any object. */
export type HistoryLookup = (name: string | null, key: string | number) => DataHistory<Simulation>;

/** Answers a query. Throws an AdapterError if its operand is no data location. */
export function* answerHistoryQuery(
  { kind, operand }: HistoryQuery,
  { simulation, step, frame }: QueryContext,
  lookUpHistory: HistoryLookup,
): ReplayJob<Value> {
  const found = findStorage(operand, environmentOf(simulation, frame), simulation);
  if ("problem" in found) throw adapterErrors.notEvaluated(found.problem);
  const { storage, name } = found;
  const history = lookUpHistory(name, storage.key);
  yield* history.run_to(step);
  const object = name === null ? objectInHistory(history, operand, frame) : null;
  if (name === null && object === null) throw new Error("the replay differs from the execution");
  const { accesses, dropped } = history.accesses_before(step, object);
  const writes = accesses.filter(({ kind }) => kind === "write");
  const listed = writes.slice(-MAX_LISTED_WRITES).map((access) => new WriteValue(access, String(storage.key)));
  return kind === "changes" ? new WriteListValue(listed, dropped || writes.length > listed.length) : (listed.at(-1) ?? null);
}

/** The object whose field an operand denotes, in the replay of a history, at the step it has reached; null if there is none. */
export function objectInHistory(history: DataHistory<Simulation>, operand: Expr, frame: FrameKey | null): object | null {
  const simulation = history.system;
  const found = findStorage(operand, environmentOf(simulation, frame), simulation);
  return "problem" in found ? null : found.storage.object;
}

/** The names in the scope of a frame, in any replay of an execution. */
export function environmentOf(simulation: Simulation, frame: FrameKey | null): Environment {
  const task = frame === null ? null : (simulation.machine.tasks[frame.pid - 1] ?? null);
  if (task === null || frame === null) return new FrameEnvironment(simulation, task, {});
  const stack = simulation.machine.backtrace(task).map(([, locals]) => locals);
  return new FrameEnvironment(simulation, task, variablesInScope({ locals: stack[frame.number] ?? {}, stack }));
}

/** The data location that a history records: one with a name, or a field of any object. */
export function recordedLocation(
  name: string | null,
  key: string | number,
  simulation: () => Simulation,
): ConstructorParameters<typeof DataHistory<Simulation>>[1] {
  return name === null ? { keys: [key], is: () => true, value: (object) => readStorage({ object, key }) } : namedLocation(name, simulation);
}
