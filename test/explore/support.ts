// Searching scenarios in tests: the whole search in this thread.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { DfsPath } from "../../src/engine/explore/dfs.ts";
import { Exploration, type Plan, type Progress } from "../../src/engine/explore/exploration.ts";
import { BoundedStage, SequentialStage, type Stage } from "../../src/engine/explore/stages.ts";
import type { SourcePath } from "../../src/engine/explore/source.ts";
import { Worker } from "../../src/engine/explore/jobs.ts";
import type { Image } from "../../src/engine/kernel/image.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { parseScenario, type Program } from "../../src/scenario/index.ts";
import { explored } from "../../src/scenario/explore/explored.ts";
import { isEndless } from "../../src/scenario/program/statements.ts";

export function parsed(text: string): Program {
  const { program, diagnostics } = parseScenario(text);
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  return program!;
}

/** One of the scenarios in examples/races. */
export function race(name: string): Program {
  return parsed(raceText(name));
}

export function raceText(name: string): string {
  return readFileSync(`examples/races/${name}.vmscn`, "utf8");
}

export function planOf({ explore, tasks }: Program, changes: Partial<Plan> = {}): Plan {
  return {
    policy: "staged", preemptions: explore.preemptions, ticks: explore.ticks, units: explore.steps,
    executions: 100_000, seed: 1, endless: tasks.some(({ body }) => isEndless(body)), shard: null, ...changes,
  };
}

/** All that a search comes to. */
export function search(program: Program, kernel: KernelName, changes: Partial<Plan> = {}, replace?: Partial<Image>): Progress {
  const plan = planOf(program, changes);
  const worker = new Worker(explored(program, kernel, replace === undefined ? {} : { replace }), plan);
  const exploration = new Exploration(plan);
  for (let jobs = exploration.round(); jobs.length > 0; jobs = exploration.round()) exploration.give(jobs, jobs.map((job) => worker.do(job)));
  return exploration.progress();
}

/** The final states that a search of a scenario by itself has reached, by digest, and its executions; null if there are more than `most`. */
export function reached(program: Program, kernel: KernelName, by: "dfs" | "source" | "bounded", preemptions: number, most: number): { readonly states: ReadonlySet<number>; readonly executions: number } | null {
  const stages: Readonly<Record<typeof by, () => Stage>> = {
    dfs: () => new SequentialStage("", (path, executions) => ({ kind: "dfs", preemptions, path: path as DfsPath, executions }), true, Infinity),
    source: () => new SequentialStage("", (path, executions) => ({ kind: "source", path: path as SourcePath, executions }), false, Infinity),
    bounded: () => new BoundedStage(preemptions),
  };
  const stage = stages[by]();
  const worker = new Worker(explored(program, kernel), planOf(program));
  const states = new Set<number>();
  let executions = 0;
  for (let jobs = stage.round(512); jobs.length > 0; jobs = stage.round(512)) {
    const results = jobs.map((job) => worker.do(job));
    stage.give(jobs, results);
    for (const result of results) {
      executions += result.executions;
      for (const state of result.states) states.add(state);
    }
    if (executions > most) return null;
  }
  assert.ok(stage.exhausted, "executions were cut");
  return { states, executions };
}
