// Runs a simulation to its end, as an operation that yields its progress and can be abandoned.

import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import type { ReplayJob } from "../../engine/replay/recording.ts";
import type { Simulation } from "./simulation.ts";

/** Steps between two yields, at which the caller checks its deadline and whether to continue. */
const STEPS_PER_SLICE = 250_000;

/** Runs the simulation to its outcome. */
export function* execute({ machine }: Simulation): ReplayJob<Outcome> {
  for (;;) {
    const outcome = machine.run(machine.step + STEPS_PER_SLICE);
    if (outcome.kind !== "stopped") return outcome;
    yield { step: machine.step, target: null };
  }
}

/** The model time that has passed, in nanoseconds: the largest clock of all CPUs. */
export function modelTime({ all_cpus }: Machine): number {
  return Math.max(...all_cpus.map(({ clock }) => clock));
}
