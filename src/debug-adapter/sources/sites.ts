// Where statements stand: the site table by file and by function, and what of it a kernel consists of.

import sites, { type Site } from "lockbreak:sites";
import { has_function, type KernelName } from "../../engine/kernel/variants.ts";
import { SCENARIO_SITES } from "../../engine/replay/stepping.ts";
import type { Range, Statement } from "../../scenario/program/program.ts";

/** A statement as breakpoints see it. */
export interface Spot extends Range {
  /** Its site number. */
  readonly site: number;
}

/** Statements of the kernel by file, in the order of the text. */
const byFile = new Map<string, Spot[]>();
/** First statements of kernel functions, by name; several if kernels have their own. */
const entries = new Map<string, Spot[]>();

sites.forEach((site, number) => {
  if (site.kind !== "statement") return;
  const { line, column, endLine, endColumn } = site;
  const spot = { site: number, line, column, endLine, endColumn };
  add(byFile, site.file, spot);
  if (site.entry) add(entries, site.function, spot);
});
for (const spots of byFile.values()) sort(spots);

function add<K>(map: Map<K, Spot[]>, key: K, spot: Spot): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [spot]);
  else found.push(spot);
}

function sort(spots: Spot[]): Spot[] {
  return spots.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** All files of the kernel that have statements. */
export function kernelFiles(): Iterable<string> {
  return byFile.keys();
}

/** The statements of a kernel file, in the order of the text. */
export function kernelSpots(file: string): readonly Spot[] {
  return byFile.get(file) ?? [];
}

/** The names of all kernel functions that one can step in. */
export function kernelFunctions(): Iterable<string> {
  return entries.keys();
}

/** Where functions of that name begin, in all kernels. */
export function entrySpots(name: string): readonly Spot[] {
  return entries.get(name) ?? [];
}

/** The parameters of the kernel function that a site is in. */
export function parametersAt(site: number | null): readonly string[] {
  return site === null ? [] : (sites[site]?.parameters ?? []);
}

/** The instrumented calls in the statement at `site`, those first that are made first. */
export function callsIn(site: number): { readonly call: number; readonly range: Range }[] {
  const statement = sites[site];
  if (statement === undefined) return [];
  return sites.flatMap((call, number) => (call.kind === "call" && call.file === statement.file && liesIn(call, statement) ? [{ call: number, range: call }] : []));
}

function liesIn(inner: Range, outer: Range): boolean {
  const begins = inner.line > outer.line || (inner.line === outer.line && inner.column >= outer.column);
  return begins && (inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn));
}

/** The statements of a scenario, in the order of the text. */
export function scenarioSpots(statements: readonly Statement[]): Spot[] {
  return sort(statements.map(({ site, range: { line, column, endLine, endColumn } }) => ({ site: SCENARIO_SITES + site, line, column, endLine, endColumn })));
}

/** Is the statement at `site` part of that kernel? */
export function isInKernel(site: number, kernel: KernelName): boolean {
  const { file, function: name } = sites[site] as Site;
  return has_function(kernel, file, name);
}
