// The answers to `lockbreak/snapshot`, which the extension's tree views *VMAs* (by file or by process) and *Locks* request
// (extension/views/views.ts): groups first, then the rows of one group.

import sites from "lockbreak:sites";
import { mappingLine } from "../../console/table-formatters.ts";
import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { is_restart_addr } from "../../engine/kernel/2.6.11/restart_addr.ts";
import {
  i_mmap_lock_of,
  PteLock,
  VM_NONLINEAR,
  VmArea,
  vma_pages,
  type AddressSpace,
  type Pgoff,
} from "../../engine/kernel/common/mm_types.ts";
import { PageLock } from "../../engine/kernel/common/page_alloc.ts";
import { all_locks, vma_of } from "../../engine/observe/snapshot.ts";
import { list_vmas, tree_vmas } from "../../engine/observe/prio_tree_view.ts";
import { SpinLock } from "../../engine/machine/spinlock.ts";
import type { Task } from "../../engine/machine/task.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { vmaDisplayName } from "./format.ts";
import type { Debuggee } from "../launch/debuggee.ts";
import type {
  LockRow,
  ExecutionPosition,
  SessionSnapshot,
  SnapshotArguments,
  SnapshotGroup,
  SnapshotPart,
  SnapshotRows,
  VmaRow,
  VmaState,
} from "../protocol/protocol.ts";

const DEFAULT_ROWS = 100;
const MAX_ROWS = 1000;

type Lock = ReturnType<typeof all_locks>[number];

/** The answer to a `lockbreak/snapshot` request. */
export function takeSnapshot(
  simulation: Simulation,
  debuggee: Debuggee,
  position: ExecutionPosition,
  args: SnapshotArguments,
): SessionSnapshot {
  const { view, parts } = args;
  if (view !== "files" && view !== "processes" && view !== "locks")
    throw adapterErrors.malformedRequest("'view' must be files, processes or locks");
  if (parts !== undefined && !Array.isArray(parts)) throw adapterErrors.malformedRequest("'parts' must be an array");
  const rows = new VmaRows(simulation, debuggee);
  const take = ({ group, start = 0, count = DEFAULT_ROWS }: SnapshotPart): SnapshotRows => {
    const part = <T>(all: readonly T[]): readonly T[] => all.slice(start, start + Math.min(count, MAX_ROWS));
    if (group === undefined) {
      const groups = groupsOf(simulation, debuggee, view);
      return { groups: part(groups).map(({ total, ...rest }) => ({ ...rest, total: total() })), total: groups.length };
    }
    if (view === "locks") return { locks: part(locksIn(simulation, group)).map((lock) => lockRow(simulation, lock)) };
    return { vmas: part(vmasIn(simulation, view, group)).map((vma) => rows.row(vma)) };
  };
  return { position, ...(parts === undefined ? take(args) : { parts: parts.map(take) }) };
}

/** A group whose rows are not counted yet. */
type UncountedGroup = Omit<SnapshotGroup, "total"> & { readonly total: () => number };

function groupsOf(simulation: Simulation, { program }: Debuggee, view: SnapshotArguments["view"]): UncountedGroup[] {
  const { files, processes } = simulation.globals;
  if (view === "locks") {
    return [["busy", "Held or wanted"] as const, ["free", "Free"] as const].map(([id, label]) => ({
      id,
      label,
      total: () => locksIn(simulation, id).length,
      line: null,
    }));
  }
  const lineOf = (declarations: typeof program.files | typeof program.processes, name: string): number | null =>
    declarations.find((one) => one.name === name)?.range.line ?? null;
  if (view === "files")
    return [...files.keys()].map((name) => ({
      id: name,
      label: name,
      total: () => vmasIn(simulation, view, name).length,
      line: lineOf(program.files, name),
    }));
  return [...processes].flatMap(([name, { members }]) => {
    const line = lineOf(program.processes, name);
    return members.map((process) => ({ id: process.name, label: process.name, total: () => process.mm.mm_rb.length, line }));
  });
}

/** By file in the order of visits, by process in the order of addresses. */
function vmasIn({ globals, system }: Simulation, view: "files" | "processes", group: string): readonly VmArea[] {
  if (view === "files") {
    const mapping = globals.files.get(group)?.f_mapping;
    return mapping === undefined ? [] : visitOrder(mapping);
  }
  return system.kernel.mms.find(({ name }) => name === group)?.mm_rb ?? [];
}

function visitOrder(mapping: AddressSpace): VmArea[] {
  return [...tree_vmas(mapping), ...list_vmas(mapping)];
}

function locksIn({ system }: Simulation, group: string): Lock[] {
  const busy = (lock: Lock): boolean => lock.holders().length > 0 || waitersOf(lock).length > 0;
  return all_locks(system.kernel).filter((lock) => busy(lock) === (group === "busy"));
}

function waitersOf(lock: Lock): readonly string[] {
  return (lock instanceof SpinLock ? lock.waiters : lock.queue.map(({ task }) => task)).map(({ name }) => name);
}

function kindOfLock(lock: Lock): LockRow["kind"] {
  if (lock instanceof PageLock) return "page";
  return lock instanceof PteLock ? "pte_lock" : (lock.name.split(".").at(-1) as LockRow["kind"]);
}

