// An execution as a trace table: one column per task, with its operations and their values, and between them the reasons for
// switches to other tasks. The table is for reading, so it leaves out events that say little.

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import {
  linear_page_index,
  PteLock,
  vma_pages,
  type AddressSpace,
  type MmStruct,
  type VmArea,
} from "../../engine/kernel/common/mm_types.ts";
import { PageLock } from "../../engine/kernel/common/page_alloc.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import { errorName } from "../run/invocations.ts";
import { ACCESS, type AccessKind } from "../../engine/machine/accesses.ts";
import type { ControlledScheduler } from "../../engine/schedule/controlled.ts";
import type { PendingOperation } from "../../engine/schedule/pending.ts";
import { follow_schedule } from "../../engine/schedule/replay_strategy.ts";
import type { Schedule } from "../../engine/schedule/schedule.ts";
import type { Lockable, Task } from "../../engine/machine/task.ts";
import type { TraceEvent, TracepointName } from "../../engine/machine/trace.ts";
import { format_hex, name_of_vma } from "../../engine/observe/format.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import type { Program, Range } from "../program/program.ts";
import { Simulation } from "../run/simulation.ts";

/** Plain data. */
export type TraceTableRow =
  | { readonly kind: "step"; readonly task: number; readonly text: string; readonly event: number; readonly step: number }
  /** From here on another task runs; `reason` says why the previous one does not. */
  | { readonly kind: "switch"; readonly task: number; readonly reason: string }
  /** The rows below are repeated for ever. */
  | { readonly kind: "cycle" }
  | { readonly kind: "end"; readonly text: string };

export interface TraceTable {
  /** The columns. */
  readonly tasks: readonly string[];
  readonly rows: readonly TraceTableRow[];
}

/**
 * Renders the execution that replays `schedule`.
 * @param maxTransitions where the first iteration of a livelock's cycle ends, or null to run to the end
 * @param quote returns the source text of a statement
 */
export function renderTraceTable(
  program: Program,
  kernel: KernelName,
  schedule: Schedule,
  maxTransitions: number | null,
  quote: (range: Range) => string,
): TraceTable {
  const simulation = new Simulation(program, { kernel, setupOnly: true });
  const { machine } = simulation;
  machine.run(Infinity);
  machine.outcome = null;
  simulation.startTasks();
  const renderer = new TraceTableRenderer(simulation, schedule, quote);
  follow_schedule(machine, schedule, maxTransitions ?? Infinity, simulation.setup);
  const outcome = machine.run(Infinity);
  renderer.addEnding(maxTransitions === null ? null : "and so on, for ever");
  if (outcome.kind === "bug") renderer.addEnding(`BUG ${outcome.bug.code}: ${outcome.bug.message}`);
  if (outcome.kind === "deadlock") renderer.addEnding(`deadlock: ${outcome.tasks.map(({ name }) => name).join(", ")} can never continue`);
  if (outcome.kind === "end") {
    simulation.checks.runEnded([]);
    for (const { check, state, failure } of simulation.checks.results)
      if (state === "failed" && check.kind !== "expect") renderer.addEnding(`${check.text}: ${failure!.why}`);
  }
  return { tasks: renderer.columnNames, rows: renderer.rows };
}

class TraceTableRenderer {
  readonly rows: TraceTableRow[] = [];
  /** The tasks of the scenario, and helpers of triggers as they come. */
  readonly columnNames: string[] = [];
  private readonly columns = new Map<Task, number>();
  private lastTask: Task | null = null;
  /** The text of a write that is about to happen: its value is known after it. */
  private pendingWrite: (() => string) | null = null;
  private readonly stemLength: number;
  private inCycle = false;

  constructor(
    private readonly simulation: Simulation,
    schedule: Schedule,
    private readonly quote: (range: Range) => string,
  ) {
    const { machine } = simulation;
    for (const task of simulation.globals.tasks.values()) this.column(task);
    this.stemLength = schedule.cycle.length === 0 ? Infinity : schedule.segments.reduce((sum, segment) => sum + segment.transitions, 0);
    on_each(machine, Object.keys(EVENT_RENDERERS) as TracepointName[], (event) => {
      const text = EVENT_RENDERERS[event.name]!(event, this.quote);
      if (text !== null) this.addStep(event.task, text);
    });
    machine.accesses = { access: (object, field, kind) => this.access(object, field, kind) };
  }

  addEnding(text: string | null): void {
    this.resolvePendingWrite();
    if (text !== null) this.rows.push({ kind: "end", text });
  }

