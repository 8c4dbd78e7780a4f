// The report of a deadlock. The kernels of today lock in one order: no scenario can provoke one.

import assert from "node:assert/strict";
import { deadlock_report, format_report } from "../../src/cli/report.ts";
import { Sources } from "../../src/cli/sources.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { Machine } from "../../src/engine/machine/machine.ts";
import { sleep_ns } from "../../src/engine/machine/sched.ts";
import { down_write, Semaphore } from "../../src/engine/machine/semaphore.ts";
import { DEFAULT_PRIO } from "../../src/engine/machine/task.ts";
import { parseScenario } from "../../src/scenario/index.ts";

function* take_both(first: Semaphore, second: Semaphore): Kernel<void> {
  yield* down_write(first);
  yield* sleep_ns(10_000);
  yield* down_write(second);
}

describe("report of a deadlock", () => {
  it("lists every task and what it waits for", () => {
    const machine = new Machine({ cpus: 2, preempt: true, hz: 1000, break_lock: "sticky", costs: {}, limits: { steps: 1e6, time: 1e9, pages: 1 } });
    machine.activate();
    const [left, right] = [new Semaphore("data.i_sem"), new Semaphore("log.i_sem")];
    machine.spawn("shrink", machine.cpus[0]!, DEFAULT_PRIO, null, take_both(left, right), 0);
    machine.spawn("rotate", machine.cpus[1]!, DEFAULT_PRIO, null, take_both(right, left), 0);
    const outcome = machine.run(Infinity);
    assert.ok(outcome.kind === "deadlock");

    const text = "file data size 4K\n";
    const { program, diagnostics } = parseScenario(text);
    const sources = new Sources({ file: "dead.vmscn", text, lines: text.split("\n"), diagnostics }, program!);
    const lines = format_report(deadlock_report({ machine, kernel: "vmtrunc4" }, outcome, sources), (_style, words) => words);
    assert.deepEqual([lines[0], ...lines.slice(2)], [
      "BUG deadlock: none of 2 tasks can ever go on",
      "  shrink waits for log.i_sem, which rotate holds, and holds data.i_sem",
      "  rotate waits for data.i_sem, which shrink holds, and holds log.i_sem",
    ]);
    assert.match(lines[1]!, /^ {2}kernel vmtrunc4, at \d+\.\d+ µs, event \d+, step 0$/);
  });
});
