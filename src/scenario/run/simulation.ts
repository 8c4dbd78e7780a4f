// An execution of a scenario: the machine boots the kernel, the set-up task makes the processes in no model time, and then the
// tasks of the scenario run.

import { ARCHITECTURES } from "../../engine/kernel/common/arch.ts";
import { k, type Image } from "../../engine/kernel/image.ts";
import { boot, create_file, create_mm, type System } from "../../engine/kernel/boot.ts";
import { default_break_lock, type KernelName } from "../../engine/kernel/variants.ts";
import type { Build } from "../../engine/kernel/linking.ts";
import { File, type Inode } from "../../engine/kernel/common/mm_types.ts";
import { ABLATIONS } from "../../engine/kernel/ablations.ts";
import type { CostTable } from "../../engine/machine/costs.ts";
import { run_random } from "../../engine/explore/random.ts";
import { RestorePoint } from "../../engine/explore/restore_point.ts";
import { $, type Kernel } from "../../engine/machine/hooks.ts";
import type { Machine } from "../../engine/machine/machine.ts";
import { follow_schedule } from "../../engine/schedule/replay_strategy.ts";
import type { Schedule } from "../../engine/schedule/schedule.ts";
import { scheduling_point } from "../../engine/machine/sched.ts";
import { note_read, note_write } from "../../engine/machine/shared.ts";
import { DEFAULT_PRIO, type Task } from "../../engine/machine/task.ts";
import { install_checks } from "../../engine/observe/checks/install.ts";
import { all_locks } from "../../engine/observe/locks.ts";
import { mapped_beyond } from "../../engine/observe/consistency.ts";
import { Statistics } from "../../engine/observe/statistics.ts";
import { UnmapProgress } from "../../engine/observe/unmap_progress.ts";
import type { Value } from "../program/expression.ts";
import type { Program } from "../program/program.ts";
import { callsOfStatement, repeatsForever, statementsOf } from "../program/traversal.ts";
import { Barrier, barrierMembers } from "./barrier.ts";
import { CheckMonitor } from "./check-monitor.ts";
import { Bindings, type GlobalBindings } from "./bindings.ts";
import { installForcedChecks } from "./forced-checks.ts";
import { Interpreter } from "./interpreter.ts";
import { SyscallResults } from "./syscall-results.ts";
import { installTriggers } from "./triggers.ts";
import { unwrap } from "./kernel-values.ts";
import type { Process } from "./values.ts";

export interface RunOptions {
  /** Overrides the kernel that the scenario names. */
  readonly kernel?: KernelName;
  /** Overrides single limits of `DEFAULT_LIMITS`. */
  readonly limits?: Partial<RunLimits>;
  /** The schedule to replay; if absent, `policy` or model time decides which task is scheduled. */
  readonly schedule?: Schedule;
  /** The strategy of a random schedule, from the seed of the machine on. Ignored if there is a `schedule`. */
  readonly policy?: "random" | "pct";
  /** The set-up task does not start the tasks: the caller does, by `startTasks`. */
  readonly setupOnly?: boolean;
  /** Functions that override those of the kernel, for tests that seed a fault. They replace the overrides of an ablation. */
  readonly overrides?: Partial<Image>;
  /** False: without the always-on checks of the kernel, to measure their cost. */
  readonly checks?: boolean;
  /**
   * False: statistics and unmapping progress are not collected. The scenario may then use no function that needs them
   * (`usesStatistics`).
   */
  readonly statistics?: boolean;
  /**
   * `stepped` if absent. `watched`: the machine can report every access to data (machine/data_access.ts); slower, and nothing else.
   * `plain`: it cannot be stopped and has no backtraces, and the helpers of triggers act too late; faster, and nothing else.
   */
  readonly build?: Build;
}

/** The bound on transitions after the set-up of an execution under a controlled scheduler. */
const MAX_TRANSITIONS = 1_000_000;

/** The limits of a run, which ends with an outcome of kind `limit` beyond them. */
export interface RunLimits {
  /** Statements. */
  readonly steps: number;
  /** Nanoseconds of model time. */
  readonly time: number;
  /** Pages in use. */
  readonly pages: number;
}

