// Estimates the memory that a run would need, so that a run that cannot succeed does not start.

import { callsByName } from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { FRAME_BYTES, MAX_FRAMES, MAX_MAPS, PROCESS_BYTES, TABLE_BYTES, VMA_BYTES } from "../program/limits.ts";
import type { Body, CallNode, Expr, Program, Range, ScenarioFile } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { callsOfStatement } from "../program/traversal.ts";
import { PAGE_SIZE, roundUpToPage } from "../program/pages.ts";
import { constantValue, type GlobalScope, type MappingInfo, type ProcessInfo } from "./declarations.ts";

/** The accesses to one mapping by one process, or by each process of an array. */
interface MappingUsage {
  mmaps: number;
  touchedBytes: number;
  writtenBytes: number;
  /** The number of processes that make these accesses. */
  instances: number;
  readonly mapping: MappingInfo;
}

/** The memory that a program uses, as far as its constants tell. */
class MemoryEstimate {
  private readonly usages = new Map<MappingInfo, MappingUsage>();
  private vmas = 0;
  /** The number of forked children, and of copies of each mapping. */
  private children = 0;
  private readonly copies = new Map<MappingInfo, number>();
  /** The access to most bytes: a diagnostic is reported there. */
  largestAccess: { readonly bytes: number; readonly range: Range } | null = null;

  constructor(private readonly globals: GlobalScope) {}

  addBody(body: Body, process: ProcessInfo | null, instances: number, times: number): void {
    for (const statement of body) {
      if (statement.kind === "repeat" || statement.kind === "every") {
        this.addBody(statement.body, process, instances, times * Math.max(1, constantValue(statement.count ?? undefined) ?? 1));
      } else {
        for (const call of callsOfStatement(statement)) {
          this.addCall(call, statement.kind === "call" ? statement.result : null, process, instances, times);
        }
        if (statement.kind === "if") this.addBody(statement.body, process, instances, times);
      }
    }
  }

  private addCall(
    { call, args, range }: CallNode,
    result: string | null,
    process: ProcessInfo | null,
    instances: number,
    times: number,
  ): void {
    if (call === "mmap") this.vmas += instances * Math.min(times, MAX_MAPS);
    if (call === "fork") {
      this.addFork(args.process === undefined ? process : processOf(args.process, process, this.globals), instances * times);
    }
    const made = result === null ? undefined : process?.mappings.get(result);
    if (made !== undefined) this.usageOf(made, instances).mmaps += times;
    if (callsByName.get(call)!.kernel !== "handle_mm_fault") return;
    const target = resolveMapping(args.range!, process, this.globals);
    if (target === null) return;
    const entry = this.usageOf(target.mapping, target.own ? instances : 1);
    entry.touchedBytes += target.bytes * times;
    // Anonymous memory takes page frames of its own whether it is read or written.
    if (call === "write" || target.mapping.file === undefined) entry.writtenBytes += target.bytes * times;
    const bytes = target.bytes * (target.own ? instances : 1);
    if (this.largestAccess === null || bytes > this.largestAccess.bytes) this.largestAccess = { bytes, range };
  }

  private addFork(process: ProcessInfo | null, times: number): void {
    this.children += times;
    for (const mapping of process?.mappings.values() ?? []) this.copies.set(mapping, (this.copies.get(mapping) ?? 0) + times);
    this.vmas += (process?.mappings.size ?? 0) * times;
  }

  private usageOf(mapping: MappingInfo, instances: number): MappingUsage {
    let entry = this.usages.get(mapping);
    if (entry === undefined) this.usages.set(mapping, (entry = { mmaps: 0, touchedBytes: 0, writtenBytes: 0, instances, mapping }));
    entry.instances = Math.max(entry.instances, instances);
    return entry;
  }