function lockRow({ statistics, globals }: Simulation, lock: Lock): LockRow {
  const kind = kindOfLock(lock);
  const owners = lock.holders().map(({ name }) => name);
  const file = kind === "i_mmap_lock" ? [...globals.files.values()].find(({ f_mapping }) => f_mapping.i_mmap_lock === lock) : undefined;
  const { max_hold, max_hold_task } = statistics.of_lock(lock);
  return {
    name: lock.name,
    kind,
    owners,
    since: owners.length === 0 ? null : lock.acquired_at,
    waiters: waitersOf(lock),
    lockbreaks: file === undefined ? 0 : statistics.of_file(file.f_mapping).lockbreaks,
    longestHold: max_hold,
    longestHoldTask: max_hold_task,
  };
}

/** A call of unmap_mapping_range that is in progress. */
interface Unmapping {
  readonly task: Task;
  readonly details: ZapDetails;
  /** The vma that it works on; null between two. */
  readonly vma: VmArea | null;
  /** Its task holds i_mmap_lock: it was not dropped for other tasks. */
  readonly locked: boolean;
}

/** Functions that work on one vma, their variable `vma`. */
const ZAP_FUNCTIONS: ReadonlySet<string> = new Set(["unmap_mapping_range_vma", "zap_page_range"]);

/** Fields of zap_details in the kernels that drop i_mmap_lock; up to vmtrunc5 it has the restart point itself. */
interface RestartDetails {
  readonly truncate_count: number;
  readonly restart_vma?: VmArea | null;
  readonly restart_addr?: number;
}

class VmaRows {
  private readonly unmappings = new Map<AddressSpace, Unmapping | null>();

  constructor(
    private readonly simulation: Simulation,
    private readonly debuggee: Debuggee,
  ) {}

  row(vma: VmArea): VmaRow {
    const { name, mm, file, start, end, flags, pgoff, vm_truncate_count, pages_mapped } = vma_of(this.simulation.system.kernel, vma);
    const state = this.state(vma);
    const details = this.unmapping(vma)?.details ?? null;
    return {
      id: `${mm}:${start.toString(16)}`,
      name: name === "" ? mm : name,
      process: mm,
      file,
      vm_start: start,
      vm_end: end,
      flags,
      vm_pgoff: pgoff,
      vm_truncate_count,
      mapped: pages_mapped,
      pages: vma_pages(vma),
      nonlinear: isNonlinear(vma),
      state,
      restart_addr: state !== "done" && details !== null && hasRestartDetails(details) ? restartAddrIn(vma, details) : null,
      line: mappingLine(this.debuggee.program, vmaDisplayName(vma)),
    };
  }

  private state(vma: VmArea): VmaState {
    const unmapping = this.unmapping(vma);
    if (unmapping === null || !isAffected(vma, unmapping.details)) return null;
    const { details, task } = unmapping;
    if (hasRestartDetails(details)) {
      if (vma.vm_truncate_count === details.truncate_count) return "done";
      if (vma === unmapping.vma && unmapping.locked) return "being zapped";
      return restartAddrIn(vma, details) === null ? "not reached" : "restart point";
    }
    if (vma === unmapping.vma) return "being zapped";
    return this.simulation.progress.has_zapped(task, vma) ? "done" : "not reached";
  }

  private unmapping(vma: VmArea): Unmapping | null {
    if (vma.vm_file === null) return null;
    const mapping = vma.vm_file.f_mapping;
    let found = this.unmappings.get(mapping);
    if (found === undefined) {
      found = findUnmapping(this.simulation, mapping);
      this.unmappings.set(mapping, found);
    }
    return found;
  }
}

function isNonlinear({ vm_flags }: VmArea): boolean {
  return (vm_flags & VM_NONLINEAR) !== 0;
}

function hasRestartDetails(details: ZapDetails): details is ZapDetails & RestartDetails {
  return "truncate_count" in details;
}

/** Where the call resumes this vma after a restart; null for its beginning. */
function restartAddrIn(vma: VmArea, { restart_vma, restart_addr }: RestartDetails): number | null {
  if (restart_addr !== undefined) return restart_vma === vma ? restart_addr : null;
  return is_restart_addr(vma.vm_truncate_count) && vma.vm_truncate_count > vma.vm_start ? vma.vm_truncate_count : null;
}

/** Does the hole overlap this vma? A nonlinear vma may have pages of any part of the file, and counts as affected. */
function isAffected(vma: VmArea, { first_index, last_index }: ZapDetails): boolean {
  const end: Pgoff = vma.vm_pgoff + vma_pages(vma) - 1;
  return isNonlinear(vma) || (vma.vm_pgoff <= last_index && end >= first_index);
}

/** The call of unmap_mapping_range in progress for a file; if there are several, the one whose task holds i_mmap_lock. */
function findUnmapping({ machine, progress }: Simulation, mapping: AddressSpace): Unmapping | null {
  const found: Unmapping[] = [];
  for (const task of machine.tasks) {
    if (!progress.has_begun(task)) continue;
    const frames = machine.backtrace(task);
    const outer = frames.findIndex(([, locals]) => locals["mapping"] === mapping && locals["details"] instanceof ZapDetails);
    if (outer < 0) continue;
    const details = frames[outer]![1]["details"] as ZapDetails;
    const current = frames.slice(0, outer).find(([site]) => ZAP_FUNCTIONS.has(sites[site]?.function ?? ""))?.[1]["vma"];
    const vma = current instanceof VmArea ? current : null;
    const locked = i_mmap_lock_of(mapping).owner === task;
    const unmapping = { task, details, vma, locked };
    if (locked) return unmapping;
    found.push(unmapping);
  }
  return found[0] ?? null;
}