/** A billion statements, an hour of model time, 8 GiB of simulated memory. */
export const DEFAULT_LIMITS: RunLimits = { steps: 1e9, time: 3600e9, pages: 2 ** 21 };

/** The overrides of a kernel with all its guards. */
const NO_OVERRIDES = {};

/** The name of the task that sets the processes up. */
export const SETUP_TASK_NAME = "setup";

/**
 * One execution of a program. It is a pure function of the program and the options. `machine.run` executes
 * it up to a step. Simulations can take turns: `machine.run` activates its machine; other calls into the kernel need
 * `machine.activate` first.
 */
export class Simulation {
  /** The booted kernel, and the machine that it runs on. */
  readonly system: System;
  readonly statistics = new Statistics();
  readonly progress = new UnmapProgress();
  /** The files, processes and tasks of the program by name. Tasks are absent before `startTasks`. */
  readonly globals: GlobalBindings;
  /** The results of the checks of the program. */
  checks!: CheckMonitor;
  /** The set-up task; all others start when it has ended. */
  readonly setup: Task;
  /** The kernel that runs: that of the options, or of the program. */
  readonly kernel: KernelName;
  barriers!: ReadonlyMap<string, Barrier>;
  readonly syscallResults: SyscallResults;
  /** Does a task or trigger call exit? Only then the users of an address space are counted. */
  readonly tracksMmUsers: boolean;
  /** The names of the tasks that have a call of each barrier. */
  private readonly barrierMembers: ReadonlyMap<string, readonly string[]>;
  /** Resets the state of the always-on checks of the kernel. */
  private readonly resetKernelChecks: () => void;
  /** The bindings of each task, its `let`s included. */
  private readonly taskBindings = new Map<string, Bindings>();

  /**
   * Boots the kernel, creates the files and processes, and spawns the set-up task. It executes no step: `machine.run` does.
   * @param program a program without errors, as `parseScenario` returns it
   */
  constructor(
    readonly program: Program,
    private readonly options: RunOptions = {},
  ) {
    const { machine } = program;
    this.kernel = options.kernel ?? (program.kernel as KernelName);
    const { cpus, preempt, hz, break_lock } = machine;
    const config = {
      cpus,
      preempt,
      hz,
      break_lock: break_lock ?? default_break_lock(this.kernel),
      costs: machine.costs as Partial<CostTable>,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
    };
    const replace = options.overrides ?? (machine.without === null ? NO_OVERRIDES : ABLATIONS[machine.without].overrides);
    this.system = boot(this.kernel, ARCHITECTURES[machine.arch], config, replace, options.build);
    this.globals = this.createGlobals();
    this.syscallResults = new SyscallResults(program);
    this.barrierMembers = barrierMembers(program);
    if (options.statistics !== false) {
      this.statistics.listen(this.machine);
      this.progress.listen(this.machine);
    }
    this.resetKernelChecks = options.checks === false ? () => undefined : install_checks(this.system);
    this.resetRun();
    this.tracksMmUsers = [...program.tasks, ...program.triggers].some(({ body }) =>
      statementsOf(body).some((statement) => callsOfStatement(statement).some(({ call }) => call === "exit")),
    );
    this.system.machine.time_frozen = true;
    this.setup = this.machine.spawn(SETUP_TASK_NAME, this.machine.helper_cpu, DEFAULT_PRIO, null, this.executeSetup(), 0);
  }

  get machine(): Machine {
    return this.system.machine;
  }

  /** The file that a value refers to; undefined if it refers to none. */
  fileOf(value: Value): File | undefined {
    const mapping = unwrap(value);
    return [...this.globals.files.values()].find((file) => file.f_mapping === mapping);
  }

  /** The number of ptes, of all processes, that map pages of a file wholly at or behind the offset `size`, in bytes. */
  mappedBeyond(inode: Inode, size: number): number {
    return mapped_beyond(this.system, inode, size);
  }

  /** Resets the state that is kept about the system and its tasks outside of them. */
  private resetRun(): void {
    this.resetKernelChecks();
    this.progress.reset();
    this.syscallResults.clear();
    this.checks = new CheckMonitor(this);
    this.barriers = new Map(
      [...this.barrierMembers.keys()].map((name) => [name, new Barrier(name === "" ? "barrier" : `barrier ${name}`)]),
    );
    this.globals.tasks.clear();
    this.taskBindings.clear();
  }

