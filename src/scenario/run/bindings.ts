// The environment of expressions during a run: the bindings of names, and the functions.

import type { File } from "../../engine/kernel/common/mm_types.ts";
import { Semaphore } from "../../engine/machine/semaphore.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import type { Task } from "../../engine/machine/task.ts";
import { find_pte } from "../../engine/observe/page_walk.ts";
import { note_read } from "../../engine/machine/shared.ts";
import { CONSTANTS } from "../catalogue/index.ts";
import type { Environment, EvaluationFailure, Value } from "../program/expression.ts";
import type { Simulation } from "./simulation.ts";
import { PageValue } from "./page-value.ts";
import { ProcessArray, ProcessValue, type Process } from "./values.ts";
import { unwrap, wrap } from "./kernel-values.ts";
import { AddressSpace, MmStruct } from "../../engine/kernel/common/mm_types.ts";

/** The bindings in scope in one body: of the scenario, of a process, and of the enclosing statements. */
export class Bindings implements Environment {
  constructor(
    private readonly simulation: Simulation,
    readonly process: Process | null,
    /** The values of `let`, of `index` and `iteration`, or of the locals of a stack frame. */
    readonly locals: Map<string, Value>,
  ) {}

  /** These bindings with further locals, which shadow them. */
  extend(locals: Iterable<readonly [string, Value]>): Bindings {
    return new Bindings(this.simulation, this.process, new Map([...this.locals, ...locals]));
  }

  /** The value of a name; undefined if it is unbound. The innermost binding counts: locals, the process, the scenario. */
  lookup(name: string): Value | undefined {
    const { files, processes, tasks } = this.simulation.globals;
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

  /** All bound names. */
  names(): Iterable<string> {
    const { files, processes, tasks } = this.simulation.globals;
    return [
      ...Object.keys(CONSTANTS),
      ...this.locals.keys(),
      ...(this.process?.variables.keys() ?? []),
      ...files.keys(),
      ...tasks.keys(),
      ...processes.keys(),
    ];
  }

  /** The value of a function, or the reason why it has none. */
  callFunction(name: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure {
    return FUNCTIONS[name]?.(this.simulation, args) ?? { failure: `${name} has no value here` };
  }

  /** What the last such system call returned, or the failure that there was none. */
  lastResult(call: string, args: Readonly<Record<string, Value>>): Value | EvaluationFailure {
    return this.simulation.syscallResults.last(call, args) ?? { failure: `no such ${call} has returned` };
  }
}

type FunctionBody = (simulation: Simulation, args: Readonly<Record<string, Value>>) => Value | EvaluationFailure;

function fileStatistic(property: "lockbreaks" | "restarts" | "completed" | "skipped" | "zap_blocks"): FunctionBody {
  return ({ statistics }, args) => {
    const mapping = unwrap(args["file"] ?? null);
    return mapping instanceof AddressSpace ? statistics.of_file(mapping)[property] : { failure: "it takes a file" };
  };
}

function lockStatistic(property: "max_hold" | "max_wait"): FunctionBody {
  return ({ statistics }, args) => {
    const lock = unwrap(args["lock"] ?? null);
    return lock instanceof SpinLock || lock instanceof Semaphore
      ? statistics.of_lock(lock)[property]
      : { failure: "there is no such lock in the kernel that runs" };
  };
}

/** The functions whose values are statistics, counted from the beginning of the run. */
const STATISTICS_FUNCTIONS: Readonly<Record<string, FunctionBody>> = {
  lockbreaks: fileStatistic("lockbreaks"),
  restarts: fileStatistic("restarts"),
  completed: fileStatistic("completed"),
  skipped: fileStatistic("skipped"),
  zap_blocks: fileStatistic("zap_blocks"),
  max_hold: lockStatistic("max_hold"),
  max_wait: lockStatistic("max_wait"),
  wakeup_latency: ({ statistics }, args) => statistics.of_task(unwrap(args["task"] ?? null) as Task).max_latency,
};

/**
 * Does a scenario, or a part of one, use such a function? Another name that is spelled alike counts, too: unneeded statistics do
 * no harm.
 */
export function usesStatistics(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  return ("name" in part && Object.hasOwn(STATISTICS_FUNCTIONS, String(part.name))) || Object.values(part).some(usesStatistics);
}

const FUNCTIONS: Readonly<Record<string, FunctionBody>> = {
  ...STATISTICS_FUNCTIONS,
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
  cpu: ({ machine }, args) => elementByNumber(machine.all_cpus, args),
  gather: ({ system }, args) => elementByNumber(system.kernel.mmu_gathers, args),
  page({ system }, args) {
    const page = args["number"];
    const { max_mapnr } = system.kernel.mem_map;
    if (typeof page !== "number" || !Number.isInteger(page) || page < 0 || page >= max_mapnr) {
      return { failure: `it takes a page frame number below ${max_mapnr}` };
    }
    return new PageValue(system.kernel, page);
  },
  rss: (_simulation, args) => {
    const mm = unwrap(args["process"] ?? null);
    return mm instanceof MmStruct ? mm.rss : { failure: "it takes a process" };
  },
};

function elementByNumber(list: readonly object[], args: Readonly<Record<string, Value>>): Value | EvaluationFailure {
  const number = args["number"];
  const found = typeof number === "number" ? list[number] : undefined;
  return found === undefined ? { failure: `it takes the number of a CPU, from 0 to ${list.length - 1}` } : wrap(found);
}

/** The files, processes and tasks of a scenario by name. */
export interface GlobalBindings {
  readonly files: ReadonlyMap<string, File>;
  readonly processes: ReadonlyMap<string, { readonly array: boolean; readonly members: readonly Process[] }>;
  readonly tasks: Map<string, Task>;
}
