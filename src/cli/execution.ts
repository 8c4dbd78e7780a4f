// Runs a simulation from its start to its end, as an operation that can be watched and dropped.

import type { Machine, Outcome } from "../engine/machine/machine.ts";
import type { Operation } from "../engine/machine/recording.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { check_consistency } from "../engine/observe/consistency.ts";
import { value_lines, type Report } from "./report.ts";

/** Statements between two looks at the clock and at Ctrl-C. */
const SLICE = 250_000;
/** One mistake in the kernel's books often shows in many places. */
const MAX_VIOLATIONS = 10;

/** Executes until the run is over. */
export function* execute({ machine }: Simulation): Operation<Outcome> {
  for (;;) {
    const outcome = machine.run(machine.step + SLICE);
    if (outcome.kind !== "stopped") return outcome;
    yield { step: machine.step, target: null };
  }
}

/** Nanoseconds of model time that have passed: on the CPU that has come furthest. */
export function model_time({ all_cpus }: Machine): number {
  return Math.max(...all_cpus.map(({ clock }) => clock));
}

/** All tasks are done: makes the checks whose time that is. What they find about the kernel is returned. */
export function finish(simulation: Simulation): Report[] {
  simulation.checks.end();
  const violations = check_consistency(simulation.system);
  return violations.slice(0, MAX_VIOLATIONS).map(({ rule, message, values }) => ({
    code: rule, message, facts: ["found when all tasks had ended"], values: value_lines(values), stacks: [], hint: null,
  }));
}
