// Data locations that can be watched, as expressions denote them. A location with a name in terms of the scenario is the same in
// every session: `data.truncate_count`, `viewer[3].V.vm_truncate_count`, `pte(viewer[0], 0x40000000)`. A location without one, such
// as a field of the zap_details of a call, is identified by the first write to its object, the anchor.

import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { AddressSpace, Inode, MmStruct } from "../../engine/kernel/common/mm_types.ts";
import { Cpu } from "../../engine/machine/cpu.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import { Task } from "../../engine/machine/task.ts";
import type { Anchor, Location } from "../../engine/machine/data_access.ts";
import { find_pte } from "../../engine/observe/page_walk.ts";
import { evaluate, isError, type Environment, type Expr, type StorageLocation, type Value } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { readStorage, unwrap } from "../../scenario/run/kernel-values.ts";
import { parseWatchExpression } from "./evaluate.ts";
import { nameOfPte, nameOfObject } from "./object-names.ts";

/** A data location, or why an expression denotes none, for the user. */
export type StorageResult =
  | { readonly storage: StorageLocation; /** Its name in every scope; null if it has none. */ readonly name: string | null }
  | { readonly problem: string };

/** Fields whose reads the kernel reports, as it reads them without a lock. */
const REPORTED_READS: readonly (readonly [new (...args: never[]) => object, string])[] = [
  [AddressSpace, "truncate_count"],
  [Inode, "i_size"],
  [SpinLock, "break_lock"],
  [Task, "need_resched"],
];

/** Can a breakpoint stop at reads of it? */
export function reportsReads({ object, key }: StorageLocation): boolean {
  return REPORTED_READS.some(([kind, field]) => object instanceof kind && key === field);
}

/** The data location that `expr` denotes, in this scope and at this step. */
export function findStorage(expr: Expr, env: Environment, simulation: Simulation): StorageResult {
  switch (expr.kind) {
    case "member":
    case "index":
      return findMember(expr, env, simulation);
    case "call":
      return expr.name === "pte" ? findPte(expr, env, simulation) : { problem: "This is calculated: nothing is written to it." };
    case "name":
      return { problem: `'${expr.name}' is no field: name a field of what it stands for, or one that it was read from.` };
    default:
      return { problem: "This is calculated: nothing is written to it." };
  }
}

function findMember(expr: Expr & { kind: "member" | "index" }, env: Environment, simulation: Simulation): StorageResult {
  const container = evaluate(expr.object, env);
  if (isError(container)) return { problem: container.message };
  const key = expr.kind === "member" ? expr.name : evaluate(expr.index, env);
  if (typeof key === "object" && key !== null && isError(key)) return { problem: key.message };
  // A field that does not exist is reported as in any other expression.
  const value = evaluate(expr, env);
  if (isError(value)) return { problem: value.message };
  const storage = typeof container === "object" && container !== null ? container.storage?.(key as string | number) : undefined;
  if (storage === undefined)
    return {
      problem: isObject(value)
        ? "This is a part of what contains it and stays the same: name one of its fields."
        : "This is calculated: nothing is written to it.",
    };
  if (storage.object instanceof Cpu)
    return {
      problem: "This is kept by the machine, not by the kernel: its writes are not reported. Break on tracepoints such as sched_switch.",
    };
  return { storage, name: nameOfStorage(simulation, container, storage, key as string | number) };
}

function nameOfStorage(simulation: Simulation, container: Value, { object }: StorageLocation, key: string | number): string | null {
  if (typeof key === "number") return object instanceof Uint32Array ? nameOfPte(simulation, object, key) : null;
  const name = nameOfObject(simulation, unwrap(container));
  return name === null ? null : `${name}.${key}`;
}

function findPte(expr: Expr & { kind: "call" }, env: Environment, simulation: Simulation): StorageResult {
  const pte = evaluatePte(expr, env, simulation);
  if (pte === null) return { problem: "There is no page table for this address now." };
  if ("problem" in pte) return pte;
  return { storage: { object: pte.table, key: pte.at }, name: nameOfPte(simulation, pte.table, pte.at) };
}

