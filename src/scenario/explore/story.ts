// An execution told as a table: one column per task, what each does with the values that matter, and between them why another
// goes on. For reading, so not everything is told.

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import { linear_page_index, vma_pages, type AddressSpace, type VmArea } from "../../engine/kernel/common/mm_types.ts";
import { PageLock } from "../../engine/kernel/common/page_alloc.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import { error_name } from "../run/calls.ts";
import { ACCESS, type AccessKind } from "../../engine/machine/accesses.ts";
import type { ChoicePolicy, Pending } from "../../engine/schedule/choice.ts";
import { follow } from "../../engine/schedule/follow.ts";
import type { Course } from "../../engine/schedule/schedule.ts";
import type { Lockable, Task } from "../../engine/machine/task.ts";
import type { TraceEvent, TracepointName } from "../../engine/machine/trace.ts";
import { name_of_vma } from "../../engine/observe/format.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import type { Program, Range } from "../program/program.ts";
import { Simulation } from "../run/simulation.ts";

/** Plain data. */
export type Row =
  | { readonly kind: "step"; readonly task: number; readonly text: string; readonly event: number; readonly step: number }
  /** Another task goes on from here, and why. */
  | { readonly kind: "switch"; readonly task: number; readonly why: string }
  /** What follows is repeated for ever. */
  | { readonly kind: "cycle" }
  | { readonly kind: "end"; readonly text: string };

export interface Story {
  /** The columns. */
  readonly tasks: readonly string[];
  readonly rows: readonly Row[];
}

/**
 * Tells the execution that follows `course`.
 * @param units where a livelock comes round for the first time, or null to go on to the end
 * @param quote a statement as it was written
 */
export function tell(program: Program, kernel: KernelName, course: Course, units: number | null, quote: (range: Range) => string): Story {
  const simulation = new Simulation(program, { kernel, setup_only: true });
  const { machine } = simulation;
  machine.run(Infinity);
  machine.outcome = null;
  simulation.begin();
  const teller = new Teller(simulation, course, quote);
  follow(machine, course, units ?? Infinity, simulation.setup);
  const outcome = machine.run(Infinity);
  teller.end(units === null ? null : "and so on, for ever");
  if (outcome.kind === "bug") teller.end(`BUG ${outcome.bug.code}: ${outcome.bug.message}`);
  if (outcome.kind === "deadlock") teller.end(`deadlock: ${outcome.tasks.map(({ name }) => name).join(", ")} can never go on`);
  if (outcome.kind === "end") {
    simulation.checks.end([]);
    for (const { check, state, failure } of simulation.checks.results) if (state === "failed" && check.kind !== "expect") teller.end(`${check.text}: ${failure!.why}`);
  }
  return { tasks: teller.names, rows: teller.rows };
}

class Teller {
  readonly rows: Row[] = [];
  /** The tasks of the scenario, and helpers of triggers as they come. */
  readonly names: string[] = [];
  private readonly columns = new Map<Task, number>();
  private last: Task | null = null;
  /** What has just been written: its value is known a moment later. */
  private written: (() => string) | null = null;
  private readonly stem: number;
  private in_cycle = false;

  constructor(
    private readonly simulation: Simulation,
    course: Course,
    private readonly quote: (range: Range) => string,
  ) {
    const { machine } = simulation;
    for (const task of simulation.names.tasks.values()) this.column(task);
    this.stem = course.cycle.length === 0 ? Infinity : course.turns.reduce((sum, turn) => sum + turn.units, 0);
    on_each(machine, Object.keys(TEXTS) as TracepointName[], (event) => {
      const text = TEXTS[event.name]!(event, this.quote);
      if (text !== null) this.tell(event.task, text);
    });
    machine.accesses = { access: (object, field, kind) => this.access(object, field, kind) };
  }

  end(text: string | null): void {
    this.settle();
    if (text !== null) this.rows.push({ kind: "end", text });
  }

  /** Reads and writes of words that no lock guards. */
  private access(object: object, field: string, kind: AccessKind): void {
    if (field !== "i_size" && field !== "truncate_count") return;
    const name = "host" in object ? (object as AddressSpace).host.name : String((object as { readonly name: unknown }).name);
    const value = (): string => String((object as Readonly<Record<string, unknown>>)[field]);
    if (kind === ACCESS.read) this.tell(this.simulation.machine.current, `sees ${name}.${field} = ${value()}`);
    if (kind !== ACCESS.write || field === "truncate_count") return;
    this.tell(this.simulation.machine.current, "");
    this.written = () => `${name}.${field} = ${value()}`;
  }

  private tell(task: Task | null, text: string): void {
    if (task === null || task === this.simulation.setup) return;
    const column = this.column(task);
    this.settle();
    const { machine } = this.simulation;
    const policy = machine.policy as ChoicePolicy;
    if (!this.in_cycle && policy.units > this.stem) {
      this.in_cycle = true;
      this.rows.push({ kind: "cycle" });
    }
    if (task !== this.last) {
      if (this.last !== null) this.rows.push({ kind: "switch", task: column, why: why_left(this.last, pending_of(policy, this.last)) });
      this.last = task;
    }
    const before = this.rows.at(-1);
    const joined = before?.kind === "step" && before.task === column ? join_pages(before.text, text) : null;
    if (joined !== null) this.rows.pop();
    this.rows.push({ kind: "step", task: column, text: joined ?? text, event: machine.events, step: machine.step });
  }

  /** The column of a task: a new one if it has none. */
  private column(task: Task): number {
    const known = this.columns.get(task);
    if (known !== undefined) return known;
    this.columns.set(task, this.names.length);
    return this.names.push(task.name) - 1;
  }

  private settle(): void {
    const row = this.rows.at(-1);
    if (this.written !== null && row?.kind === "step") this.rows[this.rows.length - 1] = { ...row, text: this.written() };
    this.written = null;
  }
}

