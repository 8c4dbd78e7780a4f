// The verdict of a run: its findings, and the checks that are evaluated at its end.

import type { Outcome } from "../../engine/machine/machine.ts";
import { check_consistency } from "../../engine/observe/consistency.ts";
import { code_of, type RunFinding } from "../../engine/observe/report.ts";
import type { Simulation } from "./simulation.ts";

/** One accounting error often violates the invariants of many objects. */
const MAX_VIOLATIONS = 10;

/** The verdict of a run; the results of its checks are in `Simulation.checks`. */
export interface RunVerdict {
  /** Bugs, deadlocks and violated accounting invariants of the kernel. */
  readonly findings: readonly RunFinding[];
  /** The findings are those that the scenario expects. */
  readonly expected: boolean;
}

/** Concludes a run with this outcome: checks the accounting invariants if it has ended by itself, and evaluates the checks of its end. */
export function concludeRun(simulation: Simulation, outcome: Outcome): RunVerdict {
  const { checks, machine } = simulation;
  machine.activate();
  const findings = findingsOfOutcome(simulation, outcome);
  const codes = findings.map(code_of);
  if (outcome.kind === "end" || findings.length > 0) checks.runEnded(codes);
  return { findings, expected: checks.expects(codes) };
}

function findingsOfOutcome({ system }: Simulation, outcome: Outcome): RunFinding[] {
  if (outcome.kind === "bug" || outcome.kind === "deadlock") return [outcome];
  if (outcome.kind !== "end") return [];
  return check_consistency(system)
    .slice(0, MAX_VIOLATIONS)
    .map((violation) => ({ kind: "violation", violation }));
}