  private createGlobals(): GlobalBindings {
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

  /** The set-up task: executes the bodies of all processes, then starts the tasks. */
  private *executeSetup(): Kernel<void> {
    for (const { name, body } of this.program.processes) {
      for (const process of this.globals.processes.get(name)!.members) {
        yield* new Interpreter(this, this.bindings(process), true).run(body);
      }
    }
    if (this.options.setupOnly !== true) this.startTasks();
  }

  /**
   * Starts model time and spawns the tasks, at the end of the set-up. The set-up task calls it, unless `setupOnly` leaves that to
   * the caller; then it may be called once, and again after each restoration of a restore point.
   */
  startTasks(): void {
    const { machine } = this;
    machine.time_frozen = false;
    this.statistics.reset();
    for (const { name, process, cpu, priority, at, body } of this.program.tasks) {
      const owner = this.globals.processes.get(process.name)!.members[process.index ?? 0]!;
      const bindings = this.bindings(owner);
      this.taskBindings.set(name, bindings);
      owner.mm.mm_users += 1;
      const task = machine.spawn(
        name,
        machine.cpus[cpu]!,
        priority ?? DEFAULT_PRIO,
        owner.mm,
        this.runTask(name, owner, new Interpreter(this, bindings, false).run(body)),
        at,
      );
      task.divergent = repeatsForever(body);
      this.globals.tasks.set(name, task);
    }
    for (const [name, members] of this.barrierMembers) {
      for (const member of members) this.barriers.get(name)!.addMember(this.globals.tasks.get(member)!);
    }
    installForcedChecks(this);
    installTriggers(this);
    this.checks.start();
    const { schedule, policy } = this.options;
    if (schedule !== undefined) follow_schedule(machine, schedule, MAX_TRANSITIONS, this.setup);
    else if (policy !== undefined) run_random(machine, policy, this.program.machine.seed, MAX_TRANSITIONS, this.setup);
  }

  /**
   * A restore point at the current step, which must be the end of the set-up under `setupOnly`. The returned function restores
   * it, any number of times, with the present subscriptions to tracepoints and with the results of checks reset.
   */
  createRestorePoint(): () => void {
    const { machine, kernel } = this.system;
    const { sinks } = machine;
    const restorePoint = new RestorePoint(
      [machine, kernel, ...this.globals.processes.values()],
      [machine.policy, machine.sinks, machine.config],
    );
    return () => {
      machine.activate();
      restorePoint.restore();
      machine.outcome = null;
      $.step = machine.step;
      machine.sinks = sinks;
      this.resetRun();
    };
  }

  /**
   * Declares, for the explorer, that the current task reads kernel state from outside: a visible operation that conflicts with
   * those of all other tasks.
   */
  *observeKernel(): Kernel<void> {
    const { machine, kernel } = this.system;
    yield* scheduling_point("read", machine, "state");
    for (const lock of all_locks(kernel)) note_write(lock, "");
    for (const inode of kernel.inodes) {
      note_read(inode, "i_size");
      for (const field of ["truncate_count", "vm_truncate_count", "page_tree"]) note_read(inode.i_mapping, field);
    }
    for (const mm of kernel.mms) note_read(mm, "pgd");
  }

  private *runTask(name: string, { mm }: Process, body: Kernel<void>): Kernel<void> {
    yield* body;
    for (const barrier of this.barriers.values()) barrier.removeMember(this.globals.tasks.get(name)!);
    this.checks.taskEnded(name);
    if (this.tracksMmUsers) yield* k.mmput(mm);
  }

  /** New bindings for a body of `process`; null: for a trigger or a check, in which no mappings are in scope without their process. */
  bindings(process: Process | null): Bindings {
    return new Bindings(this, process, new Map(process === null ? [] : [["index", process.index]]));
  }

  /** The current bindings of a task by name; those of no process if it is null or has not started. */
  bindingsOf(task: string | null): Bindings {
    return (task === null ? undefined : this.taskBindings.get(task)) ?? this.bindings(null);
  }
}
