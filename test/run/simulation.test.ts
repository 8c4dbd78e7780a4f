// Runs of scenarios: examples, triggers, forced checks, checks, and the known bugs of the seed patch.

import assert from "node:assert/strict";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { concludeRun } from "../../src/scenario/run/verdict.ts";
import type { Simulation, RunOptions } from "../../src/scenario/run/simulation.ts";
import { example, EXAMPLES } from "../examples.ts";
import { simulate } from "./support.ts";

/** Runs to the end; the events after the set-up, each as its name and what `of` takes from it. */
function events(
  simulation: Simulation,
  names: readonly TracepointName[],
  of: (event: TraceEvent) => string = ({ name }) => name,
): string[] {
  const seen: string[] = [];
  for (const name of names) {
    (simulation.machine.sinks[name] ??= []).push((event) => {
      if (!simulation.machine.time_frozen) seen.push(of(event));
    });
  }
  simulation.machine.run(Infinity);
  concludeRun(simulation, simulation.machine.outcome!);
  return seen;
}

const byTask = ({ name, task, args }: TraceEvent): string =>
  `${task?.name} ${name}${"lock" in args ? ` ${(args["lock"] as { name: string }).name}` : ""}`;

/** A file of 16 pages in one mapping, and one task on each of two CPUs. */
function twoTasks(first: string, second: string, more = ""): string {
  return `machine { cpus: 2 }
    file data size 64K
    process p { A = mmap(data) touch(A) }
    task one in p on cpu 0 { ${first} }
    task two in p on cpu 1 { ${second} }
    ${more}`;
}

