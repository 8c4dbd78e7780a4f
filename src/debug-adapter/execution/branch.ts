// Branches: executions that leave the recorded one because somebody has changed something. A branch is plain data, from
// which every replay makes the same execution again.

import { AddressSpace, VmArea } from "../../engine/kernel/common/mm_types.ts";
import { can_run, run_all, run_next, run_only } from "../../engine/schedule/forced.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import type { Edit } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import { evaluate, isError, type Expr, type Storage, type Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { unwrap } from "../../scenario/run/values.ts";
import { errors } from "../protocol/errors.ts";
import { parse } from "../values/evaluate.ts";
import { canSet, findStorage } from "../values/locations.ts";
import { environmentOf } from "../values/past.ts";
import { describeState } from "../values/stack.ts";

/** One decision, taken before the statement of that number. */
export type Decision =
  /** A place of data gets a value. Both are expressions, as a frame of a thread sees them. */
  | { readonly kind: "set"; readonly step: number; readonly thread: number; readonly frame: number; readonly place: string; readonly value: string }
  /** The thread's CPU executes next. */
  | { readonly kind: "next"; readonly step: number; readonly thread: number }
  /** Other threads execute only while this one cannot, until `all`. */
  | { readonly kind: "only"; readonly step: number; readonly thread: number }
  | { readonly kind: "all"; readonly step: number };

/** A decision with what it does. */
export interface Made extends Edit<Simulation> {
  readonly decision: Decision;
}

/** A decision as it is told: `step 412: data.truncate_count = 7`. */
export function describeDecision(decision: Decision, { machine }: Simulation): string {
  const name = "thread" in decision ? (machine.tasks[decision.thread - 1]?.name ?? `thread ${decision.thread}`) : "";
  switch (decision.kind) {
    case "set":
      return `step ${decision.step}: ${decision.place} = ${decision.value}`;
    case "next":
      return `step ${decision.step}: ${name} executes next`;
    case "only":
      return `step ${decision.step}: only ${name} executes`;
    case "all":
      return `step ${decision.step}: all execute`;
  }
}

/** What a decision does, in every replay. */
export function make(decision: Decision): Made {
  return { decision, step: decision.step, apply: (simulation) => apply(decision, simulation) };
}

function apply(decision: Decision, simulation: Simulation): void {
  const { machine } = simulation;
  switch (decision.kind) {
    case "set":
      return set(decision, simulation);
    case "next":
      return run_next(machine, taskOf(decision, machine));
    case "only":
      return run_only(machine, taskOf(decision, machine));
    case "all":
      return run_all(machine);
  }
}

function taskOf({ thread }: { readonly thread: number }, machine: Machine): Task {
  const task = machine.tasks[thread - 1];
  if (task === undefined) throw errors.no_thread(thread);
  return task;
}

/** Throws an AdapterError if the thread cannot be made to execute next. */
export function checkNext(thread: number, machine: Machine): void {
  const task = taskOf({ thread }, machine);
  const { cpu } = task;
  if (machine.current === task) throw errors.not_next(task.name, "it does anyway");
  if (machine.policy.timed && (cpu.current ?? cpu.runqueue[0]) !== task) throw errors.not_next(task.name, cpu.current === null ? `it is ${describeState(task)}` : `${cpu.current.name} has its CPU`);
  if (!can_run(machine, task)) throw errors.not_next(task.name, `it is ${describeState(task)}`);
}

function set({ thread, frame, place, value }: Decision & { kind: "set" }, simulation: Simulation): void {
  const environment = environmentOf(simulation, thread === 0 ? null : { pid: thread, number: frame });
  const read = (text: string): Expr => {
    const expr = parse(text);
    if ("mistake" in expr) throw errors.not_set(place, expr.mistake);
    return expr;
  };
  const [target, source] = [read(place), read(value)];
  const found = findStorage(target, environment, simulation);
  if ("problem" in found) throw errors.not_set(place, found.problem);
  const result = evaluate(source, environment);
  if (isError(result)) throw errors.not_set(place, result.message);
  simulation.machine.tampered = true;
  store(found.storage, result, place);
}

function store(storage: Storage, value: Value, place: string): void {
  if (!canSet(storage)) throw errors.not_set(place, "the model would contradict itself: other things depend on it");
  const { object, key } = storage;
  const fields = object as Record<string | number, unknown>;
  if (typeof fields[key] === "object") {
    const pointed = unwrap(value);
    const Kind = key === "check_mapping" ? AddressSpace : VmArea;
    if (pointed !== null && !(pointed instanceof Kind)) throw errors.not_set(place, `it points to ${Kind === VmArea ? "a vma" : "a file"}, or is NULL`);
    fields[key] = pointed;
    return;
  }
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw errors.not_set(place, "it is a whole number");
  if (value < 0 || (ArrayBuffer.isView(object) && value > 0xffff_ffff)) throw errors.not_set(place, "it is unsigned, and has 32 bits in a page table");
  fields[key] = typeof fields[key] === "boolean" ? value !== 0 : value;
}
