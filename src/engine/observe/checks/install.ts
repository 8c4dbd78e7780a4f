// The always-on checks, as the kernel's BUG_ONs and sanitizers would be: they listen to tracepoints, look at what the event
// touches and at nothing else, and a broken rule ends the run in a bug there and then. docs/checks.md lists them.

import type { System } from "../../kernel/boot.ts";
import { AccountsCheck } from "./accounts.ts";
import { CopyCheck } from "./copies.ts";
import { LockCheck } from "./locks.ts";
import { PrioTreeCheck } from "./prio_tree.ts";
import { ProgressCheck } from "./progress.ts";
import { UnmappedCheck } from "./unmapped.ts";

/**
 * Lets the checks watch a system that was just booted, for as long as it runs. The function that comes back makes them forget
 * what they have seen.
 */
export function install_checks(system: System): () => void {
  const checks = [UnmappedCheck, AccountsCheck, CopyCheck, PrioTreeCheck, LockCheck, ProgressCheck].map((Check) => new Check(system));
  return () => checks.forEach((check) => check.forget());
}
