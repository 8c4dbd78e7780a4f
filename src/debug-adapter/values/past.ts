// What `changes(x)` and `last_write(x)` come to, found by running the execution once more on the side.

import type { History } from "../../engine/replay/history.ts";
import type { Operation } from "../../engine/replay/recording.ts";
import type { Environment, Expr, Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { stored } from "../../scenario/run/values.ts";
import { errors } from "../protocol/errors.ts";
import { PlaceEnvironment } from "./evaluate.ts";
import { findStorage, namedLocation } from "./locations.ts";
import { Write, Writes } from "./past-values.ts";
import { visible } from "./reach.ts";

/** So many writes are listed. */
const MAX_LISTED = 1_000;

/** A question about the past in an expression, taken out of it: the answer is the value of the name `as`. */
interface Question {
  readonly as: string;
  readonly asks: "changes" | "last_write";
  readonly what: Expr;
}

/** The expression with its questions about the past replaced by names that no expression can have. */
export function takeQuestions(expr: Expr): { readonly expr: Expr; readonly questions: readonly Question[] } {
  const questions: Question[] = [];
  const walk = (part: Expr): Expr => {
    if (part.kind === "call" && (part.name === "changes" || part.name === "last_write")) {
      const as = `#${questions.length}`;
      questions.push({ as, asks: part.name, what: part.args["what"]! });
      return { kind: "name", name: as, range: part.range };
    }
    const entries = Object.entries(part).map(([key, value]: [string, unknown]) => [key, key === "args" ? walkAll(value as Readonly<Record<string, Expr>>) : isExpr(value) ? walk(value) : value]);
    return Object.fromEntries(entries) as Expr;
  };
  const walkAll = (args: Readonly<Record<string, Expr>>): Record<string, Expr> => Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, walk(arg)]));
  return { expr: walk(expr), questions };
}

function isExpr(value: unknown): value is Expr {
  return typeof value === "object" && value !== null && "kind" in value && "range" in value;
}

/** What tells a frame in every execution of the same. */
export interface Frame {
  readonly pid: number;
  /** Its place in the stack of the task, from 0, the innermost. */
  readonly number: number;
}

/** Where a question is asked: the execution, the step, and the frame in which names are looked up. */
export interface Asked {
  readonly simulation: Simulation;
  readonly step: number;
  readonly frame: Frame | null;
}

/** Makes the history of a place; the same one again, if it was asked before. */
export type Histories = (name: string | null, key: string | number) => History<Simulation>;

/** Finds the answer. Throws an AdapterError if the place has no past. */
export function* answer({ asks, what }: Question, { simulation, step, frame }: Asked, histories: Histories): Operation<Value> {
  const found = findStorage(what, environmentOf(simulation, frame), simulation);
  if ("problem" in found) throw errors.not_evaluated(found.problem);
  const { storage, name } = found;
  const history = histories(name, storage.key);
  yield* history.reach(step);
  const object = name === null ? objectIn(history, what, frame) : null;
  if (name === null && object === null) throw new Error("the run on the side is not the same");
  const { accesses, dropped } = history.before(step, object);
  const writes = accesses.filter(({ kind }) => kind === "write");
  const listed = writes.slice(-MAX_LISTED).map((access) => new Write(access, String(storage.key)));
  return asks === "changes" ? new Writes(listed, dropped || writes.length > listed.length) : (listed.at(-1) ?? null);
}

/** The object that `what` means in the execution that was run to find out, at the same place; null if there is none. */
export function objectIn(history: History<Simulation>, what: Expr, frame: Frame | null): object | null {
  const simulation = history.system;
  const found = findStorage(what, environmentOf(simulation, frame), simulation);
  return "problem" in found ? null : found.storage.object;
}

/** The names that a frame sees, in whatever execution of the same. */
export function environmentOf(simulation: Simulation, frame: Frame | null): Environment {
  const task = frame === null ? null : (simulation.machine.tasks[frame.pid - 1] ?? null);
  if (task === null || frame === null) return new PlaceEnvironment(simulation, task, {});
  const stack = simulation.machine.backtrace(task).map(([, locals]) => locals);
  return new PlaceEnvironment(simulation, task, visible({ locals: stack[frame.number] ?? {}, stack }));
}

/** What a history has to note to answer questions about a place: one with a name, or a field of any object. */
export function noted(name: string | null, key: string | number, simulation: () => Simulation): ConstructorParameters<typeof History<Simulation>>[1] {
  return name === null ? { keys: [key], is: () => true, value: (object) => stored({ object, key }) } : namedLocation(name, simulation);
}
