// What the names and functions of expressions mean during a run.

import type { File } from "../../engine/kernel/common/mm_types.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import type { Task } from "../../engine/machine/task.ts";
import { find_pte } from "../../engine/observe/page_walk.ts";
import { note_read } from "../../engine/machine/shared.ts";
import { CONSTANTS } from "../catalogue/index.ts";
import type { Environment, Failure, Value } from "../program/expression.ts";
import type { Simulation } from "./simulation.ts";
import { PageValue } from "./page-value.ts";
import { ProcessArray, ProcessValue, unwrap, wrap, type Process } from "./values.ts";
import { AddressSpace, MmStruct } from "../../engine/kernel/common/mm_types.ts";

/** The names of a scenario, of one of its processes, and of the statements around. */
export class Scope implements Environment {
  constructor(
    private readonly simulation: Simulation,
    readonly process: Process | null,
    /** Values of `let`, of `index` and `iteration`, or of a stack frame's locals. */
    readonly locals: Map<string, Value>,
  ) {}

  /** The same names with further ones before them. */
  with(locals: Iterable<readonly [string, Value]>): Scope {
    return new Scope(this.simulation, this.process, new Map([...this.locals, ...locals]));
  }

  /** What a name stands for now; undefined if there is none. The nearest one counts: locals, the process, the scenario. */
  name(name: string): Value | undefined {
    const { files, processes, tasks } = this.simulation.names;
    if (Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name];
    if (this.process !== null) note_read(this.process, "variables");
    const near = this.locals.get(name) ?? this.process?.variables.get(name);
    if (near !== undefined) return near;
    const file = files.get(name);
    if (file !== undefined) return wrap(file);
    const task = tasks.get(name);
    if (task !== undefined) return wrap(task);
    const group = processes.get(name);
    if (group === undefined) return undefined;
    return group.array ? new ProcessArray(name, group.members) : new ProcessValue(group.members[0]!);
  }

  /** All names that stand for something now. */
  names(): Iterable<string> {
    const { files, processes, tasks } = this.simulation.names;
    return [...Object.keys(CONSTANTS), ...this.locals.keys(), ...(this.process?.variables.keys() ?? []), ...files.keys(), ...tasks.keys(), ...processes.keys()];
  }

  /** The value of a function of expressions, or why it has none. */
  call(name: string, args: Readonly<Record<string, Value>>): Value | Failure {
    return FUNCTIONS[name]?.(this.simulation, args) ?? { failure: `${name} has no value here` };
  }

  /** What the last such system call has returned, or why there is nothing. */
  returned(call: string, args: Readonly<Record<string, Value>>): Value | Failure {
    return this.simulation.returned.last(call, args) ?? { failure: `no such ${call} has returned` };
  }
}

type Evaluation = (simulation: Simulation, args: Readonly<Record<string, Value>>) => Value | Failure;

function ofFile(property: "lockbreaks" | "restarts" | "completed" | "skipped" | "zap_blocks"): Evaluation {
  return ({ statistics }, args) => {
    const mapping = unwrap(args["file"] ?? null);
    return mapping instanceof AddressSpace ? statistics.of_file(mapping)[property] : { failure: "it takes a file" };
  };
}

function ofLock(property: "max_hold" | "max_wait"): Evaluation {
  return ({ statistics }, args) => {
    const lock = unwrap(args["lock"] ?? null);
    return lock instanceof SpinLock || lock instanceof Semaphore ? statistics.of_lock(lock)[property] : { failure: "there is no such lock in the kernel that runs" };
  };
}

/** Those whose values have to be counted from the beginning of a run. */
const FIGURES: Readonly<Record<string, Evaluation>> = {
  lockbreaks: ofFile("lockbreaks"),
  restarts: ofFile("restarts"),
  completed: ofFile("completed"),
  skipped: ofFile("skipped"),
  zap_blocks: ofFile("zap_blocks"),
  max_hold: ofLock("max_hold"),
  max_wait: ofLock("max_wait"),
  wakeup_latency: ({ statistics }, args) => statistics.of_task(unwrap(args["task"] ?? null) as Task).max_latency,
};

/** Does a scenario, or a part of one, use such a function? What is merely called like one counts, too: to listen in vain does no harm. */
export function asksForFigures(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  return ("name" in part && Object.hasOwn(FIGURES, String(part.name))) || Object.values(part).some(asksForFigures);
}

const FUNCTIONS: Readonly<Record<string, Evaluation>> = {
  ...FIGURES,
  mapped(simulation, args) {
    const mapping = unwrap(args["file"] ?? null);
    if (!(mapping instanceof AddressSpace)) return { failure: "it takes a file" };
    const beyond = args["beyond"] === "size" ? mapping.host.i_size : args["beyond"];
    return simulation.mappedBeyond(mapping.host, typeof beyond === "number" ? beyond : 0);
  },
  pte({ system }, args) {
    const mm = unwrap(args["process"] ?? null);
    const address = args["address"];
    if (!(mm instanceof MmStruct) || typeof address !== "number") return { failure: "it takes a process and an address" };
    const pte = find_pte(system.kernel, mm, address);
    return pte === null ? 0 : pte.table[pte.at]!;
  },
  cpu: ({ machine }, args) => numbered(machine.all_cpus, args),
  gather: ({ system }, args) => numbered(system.kernel.mmu_gathers, args),
  page({ system }, args) {
    const page = args["number"];
    const { max_mapnr } = system.kernel.mem_map;
    if (typeof page !== "number" || !Number.isInteger(page) || page < 0 || page >= max_mapnr) return { failure: `it takes a page frame number below ${max_mapnr}` };
    return new PageValue(system.kernel, page);
  },
  rss: (_simulation, args) => {
    const mm = unwrap(args["process"] ?? null);
    return mm instanceof MmStruct ? mm.rss : { failure: "it takes a process" };
  },
};

function numbered(list: readonly object[], args: Readonly<Record<string, Value>>): Value | Failure {
  const number = args["number"];
  const found = typeof number === "number" ? list[number] : undefined;
  return found === undefined ? { failure: `it takes the number of a CPU, from 0 to ${list.length - 1}` } : wrap(found);
}

/** The files, processes and tasks of a scenario by name. */
export interface Names {
  readonly files: ReadonlyMap<string, File>;
  readonly processes: ReadonlyMap<string, { readonly array: boolean; readonly members: readonly Process[] }>;
  readonly tasks: Map<string, Task>;
}
