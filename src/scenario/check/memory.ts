// Estimates beforehand what memory a run would need, so that one that cannot succeed does not start.

import { calls } from "../catalogue/index.ts";
import { problems } from "../program/diagnostics.ts";
import { FRAME_BYTES, MAX_FRAMES, MAX_MAPS, PAGE_SIZE, PROCESS_BYTES, TABLE_BYTES, VMA_BYTES } from "../program/limits.ts";
import type { Body, CallNode, Expr, Program, Range, ScenarioFile } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { callsOf } from "../program/statements.ts";
import { roundUp, staticNumber, type Globals, type MappingInfo, type ProcessInfo } from "./scope.ts";

/** Bytes of one mapping that one process touches. */
interface Use {
  made: number;
  touched: number;
  written: number;
  /** How many like processes do so. */
  instances: number;
  readonly mapping: MappingInfo;
}

/** What a program uses, as far as its text tells. */
class Estimate {
  private readonly uses = new Map<MappingInfo, Use>();
  private vmas = 0;
  /** Children that are forked, and by how many each mapping is multiplied. */
  private children = 0;
  private readonly copies = new Map<MappingInfo, number>();
  /** The access of most bytes: where a message is put. */
  largest: { readonly bytes: number; readonly range: Range } | null = null;

  constructor(private readonly globals: Globals) {}

  walk(body: Body, process: ProcessInfo | null, instances: number, times: number): void {
    for (const statement of body) {
      if (statement.kind === "repeat" || statement.kind === "every") {
        this.walk(statement.body, process, instances, times * Math.max(1, staticNumber(statement.count ?? undefined) ?? 1));
      } else {
        for (const call of callsOf(statement)) this.add(call, statement.kind === "call" ? statement.result : null, process, instances, times);
        if (statement.kind === "if") this.walk(statement.body, process, instances, times);
      }
    }
  }

  private add({ call, args, range }: CallNode, result: string | null, process: ProcessInfo | null, instances: number, times: number): void {
    if (call === "mmap") this.vmas += instances * Math.min(times, MAX_MAPS);
    if (call === "fork") this.fork(args.process === undefined ? process : processOf(args.process, process, this.globals), instances * times);
    const made = result === null ? undefined : process?.mappings.get(result);
    if (made !== undefined) this.use(made, instances).made += times;
    if (calls.get(call)!.kernel !== "handle_mm_fault") return;
    const target = resolve(args.range!, process, this.globals);
    if (target === null) return;
    const entry = this.use(target.mapping, target.own ? instances : 1);
    entry.touched += target.bytes * times;
    // Memory without a file is its own whether it is read or written.
    if (call === "write" || target.mapping.file === undefined) entry.written += target.bytes * times;
    const bytes = target.bytes * (target.own ? instances : 1);
    if (this.largest === null || bytes > this.largest.bytes) this.largest = { bytes, range };
  }

  private fork(process: ProcessInfo | null, times: number): void {
    this.children += times;
    for (const mapping of process?.mappings.values() ?? []) this.copies.set(mapping, (this.copies.get(mapping) ?? 0) + times);
    this.vmas += (process?.mappings.size ?? 0) * times;
  }

  private use(mapping: MappingInfo, instances: number): Use {
    let entry = this.uses.get(mapping);
    if (entry === undefined) this.uses.set(mapping, (entry = { made: 0, touched: 0, written: 0, instances, mapping }));
    entry.instances = Math.max(entry.instances, instances);
    return entry;
  }

