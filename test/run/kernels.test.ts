// One scenario on all kernels.

import assert from "node:assert/strict";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import type { TracepointName } from "../../src/engine/machine/trace.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { KERNELS } from "../../src/scenario/catalogue/index.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { EXAMPLES } from "../examples.ts";

/** Kernels that drop i_mmap_lock. */
const DROPPING: readonly KernelName[] = ["vmtrunc4", "vmtrunc5", "2.6.11", "2.6.38"];

/** Runs to the end: how often each of these events came after the set-up, and how the checks came out. */
function run(
  text: string,
  kernel: KernelName,
  names: readonly TracepointName[] = [],
): { simulation: Simulation; counts: number[]; checks: string[] } {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, JSON.stringify(diagnostics));
  const simulation = new Simulation(program, { kernel });
  const { machine } = simulation;
  const counts = names.map(() => 0);
  names.forEach((name, at) => (machine.sinks[name] ??= []).push(() => (counts[at]! += machine.time_frozen ? 0 : 1)));
  const outcome = machine.run(Infinity);
  assert.equal(outcome.kind, "end", outcome.kind === "bug" ? `${kernel}: ${outcome.bug.message}` : kernel);
  simulation.checks.runEnded();
  return { simulation, counts, checks: simulation.checks.results.map(({ state, failure }) => failure?.why ?? state) };
}

/** A truncation of 64 mapped pages, while another task maps a part of the file and unmaps it. */
const contended = (machine: string, more = ""): string => `machine { ${machine} }
  file data size 256K
  process p { A = mmap(data) touch(A) }
  process q { }
  task shrink in p on cpu 0 { truncate(data, 0) }
  task other in q on cpu 0 priority 130 at 1us { compute(1us) }
  ${more}`;
const WITH_READER = "task reader in q on cpu 1 at 2us { B = mmap(data, length: 4K) munmap(B) }";

describe("on every kernel", () => {
  it("known to the engine scenarios can run", () => {
    assert.deepEqual(
      KERNELS.map(({ name }) => name),
      KERNEL_NAMES,
    );
  });

  for (const { name, text } of EXAMPLES.filter((one) => parseScenario(one.text).program!.expected === null)) {
    it(`${name} runs to its end, and leaves everything in order`, () => {
      for (const kernel of KERNEL_NAMES) {
        const { simulation } = run(text, kernel);
        assert.deepEqual(check_consistency(simulation.system), [], kernel);
      }
    });
  }

  it("data.i_mmap_lock and data.i_mmap_mutex are the lock that there is", () => {
    const checks =
      "check finally max_hold(data.i_mmap_lock) > 0ns and max_hold(data.i_mmap_lock) == max_hold(data.i_mmap_mutex)\n" +
      "check finally data.i_mmap_lock == data.i_mmap_mutex";
    for (const kernel of KERNEL_NAMES) {
      const { simulation, checks: results } = run(contended("cpus: 2", checks), kernel);
      assert.deepEqual(results, ["passed", "passed"], kernel);
      assert.ok(
        simulation.statistics.summary().locks.some(({ lock }) => lock === (kernel === "3.0" ? "data.i_mmap_mutex" : "data.i_mmap_lock")),
        kernel,
      );
    }
  });

  it("a lock that there is not is NULL: no event is about it, no check is forced by it, and it has no statistics", () => {
    const more = `on lock_acquire(data.unmap_mutex) { read(p.A[0 .. 4K]) }
      force need_lockbreak(data.unmap_mutex) at 1 .. 1000
      check finally max_hold(data.unmap_mutex) > 0ns`;
    for (const kernel of KERNEL_NAMES) {
      const { counts, checks } = run(contended("cpus: 2", more), kernel, ["lockbreak", "signal"]);
      assert.match(checks[0]!, kernel === "2.6.38" ? /^passed$/ : /there is no such lock in the kernel that runs/, kernel);
      // The helper reads where the file is truncated to nothing.
      assert.deepEqual(
        counts.map((count) => count > 0),
        [false, kernel === "2.6.38"],
        kernel,
      );
    }
  });

  it("only those that can drop i_mmap_lock do, and the others say nothing of vmas that are done", () => {
    for (const kernel of KERNEL_NAMES) {
      const { counts } = run(contended("cpus: 2", WITH_READER), kernel, ["lockbreak", "restart", "vma_complete", "truncate_count_wrap"]);
      assert.deepEqual(
        counts.map((count) => count > 0),
        DROPPING.includes(kernel) ? [true, true, true, false] : [false, false, false, false],
        kernel,
      );
    }
  });

  it("the kernel does not check need_lockbreak without CONFIG_PREEMPT, and with one CPU", () => {
    for (const kernel of KERNEL_NAMES) {
      for (const machine of ["cpus: 2 preempt: off", "cpus: 1"]) {
        assert.deepEqual(run(contended(machine), kernel, ["lockbreak_check"]).counts, [0], `${kernel}, ${machine}`);
      }
      assert.equal(run(contended("cpus: 2"), kernel, ["lockbreak_check"]).counts[0]! > 0, DROPPING.includes(kernel), kernel);
    }
  });

  it("break_lock is what it was in that kernel, unless the machine says otherwise", () => {
    for (const kernel of DROPPING) {
      const breaks = (setting: string): number => run(contended(`cpus: 2 ${setting}`, WITH_READER), kernel, ["lockbreak"]).counts[0]!;
      const [sticky, cleared] = [breaks("break_lock: sticky"), breaks("break_lock: cleared")];
      assert.ok(sticky > cleared && cleared > 0, `${kernel}: ${sticky} and ${cleared}`);
      assert.equal(breaks(""), kernel === "2.6.38" ? cleared : sticky, kernel);
    }
  });

  it("an urgent task waits for all of an unmapping, for a block, or for a page table", () => {
    const text = `file data size 32M
      process p { A = mmap(data) touch(A) }
      task shrink in p on cpu 0 { truncate(data, 0) }
      task audio in p on cpu 0 priority 1 { sleep(5us) compute(2us) }
      check finally wakeup_latency(audio) < 5us
      check finally wakeup_latency(audio) < 100us`;
    for (const kernel of KERNEL_NAMES) {
      const { counts, checks } = run(text, kernel, ["lockbreak"]);
      const dropping = DROPPING.includes(kernel);
      assert.deepEqual(
        [counts[0], ...checks.map((why) => why === "passed")],
        [dropping ? 1 : 0, dropping, dropping || kernel === "3.0"],
        kernel,
      );
    }
  });
});

describe("a scenario's messages", () => {
  it("are about the kernel that is to run it, if that is known", () => {
    const text =
      "file data size 64K\nprocess p { A = mmap(data) }\non lockbreak(data) { touch(p.A) }\n" +
      "force need_lockbreak(data.i_mmap_lock) at 1\ncheck finally data.truncate_count == 1";
    const codes = (kernel?: KernelName): string[] =>
      parseScenario(text, undefined, { kernel }).diagnostics.map(({ range, code }) => `${range.line} ${code}`);
    assert.deepEqual(codes(), []);
    assert.deepEqual(codes("2.6.9"), ["3 VMSCN083", "4 VMSCN083"]);
    assert.deepEqual(codes("3.0"), ["3 VMSCN083", "4 VMSCN083", "5 VMSCN089"]);
  });
});
