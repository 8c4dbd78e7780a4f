// A scenario as an execution: the machine boots its kernel, a task sets the processes up in no time, and then its tasks run.

import { ARCHITECTURES } from "../../engine/kernel/common/arch.ts";
import { k, type Image } from "../../engine/kernel/image.ts";
import { boot, create_file, create_mm, type System } from "../../engine/kernel/boot.ts";
import { default_break_lock, type KernelName } from "../../engine/kernel/variants.ts";
import type { Build } from "../../engine/kernel/linking.ts";
import { File, type Inode } from "../../engine/kernel/common/mm_types.ts";
import { SAFEGUARDS } from "../../engine/kernel/safeguards.ts";
import type { CostTable } from "../../engine/machine/costs.ts";
import { run_by_chance } from "../../engine/explore/samples.ts";
import { Snapshot } from "../../engine/explore/snapshot.ts";
import { $, type Kernel } from "../../engine/machine/hooks.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import { follow } from "../../engine/schedule/follow.ts";
import type { Course } from "../../engine/schedule/schedule.ts";
import { order } from "../../engine/machine/sched.ts";
import { note_read, note_write } from "../../engine/machine/shared.ts";
import { DEFAULT_PRIO, type Task } from "../../engine/machine/task.ts";
import { install_checks } from "../../engine/observe/checks/install.ts";
import { all_locks } from "../../engine/observe/locks.ts";
import { mapped_beyond } from "../../engine/observe/consistency.ts";
import { Statistics } from "../../engine/observe/statistics.ts";
import { UnmapProgress } from "../../engine/observe/unmap_progress.ts";
import type { Value } from "../program/expression.ts";
import type { Program } from "../program/program.ts";
import { callsOf, isEndless, statementsOf } from "../program/statements.ts";
import { Barrier, barriersOf } from "./barrier.ts";
import { Checks } from "./checks.ts";
import { Scope, type Names } from "./environment.ts";
import { installForces } from "./forces.ts";
import { Interpreter } from "./interpret.ts";
import { Returned } from "./returned.ts";
import { installTriggers } from "./triggers.ts";
import { unwrap, type Process } from "./values.ts";

export interface RunOptions {
  /** Overrides the kernel that the scenario names. */
  readonly kernel?: KernelName;
  readonly limits?: Partial<Limits>;
  /** Who goes on when, if not model time decides. */
  readonly schedule?: Course;
  /** Who goes on when, if neither a schedule nor model time decides: chance, from the machine's seed on. */
  readonly policy?: "random" | "pct";
  /** The run ends when the processes are set up: the tasks begin when `begin` is called. */
  readonly setupOnly?: boolean;
  /** Functions laid over the kernel's, by tests that plant a fault. */
  readonly replace?: Partial<Image>;
  /** False: without the always-on checks, to measure what they cost. */
  readonly checks?: boolean;
  /** False: nobody asks for figures of the run, neither who runs it nor the scenario. */
  readonly figures?: boolean;
  /**
   * `stepped` if absent. `watched`: the machine can tell of every access to data (machine/watch.ts); slower, and nothing else.
   * `plain`: it cannot be stopped, nor asked for backtraces, and triggers come too late; faster, and nothing else.
   */
  readonly build?: Build;
}

/** An execution whose policy is not model time may have so many units after the set-up: see ChoicePolicy. */
const MAX_UNITS = 1_000_000;

/** Beyond these a run ends with an outcome of kind `limit`. */
export interface Limits {
  /** Statements. */
  readonly steps: number;
  /** Nanoseconds of model time. */
  readonly time: number;
  /** Pages in use. */
  readonly pages: number;
}

/** A billion statements, an hour of model time, 8 GiB of simulated memory. */
export const DEFAULT_LIMITS: Limits = { steps: 1e9, time: 3600e9, pages: 2 ** 21 };

/** Laid over a kernel that has to do without none of its safeguards. */
const NOTHING = {};

/** The name of the task that sets the processes up. */
export const SETUP = "setup";

export class Simulation {
  readonly system: System;
  readonly statistics = new Statistics();
  readonly progress = new UnmapProgress();
  readonly names: Names;
  checks!: Checks;
  /** The task that sets the processes up; all others begin when it has ended. */
  readonly setup: Task;
  readonly kernel: KernelName;
  barriers!: ReadonlyMap<string, Barrier>;
  readonly returned: Returned;
  /** Whether somebody calls exit: only then it matters who uses an address space. */
  readonly countsUsers: boolean;
  /** The names of the tasks that come to each barrier. */
  private readonly members: ReadonlyMap<string, readonly string[]>;
  /** Makes the always-on checks forget what they have seen. */
  private readonly forgetChecks: () => void;
  /** What each task sees, its `let`s included. */
  private readonly scopes = new Map<string, Scope>();

  /** Boots the scenario. Nothing is executed yet: that is for whoever calls `machine.run`. */
  constructor(
    readonly program: Program,
    private readonly options: RunOptions = {},
  ) {
    const { machine } = program;
    this.kernel = options.kernel ?? (program.kernel as KernelName);
    const { cpus, preempt, hz, break_lock } = machine;
    const config = { cpus, preempt, hz, break_lock: break_lock ?? default_break_lock(this.kernel), costs: machine.costs as Partial<CostTable>, limits: { ...DEFAULT_LIMITS, ...options.limits } };
    const replace = options.replace ?? (machine.without === null ? NOTHING : SAFEGUARDS[machine.without].replace);
    this.system = boot(this.kernel, ARCHITECTURES[machine.arch], config, replace, options.build);
    this.names = this.declare();
    this.returned = new Returned(program);
    this.members = barriersOf(program);
    if (options.figures !== false) {
      this.statistics.listen(this.machine);
      this.progress.listen(this.machine);
    }
    this.forgetChecks = options.checks === false ? () => undefined : install_checks(this.system);
    this.beginAnew();
    this.countsUsers = [...program.tasks, ...program.triggers].some(({ body }) => statementsOf(body).some((statement) => callsOf(statement).some(({ call }) => call === "exit")));
    this.system.machine.timeless = true;
    this.setup = this.machine.spawn(SETUP, this.machine.helper_cpu, DEFAULT_PRIO, null, this.setUp(), 0);
  }