  /** Renders a read or write of a word that no lock guards. */
  private access(object: object, field: string, kind: AccessKind): void {
    if (field !== "i_size" && field !== "truncate_count") return;
    const name = "host" in object ? (object as AddressSpace).host.name : String((object as { readonly name: unknown }).name);
    const value = (): string => String((object as Readonly<Record<string, unknown>>)[field]);
    if (kind === ACCESS.read) this.addStep(this.simulation.machine.current, `sees ${name}.${field} = ${value()}`);
    if (kind !== ACCESS.write || field === "truncate_count") return;
    this.addStep(this.simulation.machine.current, "");
    this.pendingWrite = () => `${name}.${field} = ${value()}`;
  }

  private addStep(task: Task | null, text: string): void {
    if (task === null || task === this.simulation.setup) return;
    const column = this.column(task);
    this.resolvePendingWrite();
    const { machine } = this.simulation;
    const policy = machine.policy as ControlledScheduler;
    if (!this.inCycle && policy.transitions > this.stemLength) {
      this.inCycle = true;
      this.rows.push({ kind: "cycle" });
    }
    if (task !== this.lastTask) {
      if (this.lastTask !== null)
        this.rows.push({ kind: "switch", task: column, reason: switchReason(this.lastTask, pendingOperation(policy, this.lastTask)) });
      this.lastTask = task;
    }
    const before = this.rows.at(-1);
    const joined = before?.kind === "step" && before.task === column ? joinPageRows(before.text, text) : null;
    if (joined !== null) this.rows.pop();
    this.rows.push({ kind: "step", task: column, text: joined ?? text, event: machine.events, step: machine.step });
  }

  /** The column of a task: a new one if it has none. */
  private column(task: Task): number {
    const known = this.columns.get(task);
    if (known !== undefined) return known;
    this.columns.set(task, this.columnNames.length);
    return this.columnNames.push(task.name) - 1;
  }

  private resolvePendingWrite(): void {
    const row = this.rows.at(-1);
    if (this.pendingWrite !== null && row?.kind === "step") this.rows[this.rows.length - 1] = { ...row, text: this.pendingWrite() };
    this.pendingWrite = null;
  }
}

const PAGES_LEAVE = /^pages? (\d+)(?:\.\.(\d+))? (leaves?) (.*)$/;

/** Joins two rows about consecutive pages; null if they are not about such. */
function joinPageRows(one: string, other: string): string | null {
  const [, from, , , what] = PAGES_LEAVE.exec(one) ?? [];
  const [, to, , , whatElse] = PAGES_LEAVE.exec(other) ?? [];
  return from === undefined || to === undefined || what !== whatElse ? null : `pages ${from}..${to} leave ${what}`;
}

function pendingOperation(policy: ControlledScheduler, task: Task): PendingOperation | null {
  return policy.pending[policy.processes.indexOf(task)] ?? null;
}

/** Why a task stops running, in words. */
function switchReason(task: Task, pending: PendingOperation | null): string {
  const { name, state, waiting_on } = task;
  if (state === "done") return `${name} has ended`;
  if (waiting_on !== null) return `${name} waits for ${waiting_on.name}`;
  if (state === "sleeping" || state === "runnable") return `${name} gives up its CPU`;
  return pending === null ? `${name} is interrupted` : `preempted, ${name} is about to ${describePending(pending)}`;
}

function describePending({ operation, object, field }: PendingOperation): string {
  const host = "host" in object ? (object as AddressSpace).host : object;
  const name = "name" in host ? String(host.name) : "";
  switch (operation) {
    case "lock":
    case "down_read":
    case "down_write":
      return `take ${name}`;
    case "need_lockbreak":
      return `look whether ${name} is wanted`;
    case "read":
      if (name === "") return "look whether a page is mapped";
      return field === "pgd" ? "access memory" : `read ${name}.${field}`;
    case "write":
      return field === "pgd" ? `flush the TLBs of ${name}` : `write ${name}.${field}`;
    case "add":
      return `look into the page cache of ${name}`;
    default:
      return "continue";
  }
}

type EventRenderer = (event: TraceEvent, quote: (range: Range) => string) => string | null;

/** Renders an event whose arguments have the types that its tracepoint passes; null leaves the event out. */
function renderer<A>(words: (args: A, event: TraceEvent) => string | null): EventRenderer {
  return (event) => words(event.args as A, event);
}

/** A vma with the range of the file's pages that it maps. */
function describeVma(vma: VmArea): string {
  return `${name_of_vma(vma)} (${pageRange(vma.vm_pgoff, vma.vm_pgoff + vma_pages(vma))})`;
}

function pageRange(from: number, to: number): string {
  return to === from + 1 ? `page ${from}` : `pages ${from}..${to - 1}`;
}

