// The result of a search, as lines of text.

import type { SearchResult, SearchFinding } from "../scenario/explore/scenario-search.ts";
import { format_count, formatPlural } from "./format.ts";
import type { TextStyler } from "./text-style.ts";

/** The result of a search on one kernel, without its findings. */
export function searchResultLines(one: SearchResult, maxTransitions: number, styled: TextStyler): string[] {
  const { kernel, findings, executions, states, stages, truncated, complete, verdict, seconds, stopped } = one;
  const head = {
    found: `${styled("red", "FOUND")} ${kernel}: ${formatPlural(findings.length, "finding")}`,
    clean: `${styled("green", "CLEAN")} ${kernel}: ${describeClean(one)}`,
    open: `${styled("yellow", "OPEN")} ${kernel}: nothing found, but ${describeOpen(one, maxTransitions)}`,
  };
  const counts = `${formatPlural(executions, "execution")}, ${formatPlural(states.length, "final state")}`;
  const end = stopped === null ? "" : `, ${STOPPED[stopped]}`;
  return [
    head[verdict],
    ...stages.map(
      ({ title, executions: some, exhausted }) =>
        `  ${title}: ${formatPlural(some, "execution")}, ${exhausted ? "exhausted" : "not exhausted"}`,
    ),
    ...(complete && verdict === "found" ? ["  nothing else can fail: all interleavings were searched, up to equivalence"] : []),
    ...(truncated > 0
      ? [`  ${formatPlural(truncated, "execution")} truncated at the bound of ${format_count(maxTransitions)} transitions`]
      : []),
    `  ${counts}, ${seconds.toFixed(2)} s${end}`,
  ];
}

const STOPPED = { executions: "ended by --executions", time: "ended by --time", interrupt: "interrupted" } as const;

function describeClean({ complete, stages }: SearchResult): string {
  if (complete) return "no check fails in any interleaving: all were searched, up to equivalence";
  const bound = stages.filter(({ title, exhausted }) => exhausted && title.includes("preemption")).at(-1);
  return `no check fails with ${bound?.title ?? "the bounds of the search"}; the search beyond that was not exhausted`;
}

function describeOpen({ truncated, stopped }: SearchResult, maxTransitions: number): string {
  if (stopped !== null) return `the search was ${STOPPED[stopped]}`;
  if (truncated > 0)
    return `executions were truncated at the bound of ${format_count(maxTransitions)} transitions: raise it with explore { steps: N }`;
  return "random executions never exhaust the search";
}

/** A finding: the check that fails, its rule, and the size of the example. */
export function findingLines({ key, message, rule, preemptions, transitions, cycle }: SearchFinding, styled: TextStyler): string[] {
  return [
    styled("bold", `${key}: ${message}`),
    ...(rule === null ? [] : [`  rule: ${rule}`]),
    ...(cycle !== ""
      ? []
      : [`  the shortest example has ${formatPlural(preemptions, "preemption")} and ${formatPlural(transitions, "transition")}`]),
  ];
}
