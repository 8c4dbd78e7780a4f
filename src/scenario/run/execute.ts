// Runs a simulation to its end, as an operation that can be watched and dropped.

import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import type { Operation } from "../../engine/replay/recording.ts";
import type { Simulation } from "./simulation.ts";

/** Statements between two yields, at which whoever drives it looks at the clock, and at whether to go on. */
const SLICE = 250_000;

/** Executes until the run is over. */
export function* execute({ machine }: Simulation): Operation<Outcome> {
  for (;;) {
    const outcome = machine.run(machine.step + SLICE);
    if (outcome.kind !== "stopped") return outcome;
    yield { step: machine.step, target: null };
  }
}

/** Nanoseconds of model time that have passed: on the CPU that has come furthest. */
export function modelTime({ all_cpus }: Machine): number {
  return Math.max(...all_cpus.map(({ clock }) => clock));
}
