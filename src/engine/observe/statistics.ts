// Figures of a run, gathered from tracepoints: what happened to each file, how long each lock was held and waited for, and
// how long each task waited for its CPU. All times are model time in nanoseconds.

import type { AddressSpace, VmArea } from "../kernel/common/mm_types.ts";
import type { Machine } from "../machine/machine.ts";
import type { Lockable, Task, TaskState } from "../machine/task.ts";
import { lock_class_of } from "./locks.ts";
import { on } from "./subscribe.ts";

export interface FileStatistics {
  readonly file: string;
  /** How often i_mmap_lock was dropped in the middle of unmap_mapping_range. */
  lockbreaks: number;
  /** How often the search for vmas started over. */
  restarts: number;
  /** Vmas scanned to their end, and those skipped as up to date. */
  completed: number;
  skipped: number;
  /** Blocks of its vmas that were unmapped, by any call. */
  zap_blocks: number;
  truncate_count_wraps: number;
  /** Page faults that noticed a truncation and asked for their page again. */
  nopage_retries: number;
}

export interface LockStatistics {
  readonly lock: string;
  acquisitions: number;
  /** How often a task found the lock taken. */
  contentions: number;
  total_hold: number;
  /** The longest time it was held until its release, and by whom; null if it was never released. */
  max_hold: number;
  max_hold_task: string | null;
  total_wait: number;
  /** The longest time a task waited until it had the lock, and which; null if none had to. */
  max_wait: number;
  max_wait_task: string | null;
}

export interface TaskStatistics {
  readonly task: string;
  /** As of now. */
  state: TaskState;
  /** How often it was given its CPU after another task. */
  switches: number;
  /** Time from becoming runnable to running, summed and at its longest. */
  total_latency: number;
  max_latency: number;
}

export interface StatisticsSummary {
  readonly lockbreaks: number;
  readonly restarts: number;
  readonly vmas_completed: number;
  readonly vmas_skipped: number;
  /** Pages taken off rss by gathers. */
  readonly pages_zapped: number;
  readonly zap_blocks: number;
  readonly tlb_flushes: number;
  readonly truncate_count_wraps: number;
  readonly nopage_retries: number;
  readonly context_switches: number;
  /** Those that any of it concerned, in order of appearance. */
  readonly files: readonly FileStatistics[];
  readonly locks: readonly LockStatistics[];
  readonly tasks: readonly TaskStatistics[];
}

export class Statistics {
  private readonly files = new Map<AddressSpace, FileStatistics>();
  /** By class. */
  private readonly locks = new Map<string, LockStatistics>();
  private readonly tasks = new Map<Task, TaskStatistics>();
  private pages_zapped = 0;
  private zap_blocks = 0;
  private tlb_flushes = 0;
  private context_switches = 0;

  /** Listens to `machine` from now on, for as long as it runs. */
  listen(machine: Machine): void {
    on<{ mapping: AddressSpace }>(machine, "lockbreak", ({ args: { mapping } }) => (this.of_file(mapping).lockbreaks += 1));
    on<{ mapping: AddressSpace }>(machine, "restart", ({ args: { mapping } }) => (this.of_file(mapping).restarts += 1));
    on<{ vma: VmArea }>(machine, "vma_complete", ({ args: { vma } }) => (this.of_file(vma.vm_file!.f_mapping).completed += 1));
    on<{ vma: VmArea }>(machine, "vma_skip", ({ args: { vma } }) => (this.of_file(vma.vm_file!.f_mapping).skipped += 1));
    on<{ mapping: AddressSpace }>(
      machine,
      "truncate_count_wrap",
      ({ args: { mapping } }) => (this.of_file(mapping).truncate_count_wraps += 1),
    );
    on<{ mapping: AddressSpace }>(machine, "nopage_retry", ({ args: { mapping } }) => (this.of_file(mapping).nopage_retries += 1));
    on<{ freed: number }>(machine, "tlb_finish", ({ args: { freed } }) => (this.pages_zapped += freed));
    on<{ vma: VmArea }>(machine, "zap_block", ({ args: { vma } }) => this.count_zap_block(vma));
    on(machine, "tlb_flush", () => (this.tlb_flushes += 1));
    on<{ lock: Lockable }>(machine, "lock_contended", ({ args: { lock } }) => (this.of_lock(lock).contentions += 1));
    on<{ lock: Lockable; waited: number }>(machine, "lock_acquire", ({ args: { lock, waited }, task }) =>
      this.count_acquisition(this.of_lock(lock), waited, task),
    );
    on<{ lock: Lockable; held: number }>(machine, "lock_release", ({ args: { lock, held }, task }) =>
      this.count_release(this.of_lock(lock), held, task),
    );
    on<{ next: Task; latency: number }>(machine, "sched_switch", ({ args: { next, latency } }) =>
      this.count_switch(this.of_task(next), latency),
    );
  }

