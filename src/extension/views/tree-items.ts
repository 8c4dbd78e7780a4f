// The tree items of vmas and locks: plain data in, plain data out.

import type { LockRow, SnapshotGroup, VmaRow, VmaState } from "../../debug-adapter/protocol/protocol.ts";
import { format_time, plural } from "../../debug-adapter/protocol/number-format.ts";
import type { TreeNodeData } from "./tree.ts";

/** A longer group, or list of groups, is cut into parts of this many rows. */
export const PART_SIZE = 100;
/** More groups than this are folded up at first. */
const MAX_UNFOLDED = 20;

/** Colours come from the theme, so that they fit it; states differ by shape, too. */
const STATE_ICONS: Record<NonNullable<VmaState>, TreeNodeData["icon"]> = {
  "not reached": { name: "circle-large-outline" },
  "being zapped": { name: "record", color: "charts.blue" },
  "restart point": { name: "debug-restart", color: "charts.yellow" },
  done: { name: "pass-filled", color: "charts.green" },
};
const UNAFFECTED_ICON = { name: "dash" };

export type GroupKind = "file" | "process" | "locks";

/** A file, a process, or the locks that are in use or `free`: those are many, and seldom of interest. It is one of `groups`. */
export function groupNode(group: SnapshotGroup, kind: GroupKind, groups: number): TreeNodeData {
  const description = plural(group.total, kind === "locks" ? "lock" : "vma");
  const icon = { name: kind === "process" ? "server-process" : kind === "file" ? "file" : "lock" };
  // Even an empty one can be unfolded: the editor folds up what could not be, when rows appear in it.
  const children = groups > MAX_UNFOLDED || (kind === "locks" && group.id === "free") ? "collapsed" : "expanded";
  return {
    id: group.id,
    label: group.label,
    description,
    tooltip: `${group.label}: ${description}`,
    accessibleLabel: `${group.label}, ${description}`,
    icon,
    contextValue: "group",
    children,
    rows: { group: group.id, start: 0, count: group.total },
    line: group.line,
  };
}

/**
 * The parts of a group, or of the list of groups, that has more than PART_SIZE rows. The number of its first row identifies a part.
 * @param of what they are parts of, for display
 * @param group null for the groups themselves
 */
export function partNodes(of: string, group: string | null, total: number): TreeNodeData[] {
  return Array.from({ length: Math.ceil(total / PART_SIZE) }, (_, i): TreeNodeData => {
    const start = i * PART_SIZE;
    const count = Math.min(PART_SIZE, total - start);
    const label = `${start + 1} … ${start + count}`;
    const called = `${of}, ${label}`;
    return {
      id: `${group ?? ""}/${start}`,
      label,
      description: "",
      tooltip: called,
      accessibleLabel: called,
      icon: { name: "list-unordered" },
      contextValue: "part",
      children: "collapsed",
      rows: { group, start, count },
      line: null,
    };
  });
}

/** A vma below `parent`, which is a group or a part of one. */
export function vmaNode(vma: VmaRow, parent: TreeNodeData): TreeNodeData {
  const pages = `${vma.mapped} of ${plural(vma.pages, "page")} mapped`;
  const at = vma.state === "restart point" && vma.restart_addr !== null ? ` at ${hex(vma.restart_addr)}` : "";
  const state = vma.state === null ? null : `${vma.state}${at}`;
  const range = `${hex(vma.vm_start)}-${hex(vma.vm_end)} ${vma.flags}${vma.nonlinear ? " nonlinear" : ""}`;
  // In a side bar of usual width there is room for little: what matters most comes first.
  const short = [
    vma.state === "restart point" ? `restart${at}` : vma.state,
    `${vma.mapped}/${vma.pages}`,
    `count ${count(vma.vm_truncate_count)}`,
  ].filter((note) => note !== null);
  return {
    id: `${parent.id}/${vma.id}`,
    label: vma.name,
    description: short.join(" · "),
    tooltip: [
      `${vma.name}${vma.file === null ? "" : ` of ${vma.file}`}`,
      range,
      `vm_pgoff ${vma.vm_pgoff}`,
      `vm_truncate_count ${count(vma.vm_truncate_count)}`,
      pages,
      ...(state === null ? [] : [state]),
    ].join("\n"),
    accessibleLabel: [vma.name, ...(state === null ? [] : [state]), pages, `truncate count ${count(vma.vm_truncate_count)}`].join(", "),
    icon: vma.state === null ? UNAFFECTED_ICON : STATE_ICONS[vma.state],
    contextValue: "vma",
    children: "none",
    rows: null,
    line: vma.line,
  };
}

export function lockNode(lock: LockRow, parent: TreeNodeData): TreeNodeData {
  const held = lock.owners.length > 0;
  const owners = held ? `${lock.owners.join(", ")}${lock.since === null ? "" : ` since ${format_time(lock.since)}`}` : "free";
  const waiters = lock.waiters.length > 0 ? `${lock.waiters.join(", ")} ${lock.waiters.length === 1 ? "waits" : "wait"}` : null;
  const broken = lock.lockbreaks > 0 ? `broken ${lock.lockbreaks === 1 ? "once" : `${lock.lockbreaks} times`}` : null;
  const longest =
    lock.longestHold > 0
      ? `longest hold ${format_time(lock.longestHold)}${lock.longestHoldTask === null ? "" : ` (${lock.longestHoldTask})`}`
      : null;
  const notes = [owners, waiters, broken, longest].filter((note) => note !== null);
  return {
    id: `${parent.id}/${lock.name}`,
    label: lock.name,
    description: notes.join(" · "),
    tooltip: [lock.name, ...notes].join("\n"),
    accessibleLabel: [lock.name, ...notes].join(", "),
    icon: { name: held ? "lock" : "unlock", ...(waiters !== null ? { color: "charts.red" } : held && { color: "charts.yellow" }) },
    contextValue: "lock",
    children: "none",
    rows: null,
    line: null,
  };
}

/** A vm_truncate_count; one that is a multiple of the page size is an address, from 2.6.11 on. */
function count(value: number): string {
  return value !== 0 && value % 4096 === 0 ? hex(value) : String(value);
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
