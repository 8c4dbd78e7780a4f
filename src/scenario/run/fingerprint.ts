// What a scenario is called in schedules: something that is another one if the scenario would be executed differently.

import { fingerprint } from "../../engine/machine/schedule.ts";
import type { Program } from "../program.ts";

/** Where something stands in the text, and what has no influence on an execution that follows a schedule. */
const LEFT_OUT: ReadonlySet<string> = new Set(["uri", "kernel", "checks", "explore", "seed", "hz", "costs", "range", "nameRange", "indexRange", "taskRange", "text"]);

/** Eight letters and digits. */
export function fingerprint_of(program: Program): string {
  return fingerprint(JSON.stringify(program, (key, value: unknown) => (LEFT_OUT.has(key) ? undefined : value)));
}
