// The always-on checks, as the kernel's BUG_ONs and sanitizers would be: they subscribe to tracepoints, look at what the event
// touches and at nothing else, and a violation ends the run in a bug at that event. docs/checks.md lists them.

import type { System } from "../../kernel/boot.ts";
import { AccountingCheck } from "./accounting.ts";
import { CopyOnWriteCheck } from "./copy_on_write.ts";
import { LockCheck } from "./locks.ts";
import { PrioTreeCheck } from "./prio_tree.ts";
import { LivelockCheck } from "./livelock.ts";
import { UnmappedCheck } from "./unmapped.ts";

/**
 * Subscribes the checks to a system that was just booted, for as long as it runs. The function that is returned resets them, for
 * a system that is set back to its start.
 */
export function install_checks(system: System): () => void {
  const checks = [UnmappedCheck, AccountingCheck, CopyOnWriteCheck, PrioTreeCheck, LockCheck, LivelockCheck].map(
    (Check) => new Check(system),
  );
  return () => checks.forEach((check) => check.reset());
}