  /** The page frames and page tables of the modelled machine, and the bytes that they take on the host. */
  total(processes: number): { readonly frames: number; readonly tables: number; readonly bytes: number } {
    const { TASK_SIZE, PTRS_PER_PTE } = this.globals.arch;
    const files = new Map<ScenarioFile, number>();
    let frames = 0;
    let tables = 0;
    for (const { mmaps, touchedBytes, writtenBytes, instances, mapping } of this.usages.values()) {
      const room = Math.min(TASK_SIZE, (mapping.length ?? TASK_SIZE) * Math.max(1, mmaps));
      // No page of a mapping behind the end of its file can be touched.
      const bytes = Math.min(touchedBytes, room, roundUpToPage(mapping.file?.size ?? Infinity) * Math.max(1, mmaps));
      tables += Math.ceil(bytes / (PTRS_PER_PTE * PAGE_SIZE)) * (instances + (this.copies.get(mapping) ?? 0));
      if (mapping.private) frames += (Math.min(writtenBytes, room) / PAGE_SIZE) * instances;
      if (mapping.file !== undefined) files.set(mapping.file, Math.min(mapping.file.size, (files.get(mapping.file) ?? 0) + bytes));
    }
    for (const bytes of files.values()) frames += bytes / PAGE_SIZE;
    return {
      frames,
      tables,
      bytes: frames * FRAME_BYTES + tables * TABLE_BYTES + this.vmas * VMA_BYTES + (processes + this.children) * PROCESS_BYTES,
    };
  }
}

/**
 * Reports a program that would need more than `limit` bytes, or more than the modelled machine has; what is known only during the
 * run counts as 0.
 */
export function checkMemory(program: Program, globals: GlobalScope, limit: number, reporter: DiagnosticReporter): void {
  const estimate = new MemoryEstimate(globals);
  for (const process of globals.processes.values()) estimate.addBody(process.declaration.body, process, process.declaration.count ?? 1, 1);
  for (const task of program.tasks) estimate.addBody(task.body, globals.processes.get(task.process.name) ?? null, 1, 1);
  for (const trigger of program.triggers) estimate.addBody(trigger.body, null, 1, 1);

  const { frames, tables, bytes } = estimate.total(program.processes.reduce((sum, p) => sum + (p.count ?? 1), 0));
  const range = estimate.largestAccess?.range ?? program.processes[0]?.range;
  if (range === undefined) return;
  const detail = `${Math.ceil(frames)} pages and ${Math.ceil(tables)} page tables`;
  if (bytes > limit)
    reporter.report(
      range,
      problems.memory(
        `${formatBytes(bytes)} of memory`,
        formatBytes(limit),
        detail,
        ", or raise the limit (--limit-memory, lockbreak.limits.memory)",
      ),
    );
  else if (frames + tables > MAX_FRAMES)
    reporter.report(
      range,
      problems.memory(
        `${formatBytes((frames + tables) * PAGE_SIZE)} of the modelled machine's memory`,
        formatBytes(MAX_FRAMES * PAGE_SIZE),
        detail,
        "",
      ),
    );
}

/** The mapping that an argument names, and the number of its bytes; null if it is known only during the run. */
function resolveMapping(
  expr: Expr,
  process: ProcessInfo | null,
  globals: GlobalScope,
): { mapping: MappingInfo; bytes: number; own: boolean } | null {
  if (expr.kind === "slice") {
    const whole = resolveMapping(expr.object, process, globals);
    const [from, to] = [constantValue(expr.from), constantValue(expr.to)];
    return whole === null || from === undefined || to === undefined ? whole : { ...whole, bytes: to - from };
  }
  let mapping: MappingInfo | undefined;
  if (expr.kind === "name") mapping = process?.mappings.get(expr.name);
  else if (expr.kind === "member") {
    mapping = processOf(expr.object, process, globals)?.mappings.get(expr.name);
  }
  return mapping === undefined ? null : { mapping, bytes: mapping.length ?? 0, own: expr.kind === "name" };
}

/** The process that `viewer[3]`, `child` or `editor.child` names, if it names one. */
function processOf(expr: Expr, process: ProcessInfo | null, globals: GlobalScope): ProcessInfo | null {
  if (expr.kind === "index") return processOf(expr.object, process, globals);
  if (expr.kind === "name") return process?.children.get(expr.name) ?? globals.processes.get(expr.name) ?? null;
  return expr.kind === "member" ? (processOf(expr.object, process, globals)?.children.get(expr.name) ?? null) : null;
}

function formatBytes(bytes: number): string {
  const [unit, size] = bytes >= 1024 ** 3 ? ["GB", 1024 ** 3] : bytes >= 1024 ** 2 ? ["MB", 1024 ** 2] : ["KB", 1024];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}