  /** Page frames, page tables, and bytes of this computer's memory. */
  total(processes: number): { readonly frames: number; readonly tables: number; readonly bytes: number } {
    const { TASK_SIZE, PTRS_PER_PTE } = this.globals.arch;
    const files = new Map<ScenarioFile, number>();
    let frames = 0;
    let tables = 0;
    for (const { made, touched, written, instances, mapping } of this.uses.values()) {
      const room = Math.min(TASK_SIZE, (mapping.length ?? TASK_SIZE) * Math.max(1, made));
      // Behind the end of its file no page of a mapping can be touched.
      const bytes = Math.min(touched, room, roundUp(mapping.file?.size ?? Infinity) * Math.max(1, made));
      tables += Math.ceil(bytes / (PTRS_PER_PTE * PAGE_SIZE)) * (instances + (this.copies.get(mapping) ?? 0));
      if (mapping.private) frames += (Math.min(written, room) / PAGE_SIZE) * instances;
      if (mapping.file !== undefined) files.set(mapping.file, Math.min(mapping.file.size, (files.get(mapping.file) ?? 0) + bytes));
    }
    for (const bytes of files.values()) frames += bytes / PAGE_SIZE;
    return { frames, tables, bytes: frames * FRAME_BYTES + tables * TABLE_BYTES + this.vmas * VMA_BYTES + (processes + this.children) * PROCESS_BYTES };
  }
}

/** Reports a program that would need more than `limit` bytes, or more than the modelled machine has; what the text does not tell counts as nothing. */
export function checkMemory(program: Program, globals: Globals, limit: number, reporter: Reporter): void {
  const estimate = new Estimate(globals);
  for (const process of globals.processes.values()) estimate.walk(process.declaration.body, process, process.declaration.count ?? 1, 1);
  for (const task of program.tasks) estimate.walk(task.body, globals.processes.get(task.process.name) ?? null, 1, 1);
  for (const trigger of program.triggers) estimate.walk(trigger.body, null, 1, 1);

  const { frames, tables, bytes } = estimate.total(program.processes.reduce((sum, p) => sum + (p.count ?? 1), 0));
  const range = estimate.largest?.range ?? program.processes[0]?.range;
  if (range === undefined) return;
  const detail = `${Math.ceil(frames)} pages and ${Math.ceil(tables)} page tables`;
  if (bytes > limit) reporter.report(range, problems.memory(`${amount(bytes)} of memory`, amount(limit), detail, ", or raise the limit (--limit-memory, lockbreak.limits.memory)"));
  else if (frames + tables > MAX_FRAMES) reporter.report(range, problems.memory(`${amount((frames + tables) * PAGE_SIZE)} of the modelled machine's memory`, amount(MAX_FRAMES * PAGE_SIZE), detail, ""));
}

/** The mapping that an argument is about, and how many of its bytes; null if only the run knows. */
function resolve(expr: Expr, process: ProcessInfo | null, globals: Globals): { mapping: MappingInfo; bytes: number; own: boolean } | null {
  if (expr.kind === "slice") {
    const whole = resolve(expr.object, process, globals);
    const [from, to] = [staticNumber(expr.from), staticNumber(expr.to)];
    return whole === null || from === undefined || to === undefined ? whole : { ...whole, bytes: to - from };
  }
  let mapping: MappingInfo | undefined;
  if (expr.kind === "name") mapping = process?.mappings.get(expr.name);
  else if (expr.kind === "member") {
    mapping = processOf(expr.object, process, globals)?.mappings.get(expr.name);
  }
  return mapping === undefined ? null : { mapping, bytes: mapping.length ?? 0, own: expr.kind === "name" };
}

/** The process that `viewer[3]`, `child` or `editor.child` is about, if it is one. */
function processOf(expr: Expr, process: ProcessInfo | null, globals: Globals): ProcessInfo | null {
  if (expr.kind === "index") return processOf(expr.object, process, globals);
  if (expr.kind === "name") return process?.children.get(expr.name) ?? globals.processes.get(expr.name) ?? null;
  return expr.kind === "member" ? (processOf(expr.object, process, globals)?.children.get(expr.name) ?? null) : null;
}

function amount(bytes: number): string {
  const [unit, size] = bytes >= 1024 ** 3 ? ["GB", 1024 ** 3] : bytes >= 1024 ** 2 ? ["MB", 1024 ** 2] : ["KB", 1024];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}