const LEAVES = /^pages? (\d+)(?:\.\.(\d+))? (leaves?) (.*)$/;

/** Two rows about pages that follow each other, as one; null if they are not. */
function join_pages(one: string, other: string): string | null {
  const [, from, , , what] = LEAVES.exec(one) ?? [];
  const [, to, , , what_else] = LEAVES.exec(other) ?? [];
  return from === undefined || to === undefined || what !== what_else ? null : `pages ${from}..${to} leave ${what}`;
}

function pending_of(policy: ChoicePolicy, task: Task): Pending | null {
  return policy.pending[policy.processes.indexOf(task)] ?? null;
}

/** Why a task does not go on, in words. */
function why_left(task: Task, pending: Pending | null): string {
  const { name, state, waiting_on } = task;
  if (state === "done") return `${name} has ended`;
  if (waiting_on !== null) return `${name} waits for ${waiting_on.name}`;
  if (state === "sleeping" || state === "runnable") return `${name} gives up its CPU`;
  return pending === null ? `${name} is interrupted` : `preempted, ${name} is about to ${about_to(pending)}`;
}

function about_to({ operation, object, field }: Pending): string {
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
      return `write ${name}.${field}`;
    case "add":
      return `look into the page cache of ${name}`;
    default:
      return "go on";
  }
}

type Text = (event: TraceEvent, quote: (range: Range) => string) => string | null;

/** What is told of an event, whose arguments are believed to be what they are where it is passed; null for nothing. */
function text<A>(words: (args: A, event: TraceEvent) => string | null): Text {
  return (event) => words(event.args as A, event);
}

/** A vma with the pages of the file that it maps. */
function vma_text(vma: VmArea): string {
  return `${name_of_vma(vma)} (${pages(vma.vm_pgoff, vma.vm_pgoff + vma_pages(vma))})`;
}

function pages(from: number, to: number): string {
  return to === from + 1 ? `page ${from}` : `pages ${from}..${to - 1}`;
}

const page_of = (vma: VmArea, address: number): number => linear_page_index(vma, address);
/** Locks that are taken and released all the time say little. */
const is_told = (lock: Lockable): boolean => !lock.name.endsWith("page_table_lock") && !(lock instanceof PageLock);

const TEXTS: Readonly<Partial<Record<TracepointName, Text>>> = {
  syscall_enter: ({ args }, quote) => quote((args["statement"] as { readonly range: Range }).range),
  syscall_exit: text<{ call: string; error: number }>(({ call, error }) => (error === 0 ? `${call} returns` : `${call} fails: ${error_name(error)}`)),
  lock_acquire: text<{ lock: Lockable }>(({ lock }) => (is_told(lock) ? `takes ${lock.name}` : null)),
  lock_contended: text<{ lock: Lockable }>(({ lock }) => `wants ${lock.name}`),
  lock_release: text<{ lock: Lockable }>(({ lock }) => (is_told(lock) ? `releases ${lock.name}` : null)),
  lockbreak_check: text<{ lock: Lockable; value: boolean }>(({ lock, value }) => (value ? `${lock.name} is wanted` : null)),
  resched_check: text<{ value: boolean }>(({ value }) => (value ? "the CPU is wanted" : null)),
  unmap_begin: text<{ mapping: AddressSpace; truncate_count: number | null; first_index: number; last_index: number }>(({ truncate_count, first_index, last_index }) => {
    const hole = last_index >= 0xf_ffff ? `pages ${first_index} and up` : pages(first_index, last_index + 1);
    return `unmaps ${hole}${truncate_count === null ? "" : `, truncate_count = ${truncate_count}`}`;
  }),
  zap_block: text<{ vma: VmArea; start: number; end: number }>(({ vma, start, end }) => `clears ${pages(page_of(vma, start), page_of(vma, start) + (end - start) / PAGE_SIZE)} of ${name_of_vma(vma)}`),
  vma_skip: text<{ vma: VmArea }>(({ vma }) => `skips ${vma_text(vma)}: vm_truncate_count = ${vma.vm_truncate_count}`),
  vma_resume: text<{ vma: VmArea; restart_addr: number }>(({ vma, restart_addr }) => `resumes ${vma_text(vma)} at page ${page_of(vma, restart_addr)}`),
  restart_save: text<{ vma: VmArea; restart_addr: number }>(({ vma, restart_addr }) => `remembers ${vma_text(vma)}, page ${page_of(vma, restart_addr)}`),
  vma_complete: text<{ vma: VmArea; count: number }>(({ vma, count }) => `${vma_text(vma)} is done: vm_truncate_count = ${count}`),
  i_mmap_updated: text<{ vma: VmArea; change: string }>(({ vma, change }) => (change === "remove" ? null : `links ${vma_text(vma)}, vm_truncate_count = ${vma.vm_truncate_count}`)),
  pte_set: text<{ vma: VmArea; address: number }>(({ vma, address }) => `maps page ${page_of(vma, address)} in ${name_of_vma(vma)}`),
  wp_reuse: text<{ vma: VmArea; address: number }>(({ vma, address }) => `lets writes to page ${page_of(vma, address)} in ${name_of_vma(vma)} through`),
  pte_move: text<{ vma: VmArea; new_vma: VmArea; old_addr: number }>(({ vma, new_vma, old_addr }) => `moves the pte of page ${page_of(vma, old_addr)} into ${vma_text(new_vma)}`),
  nopage_retry: () => "notices a truncation and asks for the page again",
  signal: text<{ signal: number }>(({ signal }) => `gets ${error_name(signal)}`),
  removed_mapped: text<{ index: number }>(({ index }) => `page ${index} leaves the page cache, still mapped`),
};
