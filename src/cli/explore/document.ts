// The document that `lockbreak explore --json` prints and `lockbreak merge` joins. docs/explore-json.md describes every field.

import type { Plan } from "../../engine/explore/exploration.ts";
import { Findings } from "../../engine/explore/finding.ts";
import type { Explored, Found } from "../../scenario/explore/explore.ts";
import { errors } from "../shared/errors.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const SCHEMA = 1;

declare const __VERSION__: string;

export interface Document {
  readonly schema: number;
  readonly lockbreak: string;
  /** The scenario as the user named it, and fingerprintOfSearch() of it. */
  readonly scenario: string;
  readonly fingerprint: string;
  readonly plan: Plan;
  readonly kernels: readonly Explored[];
}

/** A search as a document. `scenario` is the file as the user named it, `fingerprint` is fingerprintOfSearch() of it. */
export function documentOf(scenario: string, fingerprint: string, plan: Plan, kernels: readonly Explored[]): Document {
  return { schema: SCHEMA, lockbreak: __VERSION__, scenario, fingerprint, plan, kernels };
}

/** Is it what documentOf makes, as far as it is looked at here? */
export function isDocument(value: unknown): value is Document {
  return isObject(value, { schema: "number", lockbreak: "string", scenario: "string", fingerprint: "string", plan: "object", kernels: "object" }) && Array.isArray(value["kernels"]) && value["kernels"].every(isExplored);
}

function isExplored(value: unknown): boolean {
  const numbers = { executions: "number", units: "number", longest: "number", cut: "number", seconds: "number" };
  if (!isObject(value, { kernel: "string", findings: "object", states: "object", stages: "object", exhausted: "boolean", ...numbers })) return false;
  return [value["findings"], value["states"], value["stages"]].every((list) => Array.isArray(list));
}

/** Is it an object with fields of these types? */
function isObject(value: unknown, types: Readonly<Record<string, string>>): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(types).every(([name, type]) => typeof fields[name] === type && fields[name] !== null);
}

/** All parts of a search, by file, as one. Throws a UserError if they do not belong together, or some are missing. */
export function merge(files: readonly { readonly file: string; readonly document: Document }[]): Document {
  const documents = files.map(({ document }) => document);
  const [first] = documents;
  const { of } = first!.plan.shard ?? { of: 1 };
  const parts = new Set<number>();
  const about = ({ lockbreak, fingerprint, plan, kernels }: Document): string => JSON.stringify([lockbreak, fingerprint, { ...plan, shard: { of: plan.shard!.of } }, kernels.map(({ kernel }) => kernel)]);
  for (const { file, document } of files) {
    const { plan } = document;
    if (document.schema !== SCHEMA || plan.shard === null) throw errors.no_part(file);
    if (about(document) !== about(first!)) throw errors.other_part(file);
    if (parts.has(plan.shard.part)) throw errors.part_twice(`${plan.shard.part}/${of}`);
    parts.add(plan.shard.part);
  }
  const missing = Array.from({ length: of }, (_, number) => number + 1).filter((part) => !parts.has(part));
  if (missing.length > 0) throw errors.missing_parts(missing.map((part) => `${part}/${of}`).join(", "));
  return { ...first!, plan: { ...first!.plan, shard: null }, kernels: first!.kernels.map((_, at) => join(documents.map(({ kernels }) => kernels[at]!))) };
}

function join(parts: readonly Explored[]): Explored {
  const sum = (field: "executions" | "units" | "cut" | "seconds"): number => parts.reduce((total, part) => total + part[field], 0);
  const best = new Findings<Found>();
  for (const finding of parts.flatMap((part) => part.findings)) best.add(finding);
  const findings = best.all();
  const titles = [...new Set(parts.flatMap(({ stages }) => stages.map(({ title }) => title)))];
  const exhausted = parts.every((part) => part.exhausted);
  const stopped = parts.find((part) => part.stopped !== null)?.stopped ?? null;
  return {
    kernel: parts[0]!.kernel,
    findings,
    executions: sum("executions"),
    units: sum("units"),
    longest: Math.max(...parts.map(({ longest }) => longest)),
    cut: sum("cut"),
    states: [...new Set(parts.flatMap(({ states }) => states))],
    stages: titles.map((title) => {
      const stages = parts.flatMap((part) => part.stages.filter((stage) => stage.title === title));
      return { title, executions: stages.reduce((total, { executions }) => total + executions, 0), exhausted: stages.every((stage) => stage.exhausted) };
    }),
    exhausted,
    complete: false,
    verdict: findings.length > 0 ? "found" : exhausted ? "clean" : "open",
    stopped,
    seconds: sum("seconds"),
  };
}
