// Estimates beforehand what memory a run would need, so that one that cannot succeed does not start.

import { calls } from "../catalogue/index.ts";
import { problems } from "../diagnostics.ts";
import { FRAME_BYTES, MAX_FRAMES, MAX_MEMORY, PAGE_SIZE, PROCESS_BYTES, TABLE_BYTES, TABLE_SPAN, TASK_SIZE, VMA_BYTES } from "../limits.ts";
import type { Body, Expr, Program, Range, ScenarioFile } from "../program.ts";
import type { Reporter } from "../report.ts";
import { staticNumber, type Globals, type MappingInfo, type ProcessInfo } from "./scope.ts";

/** Bytes of one mapping that one process touches. */
interface Use {
  made: number;
  touched: number;
  written: number;
  /** How many like processes do so. */
  instances: number;
  readonly mapping: MappingInfo;
}

/** Reports a program whose populated pages exceed the limits; what the text does not tell counts as nothing. */
export function checkMemory(program: Program, globals: Globals, reporter: Reporter): void {
  const uses = new Map<MappingInfo, Use>();
  let vmas = 0;
  let largest: { readonly bytes: number; readonly range: Range } | null = null;

  const walk = (body: Body, process: ProcessInfo | null, instances: number, times: number) => {
    for (const statement of body) {
      if (statement.kind === "repeat" || statement.kind === "every") {
        walk(statement.body, process, instances, times * Math.max(1, staticNumber(statement.count ?? undefined) ?? 1));
      } else if (statement.kind === "if") {
        walk(statement.body, process, instances, times);
      } else if (statement.kind === "call") {
        if (statement.call === "mmap") vmas += instances * Math.min(times, TASK_SIZE / PAGE_SIZE);
        const made = statement.result === null ? undefined : process?.mappings.get(statement.result);
        if (made !== undefined) use(uses, made, instances).made += times;
        if (calls.get(statement.call)!.kernel !== "handle_mm_fault") continue;
        const target = resolve(statement.args.range!, process, globals);
        if (target === null) continue;
        const entry = use(uses, target.mapping, target.own ? instances : 1);
        entry.touched += target.bytes * times;
        if (statement.call === "write") entry.written += target.bytes * times;
        const bytes = target.bytes * (target.own ? instances : 1);
        if (largest === null || bytes > largest.bytes) largest = { bytes, range: statement.range };
      }
    }
  };
  for (const process of globals.processes.values()) walk(process.declaration.body, process, process.declaration.count ?? 1, 1);
  for (const task of program.tasks) walk(task.body, globals.processes.get(task.process.name) ?? null, 1, 1);
  for (const trigger of program.triggers) walk(trigger.body, null, 1, 1);

  const { frames, tables } = total(uses);
  const bytes = frames * FRAME_BYTES + tables * TABLE_BYTES + vmas * VMA_BYTES + program.processes.reduce((sum, p) => sum + (p.count ?? 1), 0) * PROCESS_BYTES;
  const range = (largest as { readonly range: Range } | null)?.range ?? program.processes[0]?.range;
  if (range === undefined) return;
  const detail = `${Math.ceil(frames)} pages and ${Math.ceil(tables)} page tables`;
  if (bytes > MAX_MEMORY) reporter.report(range, problems.memory(`${gigabytes(bytes)} of memory`, gigabytes(MAX_MEMORY), detail));
  else if (frames + tables > MAX_FRAMES) reporter.report(range, problems.memory(`${gigabytes((frames + tables) * PAGE_SIZE)} of the modelled machine's memory`, gigabytes(MAX_FRAMES * PAGE_SIZE), detail));
}

function use(uses: Map<MappingInfo, Use>, mapping: MappingInfo, instances: number): Use {
  let entry = uses.get(mapping);
  if (entry === undefined) uses.set(mapping, (entry = { made: 0, touched: 0, written: 0, instances, mapping }));
  entry.instances = Math.max(entry.instances, instances);
  return entry;
}

function total(uses: ReadonlyMap<MappingInfo, Use>): { frames: number; tables: number } {
  const files = new Map<ScenarioFile, number>();
  let frames = 0;
  let tables = 0;
  for (const { made, touched, written, instances, mapping } of uses.values()) {
    const room = Math.min(TASK_SIZE, (mapping.length ?? TASK_SIZE) * Math.max(1, made));
    const bytes = Math.min(touched, room);
    tables += Math.ceil(bytes / TABLE_SPAN) * instances;
    if (mapping.private) frames += (Math.min(written, room) / PAGE_SIZE) * instances;
    if (mapping.file !== undefined) files.set(mapping.file, Math.min(mapping.file.size, (files.get(mapping.file) ?? 0) + bytes));
  }
  for (const bytes of files.values()) frames += bytes / PAGE_SIZE;
  return { frames, tables };
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
    const owner = expr.object.kind === "index" ? expr.object.object : expr.object;
    mapping = owner.kind === "name" ? globals.processes.get(owner.name)?.mappings.get(expr.name) : undefined;
  }
  return mapping === undefined ? null : { mapping, bytes: mapping.length ?? 0, own: expr.kind === "name" };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
