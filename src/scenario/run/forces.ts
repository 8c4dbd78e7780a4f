// `force`: answers of the kernel's own checks by call number, for exact textbook cases.

import type { Lockable } from "../../engine/machine/task.ts";
import { evaluate, isError } from "../program/expression.ts";
import type { Simulation } from "./simulation.ts";
import { unwrap } from "./values.ts";

/**
 * From now on a forced check is true at exactly the calls that the scenario lists, counted over the run from 1, and false
 * at all others. Checks that no `force` names answer by themselves.
 */
export function installForces(simulation: Simulation): void {
  const forces = simulation.program.forces.map((force) => {
    const lock = force.lock === null ? null : evaluate(force.lock, simulation.scope(null));
    return { ...force, any: force.lock === null, lock: isError(lock) ? null : (unwrap(lock) as Lockable | null), calls_made: 0 };
  });
  if (forces.length === 0) return;
  simulation.machine.force = (check, lock) => {
    let answer: boolean | null = null;
    for (const force of forces) {
      if (force.function !== check || (!force.any && force.lock !== lock)) continue;
      const call = (force.calls_made += 1);
      answer = answer === true || force.calls.some(({ from, to }) => from <= call && call < to);
    }
    return answer;
  };
}
