// The document that `lockbreak run --json` prints. docs/run-json.md describes every field; a test compares the two.

import { default_break_lock, type KernelName } from "../../engine/kernel/variants.ts";
import { MmStruct, VmArea } from "../../engine/kernel/common/mm_types.ts";
import { Task } from "../../engine/machine/task.ts";
import type { TraceEvent } from "../../engine/machine/trace.ts";
import type { Diagnostic, Program, Statement } from "../../scenario/index.ts";
import type { CheckResult } from "../../scenario/run/check-monitor.ts";
import { name_of, name_of_vma } from "../shared/format.ts";
import type { FullReport } from "../shared/report.ts";
import { eventTask } from "../../console/timeline.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const RUN_SCHEMA = 2;

type JsonValue = number | string | boolean | null | { readonly [name: string]: JsonValue };

/** An event as plain data, converted while it is passed, when its arguments have their values. */
export function eventJson(event: TraceEvent): Record<string, JsonValue> {
  const { number, name, step, time, cpu, args } = event;
  const task = eventTask(event);
  return {
    number,
    name,
    step,
    time,
    cpu,
    task: task?.name ?? null,
    pid: task?.pid ?? null,
    args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, toJson(value)])),
  };
}

/** Kernel objects by name, vmas with their range, statements by line. */
function toJson(value: unknown): JsonValue {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return null;
  if (value instanceof VmArea) return { name: name_of_vma(value), start: value.vm_start, end: value.vm_end, pgoff: value.vm_pgoff };
  if (value instanceof Task || value instanceof MmStruct) return value.name;
  if (isStatement(value)) return { line: value.range.line };
  return name_of(value) ?? String(value);
}

function isStatement(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && "site" in value && "range" in value;
}

/** A diagnostic of a scenario; lines and columns from 1. */
export function diagnosticJson({ code, severity, message, range }: Diagnostic): Record<string, JsonValue> {
  const { line, column, endLine, endColumn } = range;
  return { code, severity, message, line, column, end_line: endLine, end_column: endColumn };
}

/** A check of the scenario and, if it has failed, the reason and the time. */
export function checkJson({ check, state, failure }: CheckResult): Record<string, JsonValue> {
  const { event, time, task, why } = failure ?? { event: null, time: null, task: null, why: null };
  return { text: check.text, kind: check.kind, line: check.range.line, state, why, event, time, task: task === "" ? null : task };
}

/** The report of a kernel check with its stacks. `expected`: the scenario has a check that expects it. */
export function reportJson({ code, message, values, rule, known_bugs, stacks }: FullReport, expected: boolean): object {
  return { code, message, expected, values, rule, known_bugs, stacks: stacks.map(({ task, state, frames }) => ({ task, state, frames })) };
}

/** The machine of a scenario, with the defaults of this kernel. */
export function machineJson({ machine }: Program, kernel: KernelName): Record<string, JsonValue> {
  const { cpus, arch, preempt, hz, break_lock, seed, without } = machine;
  return { cpus, arch, preempt, hz, break_lock: break_lock ?? default_break_lock(kernel), seed, without };
}
