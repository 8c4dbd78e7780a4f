// Overrides of the timed policy: which task executes next, and for how long.

import assert from "node:assert/strict";
import { can_run_next, end_run_only, run_next, run_only } from "../../src/engine/schedule/override.ts";
import { TimedPolicy } from "../../src/engine/schedule/timed.ts";
import type { Machine } from "../../src/engine/machine/machine.ts";
import type { Task } from "../../src/engine/machine/task.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { spawn, start } from "./support.ts";

/** Two tasks that fault in one address space, and so wait for each other's locks. */
const TEXT = `kernel 2.6.11
machine { cpus: 2 }
file data size 64K
process p { V = mmap(data) }
task a in p on cpu 0 { read(V) compute(1us) write(V) }
task b in p on cpu 1 { read(V) compute(1us) write(V) }
`;
const program = parseScenario(TEXT, "override.vmscn").program!;

/** A run at a step at which both tasks are there and neither has ended; null if they are not. */
function at(step: number): { simulation: Simulation; a: Task; b: Task } | null {
  const simulation = new Simulation(program, { build: "steppable" });
  const { machine } = simulation;
  if (machine.run(step).kind !== "stopped") return null;
  const [a, b] = ["a", "b"].map((name) => machine.tasks.find((task) => task.name === name && task.state !== "done"));
  return a === undefined || b === undefined ? null : { simulation, a, b };
}

/** Has a task its CPU, and neither computes in user mode nor waits? */
function canExecute(machine: Machine, task: Task): boolean {
  return can_run_next(machine, task) && task.cpu.current === task && task.state === "running" && task.computes_until === null;
}

/** The task of each step, step by step, until `enough` or the end of the run. */
function follow({ machine }: Simulation, enough: (task: Task) => boolean): Task[] {
  const seen: Task[] = [];
  while (machine.run(machine.step + 1).kind === "stopped") {
    seen.push(machine.current!);
    if (enough(machine.current!)) break;
  }
  return seen;
}

/** Moments all over the run. */
function* moments(): Generator<NonNullable<ReturnType<typeof at>>> {
  let found = 0;
  for (let step = 1; step < 20_000; step += 29) {
    const moment = at(step);
    if (moment === null && found > 0) return;
    if (moment === null) continue;
    found += 1;
    yield moment;
  }
}

describe("overrides of the timed policy", () => {
  it("have the CPU of a task execute next, and leave the policy as it was at its second operation", () => {
    let switched = 0;
    for (const { simulation, a, b } of moments()) {
      const { machine } = simulation;
      const before = machine.policy;
      const other = machine.current === a ? b : a;
      if (!canExecute(machine, other)) continue;
      run_next(machine, other);
      machine.run(machine.step + 1);
      // A task that finds a lock taken has executed its operation, and waits.
      assert.ok(machine.current === other || other.state === "spinning");
      switched += 1;
      follow(simulation, () => machine.policy === before);
      assert.ok(machine.policy === before);
      assert.equal(machine.run(Infinity).kind, "end");
    }
    assert.ok(switched > 10, String(switched));
  });

  it("let no other task execute while the task can, and let others execute while it waits for them", () => {
    let alone = 0;
    for (const { simulation, a, b } of moments()) {
      const { machine } = simulation;
      const before = machine.policy;
      const begun = machine.step;
      run_only(machine, b);
      const seen = follow(simulation, (task) => task === a && machine.step > begun && canExecute(machine, b));
      if (!seen.slice(0, seen.lastIndexOf(b)).includes(a)) alone += 1;
      end_run_only(machine);
      assert.ok(machine.policy === before);
      if (machine.current !== null) assert.equal(machine.run(Infinity).kind, "end");
    }
    assert.ok(alone > 0);
  });

  it("are not there to be ended before they have begun", () => {
    const { machine } = start();
    const before = machine.policy;
    end_run_only(machine);
    assert.ok(machine.policy === before);
  });
});

describe("the timed policy", () => {
  it("works out anew how far a CPU may run ahead after another has become ready sooner", () => {
    const system = start({ cpus: 2 });
    const { machine } = system;
    spawn(system, "later", { cpu: 1, at: 5000 }, function* () {});
    const policy = new TimedPolicy(machine);
    assert.equal(policy.time_until_next(), 5000);
    spawn(system, "sooner", { cpu: 1, at: 3000 }, function* () {});
    policy.invalidate();
    assert.equal(policy.time_until_next(), 3000);
  });
});
