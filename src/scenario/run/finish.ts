// The end of a run: what was found, and the checks whose time that is.

import type { Outcome } from "../../engine/machine/machine.ts";
import { check_consistency } from "../../engine/observe/consistency.ts";
import { code_of, type Finding } from "../../engine/observe/report.ts";
import type { Simulation } from "./simulation.ts";

/** One mistake in the kernel's books often shows in many places. */
const MAX_VIOLATIONS = 10;

/** How a run has ended, apart from its checks. */
export interface Ending {
  /** Bugs, deadlocks and wrong books of the kernel. */
  readonly findings: readonly Finding[];
  /** They are what the scenario says that it shows. */
  readonly expected: boolean;
}

/** Goes over the kernel's books if the run has ended by itself, and makes the checks of its end. */
export function finish(simulation: Simulation, outcome: Outcome): Ending {
  const { checks, machine } = simulation;
  machine.activate();
  const findings = findingsOf(simulation, outcome);
  const codes = findings.map(code_of);
  if (outcome.kind === "end" || findings.length > 0) checks.end(codes);
  return { findings, expected: checks.expects(codes) };
}

function findingsOf({ system }: Simulation, outcome: Outcome): Finding[] {
  if (outcome.kind === "bug" || outcome.kind === "deadlock") return [outcome];
  if (outcome.kind !== "end") return [];
  return check_consistency(system).slice(0, MAX_VIOLATIONS).map((violation) => ({ kind: "violation", violation }));
}
