// Scheduling by decisions: what processes are called, who is offered for a decision, and what ticks do.

import assert from "node:assert/strict";
import { k } from "../../src/engine/kernel/image.ts";
import type { System } from "../../src/engine/kernel/boot.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { by_default, ChoicePolicy, NOBODY } from "../../src/engine/schedule/choice.ts";
import { DEFAULT_PRIO } from "../../src/engine/machine/task.ts";
import { run, spawn, start } from "./support.ts";

interface Begun {
  readonly system: System;
  readonly policy: ChoicePolicy;
  /** The processes that were offered, decision by decision, as bit masks. */
  readonly offered: number[];
}

function* offer_cpu(): Kernel<void> {
  yield* k.cond_resched();
}

/** Tasks on these CPUs that each offer their CPU once. The processes `first` are chosen first, then as by default. */
function begin(cpus: readonly number[], ticks: number, first: readonly number[] = []): Begun {
  const system = start({ cpus: 3 });
  cpus.forEach((cpu, number) => spawn(system, `task ${number}`, { cpu }, offer_cpu));
  const offered: number[] = [];
  const choose = (enabled: number, current: number): number => first[offered.push(enabled) - 1] ?? by_default(enabled, current, policy);
  const policy: ChoicePolicy = new ChoicePolicy(system.machine, { choose }, ticks);
  system.machine.policy = policy;
  return { system, policy, offered };
}

describe("processes", () => {
  it("are called a to z, aa and so on if they are tasks, by their CPUs if they are ticks, and helpers come behind", () => {
    const { policy } = begin([...Array<number>(20).fill(0), ...Array<number>(7).fill(2)], 1);
    assert.deepEqual([0, 1, 25, 26, 27, 28, 29].map((process) => policy.name(process)), ["a", "b", "z", "aa", "!0", "!2", "ab"]);
    for (let process = 0; process < 30; process++) assert.equal(policy.called(policy.name(process)), process);
    assert.deepEqual([policy.called("!1"), policy.called("zz")], [NOBODY, NOBODY]);
  });

  it("are offered if they can go on: tasks, and the ticks of their CPUs as long as there are any", () => {
    const { system, policy, offered } = begin([0, 0, 1], 1, [3]);
    const tick = (): unknown[] => [3, 4].map((process) => [policy.intentions(process).length, policy.forgone(process).length]);
    assert.deepEqual(tick(), [[2, 0], [2, 0]]);
    assert.deepEqual([0, 1, 2].map((process) => policy.forgone(process)), [[], [], []]);
    run(system, "end");
    assert.deepEqual([offered[0], offered[1]], [0b11111, 0b00111]);
    assert.ok(offered.slice(1).every((enabled) => (enabled & 0b11000) === 0));
    assert.deepEqual(tick(), [[0, 1], [0, 1]]);
    assert.deepEqual([0, 1, 2].map((process) => policy.forgone(process)), [[], [], []]);
    assert.equal(policy.units, offered.length);
  });

  it("that were made later are offered, too", () => {
    const { system, policy } = begin([0, 1], 0);
    const helper = spawn(system, "helper", { cpu: 2 }, offer_cpu);
    assert.equal(policy.could_choose(helper), true);
    assert.equal(policy.processes.indexOf(helper), 4);
    run(system, "end");
    assert.equal(policy.could_choose(helper), false);
  });

  it("that are urgent interrupt who has their CPU when they are chosen, and go on as soon as it lets them", () => {
    const log: string[] = [];
    const system = start({ cpus: 1 });
    spawn(system, "worker", {}, function* () {
      for (let turn = 0; turn < 3; turn++) {
        log.push(`turn ${turn}`);
        yield* k.yields();
        yield* k.cond_resched();
      }
    });
    spawn(system, "urgent", { prio: DEFAULT_PRIO - 5, at: 1_000_000 }, function* () {
      log.push("urgent");
      yield* k.cond_resched();
    });
    const plan = [0, 1];
    const choose = (enabled: number, current: number): number => plan.shift() ?? by_default(enabled, current, policy);
    const policy: ChoicePolicy = new ChoicePolicy(system.machine, { choose }, 0);
    system.machine.policy = policy;
    run(system, "end");
    assert.deepEqual(log, ["turn 0", "urgent", "turn 1", "turn 2"]);
  });

  it("go on at no earlier time than those chosen before them, on whatever CPU", () => {
    const times: number[] = [];
    const system = start();
    for (const cpu of [0, 1]) {
      spawn(system, `task ${cpu}`, { cpu }, function* () {
        times.push(system.machine.cpu.clock);
        k.charge_ns(50_000);
        yield* k.cond_resched();
      });
    }
    const policy: ChoicePolicy = new ChoicePolicy(system.machine, { choose: (enabled, current) => by_default(enabled, current, policy) }, 0);
    system.machine.policy = policy;
    run(system, "end");
    assert.ok(times[1]! >= times[0]! + 50_000, times.join());
  });
});
