// What a search comes to, in words.

import type { Finding } from "../../engine/explore/finding.ts";
import { RULES } from "../../engine/observe/checks/rules.ts";
import { format_count, format_plural } from "../format.ts";
import type { Paint } from "../terminal.ts";
import { is_exhausted, type Explored } from "./command.ts";

/** The result of one kernel, its findings aside. */
export function result_lines(one: Explored, units: number, paint: Paint): string[] {
  const { kernel, progress, seconds, stopped } = one;
  const { findings, executions, states, stages, cut, complete } = progress;
  const found = findings.length > 0;
  const verdict = found ? paint("red", "FOUND") : is_exhausted(one) ? paint("green", "CLEAN") : paint("yellow", "OPEN");
  const what = found ? format_plural(findings.length, "finding") : is_exhausted(one) ? clean(one) : `nothing found, but ${why_open(one, units)}`;
  return [
    `${verdict} ${kernel}: ${what}`,
    ...stages.map(({ title, executions: some, exhausted }) => `  ${title}: ${format_plural(some, "execution")}, ${exhausted ? "exhausted" : "not exhausted"}`),
    ...(complete && found ? ["  nothing else can happen: every execution that differs in what matters was looked at"] : []),
    ...(cut > 0 ? [`  ${format_plural(cut, "execution")} cut after ${format_count(units)} operations`] : []),
    `  ${format_plural(executions, "execution")}, ${format_plural(states.length, "final state")}, ${seconds.toFixed(2)} s${stopped === null ? "" : `, ${STOPPED[stopped]}`}`,
  ];
}

const STOPPED = { executions: "ended by --executions", time: "ended by --time", interrupt: "interrupted" } as const;

function clean({ progress }: Explored): string {
  if (progress.complete) return "nothing goes wrong, whatever the interleaving: all executions that differ in what matters were looked at";
  const bound = progress.stages.filter(({ title, exhausted }) => exhausted && title.includes("preemption")).at(-1);
  return `nothing goes wrong with ${bound?.title ?? "what was searched"}; what more would bring was not exhausted`;
}

function why_open({ progress, stopped }: Explored, units: number): string {
  if (stopped !== null) return `the search was ${STOPPED[stopped]}`;
  if (progress.cut > 0) return `executions were cut after ${format_count(units)} operations: raise it with explore { steps: N }`;
  return "executions by chance are never all";
}

/** A finding: what fails, the rule behind it, and how to see it. */
export function finding_lines({ key, message, preemptions, units, cycle }: Finding, paint: Paint): string[] {
  const rule = RULES[key === "livelock" ? "no-progress" : key]?.rule;
  return [
    paint("bold", `${key}: ${message}`),
    ...(rule === undefined ? [] : [`  rule: ${rule}`]),
    ...(cycle !== "" ? [] : [`  the shortest example has ${format_plural(preemptions, "preemption")} and ${format_plural(units, "operation")} that others can see`]),
  ];
}
