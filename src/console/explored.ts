// What a search comes to, in words.

import type { Explored, Found } from "../scenario/explore/explore.ts";
import { format_count, formatPlural } from "./format.ts";
import type { Paint } from "./paint.ts";

/** The result of one kernel, its findings aside. */
export function resultLines(one: Explored, units: number, paint: Paint): string[] {
  const { kernel, findings, executions, states, stages, cut, complete, verdict, seconds, stopped } = one;
  const head = {
    found: `${paint("red", "FOUND")} ${kernel}: ${formatPlural(findings.length, "finding")}`,
    clean: `${paint("green", "CLEAN")} ${kernel}: ${clean(one)}`,
    open: `${paint("yellow", "OPEN")} ${kernel}: nothing found, but ${whyOpen(one, units)}`,
  };
  return [
    head[verdict],
    ...stages.map(({ title, executions: some, exhausted }) => `  ${title}: ${formatPlural(some, "execution")}, ${exhausted ? "exhausted" : "not exhausted"}`),
    ...(complete && verdict === "found" ? ["  nothing else can happen: every execution that differs in what matters was looked at"] : []),
    ...(cut > 0 ? [`  ${formatPlural(cut, "execution")} cut after ${format_count(units)} operations`] : []),
    `  ${formatPlural(executions, "execution")}, ${formatPlural(states.length, "final state")}, ${seconds.toFixed(2)} s${stopped === null ? "" : `, ${STOPPED[stopped]}`}`,
  ];
}

const STOPPED = { executions: "ended by --executions", time: "ended by --time", interrupt: "interrupted" } as const;

function clean({ complete, stages }: Explored): string {
  if (complete) return "nothing goes wrong, whatever the interleaving: all executions that differ in what matters were looked at";
  const bound = stages.filter(({ title, exhausted }) => exhausted && title.includes("preemption")).at(-1);
  return `nothing goes wrong with ${bound?.title ?? "what was searched"}; what more would bring was not exhausted`;
}

function whyOpen({ cut, stopped }: Explored, units: number): string {
  if (stopped !== null) return `the search was ${STOPPED[stopped]}`;
  if (cut > 0) return `executions were cut after ${format_count(units)} operations: raise it with explore { steps: N }`;
  return "executions by chance are never all";
}

/** A finding: what fails, the rule behind it, and how good the example is. */
export function findingLines({ key, message, rule, preemptions, units, cycle }: Found, paint: Paint): string[] {
  return [
    paint("bold", `${key}: ${message}`),
    ...(rule === null ? [] : [`  rule: ${rule}`]),
    ...(cycle !== "" ? [] : [`  the shortest example has ${formatPlural(preemptions, "preemption")} and ${formatPlural(units, "operation")} that others can see`]),
  ];
}
