// Searches that are broken off, at whatever execution, and taken up again: they come to what a whole one comes to.

import assert from "node:assert/strict";
import { ShardStage } from "../../src/engine/explore/stages.ts";
import type { Program } from "../../src/scenario/index.ts";
import { explore, ownWorkforce, planOf, subjectOf, type Explored, type SavedSearch } from "../../src/scenario/explore/explore.ts";
import { parsed, race, search } from "./support.ts";

interface Part {
  readonly explored: Explored;
  readonly saved: SavedSearch | null;
}

/** Searches until `look` was called `looks` times, from where `before` was. */
async function part(program: Program, kernel: "vmtrunc4" | "2.6.11", why: "time" | "interrupt", looks: number, before: SavedSearch | null): Promise<Part> {
  const plan = planOf(program, {});
  const subject = subjectOf(program, kernel, plan);
  let looked = 0;
  let save = (): SavedSearch | null => before;
  const observer = {
    now: () => 0,
    look: () => ((looked += 1) >= looks ? why : null),
    keep: (saved: () => SavedSearch) => (save = saved),
  };
  const explored = await explore(subject, plan, before, ownWorkforce(subject, () => Promise.resolve()), observer, () => "");
  return { explored, saved: JSON.parse(JSON.stringify(save())) as SavedSearch | null };
}

describe("searches that are broken off", () => {
  for (const [name, kernel] of [["K1-boundary", "vmtrunc4"], ["K4-below-restart", "2.6.11"]] as const) {
    it(`are over with the execution at hand, and go on with no difference: ${name}`, async () => {
      const program = race(name);
      const whole = await part(program, kernel, "time", Infinity, null);
      assert.equal(whole.explored.stopped, null);
      for (const [why, looks] of [["time", 1], ["time", 7], ["interrupt", 30], ["time", 60], ["interrupt", 97]] as const) {
        const first = await part(program, kernel, why, looks, null);
        assert.equal(first.explored.stopped, why);
        // Of those that do not end, each is executed once more, and looked at closely.
        assert.ok(first.explored.executions >= looks && first.explored.executions <= 2 * looks, `${first.explored.executions} after ${looks}`);
        assert.deepEqual((await part(program, kernel, "time", Infinity, first.saved)).explored, whole.explored, `${why} after ${looks}`);
      }
    });
  }

  it("need not wait until it is known whether something large goes on for ever", async () => {
    const program = parsed(`kernel 2.6.11
machine { cpus: 2 }
file data size 512M
process p { V = mmap(data)  touch(V) }
task a in p on cpu 0 { truncate(data, 0) }
task b in p on cpu 1 { mprotect(V[0 .. 16K], read) }`);
    const { explored } = await part(program, "2.6.11", "interrupt", 4, null);
    assert.equal(explored.stopped, "interrupt");
    assert.deepEqual([explored.executions, explored.cut], [1, 1], "the first, of so many blocks, is cut, and watched ever since");
  });

  it("watch few executions that are too long, and in vain", () => {
    const program = parsed(`kernel vmtrunc4
machine { cpus: 2 }
file data size 16M
process p { V = mmap(data)  touch(V) }
task a in p on cpu 0 { truncate(data, 0) }
task b in p on cpu 1 { mprotect(V[0 .. 16K], read) }`);
    const { executions, cut, findings } = search(program, "vmtrunc4", { executions: 100 });
    assert.deepEqual(findings, []);
    assert.deepEqual([executions, cut], [100, 96], "four are executed anew, to be watched");
  });

  it("are not exhausted if the execution that goes by default was cut", () => {
    const stage = new ShardStage(2, 1, 1);
    const jobs = stage.round(10);
    assert.deepEqual(jobs, [{ kind: "split" }]);
    stage.give(jobs, [{ executions: 1, units: 10, longest: 10, cut: 1, cut_turns: "a10", findings: [], states: [], items: [], path: null }]);
    assert.equal(stage.over, true);
    assert.equal(stage.exhausted, false);
    assert.deepEqual(stage.report(), [{ title: "no preemption", executions: 1, exhausted: false }]);
  });
});
