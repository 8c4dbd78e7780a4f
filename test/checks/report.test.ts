// The table of rules is complete, and the same as in docs/checks.md. And the report of a deadlock of all tasks.

import { TimedPolicy } from "../../src/engine/schedule/timed.ts";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { Machine } from "../../src/engine/machine/machine.ts";
import { sleep_ns } from "../../src/engine/machine/sched.ts";
import { down_write, Semaphore } from "../../src/engine/machine/semaphore.ts";
import { DEFAULT_PRIO } from "../../src/engine/machine/task.ts";
import { KNOWN_BUGS, known_bugs, RULES } from "../../src/engine/observe/rules.ts";
import { headline, report_lines, report_of, backtraces_of } from "../../src/engine/observe/report.ts";
import { complete_job } from "../../src/engine/replay/recording.ts";

/** The rows of the tables of docs/checks.md, by their first cell. */
function documented(): Map<string, readonly string[]> {
  const lines = readFileSync("docs/checks.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return new Map(
    lines
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      )
      .map(([first, ...rest]) => [first!.replaceAll("`", ""), rest]),
  );
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(path.join(folder, entry.name)) : [readFileSync(path.join(folder, entry.name), "utf8")],
  );
}

describe("rules of the kernel", () => {
  it("are those of docs/checks.md", () => {
    const rows = documented();
    for (const [code, { rule, known_bugs = [] }] of Object.entries(RULES)) {
      const [sentence, ...more] = rows.get(code) ?? [];
      const ids = more.at(-1) ?? "";
      assert.deepEqual([sentence, ids.split(" ").filter((id) => id !== "")], [rule, known_bugs], code);
    }
    for (const [id, { what, kernels }] of Object.entries(KNOWN_BUGS)) assert.deepEqual(rows.get(id), [what, kernels.join(", ")]);
    const codes = [...rows.keys()].filter((first) => /^[a-z]/.test(first) && first !== "code" && first !== "id");
    assert.deepEqual(codes.sort(), Object.keys(RULES).sort());
  });

  it("have a sentence for everything that the engine reports", () => {
    const text = sources("src/engine").join("\n");
    const bugs = [...text.matchAll(/\bBUG(?:_ON)?\([^"\n]*"([a-z-]+)"/g)].map(([, code]) => code!);
    const violations = [
      ...sources("src/engine/observe")
        .join("\n")
        .matchAll(/\breport\("([a-z-]+)"/g),
    ].map(([, code]) => code!);
    // The rules inside a tree are those of one finding, `prio-tree`.
    const inside = new Set(["cycle", "parent", "heap", "radix", "duplicate", "interval", "index_bits", "vm_set"]);
    const codes = new Set([...bugs, ...violations].filter((code) => !inside.has(code)));
    assert.ok(codes.size > 20);
    for (const code of codes) assert.ok(code in RULES, code);
  });

  it("have the known bugs of the kernels that break them", () => {
    assert.deepEqual(known_bugs("truncated-mapped", "vmtrunc4"), ["K1", "K2", "K7", "K11"]);
    assert.deepEqual(known_bugs("truncated-mapped", "2.6.9"), []);
    assert.deepEqual(known_bugs("prio-tree", "2.6.9"), ["K8"]);
  });
});

function* takeBoth(first: Semaphore, second: Semaphore): Kernel<void> {
  yield* down_write(first);
  yield* sleep_ns(10_000);
  yield* down_write(second);
}

describe("the report of a deadlock", () => {
  it("lists every task and what it waits for", () => {
    const machine = new Machine(
      { cpus: 2, preempt: true, hz: 1000, break_lock: "sticky", costs: {}, limits: { steps: 1e6, time: 1e9, pages: 1 } },
      (own) => new TimedPolicy(own),
    );
    machine.activate();
    const [left, right] = [new Semaphore("data.i_sem"), new Semaphore("log.i_sem")];
    machine.spawn("shrink", machine.cpus[0]!, DEFAULT_PRIO, null, takeBoth(left, right), 0);
    machine.spawn("rotate", machine.cpus[1]!, DEFAULT_PRIO, null, takeBoth(right, left), 0);
    const outcome = machine.run(Infinity);
    assert.ok(outcome.kind === "deadlock");
    const report = report_of(outcome, { machine, kernel: "vmtrunc4" });
    const [moment, ...lines] = report_lines(report);
    assert.equal(headline(report), "BUG deadlock: none of 2 tasks can ever run again");
    assert.match(moment!, /^kernel vmtrunc4, at \d+\.\d+ µs, event \d+, step 0$/);
    assert.deepEqual(lines, [
      "shrink waits for log.i_sem, which rotate holds, and holds data.i_sem",
      "rotate waits for data.i_sem, which shrink holds, and holds log.i_sem",
      `rule: ${RULES["deadlock"]!.rule}`,
    ]);
    assert.deepEqual(complete_job(backtraces_of(outcome, { machine }, () => ({ machine }))), []);
  });
});
