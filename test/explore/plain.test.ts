// Searches run on plain code: every execution there is the same as on code that can be stepped through.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Runner, type Boot, type Bounds } from "../../src/engine/explore/runner.ts";
import { random } from "../../src/engine/explore/random.ts";
import { Worker, type Job } from "../../src/engine/explore/jobs.ts";
import type { Image } from "../../src/engine/kernel/image.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import type { Program } from "../../src/scenario/index.ts";
import { scenarioBoot } from "../../src/scenario/explore/scenario-world.ts";
import { RACES, parsed, planOf, race, raceText, search } from "./support.ts";
import { scenarios } from "./scenarios.ts";

/** What the races leave out: exits, barriers, figures in checks, forced answers, wake-ups, triggers. */
const MORE_SCENARIOS = [
  `machine { cpus: 2 }
explore { ticks: 2 }
file data size 32K
process p { V = mmap(data) touch(V) }
process q { W = mmap(data) touch(W) }
task a in p on cpu 0 { truncate(data, 8K) exit() }
task b in p on cpu 1 { munmap(V[0 .. 16K]) write(V[16K .. 20K]) }
task c in q on cpu 1 priority 5 { invalidate(data) exit() }
check finally zap_blocks(data) < 3
`,
  `machine { cpus: 2 }
file data size 32K
process p { V = mmap(data) touch(V) }
task a in p on cpu 0 { barrier() truncate(data, 8K) barrier() truncate(data, 0) }
task b in p on cpu 1 { barrier() X = mmap(data) barrier() touch(X) }
check always lockbreaks(data) < 2
`,
  `machine { cpus: 2 }
file data size 64K
process p { V = mmap(data) touch(V) }
force need_resched at 2, 3
task a in p on cpu 0 { truncate(data, 8K) }
task b in p on cpu 0 priority 3 at 1us { sleep(1us) touch(V) }
task d in p on cpu 1 { repeat 3 { direct_write(data, 0 .. 8K) touch(V) } }
`,
  `machine { cpus: 2 }
file data size 64K
process p { V = mmap(data) touch(V) }
on vma_complete(data) #1 { mmap(data, in: p) }
task a in p on cpu 0 { truncate(data, 8K) }
task b in p on cpu 1 { invalidate(data) }
`,
];

/** All that a search observes of an execution. */
function observed(runner: Runner, number: number): unknown {
  runner.run([], random(1, number));
  const { trace, outcome } = runner;
  const { process, enabled, current, interrupts_only, begin } = trace;
  const columns = [process, enabled, current, interrupts_only, begin];
  const transitions = Array.from({ length: trace.length }, (_, transition) => columns.map((column) => column[transition]));
  const names = trace.names();
  const accesses = Array.from({ length: trace.accesses }, (_, access) => [names[trace.object[access]!], trace.kind[access]]);
  const { machine } = runner.world;
  const limit = outcome.kind === "limit" ? outcome.limit.limit : null;
  return [transitions, accesses, outcome.kind, limit, machine.events, runner.world.state_digest(), runner.verdict()];
}

/** Plain code in a world that is restored each time, against code with stacks in a world that is new each time. */
function checkSame(program: Program, kernel: KernelName, runs: number): void {
  const bounds: Bounds = { ...planOf(program), max_transitions: 400 };
  const fresh: Boot = (decide) => scenarioBoot(program, kernel)(decide, true);
  const [usual, other] = [new Runner(scenarioBoot(program, kernel), bounds), new Runner(fresh, bounds)];
  for (let number = 0; number < runs; number++) {
    const expected = observed(other, number);
    assert.equal(other.world.machine.has_stacks, true);
    assert.deepEqual(observed(usual, number), expected);
  }
}

describe("an execution on plain code", () => {
  for (const kernel of KERNEL_NAMES) {
    it(`is the same as one that can be stepped through, on ${kernel}`, () => {
      for (const name of RACES) checkSame(race(name), kernel, 10);
      for (const text of MORE_SCENARIOS) checkSame(parsed(text), kernel, 10);
      for (const text of fc.sample(scenarios(3), { numRuns: 40, seed: 5 })) checkSame(parsed(text), kernel, 3);
    });
  }
});

/** Is what usually runs plain? */
function runsOnPlainCode(program: Program): boolean {
  const runner = new Runner(scenarioBoot(program, "vmtrunc4"), planOf(program));
  runner.run([]);
  return !runner.world.machine.has_stacks;
}

/** The run ends with the truncation, wherever the other task is then: it may be in the middle of a fault, with a reference to a page. */
const DIVERGENT = `machine { cpus: 2 }
file data size 4K
process p { V = mmap(data) }
process q { }
task trim in p on cpu 0 { truncate(data, 4K) truncate(data, 0) }
task again in q on cpu 1 { repeat forever { X = mmap(data) touch(X) munmap(X) } }
`;

describe("a search", () => {
  it("runs on plain code, but for scenarios with triggers", () => {
    const text = "file data size 4K\nprocess p { V = mmap(data) }\ntask trim in p on cpu 0 { truncate(data, 0) }\n";
    assert.equal(runsOnPlainCode(parsed(text)), true);
    assert.equal(runsOnPlainCode(parsed(`${text}on vma_complete(data) { mmap(data, in: p) }\n`)), false);
  });

  it("may abandon an execution that it checks for a lasso, without any effect on later ones", () => {
    // So large that its states are many characters.
    const program = parsed(raceText("K3-livelock").replace("64K", "8M"));
    const plan = planOf(program);
    const used = new Worker(scenarioBoot(program, "vmtrunc4"), plan);
    const job: Job = { kind: "fair", delays: [0, 1, 2], lasso_checks: 4 };
    const work = used.work(job);
    assert.equal(work.next().value, 1, "the first execution has ended");
    assert.equal(work.next().value, 0, "it is being checked for a lasso");
    const again = new Worker(scenarioBoot(program, "vmtrunc4"), plan);
    assert.deepEqual(used.do(job), again.do(job));
  });

  it("does not report checks of times, as no model time passes", () => {
    const text = "file data size 4K\nprocess p { V = mmap(data) }\ntask trim in p on cpu 0 { truncate(data, 0) }\n";
    const found = (checks: string): string[] => search(parsed(text + checks), "vmtrunc4").findings.map(({ key }) => key);
    assert.deepEqual(
      found("check finally max_hold(data.i_mmap_lock) > 1us and completed(data) == 1\ncheck finally completed(data) == 1\n"),
      [],
    );
    assert.deepEqual(found("check finally max_hold(data.i_mmap_lock) > 1us\ncheck finally completed(data) > 1\n"), ["check 2"]);
  });

  it("asks code that has backtraces only if a page is held once too often", () => {
    const program = parsed(DIVERGENT);
    const boot = scenarioBoot(program, "2.6.11");
    let asked = 0;
    const runner = new Runner((decide, stacks) => {
      asked += Number(stacks);
      return boot(decide, stacks);
    }, planOf(program));
    for (let number = 0; number < 1_000; number++) {
      runner.run([], random(2, number));
      if (runner.outcome.kind === "end") assert.notEqual(runner.verdict()?.key, "page-count");
    }
    // The endless task rests between two rounds, where it has no reference to a page.
    assert.equal(asked, 0);
    const keys = (overrides: Partial<Image>): string[] =>
      search(program, "2.6.11", { preemptions: 1 }, overrides).findings.map(({ key }) => key);
    assert.ok(!keys({}).includes("page-count"));
    assert.ok(keys({ page_cache_release: () => undefined }).includes("page-count"));
  });
});
