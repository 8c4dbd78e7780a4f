// `force`: overrides the results of need_resched and need_lockbreak by call number, for exact textbook cases.

import type { Lockable } from "../../engine/machine/task.ts";
import { evaluate, isError } from "../program/expression.ts";
import type { Simulation } from "./simulation.ts";
import { unwrap } from "./kernel-values.ts";

/**
 * From now on a forced check returns true at exactly the calls that the scenario lists, counted over the run from 1, and
 * false at all others. Checks without a `force` are not overridden.
 */
export function installForcedChecks(simulation: Simulation): void {
  const forces = simulation.program.forces.map((force) => {
    const lock = force.lock === null ? null : evaluate(force.lock, simulation.bindings(null));
    return { ...force, any: force.lock === null, lock: isError(lock) ? null : (unwrap(lock) as Lockable | null), calls_made: 0 };
  });
  if (forces.length === 0) return;
  simulation.machine.forced_answer = (check, lock) => {
    let answer: boolean | null = null;
    for (const force of forces) {
      if (force.function !== check || (!force.any && force.lock !== lock)) continue;
      const call = (force.calls_made += 1);
      answer = answer === true || force.calls.some(({ from, to }) => from <= call && call < to);
    }
    return answer;
  };
}
