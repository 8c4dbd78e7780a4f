// Where an execution stops, why, and where a step ends.

import type { Frames } from "../machine/hooks.ts";
import type { Outcome } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { TraceEvent } from "../machine/trace.ts";
import type { DataAccess } from "../machine/data_access.ts";

/** Why the execution stands where it stands. */
export type StopReason = "step" | "breakpoint" | "start" | Exclude<Outcome["kind"], "stopped">;

export interface Stop {
  readonly reason: StopReason;
  readonly step: number;
  /** Tracepoints passed so far. */
  readonly events: number;
  /** Model time of the CPU that was executing, in nanoseconds. */
  readonly time: number;
  /** The task whose statement is next, or the task that executed last if the execution has ended. */
  readonly task: Task | null;
  /** The tracepoint that caused the stop, if one did. */
  readonly event: TraceEvent | null;
  /** The access to data that caused the stop, if one did. */
  readonly access: DataAccess | null;
  /** The breakpoints that were hit, by id. */
  readonly hits: readonly number[];
  /** How the execution ended, if it has. */
  readonly outcome: Outcome | null;
}

/**
 * Where a step ends. `may_stop` is asked before every statement and has to be fast; `accepts` decides, with the backtrace,
 * at the statements for which it has returned true.
 */
export interface StepPlan {
  /** Equal for plans that end at the same places; absent if plans of this kind cannot be compared. Keys the hit cache. */
  readonly key?: string;
  may_stop(site: number, task: Task): boolean;
  accepts(task: Task, frames: Frames): boolean;
}

/** How much of an execution has been run at some time. */
export interface ExecutionExtent {
  readonly step: number;
  readonly events: number;
  readonly ended: boolean;
}
