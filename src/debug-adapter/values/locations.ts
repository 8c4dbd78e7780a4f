// Places of data that can be watched, as expressions name them. What has a name in the scenario's terms is the same place in
// every session: `data.truncate_count`, `viewer[3].V.vm_truncate_count`, `pte(viewer[0], 0x40000000)`. What has none, such as a field
// of the zap_details of a call, is told by the first write to its object.

import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { AddressSpace, Inode, MmStruct } from "../../engine/kernel/common/mm_types.ts";
import { Cpu } from "../../engine/machine/cpu.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Task } from "../../engine/machine/task.ts";
import type { Anchor, Location } from "../../engine/machine/watch.ts";
import { find_pte } from "../../engine/observe/page_walk.ts";
import { evaluate, isError, type Environment, type Expr, type Storage, type Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { stored, unwrap } from "../../scenario/run/values.ts";
import { parse } from "./evaluate.ts";
import { nameOfEntry, nameOfObject } from "./object-names.ts";

/** A place of data, or why an expression means none, for people. */
export type Found = { readonly storage: Storage; /** What it is called wherever one is; null if nothing leads to it. */ readonly name: string | null } | { readonly problem: string };

/** Words whose reads the kernel tells, because it reads them while others may write. */
const TOLD_READS: readonly (readonly [new (...args: never[]) => object, string])[] = [
  [AddressSpace, "truncate_count"],
  [Inode, "i_size"],
  [SpinLock, "break_lock"],
  [Task, "need_resched"],
];

/** Can reads of it stop? */
export function tellsReads({ object, key }: Storage): boolean {
  return TOLD_READS.some(([kind, field]) => object instanceof kind && key === field);
}

/** The place that `expr` means here and now. */
export function findStorage(expr: Expr, env: Environment, simulation: Simulation): Found {
  switch (expr.kind) {
    case "member":
    case "index":
      return findPart(expr, env, simulation);
    case "call":
      return expr.name === "pte" ? findEntry(expr, env, simulation) : { problem: "This is calculated: nothing is written to it." };
    case "name":
      return { problem: `'${expr.name}' is no field: name a field of what it stands for, or one that it was read from.` };
    default:
      return { problem: "This is calculated: nothing is written to it." };
  }
}

function findPart(expr: Expr & { kind: "member" | "index" }, env: Environment, simulation: Simulation): Found {
  const container = evaluate(expr.object, env);
  if (isError(container)) return { problem: container.message };
  const key = expr.kind === "member" ? expr.name : evaluate(expr.index, env);
  if (typeof key === "object" && key !== null && isError(key)) return { problem: key.message };
  // A part that is not there is told as it is everywhere.
  const value = evaluate(expr, env);
  if (isError(value)) return { problem: value.message };
  const storage = typeof container === "object" && container !== null ? container.storage?.(key as string | number) : undefined;
  if (storage === undefined) return { problem: isObject(value) ? "This is a part of what contains it and stays the same: name one of its fields." : "This is calculated: nothing is written to it." };
  if (storage.object instanceof Cpu) return { problem: "This is kept by the machine, not by the kernel: its writes are not told. Break on tracepoints such as sched_switch or lock_acquire." };
  return { storage, name: nameOfStorage(simulation, container, storage, key as string | number) };
}

function nameOfStorage(simulation: Simulation, container: Value, { object }: Storage, key: string | number): string | null {
  if (typeof key === "number") return object instanceof Uint32Array ? nameOfEntry(simulation, object, key) : null;
  const name = nameOfObject(simulation, unwrap(container));
  return name === null ? null : `${name}.${key}`;
}

function findEntry(expr: Expr & { kind: "call" }, env: Environment, simulation: Simulation): Found {
  const pte = evaluateEntry(expr, env, simulation);
  if (pte === null) return { problem: "There is no page table for this address now." };
  if ("problem" in pte) return pte;
  return { storage: { object: pte.table, key: pte.at }, name: nameOfEntry(simulation, pte.table, pte.at) };
}

function evaluateEntry({ args }: Expr & { kind: "call" }, env: Environment, { system }: Simulation): ReturnType<typeof find_pte> | { readonly problem: string } {
  const [process, address] = [args["process"]!, args["address"]!].map((arg) => evaluate(arg, env)) as [Value, Value];
  for (const value of [process, address]) if (isObject(value) && isError(value)) return { problem: value.message };
  const mm = unwrap(process);
  return mm instanceof MmStruct && typeof address === "number" ? find_pte(system.kernel, mm, address) : { problem: "pte() takes a process and an address." };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What is wrong with a name as the name of a place; null if nothing is. Whether the place exists is seen during the run. */
export function checkName(name: string, simulation: Simulation): string | null {
  const expr = parse(name);
  if ("mistake" in expr) return expr.mistake;
  const root = rootOf(expr);
  const { files, processes, tasks } = simulation.names;
  const declared = simulation.program.tasks.some((task) => task.name === root) || processes.has(root) || tasks.has(root);
  // Files and CPUs are there from the beginning; mappings and tables come to be during the run.
  const there = files.has(root) || root === "gather";
  if (!declared && !there) return `There is no '${root}' in this scenario.`;
  const found = there ? findStorage(expr, simulation.scope(null), simulation) : null;
  return found !== null && "problem" in found ? found.problem : null;
}

/** Can reads of a place with this name stop? */
export function mayTellReads(name: string): boolean {
  return TOLD_READS.some(([, field]) => name.endsWith(field) && /[.>]$/.test(name.slice(0, -field.length)));
}

function rootOf(expr: Expr): string {
  if (expr.kind === "name") return expr.name;
  if (expr.kind === "member" || expr.kind === "index") return rootOf(expr.object);
  if (expr.kind !== "call") return "";
  return expr.args["process"] === undefined ? expr.name : rootOf(expr.args["process"]);
}

/** The place of that name, in whatever execution runs at the time: what the name means then. */
export function namedLocation(name: string, simulation: () => Simulation): Location {
  const expr = parse(name) as Expr;
  const scope = (): Environment => simulation().scope(null);
  if (expr.kind === "call") return entryLocation(expr, scope, simulation);
  const key = expr.kind === "index" ? (evaluate(expr.index, scope()) as number) : (expr as Expr & { kind: "member" }).name;
  const container = (expr as Expr & { kind: "index" | "member" }).object;
  return {
    keys: key === "waiters" ? ["waiters", "queue"] : [key],
    is: (object) => storageIn(evaluate(container, scope()) as Value, key)?.object === object,
    value: (object) => stored({ object, key: key === "waiters" && !(object instanceof SpinLock) ? "queue" : key }),
  };
}

function storageIn(container: Value, key: string | number): Storage | undefined {
  return isObject(container) ? container.storage?.(key) : undefined;
}

function entryLocation(expr: Expr & { kind: "call" }, scope: () => Environment, simulation: () => Simulation): Location {
  const { arch } = simulation().system.kernel;
  const address = evaluate(expr.args["address"]!, scope()) as number;
  const at = (Math.floor(address / 4096) % arch.PTRS_PER_PTE) * arch.stride;
  return {
    keys: arch.stride === 1 ? [at] : [at, at + 1],
    is: (object) => {
      const pte = evaluateEntry(expr, scope(), simulation());
      return pte !== null && "table" in pte && pte.table === object;
    },
    value: (object) => (object as Uint32Array)[at],
  };
}

/** The place in the object that an anchor tells. */
export function anchoredLocation(key: string | number, anchor: Anchor): Location {
  return { keys: [key], is: (object) => object === anchor.object, value: (object) => stored({ object, key }), anchor };
}

/** Can a person change it? What the model keeps consistent with other things cannot be changed alone. */
export function canSet({ object, key }: Storage): boolean {
  const value = (object as Record<string | number, unknown>)[key];
  if (object instanceof SpinLock || object instanceof Semaphore) return key === "break_lock";
  if (typeof value === "number") return key !== "id";
  return typeof value === "boolean" || (object instanceof ZapDetails && typeof value === "object");
}