function evaluatePte(
  { args }: Expr & { kind: "call" },
  env: Environment,
  { system }: Simulation,
): ReturnType<typeof find_pte> | { readonly problem: string } {
  const [process, address] = [args["process"]!, args["address"]!].map((arg) => evaluate(arg, env)) as [Value, Value];
  for (const value of [process, address]) if (isObject(value) && isError(value)) return { problem: value.message };
  const mm = unwrap(process);
  return mm instanceof MmStruct && typeof address === "number"
    ? find_pte(system.kernel, mm, address)
    : { problem: "pte() takes a process and an address." };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What is wrong with a name as the name of a data location; null if nothing is. Whether the location exists is found during the run. */
export function checkName(name: string, simulation: Simulation): string | null {
  const expr = parseWatchExpression(name);
  if ("mistake" in expr) return expr.mistake;
  const root = rootOf(expr);
  const { files, processes, tasks } = simulation.globals;
  const declared = simulation.program.tasks.some((task) => task.name === root) || processes.has(root) || tasks.has(root);
  // Files and CPUs exist from the beginning; mappings and tables are made during the run.
  const existsAtStart = files.has(root) || root === "gather";
  if (!declared && !existsAtStart) return `There is no '${root}' in this scenario.`;
  const found = existsAtStart ? findStorage(expr, simulation.bindings(null), simulation) : null;
  return found !== null && "problem" in found ? found.problem : null;
}

/** Can a breakpoint stop at reads of a location with this name? */
export function mayReportReads(name: string): boolean {
  return REPORTED_READS.some(([, field]) => name.endsWith(field) && /[.>]$/.test(name.slice(0, -field.length)));
}

function rootOf(expr: Expr): string {
  if (expr.kind === "name") return expr.name;
  if (expr.kind === "member" || expr.kind === "index") return rootOf(expr.object);
  if (expr.kind !== "call") return "";
  return expr.args["process"] === undefined ? expr.name : rootOf(expr.args["process"]);
}

/** The location of that name: what the name denotes in the execution that runs at the time. */
export function namedLocation(name: string, simulation: () => Simulation): Location {
  const expr = parseWatchExpression(name) as Expr;
  const scope = (): Environment => simulation().bindings(null);
  if (expr.kind === "call") return pteLocation(expr, scope, simulation);
  const key = expr.kind === "index" ? (evaluate(expr.index, scope()) as number) : (expr as Expr & { kind: "member" }).name;
  const container = (expr as Expr & { kind: "index" | "member" }).object;
  return {
    keys: key === "waiters" ? ["waiters", "queue"] : [key],
    is: (object) => storageIn(evaluate(container, scope()) as Value, key)?.object === object,
    value: (object) => readStorage({ object, key: key === "waiters" && !(object instanceof SpinLock) ? "queue" : key }),
  };
}

function storageIn(container: Value, key: string | number): StorageLocation | undefined {
  return isObject(container) ? container.storage?.(key) : undefined;
}

function pteLocation(expr: Expr & { kind: "call" }, scope: () => Environment, simulation: () => Simulation): Location {
  const { arch } = simulation().system.kernel;
  const address = evaluate(expr.args["address"]!, scope()) as number;
  const at = (Math.floor(address / 4096) % arch.PTRS_PER_PTE) * arch.stride;
  return {
    keys: arch.stride === 1 ? [at] : [at, at + 1],
    is: (object) => {
      const pte = evaluatePte(expr, scope(), simulation());
      return pte !== null && "table" in pte && pte.table === object;
    },
    value: (object) => (object as Uint32Array)[at],
  };
}

/** The location in the object that an anchor identifies. */
export function anchoredLocation(key: string | number, anchor: Anchor): Location {
  return { keys: [key], is: (object) => object === anchor.object, value: (object) => readStorage({ object, key }), anchor };
}

/** Can the user set it? State that the model keeps consistent with other state cannot be set alone. */
export function canSet({ object, key }: StorageLocation): boolean {
  const value = (object as Record<string | number, unknown>)[key];
  if (object instanceof SpinLock || object instanceof Semaphore) return key === "break_lock";
  if (typeof value === "number") return key !== "id";
  return typeof value === "boolean" || (object instanceof ZapDetails && typeof value === "object");
}
