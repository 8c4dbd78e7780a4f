// The children of variables and scopes, by name or by index. They are made when a client asks for them.

import { all_locks } from "../../engine/observe/snapshot.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import type { StorageLocation } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/kernel-values.ts";
import { processOf } from "./evaluate.ts";
import { visibleFields } from "./format.ts";
import type { Locals } from "./frame-scope.ts";
import type { StackFrame } from "./stack.ts";

/** A value or a scope that has children. */
export interface VariableContainer {
  readonly named: readonly string[];
  namedChild(name: string): ChildVariable;
  /** How many children have an index; clients ask for ranges of them. */
  readonly indexed: number;
  indexedChild(at: number): ChildVariable;
}

export interface ChildVariable {
  readonly name: string;
  readonly value: Value;
  /** An expression for it; empty if there is none. */
  readonly expression: string;
  /** Shown instead of the value. */
  readonly text?: string;
  /** The name by which the value is formatted, if that is not its own: elements of a page table are formatted as the table. */
  readonly displayName?: string;
  /** Where it is stored; absent if it is calculated, or a variable of a frame. */
  readonly storage?: StorageLocation;
}

/** Of more children than this, clients ask for ranges. */
const MAX_NAMED = 100;

const NO_CHILD = (): ChildVariable => ({ name: "", value: null, expression: "" });

/** Children with these names; of many, clients ask for ranges. */
export function listChildren(names: readonly string[], makeChild: (name: string) => ChildVariable): VariableContainer {
  if (names.length <= MAX_NAMED) return { named: names, namedChild: makeChild, indexed: 0, indexedChild: NO_CHILD };
  return { named: [], namedChild: NO_CHILD, indexed: names.length, indexedChild: (at) => makeChild(names[at]!) };
}

/** The fields and elements of a value. */
export function childrenOf(name: string, value: HostObject, expression: string, operator: "." | "->" = "."): VariableContainer {
  const indexedChild = (at: number): ChildVariable => ({
    name: `[${at}]`,
    displayName: name,
    value: value.element?.(at) ?? null,
    expression: expression === "" ? "" : `${expression}[${at}]`,
    ...storageAt(value, at),
  });
  const namedChild = (field: string): ChildVariable => ({
    name: field,
    value: value.field?.(field) ?? null,
    expression: expression === "" ? "" : `${expression}${operator}${field}`,
    ...storageAt(value, field),
  });
  return { named: visibleFields(value), namedChild, indexed: value.length ?? 0, indexedChild };
}

function storageAt(value: HostObject, key: string | number): { readonly storage?: StorageLocation } {
  const storage = value.storage?.(key);
  return storage === undefined ? {} : { storage };
}

/** Variables of a frame. */
export function localChildren(locals: Locals, names: readonly string[]): VariableContainer {
  return listChildren(names, (name) => ({
    name,
    value: wrap(locals[name]),
    ...(locals[name] === undefined ? { expression: "", text: "not set yet" } : { expression: name }),
  }));
}

/** What a scenario declares; in a task, the mappings of its process come first. */
export function scenarioChildren(simulation: Simulation, { task }: StackFrame): VariableContainer {
  const { files, processes, tasks } = simulation.globals;
  const process = processOf(simulation, task);
  const own = [...(process?.variables.keys() ?? [])];
  const scope = simulation.bindings(process);
  const names = [...new Set([...own, ...files.keys(), ...processes.keys(), ...tasks.keys()])];
  return listChildren(names, (name) => ({ name, value: scope.lookup(name) ?? null, expression: name }));
}

export function lockChildren({ system }: Simulation): VariableContainer {
  const locks = new Map(all_locks(system.kernel).map((lock) => [lock.name, lock]));
  return listChildren([...locks.keys()], (name) => ({ name, value: wrap(locks.get(name)), expression: name }));
}

/** The CPU of a task and its mmu_gather. */
export function cpuChildren({ system }: Simulation, { cpu }: StackFrame["task"]): VariableContainer {
  return listChildren(["cpu", "gather"], (name) => ({
    name,
    value: wrap(name === "cpu" ? cpu : system.kernel.mmu_gathers[cpu.id]),
    expression: `${name}(${cpu.id})`,
  }));
}

/** The statistics of the run up to here. */
export function statisticsChildren({ statistics }: Simulation): VariableContainer {
  const { files, locks, tasks, ...counts } = statistics.summary();
  const all: Record<string, unknown> = {
    ...counts,
    files: rowsBy("file", files),
    locks: rowsBy("lock", locks),
    tasks: rowsBy("task", tasks),
  };
  return listChildren(Object.keys(all), (name) => ({ name, value: wrap(all[name]), expression: "" }));
}

/** Rows by the value of one of their columns. */
function rowsBy<K extends string>(key: K, rows: readonly Readonly<Record<K, string>>[]): Record<string, unknown> {
  return Object.fromEntries(rows.map((row) => [row[key], Object.fromEntries(Object.entries(row).filter(([name]) => name !== key))]));
}
