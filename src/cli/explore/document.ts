// The document that `lockbreak explore --json` prints and `lockbreak merge` joins. docs/explore-json.md describes every field.

import type { Plan } from "../../engine/explore/exploration.ts";
import { Findings } from "../../engine/explore/finding.ts";
import type { SearchResult, SearchFinding } from "../../scenario/explore/scenario-search.ts";
import { cliErrors } from "../shared/errors.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const EXPLORE_SCHEMA = 2;

declare const __VERSION__: string;

export interface ExploreDocument {
  readonly schema: number;
  readonly lockbreak: string;
  /** The scenario as the user named it, and its searchFingerprint(). */
  readonly scenario: string;
  readonly fingerprint: string;
  readonly plan: Plan;
  readonly kernels: readonly SearchResult[];
}

/** The document of a search. `scenario` is the file as the user named it, `fingerprint` its searchFingerprint(). */
export function exploreDocument(scenario: string, fingerprint: string, plan: Plan, kernels: readonly SearchResult[]): ExploreDocument {
  return { schema: EXPLORE_SCHEMA, lockbreak: __VERSION__, scenario, fingerprint, plan, kernels };
}

/** Has `value` the fields of an ExploreDocument that mergeDocuments reads? */
export function isExploreDocument(value: unknown): value is ExploreDocument {
  return (
    isObject(value, {
      schema: "number",
      lockbreak: "string",
      scenario: "string",
      fingerprint: "string",
      plan: "object",
      kernels: "object",
    }) &&
    Array.isArray(value["kernels"]) &&
    value["kernels"].every(isSearchResult)
  );
}

function isSearchResult(value: unknown): boolean {
  const numbers = { executions: "number", transitions: "number", longest: "number", truncated: "number", seconds: "number" };
  if (!isObject(value, { kernel: "string", findings: "object", states: "object", stages: "object", exhausted: "boolean", ...numbers }))
    return false;
  return [value["findings"], value["states"], value["stages"]].every((list) => Array.isArray(list));
}

/** Is `value` an object with fields of these types? */
function isObject(value: unknown, types: Readonly<Record<string, string>>): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(types).every(([name, type]) => typeof fields[name] === type && fields[name] !== null);
}

/** Merges the documents of all shards of a search. Throws a UserError if they are of different searches, or some are missing. */
export function mergeDocuments(files: readonly { readonly file: string; readonly document: ExploreDocument }[]): ExploreDocument {
  const documents = files.map(({ document }) => document);
  const [first] = documents;
  const { of } = first!.plan.shard ?? { of: 1 };
  const parts = new Set<number>();
  const identity = ({ lockbreak, fingerprint, plan, kernels }: ExploreDocument): string =>
    JSON.stringify([lockbreak, fingerprint, { ...plan, shard: { of: plan.shard!.of } }, kernels.map(({ kernel }) => kernel)]);
  for (const { file, document } of files) {
    const { plan } = document;
    if (document.schema !== EXPLORE_SCHEMA || plan.shard === null) throw cliErrors.noPart(file);
    if (identity(document) !== identity(first!)) throw cliErrors.otherPart(file);
    if (parts.has(plan.shard.part)) throw cliErrors.partTwice(`${plan.shard.part}/${of}`);
    parts.add(plan.shard.part);
  }
  const missing = Array.from({ length: of }, (_, number) => number + 1).filter((part) => !parts.has(part));
  if (missing.length > 0) throw cliErrors.missingParts(missing.map((part) => `${part}/${of}`).join(", "));
  return {
    ...first!,
    plan: { ...first!.plan, shard: null },
    kernels: first!.kernels.map((_, at) => mergeResults(documents.map(({ kernels }) => kernels[at]!))),
  };
}

function mergeResults(parts: readonly SearchResult[]): SearchResult {
  const sum = (field: "executions" | "transitions" | "truncated" | "seconds"): number =>
    parts.reduce((total, part) => total + part[field], 0);
  const best = new Findings<SearchFinding>();
  for (const finding of parts.flatMap((part) => part.findings)) best.add(finding);
  const findings = best.all();
  const titles = [...new Set(parts.flatMap(({ stages }) => stages.map(({ title }) => title)))];
  const exhausted = parts.every((part) => part.exhausted);
  const stopped = parts.find((part) => part.stopped !== null)?.stopped ?? null;
  return {
    kernel: parts[0]!.kernel,
    findings,
    executions: sum("executions"),
    transitions: sum("transitions"),
    longest: Math.max(...parts.map(({ longest }) => longest)),
    truncated: sum("truncated"),
    states: [...new Set(parts.flatMap(({ states }) => states))],
    stages: titles.map((title) => {
      const stages = parts.flatMap((part) => part.stages.filter((stage) => stage.title === title));
      return {
        title,
        executions: stages.reduce((total, { executions }) => total + executions, 0),
        exhausted: stages.every((stage) => stage.exhausted),
      };
    }),
    exhausted,
    complete: false,
    verdict: findings.length > 0 ? "found" : exhausted ? "clean" : "open",
    stopped,
    seconds: sum("seconds"),
  };
}
