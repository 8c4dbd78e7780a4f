// Locations of statements: the site table by file and by function, and which sites belong to a kernel.

import sites, { type Site } from "lockbreak:sites";
import { has_function, type KernelName } from "../../engine/kernel/variants.ts";
import { FIRST_SCENARIO_SITE } from "../../engine/replay/stepping.ts";
import type { Range, Statement } from "../../scenario/program/program.ts";

/** The location of a statement, to which a breakpoint can be bound. */
export interface SourceLocation extends Range {
  /** Its site number. */
  readonly site: number;
}

/** Statements of the kernel by file, in the order of the text. */
const byFile = new Map<string, SourceLocation[]>();
/** First statements of kernel functions, by name; several if kernels have their own. */
const entriesByName = new Map<string, SourceLocation[]>();

sites.forEach((site, number) => {
  if (site.kind !== "statement") return;
  const { line, column, endLine, endColumn } = site;
  const location = { site: number, line, column, endLine, endColumn };
  add(byFile, site.file, location);
  if (site.entry) add(entriesByName, site.function, location);
});
for (const locations of byFile.values()) sortByPosition(locations);

function add<K>(map: Map<K, SourceLocation[]>, key: K, location: SourceLocation): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [location]);
  else found.push(location);
}

function sortByPosition(locations: SourceLocation[]): SourceLocation[] {
  return locations.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** All files of kernels that have statements. */
export function kernelFiles(): Iterable<string> {
  return byFile.keys();
}

/** The statements of a kernel file, in the order of the text. */
export function kernelLocations(file: string): readonly SourceLocation[] {
  return byFile.get(file) ?? [];
}

/** The names of all kernel functions that have statements. */
export function kernelFunctions(): Iterable<string> {
  return entriesByName.keys();
}

/** The first statements of functions of that name, in all kernels. */
export function entryLocations(name: string): readonly SourceLocation[] {
  return entriesByName.get(name) ?? [];
}

/** The parameters of the kernel function that a site is in. */
export function parametersAt(site: number | null): readonly string[] {
  return site === null ? [] : (sites[site]?.parameters ?? []);
}

/** The instrumented calls in the statement at `site`, in the order in which they are made. */
export function callSitesIn(site: number): { readonly call: number; readonly range: Range }[] {
  const statement = sites[site];
  if (statement === undefined) return [];
  return sites.flatMap((call, number) =>
    call.kind === "call" && call.file === statement.file && isWithin(call, statement) ? [{ call: number, range: call }] : [],
  );
}

function isWithin(inner: Range, outer: Range): boolean {
  const begins = inner.line > outer.line || (inner.line === outer.line && inner.column >= outer.column);
  return begins && (inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn));
}

/** The statements of a scenario, in the order of the text. */
export function scenarioLocations(statements: readonly Statement[]): SourceLocation[] {
  return sortByPosition(
    statements.map(({ site, range: { line, column, endLine, endColumn } }) => ({
      site: FIRST_SCENARIO_SITE + site,
      line,
      column,
      endLine,
      endColumn,
    })),
  );
}

/** Is the statement at `site` part of that kernel? */
export function isInKernel(site: number, kernel: KernelName): boolean {
  const { file, function: name } = sites[site] as Site;
  return has_function(kernel, file, name);
}
