// What the always-on checks cost: the same scenario with and without them, by turns, in one run.

import type { Machine } from "../../src/engine/machine/machine.ts";
import { install_checks } from "../../src/engine/observe/checks/install.ts";
import { Statistics } from "../../src/engine/observe/statistics.ts";
import { UnmapProgress } from "../../src/engine/observe/unmap_progress.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { world, type Plan } from "../engine/random-plans.ts";
import { mixes } from "./mixes.ts";
import type { BenchRow } from "./prio-tree.ts";

const ROUNDS = 15;

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

/** The time with the checks for each second without them: the median of several rounds, each of which makes one run after the other. */
export function benchChecks(): BenchRow[] {
  const scenarios = Object.entries(SCENARIOS).map(([name, text]) => row(name, (checks) => runScenario(text, checks)));
  const plans = mixes();
  return [...scenarios, row("random mixes of calls", (checks) => runPlans(plans, checks))];
}

function row(name: string, run: (checks: boolean) => number): BenchRow {
  const ratios = Array.from({ length: ROUNDS }, (_, round) => {
    const first = run(round % 2 === 0);
    const second = run(round % 2 !== 0);
    return round % 2 === 0 ? first / second : second / first;
  });
  return { name: `cost of checks, ${name}`, rate: ratios.sort((a, b) => a - b)[ROUNDS >> 1]!, unit: "times" };
}

/** Milliseconds that a scenario takes behind its set-up. */
function runScenario(text: string, checks: boolean): number {
  const { machine } = new Simulation(parseScenario(text).program!, { checks });
  while (machine.time_frozen) machine.run(machine.step + 1_000);
  return milliseconds(machine);
}

/** Milliseconds that all plans take together, with the listeners that the run of a scenario always has. */
function runPlans(plans: readonly Plan[], checks: boolean): number {
  return plans.reduce((sum, plan) => {
    const { system } = world(plan);
    new Statistics().listen(system.machine);
    new UnmapProgress().listen(system.machine);
    if (checks) install_checks(system);
    return sum + milliseconds(system.machine);
  }, 0);
}

/** Milliseconds of processor time to the end of the run: what else the machine does is not to count. */
function milliseconds(machine: Machine): number {
  const start = process.cpuUsage();
  const { kind } = machine.run(Infinity);
  const { user, system } = process.cpuUsage(start);
  if (kind !== "end") throw new Error(`the benchmark ended in ${kind}`);
  return (user + system) / 1000;
}
