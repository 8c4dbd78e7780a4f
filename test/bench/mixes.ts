// Random mixes of calls to measure with: the same ones every time.

import fc from "fast-check";
import { install_checks } from "../../src/engine/observe/checks/install.ts";
import { plan, world, type Plan } from "../engine/random-plans.ts";
import type { BenchRow } from "./prio-tree.ts";
import { best, row } from "./processes.ts";

/** Mixes that come to their end, with all checks on: the others run into known bugs. Runs them to find out. */
export function mixes(): readonly Plan[] {
  return fc.sample(plan("vmtrunc4"), { seed: 1, numRuns: 200 }).filter(ends);
}

function ends(mix: Plan): boolean {
  const { system } = world(mix);
  install_checks(system);
  return system.machine.run(Infinity).kind === "end";
}

/** System calls per second, with no subscriber but the one that counts them. Booting is not measured. */
export function benchMixes(): BenchRow[] {
  const plans = mixes();
  let calls = 0;
  const ms = best(() => {
    calls = 0;
    let spent = 0;
    for (const one of plans) {
      const { machine } = world(one).system;
      (machine.sinks.syscall_exit ??= []).push(() => (calls += 1));
      const start = performance.now();
      machine.run(Infinity);
      spent += performance.now() - start;
    }
    return spent;
  });
  return [row("system calls of random mixes", calls, ms)];
}