describe("a scenario", () => {
  for (const { name, text } of EXAMPLES) {
    it(`${name} runs to its end, or to what it is to show, and its checks hold`, () => {
      const simulation = simulate(text);
      events(simulation, []);
      assert.equal(simulation.machine.outcome?.kind, simulation.program.expected === null ? "end" : "bug");
      assert.deepEqual(
        simulation.checks.results.filter(({ state }) => state !== "passed").map(({ check, failure }) => [check.text, failure]),
        [],
      );
    });
  }

  it("acts in the very window in which the lock is dropped", () => {
    const text = twoTasks(
      "truncate(data, 0)",
      "compute(1us)",
      "force need_lockbreak(data.i_mmap_lock) at 1..3\non lockbreak(data) #1 { mprotect(p.A[0 .. 4K], read) }",
    );
    const seen = events(simulate(text), ["lockbreak", "lock_acquire", "restart"], byTask);
    const at = seen.indexOf("one lockbreak data.i_mmap_lock");
    assert.equal(seen[at - 1], "one lock_acquire p.page_table_lock");
    const helper = seen.slice(at + 1, seen.indexOf("one restart"));
    assert.deepEqual(
      helper.slice(0, -1).map((line) => line.split(" lock_acquire ")[1]),
      ["p.mmap_sem", "data.i_mmap_lock", "p.page_table_lock"],
    );
    assert.ok(helper.slice(0, -1).every((line) => line.startsWith("on lockbreak 1.1 ")));
    assert.equal(helper.at(-1), "one lock_acquire data.i_mmap_lock");
  });

  it("lets a trigger's helper wait for what the held task holds, instead of waiting for ever", () => {
    const text = twoTasks("truncate(data, 0)", "compute(1us)", "on lock_acquire(data.i_mmap_lock) #1 { munmap(p.A) }");
    const simulation = simulate(text);
    events(simulation, []);
    assert.equal(simulation.machine.outcome?.kind, "end");
    assert.equal([...simulation.globals.processes.get("p")!.members][0]!.mm.mm_rb.length, 0);
  });

  it("forces a check at exactly the calls that are listed", () => {
    const text = twoTasks("truncate(data, 0)", "compute(1us)", "force need_resched at 2\nforce need_lockbreak(data.i_mmap_lock) at 1");
    const answers = events(
      simulate(text),
      ["resched_check", "lockbreak_check"],
      ({ name, args }) =>
        `${name[0]}${args["lock"] === undefined ? "" : (args["lock"] as { name: string }).name.slice(-9)} ${String(args["value"])}`,
    );
    assert.deepEqual(answers.filter((line) => line.startsWith("r")).slice(0, 3), ["r false", "r true", "r false"]);
    assert.equal(answers.filter((line) => line === "lmmap_lock true").length, 1);
  });

  it("matches the events of a file by its vmas too", () => {
    const text = twoTasks("truncate(data, 0)", "compute(1us)", "on vma_complete(data) #1 { read(p.A[0 .. 4K]) }");
    assert.deepEqual(events(simulate(text), ["signal"], byTask), ["on vma_complete 1.1 signal"]);
  });

  it("reports where an always-check failed first, with the values", () => {
    const simulation = simulate(twoTasks("truncate(data, 32K) truncate(data, 0)", "compute(1us)", "check always data.truncate_count < 2"));
    events(simulation, []);
    const { state, failure } = simulation.checks.results[0]!;
    assert.equal(state, "failed");
    assert.equal(failure?.why, "2 < 2");
    assert.equal(failure?.task, "one");
    assert.ok(failure!.event > 0 && failure!.time > 0);
  });

  it("finds pages left mapped when the boundary of a done vma moves while the lock is dropped", () => {
    const text = `machine { cpus: 2 }
      file data size 64K
      process p { A = mmap(data) touch(A) mprotect(A[32K .. 64K], read) }
      task shrink in p on cpu 0 { truncate(data, 0) }
      force need_lockbreak(data.i_mmap_lock) at 2
      on lockbreak(data) #1 { mprotect(p.A[16K .. 32K], read) }`;
    const simulation = simulate(text);
    events(simulation, []);
    const { outcome } = simulation.machine;
    assert.ok(outcome?.kind === "bug");
    assert.equal(outcome.bug.code, "truncated-mapped");
    assert.equal(outcome.bug.values["ptes"], 4);
    assert.equal(simulate(text, { kernel: "2.6.9" }).machine.run(Infinity).kind, "end");
  });

  it("can expect a finding: another finding, or none, fails the expectation", () => {
    const text = example("done-vma-grows.vmscn");
    const states = (scenario: string, options: RunOptions = {}): unknown => {
      const simulation = simulate(scenario, options);
      const { expected } = concludeRun(simulation, simulation.machine.run(Infinity));
      return [expected, ...simulation.checks.results.map(({ state, failure }) => failure?.why ?? state)];
    };
    assert.deepEqual(states(text), [true, "passed", "passed", "passed"]);
    assert.deepEqual(states(text, { kernel: "2.6.9" }), [false, "0 == 4", "0 > 0", "nothing was found"]);
    assert.deepEqual(states(text.replace("expect bug truncated-mapped", "expect bug rss")), [
      false,
      "open",
      "open",
      "truncated-mapped was found",
    ]);
  });

  it("ends with the range of an error that occurs only during the run", () => {
    const simulation = simulate(twoTasks("let x = 1 / (data.truncate_count - data.truncate_count)", "compute(1us)"));
    const outcome = simulation.machine.run(Infinity);
    assert.ok(outcome.kind === "error");
    assert.match(outcome.error.message, /zero/i);
    assert.equal((outcome.error.cause as { range: { line: number } }).range.line, 4);
  });

  it("ends at its limits when it would never end", () => {
    for (const body of ["repeat forever { }", "repeat forever { touch(A) }"]) {
      const steps = simulate(twoTasks(body, "compute(1us)"), { limits: { steps: 50_000 } }).machine.run(Infinity);
      assert.ok(steps.kind === "limit" && steps.limit.limit === "steps");
    }
    const time = simulate(twoTasks("repeat forever { sleep(1s) }", "compute(1us)"), { limits: { time: 60e9 } }).machine.run(Infinity);
    assert.ok(time.kind === "limit" && time.limit.limit === "time");
    const alone = simulate(twoTasks("repeat forever { touch(A) }", ""), { limits: { time: 1e6 } });
    const late = alone.machine.run(Infinity);
    assert.ok(late.kind === "limit" && late.limit.limit === "time");
    assert.ok(alone.machine.cpu.clock < 1e6 + 10_000, `${alone.machine.cpu.clock}`);
    const pages = simulate(twoTasks("touch(A)", "compute(1us)"), { limits: { pages: 8 } }).machine.run(Infinity);
    assert.ok(pages.kind === "limit" && pages.limit.limit === "pages");
  });

  it("gives an urgent task its CPU at the next lockbreak, and measures how long that took", () => {
    const text = `machine { cpus: 2 }
      file data size 1M
      process p { A = mmap(data) touch(A) }
      task shrink in p on cpu 0 { truncate(data, 0) }
      task audio in p on cpu 0 priority 1 { sleep(3us) compute(2us) }
      check finally wakeup_latency(audio) < 5us
      check finally lockbreaks(data) == 1`;
    for (const [kernel, held] of [
      ["vmtrunc4", "passed"],
      ["2.6.9", "failed"],
    ] as const) {
      const simulation = simulate(text, { kernel });
      events(simulation, []);
      assert.deepEqual(
        simulation.checks.results.map(({ state }) => state),
        [held, held],
      );
    }
  });

  it("whose set-up the kernel refuses ends with an error about the statement", () => {
    for (const [statement, why] of [
      ["B = mmap(data, length: 2G)", "'mmap' fails with ENOMEM"],
      ["munmap(A) touch(A)", "'touch' fails with SIGSEGV"],
      ["truncate(data, 0) touch(A)", "'touch' fails with SIGBUS"],
    ] as const) {
      const outcome = simulate(`file data size 64K\nprocess p { A = mmap(data) ${statement} }`).machine.run(Infinity);
      assert.ok(outcome.kind === "error" && outcome.error.message.startsWith(why), statement);
    }
  });

  it("names only tracepoints that exist", () => {
    const simulation = simulate(twoTasks("truncate(data, 0)", "compute(1us)"));
    events(simulation, []);
    for (const name of Object.keys(simulation.machine.sinks)) assert.ok(name in TRACEPOINTS);
  });
});
