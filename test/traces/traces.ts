// The traces of all runs, by name: every example on every kernel, and random mixes of calls.

import fc from "fast-check";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import type { Machine } from "../../src/engine/machine/machine.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { plan, world } from "../engine/random-plans.ts";
import { EXAMPLES } from "../examples.ts";
import { hashEvents } from "./hash.ts";

/** Random mixes on each kernel. */
const MIXES = 50;

/** The trace of each run: the hash of its events, how many there were, at which step it ended, and how. */
export function traces(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const kernel of KERNEL_NAMES) {
    for (const { name, text } of EXAMPLES) {
      const { system } = new Simulation(parseScenario(text).program!, { kernel });
      found[`${name} on ${kernel}`] = traceOf(system.machine, hashEvents(system));
    }
    fc.sample(plan(kernel), { seed: 1, numRuns: MIXES }).forEach((mix, number) => {
      const { system } = world(mix);
      found[`random mix ${number} on ${kernel}`] = traceOf(system.machine, hashEvents(system));
    });
  }
  return found;
}

function traceOf(machine: Machine, hash: () => string): string {
  const { kind } = machine.run(Infinity);
  return `${hash()}, ${machine.events} events, ${machine.step} steps, ${kind}`;
}
