// Random mixes of calls to measure with: the same ones every time.

import fc from "fast-check";
import { install_checks } from "../../src/engine/observe/checks/install.ts";
import { plan, world, type Plan } from "../engine/random_plans.ts";

/** Mixes that come to their end, with all checks on: the others show what is known to go wrong. */
export const MIXES: readonly Plan[] = fc.sample(plan("vmtrunc4"), { seed: 1, numRuns: 200 }).filter(ends);

function ends(mix: Plan): boolean {
  const { system } = world(mix);
  install_checks(system);
  return system.machine.run(Infinity).kind === "end";
}