  get machine(): Machine {
    return this.system.machine;
  }

  /** The file that a value stands for, if it stands for one. */
  fileOf(value: Value): File | undefined {
    const mapping = unwrap(value);
    return [...this.names.files.values()].find((file) => file.f_mapping === mapping);
  }

  /** Ptes that map pages of a file at or behind `size` bytes. */
  mappedBeyond(inode: Inode, size: number): number {
    return mapped_beyond(this.system, inode, size);
  }

  /** All that is not the system's own begins anew: what is known and kept about it and its tasks. */
  private beginAnew(): void {
    this.forgetChecks();
    this.progress.forget();
    this.returned.forget();
    this.checks = new Checks(this);
    this.barriers = new Map([...this.members.keys()].map((name) => [name, new Barrier(name === "" ? "barrier" : `barrier ${name}`)]));
    this.names.tasks.clear();
    this.scopes.clear();
  }

  private declare(): Names {
    const files = new Map<string, File>();
    for (const { name, size, truncate_count } of this.program.files) {
      const file = create_file(this.system, name, size);
      file.f_mapping.truncate_count = truncate_count;
      files.set(name, file);
    }
    const processes: Map<string, { array: boolean; members: Process[] }> = new Map();
    for (const { name, count } of this.program.processes) {
      const members = Array.from({ length: count ?? 1 }, (_, index): Process => {
        const fullName = count === null ? name : `${name}[${index}]`;
        return { name: fullName, index, mm: create_mm(this.system, fullName), variables: new Map(), exited: false };
      });
      processes.set(name, { array: count !== null, members });
    }
    return { files, processes, tasks: new Map() };
  }

  /** Executes the bodies of all processes, then lets time begin. */
  private *setUp(): Kernel<void> {
    for (const { name, body } of this.program.processes) {
      for (const process of this.names.processes.get(name)!.members) {
        yield* new Interpreter(this, this.scope(process), true).run(body);
      }
    }
    if (this.options.setupOnly !== true) this.begin();
  }

  /** The processes are set up: time begins, and the tasks with it. */
  begin(): void {
    const { machine } = this;
    machine.timeless = false;
    this.statistics.reset();
    for (const { name, process, cpu, priority, at, body } of this.program.tasks) {
      const owner = this.names.processes.get(process.name)!.members[process.index ?? 0]!;
      const scope = this.scope(owner);
      this.scopes.set(name, scope);
      owner.mm.mm_users += 1;
      const task = machine.spawn(name, machine.cpus[cpu]!, priority ?? DEFAULT_PRIO, owner.mm, this.runTask(name, owner, new Interpreter(this, scope, false).run(body)), at);
      task.endless = isEndless(body);
      this.names.tasks.set(name, task);
    }
    for (const [name, members] of this.members) for (const member of members) this.barriers.get(name)!.add(this.names.tasks.get(member)!);
    installForces(this);
    installTriggers(this);
    this.checks.begin();
    const { schedule, policy } = this.options;
    if (schedule !== undefined) follow(machine, schedule, MAX_UNITS, this.setup);
    else if (policy !== undefined) run_by_chance(machine, policy, this.program.machine.seed, MAX_UNITS, this.setup);
  }

  /**
   * From the end of the set-up, which has to have been reached: the way back to it, as often as one likes. Who listens by now
   * goes on listening.
   */
  rewinder(): () => void {
    const { machine, kernel } = this.system;
    const { sinks } = machine;
    const snapshot = new Snapshot([machine, kernel, ...this.names.processes.values()], [machine.policy, machine.sinks, machine.config]);
    return () => {
      machine.activate();
      snapshot.restore();
      machine.outcome = null;
      $.step = machine.step;
      machine.sinks = sinks;
      this.beginAnew();
    };
  }

  /** The current task looks at the kernel from outside: what it sees depends on what all others have done. */
  *look(): Kernel<void> {
    const { machine, kernel } = this.system;
    yield* order("read", machine, "state");
    for (const lock of all_locks(kernel)) note_write(lock, "");
    for (const inode of kernel.inodes) {
      note_read(inode, "i_size");
      for (const field of ["truncate_count", "vm_truncate_count", "page_tree"]) note_read(inode.i_mapping, field);
    }
    for (const mm of kernel.mms) note_read(mm, "pgd");
  }

  private *runTask(name: string, { mm }: Process, body: Kernel<void>): Kernel<void> {
    yield* body;
    for (const barrier of this.barriers.values()) barrier.leave(this.names.tasks.get(name)!);
    this.checks.after(name);
    if (this.countsUsers) yield* k.mmput(mm);
  }

  /** The names that a body of `process` sees, with room for its own. */
  scope(process: Process | null): Scope {
    return new Scope(this, process, new Map(process === null ? [] : [["index", process.index]]));
  }

  /** The names that a task sees now; those of no process before it has begun. */
  scopeOf(task: string | null): Scope {
    return (task === null ? undefined : this.scopes.get(task)) ?? this.scope(null);
  }
}