const pageOf = (vma: VmArea, address: number): number => linear_page_index(vma, address);
/** Locks that are taken and released all the time are left out. */
const isShown = (lock: Lockable): boolean =>
  !lock.name.endsWith("page_table_lock") && !(lock instanceof PageLock) && !(lock instanceof PteLock);

const EVENT_RENDERERS: Readonly<Partial<Record<TracepointName, EventRenderer>>> = {
  syscall_enter: ({ args }, quote) => quote((args["statement"] as { readonly range: Range }).range),
  syscall_exit: renderer<{ call: string; error: number }>(({ call, error }) =>
    error === 0 ? `${call} returns` : `${call} fails: ${errorName(error)}`,
  ),
  lock_acquire: renderer<{ lock: Lockable }>(({ lock }) => (isShown(lock) ? `takes ${lock.name}` : null)),
  lock_contended: renderer<{ lock: Lockable }>(({ lock }) => `wants ${lock.name}`),
  lock_release: renderer<{ lock: Lockable }>(({ lock }) => (isShown(lock) ? `releases ${lock.name}` : null)),
  lockbreak_check: renderer<{ lock: Lockable; value: boolean }>(({ lock, value }) => (value ? `${lock.name} is wanted` : null)),
  resched_check: renderer<{ value: boolean }>(({ value }) => (value ? "the CPU is wanted" : null)),
  unmap_begin: renderer<{ mapping: AddressSpace; truncate_count: number | null; first_index: number; last_index: number }>(
    ({ truncate_count, first_index, last_index }) => {
      const hole = last_index >= 0xf_ffff ? `pages ${first_index} and up` : pageRange(first_index, last_index + 1);
      return `unmaps ${hole}${truncate_count === null ? "" : `, truncate_count = ${truncate_count}`}`;
    },
  ),
  zap_block: renderer<{ vma: VmArea; start: number; end: number }>(
    ({ vma, start, end }) =>
      `clears ${pageRange(pageOf(vma, start), pageOf(vma, start) + (end - start) / PAGE_SIZE)} of ${name_of_vma(vma)}`,
  ),
  vma_skip: renderer<{ vma: VmArea }>(({ vma }) => `skips ${describeVma(vma)}: vm_truncate_count = ${vma.vm_truncate_count}`),
  vma_resume: renderer<{ vma: VmArea; restart_addr: number }>(
    ({ vma, restart_addr }) => `resumes ${describeVma(vma)} at page ${pageOf(vma, restart_addr)}`,
  ),
  restart_save: renderer<{ vma: VmArea; restart_addr: number }>(
    ({ vma, restart_addr }) => `remembers ${describeVma(vma)}, page ${pageOf(vma, restart_addr)}`,
  ),
  vma_complete: renderer<{ vma: VmArea; count: number }>(({ vma, count }) => `${describeVma(vma)} is done: vm_truncate_count = ${count}`),
  i_mmap_updated: renderer<{ vma: VmArea; change: string }>(({ vma, change }) =>
    change === "remove" ? null : `links ${describeVma(vma)}, vm_truncate_count = ${vma.vm_truncate_count}`,
  ),
  pte_set: renderer<{ vma: VmArea; address: number }>(({ vma, address }) => `maps page ${pageOf(vma, address)} in ${name_of_vma(vma)}`),
  wp_reuse: renderer<{ vma: VmArea; address: number }>(
    ({ vma, address }) => `lets writes to page ${pageOf(vma, address)} in ${name_of_vma(vma)} through`,
  ),
  pte_move: renderer<{ vma: VmArea; new_vma: VmArea; old_addr: number }>(
    ({ vma, new_vma, old_addr }) => `moves the pte of page ${pageOf(vma, old_addr)} into ${describeVma(new_vma)}`,
  ),
  tlb_stale: renderer<{ mm: MmStruct; address: number; write: boolean; cpu: number }>(({ mm, address, write, cpu }) => {
    const vma = mm.mm_rb.find(({ vm_start, vm_end }) => vm_start <= address && address < vm_end);
    const place = vma?.vm_file ? `page ${pageOf(vma, address)} of ${name_of_vma(vma)}` : format_hex(address);
    return `${write ? "writes to" : "reads"} ${place} through the old entry in the TLB of CPU ${cpu}: the pte is gone`;
  }),
  nopage_retry: () => "notices a truncation and asks for the page again",
  signal: renderer<{ signal: number }>(({ signal }) => `gets ${errorName(signal)}`),
  removed_mapped: renderer<{ index: number }>(({ index }) => `page ${index} leaves the page cache, still mapped`),
};
