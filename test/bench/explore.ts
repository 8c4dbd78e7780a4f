// The explorer: executions per second, how long it takes to find the known bugs, to exhaust a bound, and what a
// second thread brings.

import { spawnSync } from "node:child_process";
import { Exploration, type Plan } from "../../src/engine/explore/exploration.ts";
import { Worker } from "../../src/engine/explore/jobs.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { scenarioBoot } from "../../src/scenario/explore/scenario-world.ts";
import { planOf, race } from "../explore/support.ts";
import type { BenchRow } from "./prio-tree.ts";

/** Milliseconds for which a rate is measured. */
const MEASURE_TIME = 3_000;

/** Each known bug by its scenario, a kernel that has it, and one in which the same bound finds nothing. */
const KNOWN_BUGS: readonly (readonly [string, KernelName, KernelName])[] = [
  ["K1-boundary", "vmtrunc4", "vmtrunc5"],
  ["K2-mremap", "vmtrunc4", "vmtrunc5"],
  ["K3-livelock", "vmtrunc4", "2.6.38"],
  ["K4-below-restart", "2.6.11", "2.6.38"],
  ["K5-no-recheck", "vmtrunc4", "2.6.38"],
  ["K6-stale-restart", "2.6.11", "3.0"],
  ["K7-reused", "vmtrunc4", "2.6.11"],
  ["K10-endless", "vmtrunc4", "2.6.38"],
  ["K11-grows-down", "vmtrunc5", "2.6.11"],
  ["K12-dropped", "2.6.11", "2.6.38"],
];

export function benchExplorer(): BenchRow[] {
  return [
    ...(["dfs", "dpor", "random"] as const).flatMap(rates),
    ...KNOWN_BUGS.flatMap(([name, kernel]) => found(name, kernel)),
    ...KNOWN_BUGS.filter(([name]) => name !== "K10-endless").map(([name, , kernel]) => exhausted(name, kernel)),
    ...threads(),
  ];
}

function rates(policy: Plan["policy"]): BenchRow[] {
  const program = race("K7-reused");
  const plan = planOf(program, { policy, executions: 1e9, preemptions: 20 });
  const worker = new Worker(scenarioBoot(program, "2.6.38"), plan);
  let executions = 0;
  let units = 0;
  let seconds = 0;
  // The first round is for the compiler.
  for (const warm of [false, true]) {
    const exploration = new Exploration(plan);
    const begin = performance.now();
    executions = units = 0;
    for (
      let jobs = exploration.next_round();
      jobs.length > 0 && performance.now() - begin < (warm ? MEASURE_TIME : MEASURE_TIME / 3);
      jobs = exploration.next_round()
    ) {
      const results = jobs.map((job) => worker.do(job));
      for (const result of results) [executions, units] = [executions + result.executions, units + result.transitions];
      exploration.accept(jobs, results);
    }
    seconds = (performance.now() - begin) / 1e3;
  }
  return [
    { name: `explorer, ${policy}: executions of K7`, rate: executions / seconds, unit: "/s" },
    { name: `explorer, ${policy}: visible operations`, rate: units / seconds, unit: "/s" },
  ];
}

/** How long it takes to the first failure, from a parsed scenario on. */
function found(name: string, kernel: KernelName): BenchRow[] {
  const program = race(name);
  const begin = performance.now();
  const plan = planOf(program);
  const worker = new Worker(scenarioBoot(program, kernel), plan);
  const exploration = new Exploration(plan);
  let executions = 0;
  for (let jobs = exploration.next_round(); jobs.length > 0; jobs = exploration.next_round()) {
    const results = [];
    for (const job of jobs) {
      const result = worker.do(job);
      executions += result.executions;
      results.push(result);
      if (result.findings.length === 0) continue;
      return [
        { name: `explorer: time to find ${name} on ${kernel}`, rate: performance.now() - begin, unit: "ms" },
        { name: `explorer: executions to find ${name}, in jobs of 32`, rate: executions, unit: "" },
      ];
    }
    exploration.accept(jobs, results);
  }
  throw new Error(`${name} was not found on ${kernel}`);
}

/** How long it takes to exhaust the bound of two preemptions. */
function exhausted(name: string, kernel: KernelName): BenchRow {
  const program = race(name);
  const begin = performance.now();
  const plan = planOf(program, { preemptions: 2, divergent: true });
  const worker = new Worker(scenarioBoot(program, kernel), plan);
  const exploration = new Exploration(plan);
  for (let jobs = exploration.next_round(); jobs.length > 0; jobs = exploration.next_round())
    exploration.accept(
      jobs,
      jobs.map((job) => worker.do(job)),
    );
  const { executions, findings } = exploration.progress();
  if (findings.length > 0) throw new Error(`${name} was found on ${kernel}`);
  return {
    name: `explorer: ${name} on ${kernel}, bound 2 exhausted (${executions} executions)`,
    rate: performance.now() - begin,
    unit: "ms",
  };
}

/**
 * The whole command, with one thread and with two, in that stage of a search whose work splits; and twice at a time, which is the
 * most that a second processor can bring.
 */
function threads(): BenchRow[] {
  const search = "explore examples/races/K7-reused.vmscn --kernel 2.6.38 --preemptions 4 --executions 100000";
  const command = (workers: number): string => `'${process.execPath}' dist/cli.mjs ${search} --workers ${workers} > /dev/null`;
  const time = (line: string): number => {
    const begin = performance.now();
    const { status, stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
    if (status !== 0 && status !== 3) throw new Error(stderr);
    return performance.now() - begin;
  };
  const [one, two, both] = [time(command(1)), time(command(2)), time(`${command(1)} & ${command(1)}; wait`)];
  return [
    { name: "explorer: K7, bound 4, 100000 executions, one thread, cold", rate: one, unit: "ms" },
    { name: "explorer: times as fast with two threads", rate: one / two, unit: "" },
    { name: "explorer: times as much from two processes", rate: (2 * one) / both, unit: "" },
  ];
}
