// Branches: executions that deviate from the recorded one by edits of the user. A branch is plain data, from which every replay
// makes the same execution again.

import { AddressSpace, VmArea } from "../../engine/kernel/common/mm_types.ts";
import { can_run_next, end_run_only, run_next, run_only } from "../../engine/schedule/override.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import type { Edit } from "../../engine/replay/recording.ts";
import type { Task } from "../../engine/machine/task.ts";
import { evaluate, isError, type Expr, type StorageLocation, type Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { unwrap } from "../../scenario/run/kernel-values.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { parseWatchExpression } from "../values/evaluate.ts";
import { canSet, findStorage } from "../values/data-locations.ts";
import { environmentOf } from "../values/data-history.ts";
import { describeState } from "../values/stack.ts";

/** One edit, made before the statement of that number. */
export type BranchEdit =
  /** Data gets a value. Both are expressions, evaluated in a frame of a thread. */
  | {
      readonly kind: "set";
      readonly step: number;
      readonly thread: number;
      readonly frame: number;
      readonly place: string;
      readonly value: string;
    }
  /** The thread's CPU executes next. */
  | { readonly kind: "next"; readonly step: number; readonly thread: number }
  /** Other threads execute only while this one cannot, until `all`. */
  | { readonly kind: "only"; readonly step: number; readonly thread: number }
  | { readonly kind: "all"; readonly step: number };

/** An edit as the recording applies it. */
export interface BranchRecordingEdit extends Edit<Simulation> {
  readonly branchEdit: BranchEdit;
}

/** An edit in words: `step 412: data.truncate_count = 7`. */
export function describeBranchEdit(edit: BranchEdit, { machine }: Simulation): string {
  const name = "thread" in edit ? (machine.tasks[edit.thread - 1]?.name ?? `thread ${edit.thread}`) : "";
  switch (edit.kind) {
    case "set":
      return `step ${edit.step}: ${edit.place} = ${edit.value}`;
    case "next":
      return `step ${edit.step}: ${name} executes next`;
    case "only":
      return `step ${edit.step}: only ${name} executes`;
    case "all":
      return `step ${edit.step}: all execute`;
  }
}

/** An edit for the recording, which applies it in every replay. */
export function toRecordingEdit(branchEdit: BranchEdit): BranchRecordingEdit {
  return { branchEdit, step: branchEdit.step, apply: (simulation) => apply(branchEdit, simulation) };
}

function apply(edit: BranchEdit, simulation: Simulation): void {
  const { machine } = simulation;
  switch (edit.kind) {
    case "set":
      return setData(edit, simulation);
    case "next":
      return run_next(machine, taskOf(edit, machine));
    case "only":
      return run_only(machine, taskOf(edit, machine));
    case "all":
      return end_run_only(machine);
  }
}

function taskOf({ thread }: { readonly thread: number }, machine: Machine): Task {
  const task = machine.tasks[thread - 1];
  if (task === undefined) throw adapterErrors.unknownThread(thread);
  return task;
}

/** Throws an AdapterError if the thread cannot be made to execute next. */
export function checkCanRunNext(thread: number, machine: Machine): void {
  const task = taskOf({ thread }, machine);
  const { cpu } = task;
  if (machine.current === task) throw adapterErrors.cannotRunNext(task.name, "it does anyway");
  if (machine.policy.uses_model_time && (cpu.current ?? cpu.runqueue[0]) !== task)
    throw adapterErrors.cannotRunNext(task.name, cpu.current === null ? `it is ${describeState(task)}` : `${cpu.current.name} has its CPU`);
  if (!can_run_next(machine, task)) throw adapterErrors.cannotRunNext(task.name, `it is ${describeState(task)}`);
}

function setData({ thread, frame, place, value }: BranchEdit & { kind: "set" }, simulation: Simulation): void {
  const environment = environmentOf(simulation, thread === 0 ? null : { pid: thread, number: frame });
  const read = (text: string): Expr => {
    const expr = parseWatchExpression(text);
    if ("mistake" in expr) throw adapterErrors.cannotSet(place, expr.mistake);
    return expr;
  };
  const [target, source] = [read(place), read(value)];
  const found = findStorage(target, environment, simulation);
  if ("problem" in found) throw adapterErrors.cannotSet(place, found.problem);
  const result = evaluate(source, environment);
  if (isError(result)) throw adapterErrors.cannotSet(place, result.message);
  simulation.machine.tampered = true;
  store(found.storage, result, place);
}

function store(storage: StorageLocation, value: Value, place: string): void {
  if (!canSet(storage)) throw adapterErrors.cannotSet(place, "the model would contradict itself: other things depend on it");
  const { object, key } = storage;
  const fields = object as Record<string | number, unknown>;
  if (typeof fields[key] === "object") {
    const pointed = unwrap(value);
    const Kind = key === "check_mapping" ? AddressSpace : VmArea;
    if (pointed !== null && !(pointed instanceof Kind))
      throw adapterErrors.cannotSet(place, `it points to ${Kind === VmArea ? "a vma" : "a file"}, or is NULL`);
    fields[key] = pointed;
    return;
  }
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw adapterErrors.cannotSet(place, "it is a whole number");
  if (value < 0 || (ArrayBuffer.isView(object) && value > 0xffff_ffff))
    throw adapterErrors.cannotSet(place, "it is unsigned, and has 32 bits in a page table");
  fields[key] = typeof fields[key] === "boolean" ? value !== 0 : value;
}
