// What values consist of: the parts that a client may ask for, by name or by number, made when they are asked for.

import { all_locks } from "../../engine/observe/snapshot.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import type { Storage } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { wrap } from "../../scenario/run/values.ts";
import { processOf } from "./evaluate.ts";
import { visibleFields } from "./format.ts";
import type { Locals } from "./reach.ts";
import type { StackFrame } from "./stack.ts";

/** Something with parts. */
export interface Container {
  readonly named: readonly string[];
  namedPart(name: string): Part;
  /** How many parts have a number; clients ask for ranges of them. */
  readonly indexed: number;
  indexedPart(at: number): Part;
}

export interface Part {
  readonly name: string;
  readonly value: Value;
  /** An expression for it; empty if there is none. */
  readonly expression: string;
  /** Shown instead of the value. */
  readonly text?: string;
  /** The name that tells how to show it, if its own does not: elements of a page table are shown as the table's. */
  readonly as?: string;
  /** Where it is kept; absent if it is calculated, or a variable of a frame. */
  readonly storage?: Storage;
}

/** More parts than this are asked for in ranges. */
const PAGED = 100;

const NO_PART = (): Part => ({ name: "", value: null, expression: "" });

/** Parts by names that are known; many of them are asked for in ranges. */
export function listed(names: readonly string[], part: (name: string) => Part): Container {
  if (names.length <= PAGED) return { named: names, namedPart: part, indexed: 0, indexedPart: NO_PART };
  return { named: [], namedPart: NO_PART, indexed: names.length, indexedPart: (at) => part(names[at]!) };
}

/** The fields and elements of a value. */
export function partsOf(name: string, value: HostObject, expression: string, operator: "." | "->" = "."): Container {
  const indexedPart = (at: number): Part => ({
    name: `[${at}]`,
    as: name,
    value: value.element?.(at) ?? null,
    expression: expression === "" ? "" : `${expression}[${at}]`,
    ...storedAt(value, at),
  });
  const namedPart = (field: string): Part => ({
    name: field,
    value: value.field?.(field) ?? null,
    expression: expression === "" ? "" : `${expression}${operator}${field}`,
    ...storedAt(value, field),
  });
  return { named: visibleFields(value), namedPart, indexed: value.length ?? 0, indexedPart };
}

function storedAt(value: HostObject, key: string | number): { readonly storage?: Storage } {
  const storage = value.storage?.(key);
  return storage === undefined ? {} : { storage };
}

/** Variables of a frame. */
export function localParts(locals: Locals, names: readonly string[]): Container {
  return listed(names, (name) => ({ name, value: wrap(locals[name]), ...(locals[name] === undefined ? { expression: "", text: "not set yet" } : { expression: name }) }));
}

/** What a scenario declares; in a task, the mappings of its process before. */
export function scenarioParts(simulation: Simulation, { task }: StackFrame): Container {
  const { files, processes, tasks } = simulation.names;
  const process = processOf(simulation, task);
  const own = [...(process?.variables.keys() ?? [])];
  const scope = simulation.scope(process);
  const names = [...new Set([...own, ...files.keys(), ...processes.keys(), ...tasks.keys()])];
  return listed(names, (name) => ({ name, value: scope.name(name) ?? null, expression: name }));
}

export function lockParts({ system }: Simulation): Container {
  const locks = new Map(all_locks(system.kernel).map((lock) => [lock.name, lock]));
  return listed([...locks.keys()], (name) => ({ name, value: wrap(locks.get(name)), expression: name }));
}

/** The CPU of a task and its mmu_gather. */
export function cpuParts({ system }: Simulation, { cpu }: StackFrame["task"]): Container {
  return listed(["cpu", "gather"], (name) => ({ name, value: wrap(name === "cpu" ? cpu : system.kernel.mmu_gathers[cpu.id]), expression: `${name}(${cpu.id})` }));
}

/** What has happened in the run so far. */
export function statisticsParts({ statistics }: Simulation): Container {
  const { files, locks, tasks, ...counts } = statistics.summary();
  const all: Record<string, unknown> = { ...counts, files: by("file", files), locks: by("lock", locks), tasks: by("task", tasks) };
  return listed(Object.keys(all), (name) => ({ name, value: wrap(all[name]), expression: "" }));
}

/** Rows by the name of what they are about. */
function by<K extends string>(key: K, rows: readonly Readonly<Record<K, string>>[]): Record<string, unknown> {
  return Object.fromEntries(rows.map((row) => [row[key], Object.fromEntries(Object.entries(row).filter(([name]) => name !== key))]));
}
