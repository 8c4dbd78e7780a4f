// `lockbreak compare`: its output, and the effect of the patch that it shows.

import assert from "node:assert/strict";
import type { ComparedKernel } from "../../src/console/comparison.ts";
import { callsByName } from "../../src/scenario/catalogue/index.ts";
import { ENDLESS, lockbreak, scenarioFolder } from "./support.ts";

const CALLS: ReadonlySet<string> = new Set(callsByName.keys());

function compared(args: readonly string[]): Map<string, ComparedKernel> {
  const { status, stdout, stderr } = lockbreak(["compare", ...args, "--json"]);
  assert.equal(status, 0, stderr);
  const { kernels } = JSON.parse(stdout) as { kernels: ComparedKernel[] };
  return new Map(kernels.map((one) => [one.kernel, one]));
}

describe("command line: compare", () => {
  const folder = scenarioFolder();

  it("shows kernels side by side, with the result of the search on each", () => {
    const { status, stdout, stderr } = lockbreak([
      "compare",
      "examples/races/K1-boundary.vmscn",
      "--kernel",
      "vmtrunc4",
      "--kernel",
      "2.6.38",
      "--executions",
      "5000",
    ]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^ +vmtrunc4 +2\.6\.38\nrun +end +end\n/);
    assert.match(stdout, /\nexploration +found +clean\n  truncated-mapped +found +-\n/);
    assert.match(stdout, /\nrescans +0 +0\n/);
    assert.match(stdout, /\n\/proc\/lock_stat of 2\.6\.38\nclass name +contentions/);
    assert.doesNotMatch(stdout, /undefined|NaN|\[object/);
  });

  it("compares all kernels if none is named, with figures that are consistent", () => {
    const all = compared(["examples/latency/urgent-task.vmscn", "--executions", "0"]);
    assert.deepEqual([...all.keys()], ["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11", "2.6.38", "3.0"]);
    for (const { outcome, exploration, locks, calls } of all.values()) {
      assert.equal(outcome, "end");
      assert.equal(exploration, null);
      for (const { hold, wait } of locks) {
        for (const { count, total, max, p50, p99, histogram } of [hold, wait]) {
          assert.equal(
            histogram.reduce((sum, step) => sum + step.count, 0),
            count,
          );
          assert.ok(p50 <= p99 && p99 <= max && max <= total && total <= max * count);
          if (count > 0) assert.ok(max <= histogram.at(-1)!.up_to && (histogram.length === 1 || max > histogram.at(-2)!.up_to));
        }
      }
      assert.equal(calls.find(({ call }) => call === "munmap")!.duration.count, 40);
    }
  });

  it("shows the purpose of the patch: neither the player nor the mapper waits for the whole truncation", () => {
    const all = compared(["examples/latency/urgent-task.vmscn", "--executions", "0", "--kernel", "2.6.9", "--kernel", "vmtrunc4"]);
    const [before, after] = [all.get("2.6.9")!, all.get("vmtrunc4")!];
    const waited = ({ locks }: ComparedKernel): number => locks.find(({ lock }) => lock === "data.i_mmap_lock")!.wait.max;
    const woken = ({ wakeups }: ComparedKernel): number => wakeups.find(({ task }) => task === "play")!.latency.max;
    assert.ok(waited(before) > 1000 * waited(after));
    assert.ok(woken(before) > 10 * woken(after));
    assert.ok(after.summary.lockbreaks > 1000);
  });

  it("fits 120 columns with six kernels, whatever they find, and its help describes every row", () => {
    const help = lockbreak(["compare", "--help"]).stdout;
    for (const [scenario, executions] of [
      ["races/K5-no-recheck", "100"],
      ["latency/urgent-task", "0"],
    ] as const) {
      const { stdout } = lockbreak(["compare", `examples/${scenario}.vmscn`, "--executions", executions]);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
      const [table] = stdout.split("\n\n");
      const names = table!
        .split("\n")
        .slice(1)
        .map((line) => /^.*?(?=  |:|$)/.exec(line)![0])
        .filter((name) => name !== "");
      for (const name of names) {
        const general = name
          .replace(/^wakeup of .*/, "wakeup of TASK")
          .replace(/^\S+ (held|waited for)$/, "LOCK $1")
          .replace(/ per ms$/, "");
        const documented = [general, ...(CALLS.has(name) ? ["CALL"] : [])];
        assert.ok(
          documented.some((row) => help.includes(`\n  ${row} `)),
          name,
        );
      }
    }
  });

  it("says so where there are too many tasks to explore", () => {
    const tasks = Array.from({ length: 40 }, (_, number) => `task t${number} in p on cpu 0 { truncate(data, 0) }\n`);
    const crowded = folder.file("crowd.vmscn", `file data size 64K\nprocess p { A = mmap(data) }\n${tasks.join("")}`);
    assert.match(lockbreak(["compare", crowded, "--kernel", "2.6.9"]).stdout, /\nexploration +too many\n/);
    const { status, stderr } = lockbreak(["compare", crowded, "--executions", "5"]);
    assert.equal(status, 2);
    assert.match(stderr, /^lockbreak: error LB016: [^\n]*\n$/);
  });

  it("accepts a run that does not end, and prints the diagnostics of a scenario", () => {
    const divergent = compared([folder.file("endless.vmscn", ENDLESS), "--kernel", "2.6.9", "--executions", "5"]);
    assert.equal(divergent.get("2.6.9")!.outcome, "limit");
    const wrong = lockbreak(["compare", folder.file("wrong.vmscn", "file data")]);
    assert.equal(wrong.status, 2);
    assert.equal(wrong.stdout, "");
    assert.match(lockbreak(["compare", "examples/races/K1-boundary.vmscn", "--kernel", "2.7"]).stderr, /LB009/);
  });
});
