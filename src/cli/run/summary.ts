// Formats the summary of a run: counts, and tables of locks and tasks.

import type { Machine } from "../../engine/machine/machine.ts";
import { DEFAULT_PRIO } from "../../engine/machine/task.ts";
import type { LockStatistics, StatisticsSummary, TaskStatistics } from "../../engine/observe/statistics.ts";
import { format_count, formatPlural, format_table, format_time } from "../shared/format.ts";
import type { TextStyler } from "../shared/terminal.ts";

/** Rows of each table that are printed. */
const MAX_ROWS = 12;

/** Lines of the summary: the counts, then a table of the locks and one of the tasks. */
export function summaryLines(summary: StatisticsSummary, machine: Machine, styled: TextStyler): string[] {
  return [styled("bold", "Summary"), ...counts(summary), ...locks(summary.locks, styled), ...tasks(summary.tasks, machine, styled)];
}

function counts(summary: StatisticsSummary): string[] {
  const {
    lockbreaks,
    restarts,
    vmas_completed,
    vmas_skipped,
    pages_zapped,
    tlb_flushes,
    context_switches,
    truncate_count_wraps,
    nopage_retries,
  } = summary;
  const rare = [
    ...(truncate_count_wraps > 0 ? [formatPlural(truncate_count_wraps, "wrap of truncate_count", "wraps of truncate_count")] : []),
    ...(nopage_retries > 0 ? [formatPlural(nopage_retries, "page fault that asked again", "page faults that asked again")] : []),
  ];
  const flushes = formatPlural(tlb_flushes, "TLB flush", "TLB flushes");
  const switches = formatPlural(context_switches, "context switch", "context switches");
  return [
    `  ${formatPlural(lockbreaks, "lockbreak")}, ${formatPlural(restarts, "restart")}`,
    `  ${formatPlural(vmas_completed, "vma")} completed, ${format_count(vmas_skipped)} skipped`,
    `  ${formatPlural(pages_zapped, "page")} zapped, ${flushes}, ${switches}`,
    ...(rare.length === 0 ? [] : [`  ${rare.join(", ")}`]),
  ];
}

/** Those that were waited for longest first, then those held longest. */
function locks(all: readonly LockStatistics[], styled: TextStyler): string[] {
  if (all.length === 0) return [];
  const shown = [...all].sort((a, b) => b.max_wait - a.max_wait || b.max_hold - a.max_hold).slice(0, MAX_ROWS);
  const rows = shown.map(({ lock, acquisitions, contentions, max_hold, max_hold_task, max_wait, max_wait_task }) => [
    lock,
    format_count(acquisitions),
    format_count(contentions),
    format_time(max_hold),
    max_hold_task ?? "",
    contentions === 0 ? "" : format_time(max_wait),
    max_wait_task ?? "",
  ]);
  return table(
    ["lock", "taken", "contended", "longest hold", "by", "longest wait", "of"],
    rows,
    new Set([1, 2, 3, 5]),
    all.length - shown.length,
    styled,
  );
}

/** The most urgent first, then those that waited longest for their CPU; helpers of triggers behind all others. */
function tasks(all: readonly TaskStatistics[], { tasks: known, helper_cpu }: Machine, styled: TextStyler): string[] {
  if (all.length === 0) return [];
  const taskCalled = new Map(known.map((task) => [task.name, task]));
  const priority = ({ task }: TaskStatistics): number => taskCalled.get(task)?.prio ?? DEFAULT_PRIO;
  const helps = ({ task }: TaskStatistics): number => (taskCalled.get(task)?.cpu === helper_cpu ? 1 : 0);
  const shown = [...all]
    .sort((a, b) => helps(a) - helps(b) || priority(a) - priority(b) || b.max_latency - a.max_latency)
    .slice(0, MAX_ROWS);
  const rows = shown.map((task) => [task.task, String(priority(task)), format_count(task.switches), format_time(task.max_latency)]);
  return table(["task", "priority", "switches", "longest wakeup latency"], rows, new Set([1, 2, 3]), all.length - shown.length, styled);
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
  more: number,
  styled: TextStyler,
): string[] {
  const [first, ...rest] = format_table([head, ...rows], right);
  return [
    "",
    `  ${styled("dim", first!)}`,
    ...rest.map((line) => `  ${line}`),
    ...(more > 0 ? [`  … and ${format_count(more)} more`] : []),
  ];
}
