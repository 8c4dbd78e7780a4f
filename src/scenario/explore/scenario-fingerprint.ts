// The fingerprints by which schedules and saved searches identify a scenario: they differ if it would be executed or searched differently.

import { fingerprint } from "../../engine/schedule/schedule.ts";
import type { Program } from "../program/program.ts";

/** Fields that have no influence on an execution that replays a schedule, such as positions in the text. */
const NOT_EXECUTED: ReadonlySet<string> = new Set([
  "uri",
  "kernel",
  "checks",
  "explore",
  "seed",
  "hz",
  "costs",
  "range",
  "nameRange",
  "indexRange",
  "taskRange",
  "text",
]);

/** Those of them that do have an influence on the findings of a search. */
const SEARCH_INPUTS: ReadonlySet<string> = new Set(["checks", "hz", "costs"]);

/** Identifies the scenario of a schedule: eight letters and digits. */
export function scenarioFingerprint(program: Program): string {
  return fingerprint(JSON.stringify(program, (key, value: unknown) => (NOT_EXECUTED.has(key) ? undefined : value)));
}

/** Identifies the scenario of a search, whose findings also depend on the checks. */
export function searchFingerprint(program: Program): string {
  return fingerprint(
    JSON.stringify(program, (key, value: unknown) => (NOT_EXECUTED.has(key) && !SEARCH_INPUTS.has(key) ? undefined : value)),
  );
}
