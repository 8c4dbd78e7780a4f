// Searches that are interrupted at any execution and resumed: the result is that of an uninterrupted search.

import assert from "node:assert/strict";
import { ShardStage } from "../../src/engine/explore/stages.ts";
import type { Program } from "../../src/scenario/index.ts";
import {
  runSearch,
  inlineWorkerPool,
  searchPlan,
  searchTarget,
  type SearchResult,
  type SearchState,
} from "../../src/scenario/explore/scenario-search.ts";
import { parsed, race, search } from "./support.ts";

interface Part {
  readonly explored: SearchResult;
  readonly saved: SearchState | null;
}

/** Searches until `onProgress` was called `looks` times, from where `before` was. */
async function searchPart(
  program: Program,
  kernel: "vmtrunc4" | "2.6.11",
  why: "time" | "interrupt",
  looks: number,
  before: SearchState | null,
): Promise<Part> {
  const plan = searchPlan(program, {});
  const subject = searchTarget(program, kernel, plan);
  let looked = 0;
  let save = (): SearchState | null => before;
  const observer = {
    now: () => 0,
    onProgress: () => ((looked += 1) >= looks ? why : null),
    onRound: (saved: () => SearchState) => (save = saved),
  };
  const explored = await runSearch(
    subject,
    plan,
    before,
    inlineWorkerPool(subject, () => Promise.resolve()),
    observer,
    () => "",
  );
  return { explored, saved: JSON.parse(JSON.stringify(save())) as SearchState | null };
}

describe("interrupted searches", () => {
  for (const [name, kernel] of [
    ["K1-boundary", "vmtrunc4"],
    ["K4-below-restart", "2.6.11"],
  ] as const) {
    it(`end with the current execution, and continue without a difference: ${name}`, async () => {
      const program = race(name);
      const whole = await searchPart(program, kernel, "time", Infinity, null);
      assert.equal(whole.explored.stopped, null);
      for (const [why, looks] of [
        ["time", 1],
        ["time", 7],
        ["interrupt", 30],
        ["time", 60],
        ["interrupt", 97],
      ] as const) {
        const first = await searchPart(program, kernel, why, looks, null);
        assert.equal(first.explored.stopped, why);
        // Each truncated execution is executed once more, to be checked for a lasso.
        const { executions } = first.explored;
        assert.ok(executions >= looks && executions <= 2 * looks, `${executions} after ${looks}`);
        const resumed = await searchPart(program, kernel, "time", Infinity, first.saved);
        assert.deepEqual(resumed.explored, whole.explored, `${why} after ${looks}`);
      }
    });
  }

  it("do not wait for the check for a lasso of a large scenario", async () => {
    const program = parsed(`kernel 2.6.11
machine { cpus: 2 }
file data size 512M
process p { V = mmap(data)  touch(V) }
task a in p on cpu 0 { truncate(data, 0) }
task b in p on cpu 1 { mprotect(V[0 .. 16K], read) }`);
    const { explored } = await searchPart(program, "2.6.11", "interrupt", 4, null);
    assert.equal(explored.stopped, "interrupt");
    assert.deepEqual([explored.executions, explored.truncated], [1, 1], "the first execution is truncated, and being checked for a lasso");
  });

  it("check few truncated executions for a lasso, if those have none", () => {
    const program = parsed(`kernel vmtrunc4
machine { cpus: 2 }
file data size 16M
process p { V = mmap(data)  touch(V) }
task a in p on cpu 0 { truncate(data, 0) }
task b in p on cpu 1 { mprotect(V[0 .. 16K], read) }`);
    const { executions, truncated, findings } = search(program, "vmtrunc4", { executions: 100 });
    assert.deepEqual(findings, []);
    assert.deepEqual([executions, truncated], [100, 96], "four are executed again, to be checked for a lasso");
  });

  it("are not exhausted if the non-preemptive execution was truncated", () => {
    const stage = new ShardStage(2, 1, 1);
    const jobs = stage.next_round(10);
    assert.deepEqual(jobs, [{ kind: "split" }]);
    const counts = { executions: 1, transitions: 10, longest: 10, truncated: 1, truncated_segments: "a10" };
    stage.accept(jobs, [{ ...counts, findings: [], states: [], points: [], path: null }]);
    assert.equal(stage.over, true);
    assert.equal(stage.exhausted, false);
    assert.deepEqual(stage.report(), [{ title: "no preemption", executions: 1, exhausted: false }]);
  });
});
