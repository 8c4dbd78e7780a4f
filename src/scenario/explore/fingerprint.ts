// What a scenario is called in schedules: something that is another one if the scenario would be executed differently.

import { fingerprint } from "../../engine/schedule/schedule.ts";
import type { Program } from "../program/program.ts";

/** Where something stands in the text, and what has no influence on an execution that follows a schedule. */
const LEFT_OUT: ReadonlySet<string> = new Set(["uri", "kernel", "checks", "explore", "seed", "hz", "costs", "range", "nameRange", "indexRange", "taskRange", "text"]);

/** What is left out of that and does have an influence on what a search finds. */
const SEARCHED: ReadonlySet<string> = new Set(["checks", "hz", "costs"]);

/** Eight letters and digits. */
export function fingerprintOf(program: Program): string {
  return fingerprint(JSON.stringify(program, (key, value: unknown) => (LEFT_OUT.has(key) ? undefined : value)));
}

/** The same for searches of the scenario: with other checks something else is found. */
export function fingerprintOfSearch(program: Program): string {
  return fingerprint(JSON.stringify(program, (key, value: unknown) => (LEFT_OUT.has(key) && !SEARCHED.has(key) ? undefined : value)));
}
