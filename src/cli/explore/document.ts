// The document that `lockbreak explore --json` prints and `lockbreak merge` joins. docs/explore-json.md describes every field.

import type { Plan, Progress } from "../../engine/explore/exploration.ts";
import { Findings, type Finding } from "../../engine/explore/finding.ts";
import type { StageReport } from "../../engine/explore/stages.ts";
import { format_schedule, parse_turns } from "../../engine/machine/schedule.ts";
import { errors } from "../errors.ts";
import { is_exhausted, type Explored, type Stopped } from "./command.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const SCHEMA = 1;

declare const __VERSION__: string;

export interface Document {
  readonly schema: number;
  readonly lockbreak: string;
  /** The scenario as the user named it, and its fingerprint. */
  readonly scenario: string;
  readonly fingerprint: string;
  readonly plan: Plan;
  readonly kernels: readonly KernelDocument[];
}

interface KernelDocument {
  readonly kernel: string;
  readonly findings: readonly (Finding & { readonly schedule: string })[];
  readonly executions: number;
  readonly units: number;
  readonly longest: number;
  readonly cut: number;
  readonly states: readonly number[];
  readonly stages: readonly StageReport[];
  /** Everything was looked at that was asked for; everything at all. */
  readonly exhausted: boolean;
  readonly complete: boolean;
  readonly stopped: Stopped | null;
  readonly seconds: number;
}

/** The schedule of a finding. */
export function schedule_of({ turns, cycle }: Finding, kernel: string, fingerprint: string): string {
  return format_schedule({ kernel, of: fingerprint, course: { turns: parse_turns(turns), cycle: parse_turns(cycle) } });
}

export function document_of(scenario: string, fingerprint: string, plan: Plan, all: readonly Explored[]): Document {
  return {
    schema: SCHEMA,
    lockbreak: __VERSION__,
    scenario,
    fingerprint,
    plan,
    kernels: all.map((one) => {
      const { findings, executions, units, longest, cut, states, stages, complete } = one.progress;
      return {
        kernel: one.kernel,
        findings: findings.map((finding) => ({ ...finding, schedule: schedule_of(finding, one.kernel, fingerprint) })),
        executions, units, longest, cut, states, stages,
        exhausted: is_exhausted(one),
        complete,
        stopped: one.stopped,
        seconds: one.seconds,
      };
    }),
  };
}

/** All parts of a search, by file, as one. Throws a UserError if they do not belong together, or some are missing. */
export function merge(files: ReadonlyMap<string, Document>): Document {
  const documents = [...files.values()];
  const [first] = documents;
  const { of } = first!.plan.shard ?? { of: 1 };
  const parts = new Set<number>();
  const about = ({ fingerprint, plan, kernels }: Document): string => JSON.stringify([fingerprint, { ...plan, shard: { of: plan.shard!.of } }, kernels.map(({ kernel }) => kernel)]);
  for (const [file, document] of files) {
    const { plan } = document;
    if (document.schema !== SCHEMA || plan.shard === null) throw errors.no_part(file);
    if (about(document) !== about(first!)) throw errors.other_part(file);
    if (parts.has(plan.shard.part)) throw errors.part_twice(`${plan.shard.part}/${of}`);
    parts.add(plan.shard.part);
  }
  const missing = Array.from({ length: of }, (_, number) => number + 1).filter((part) => !parts.has(part));
  if (missing.length > 0) throw errors.missing_parts(missing.map((part) => `${part}/${of}`).join(", "));
  const kernels = first!.kernels.map(({ kernel }, at) => join(documents.map((one) => one.kernels[at]!), kernel));
  return { ...first!, plan: { ...first!.plan, shard: null }, kernels };
}

function join(parts: readonly KernelDocument[], kernel: string): KernelDocument {
  const sum = (field: "executions" | "units" | "cut" | "seconds"): number => parts.reduce((total, part) => total + part[field], 0);
  const findings = new Findings();
  for (const part of parts) for (const finding of part.findings) findings.add(finding);
  const schedules = new Map(parts.flatMap((part) => part.findings.map((finding) => [finding.turns, finding.schedule] as const)));
  const titles = [...new Set(parts.flatMap(({ stages }) => stages.map(({ title }) => title)))];
  return {
    kernel,
    findings: findings.all().map((finding) => ({ ...finding, schedule: schedules.get(finding.turns)! })),
    executions: sum("executions"),
    units: sum("units"),
    longest: Math.max(...parts.map(({ longest }) => longest)),
    cut: sum("cut"),
    states: [...new Set(parts.flatMap(({ states }) => states))],
    stages: titles.map((title) => {
      const stages = parts.flatMap((part) => part.stages.filter((stage) => stage.title === title));
      return { title, executions: stages.reduce((total, { executions }) => total + executions, 0), exhausted: stages.every(({ exhausted }) => exhausted) };
    }),
    exhausted: parts.every(({ exhausted }) => exhausted),
    complete: false,
    stopped: parts.find(({ stopped }) => stopped !== null)?.stopped ?? null,
    seconds: sum("seconds"),
  };
}

/** A document as progress, for the texts. */
export function explored_of({ kernels }: Document): Explored[] {
  return kernels.map(({ kernel, stopped, seconds, findings, executions, units, longest, cut, states, stages, exhausted, complete }) => ({
    kernel: kernel as Explored["kernel"],
    stopped,
    seconds,
    progress: { executions, units, longest, cut, states, findings, stages, exhausted, complete } satisfies Progress,
  }));
}