  /** Forgets everything: figures begin anew. */
  reset(): void {
    this.files.clear();
    this.locks.clear();
    this.tasks.clear();
    this.pages_zapped = this.zap_blocks = this.tlb_flushes = this.context_switches = 0;
  }

  of_file(mapping: AddressSpace): FileStatistics {
    let found = this.files.get(mapping);
    if (found === undefined) {
      found = {
        file: mapping.host.name,
        lockbreaks: 0,
        restarts: 0,
        completed: 0,
        skipped: 0,
        zap_blocks: 0,
        truncate_count_wraps: 0,
        nopage_retries: 0,
      };
      this.files.set(mapping, found);
    }
    return found;
  }

  /** Of the class of the lock; of the locks of pages there are none. */
  of_lock(lock: Lockable): LockStatistics {
    const lock_class = lock_class_of(lock);
    let found = lock_class === null ? undefined : this.locks.get(lock_class);
    if (found === undefined) {
      found = {
        lock: lock_class ?? lock.name,
        acquisitions: 0,
        contentions: 0,
        total_hold: 0,
        max_hold: 0,
        max_hold_task: null,
        total_wait: 0,
        max_wait: 0,
        max_wait_task: null,
      };
      if (lock_class !== null) this.locks.set(lock_class, found);
    }
    return found;
  }

  of_task(task: Task): TaskStatistics {
    let found = this.tasks.get(task);
    if (found === undefined) {
      found = { task: task.name, state: task.state, switches: 0, total_latency: 0, max_latency: 0 };
      this.tasks.set(task, found);
    }
    found.state = task.state;
    return found;
  }

  /** All figures as plain data, as of now. */
  summary(): StatisticsSummary {
    const files = [...this.files.values()];
    const total = (field: Exclude<keyof FileStatistics, "file">): number => files.reduce((sum, file) => sum + file[field], 0);
    return {
      lockbreaks: total("lockbreaks"),
      restarts: total("restarts"),
      vmas_completed: total("completed"),
      vmas_skipped: total("skipped"),
      pages_zapped: this.pages_zapped,
      zap_blocks: this.zap_blocks,
      tlb_flushes: this.tlb_flushes,
      truncate_count_wraps: total("truncate_count_wraps"),
      nopage_retries: total("nopage_retries"),
      context_switches: this.context_switches,
      files: files.map((file) => ({ ...file })),
      locks: [...this.locks.values()].map((lock) => ({ ...lock })),
      tasks: [...this.tasks.keys()].map((task) => ({ ...this.of_task(task) })),
    };
  }

  private count_zap_block({ vm_file }: VmArea): void {
    this.zap_blocks += 1;
    if (vm_file !== null) this.of_file(vm_file.f_mapping).zap_blocks += 1;
  }

  private count_acquisition(statistics: LockStatistics, waited: number, task: Task | null): void {
    statistics.acquisitions += 1;
    statistics.total_wait += waited;
    if (waited <= statistics.max_wait) return;
    statistics.max_wait = waited;
    statistics.max_wait_task = task?.name ?? null;
  }

  private count_release(statistics: LockStatistics, held: number, task: Task | null): void {
    statistics.total_hold += held;
    if (statistics.max_hold_task !== null && held <= statistics.max_hold) return;
    statistics.max_hold = held;
    statistics.max_hold_task = task?.name ?? null;
  }

  private count_switch(statistics: TaskStatistics, latency: number): void {
    this.context_switches += 1;
    statistics.switches += 1;
    statistics.total_latency += latency;
    statistics.max_latency = Math.max(statistics.max_latency, latency);
  }
}
