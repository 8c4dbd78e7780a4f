// What the always-on checks cost: the same scenario with and without them, by turns, in one run.

import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import type { BenchRow } from "./prio_tree.ts";

const ROUNDS = 9;

const SCENARIOS: Readonly<Record<string, string>> = {
  "page faults and truncation": `file data size 16M
    process p { V = mmap(data) }
    task work in p on cpu 0 { repeat 4 { touch(V) truncate(data, 0) truncate(data, 16M) } }`,
  "changes of vmas": `file data size 4M
    process p * 8 { V = mmap(data) touch(V[0 .. 64K]) }
    task work in p[0] on cpu 0 { repeat 10000 { mprotect(V[64K .. 128K], read) mprotect(V[64K .. 128K], read|write) } }`,
  "lockbreaks under contention": `machine { break_lock: cleared }
    file data size 8M
    process viewer * 4 { V = mmap(data) touch(V) }
    process editor { A = mmap(data, length: 64K) }
    task shrink in viewer[0] on cpu 0 { repeat 3 { truncate(data, 64K) truncate(data, 8M) touch(V) } }
    task reader in editor on cpu 1 { repeat 1500 { sleep(10us) B = mmap(data, offset: 512K, length: 32K) munmap(B) } }`,
};

/** The time with the checks for each second without them: the best of several rounds each. */
export function benchChecks(): BenchRow[] {
  return Object.entries(SCENARIOS).map(([name, text]) => {
    const best = { on: Infinity, off: Infinity };
    for (let round = 0; round < ROUNDS; round++) {
      for (const checks of [true, false]) {
        const which = checks ? "on" : "off";
        best[which] = Math.min(best[which], milliseconds(text, checks));
      }
    }
    return { name: `cost of checks, ${name}`, rate: best.on / best.off, unit: "times" };
  });
}

/** Milliseconds of processor time that a run takes behind its set-up: what else the machine does is not to count. */
function milliseconds(text: string, checks: boolean): number {
  const simulation = new Simulation(parseScenario(text).program!, { checks });
  const { machine } = simulation;
  while (machine.timeless) machine.run(machine.step + 1_000);
  const start = process.cpuUsage();
  const { kind } = machine.run(Infinity);
  const { user, system } = process.cpuUsage(start);
  if (kind !== "end") throw new Error(`the benchmark ended in ${kind}`);
  return (user + system) / 1000;
}
