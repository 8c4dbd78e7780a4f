// Searching scenarios in tests: the whole search in this thread.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { DfsPath } from "../../src/engine/explore/dfs.ts";
import { Exploration, type Plan, type ExplorationProgress } from "../../src/engine/explore/exploration.ts";
import { BoundedStage, SequentialStage, type Stage } from "../../src/engine/explore/stages.ts";
import type { SourceDporPath } from "../../src/engine/explore/source_dpor.ts";
import { Worker, type Job } from "../../src/engine/explore/jobs.ts";
import type { Image } from "../../src/engine/kernel/image.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import type { Reached } from "./programs.ts";
import { parseScenario, type Program } from "../../src/scenario/index.ts";
import { scenarioBoot } from "../../src/scenario/explore/scenario-world.ts";
import { repeatsForever } from "../../src/scenario/program/traversal.ts";

/** The scenarios in examples/races that are searched. */
export const RACES = [
  "K1-boundary",
  "K2-mremap",
  "K3-livelock",
  "K4-below-restart",
  "K5-no-recheck",
  "K6-stale-restart",
  "K7-reused",
  "K10-endless",
  "K11-grows-down",
  "K12-dropped",
];

export function parsed(text: string): Program {
  const { program, diagnostics } = parseScenario(text);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
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
    policy: "staged",
    preemptions: explore.preemptions,
    ticks: explore.ticks,
    max_transitions: explore.steps,
    executions: 100_000,
    seed: 1,
    divergent: tasks.some(({ body }) => repeatsForever(body)),
    shard: null,
    ...changes,
  };
}

/** The result of a whole search. */
export function search(program: Program, kernel: KernelName, changes: Partial<Plan> = {}, overrides?: Partial<Image>): ExplorationProgress {
  const plan = planOf(program, changes);
  const worker = new Worker(scenarioBoot(program, kernel, overrides === undefined ? {} : { overrides }), plan);
  const exploration = new Exploration(plan);
  for (let jobs = exploration.next_round(); jobs.length > 0; jobs = exploration.next_round()) {
    exploration.accept(
      jobs,
      jobs.map((job) => worker.do(job)),
    );
  }
  return exploration.progress();
}

type Search = "dfs" | "source" | "bounded";

/** The final states that one search of a scenario has reached, by digest, and its executions; null if there are more than `most`. */
export function reached(program: Program, kernel: KernelName, by: Search, preemptions: number, most: number): Reached | null {
  const sequential = (job: (path: DfsPath | SourceDporPath, executions: number) => Job, bounded: boolean): Stage =>
    new SequentialStage("", job, bounded, Infinity);
  const stages: Readonly<Record<typeof by, () => Stage>> = {
    dfs: () => sequential((path, executions) => ({ kind: "dfs", preemptions, path: path as DfsPath, executions }), true),
    source: () => sequential((path, executions) => ({ kind: "source", path: path as SourceDporPath, executions }), false),
    bounded: () => new BoundedStage(preemptions),
  };
  const stage = stages[by]();
  const worker = new Worker(scenarioBoot(program, kernel), planOf(program));
  const states = new Set<number>();
  let executions = 0;
  for (let jobs = stage.next_round(512); jobs.length > 0; jobs = stage.next_round(512)) {
    const results = jobs.map((job) => worker.do(job));
    stage.accept(jobs, results);
    for (const result of results) {
      executions += result.executions;
      for (const state of result.states) states.add(state);
    }
    if (executions > most) return null;
  }
  assert.ok(stage.exhausted, "executions were truncated");
  return { states, executions };
}
