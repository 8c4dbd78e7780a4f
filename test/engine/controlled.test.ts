// The controlled scheduler: the names of processes, which are enabled at a decision, and what ticks and wake-ups do.

import assert from "node:assert/strict";
import { ACCESS, type AccessKind } from "../../src/engine/machine/accesses.ts";
import { k } from "../../src/engine/kernel/image.ts";
import type { System } from "../../src/engine/kernel/boot.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { ControlledScheduler } from "../../src/engine/schedule/controlled.ts";
import { NO_PROCESS, non_preemptive } from "../../src/engine/schedule/strategy.ts";
import { down_read, down_write, Semaphore } from "../../src/engine/machine/semaphore.ts";
import { DEFAULT_PRIO } from "../../src/engine/machine/task.ts";
import { note, run, spawn, start } from "./support.ts";

interface Begun {
  readonly system: System;
  readonly policy: ControlledScheduler;
  /** The enabled processes, decision by decision, as bit masks. */
  readonly enabledAt: number[];
}

function* offerCpu(): Kernel<void> {
  yield* k.cond_resched();
}

/** Tasks on these CPUs that each offer their CPU once. The processes `first` are chosen first, then the non-preemptive default. */
function begin(cpus: readonly number[], ticks: number, first: readonly number[] = []): Begun {
  const system = start({ cpus: 3 });
  cpus.forEach((cpu, number) => spawn(system, `task ${number}`, { cpu }, offerCpu));
  const enabledAt: number[] = [];
  const choose = (enabled: number, current: number): number =>
    first[enabledAt.push(enabled) - 1] ?? non_preemptive(enabled, current, policy);
  const policy: ControlledScheduler = new ControlledScheduler(system.machine, { choose }, ticks);
  system.machine.policy = policy;
  return { system, policy, enabledAt };
}

/** Runs to the end by the non-preemptive default. */
function runByDefault(system: System): void {
  const choose = (enabled: number, current: number): number => non_preemptive(enabled, current, policy);
  const policy: ControlledScheduler = new ControlledScheduler(system.machine, { choose }, 0);
  system.machine.policy = policy;
  run(system, "end");
}

describe("processes of the controlled scheduler", () => {
  it("are called a to z, aa and so on if they are tasks, by their CPUs if they are ticks, and helpers come behind", () => {
    const { policy } = begin([...Array<number>(20).fill(0), ...Array<number>(7).fill(2)], 1);
    assert.deepEqual(
      [0, 1, 25, 26, 27, 28, 29].map((process) => policy.name(process)),
      ["a", "b", "z", "aa", "!0", "!2", "ab"],
    );
    for (let process = 0; process < 30; process++) assert.equal(policy.process_named(policy.name(process)), process);
    assert.deepEqual([policy.process_named("!1"), policy.process_named("zz")], [NO_PROCESS, NO_PROCESS]);
  });

  it("are enabled if they can execute: tasks, and the ticks of their CPUs as long as there are any", () => {
    const { system, policy, enabledAt } = begin([0, 0, 1], 1, [3]);
    const tick = (): unknown[] =>
      [3, 4].map((process) => [policy.pending_accesses(process).length, policy.disabled_accesses(process).length]);
    assert.deepEqual(tick(), [
      [2, 0],
      [2, 0],
    ]);
    assert.deepEqual(
      [0, 1, 2].map((process) => policy.disabled_accesses(process)),
      [[], [], []],
    );
    run(system, "end");
    assert.deepEqual([enabledAt[0], enabledAt[1]], [0b11111, 0b00111]);
    assert.ok(enabledAt.slice(1).every((enabled) => (enabled & 0b11000) === 0));
    assert.deepEqual(tick(), [
      [0, 1],
      [0, 1],
    ]);
    assert.deepEqual(
      [0, 1, 2].map((process) => policy.disabled_accesses(process)),
      [[], [], []],
    );
    assert.equal(policy.transitions, enabledAt.length);
  });

  it("that are made later are enabled, too", () => {
    const { system, policy } = begin([0, 1], 0);
    const helper = spawn(system, "helper", { cpu: 2 }, offerCpu);
    assert.equal(policy.is_enabled(helper), true);
    assert.equal(policy.processes.indexOf(helper), 4);
    run(system, "end");
    assert.equal(policy.is_enabled(helper), false);
  });

  it("that are urgent interrupt the task that has their CPU when they are chosen, and execute as soon as it yields", () => {
    const log: string[] = [];
    const system = start({ cpus: 1 });
    const waited = note(system, ["sched_switch"], ({ args }) => args["latency"]);
    spawn(system, "worker", {}, function* () {
      for (let turn = 0; turn < 3; turn++) {
        log.push(`turn ${turn}`);
        yield* k.yield_point();
        yield* k.cond_resched();
      }
    });
    spawn(system, "urgent", { prio: DEFAULT_PRIO - 5, at: 1_000_000 }, function* () {
      log.push("urgent");
      k.charge_ns(50_000);
      yield* k.cond_resched();
    });
    const plan = [0, 1];
    /** What the urgent task accesses next, decision by decision: it interrupts; then it wants the CPU. */
    const kinds: number[][] = [];
    const choose = (enabled: number, current: number): number => {
      kinds.push(policy.pending_accesses(1).map(({ kind }) => kind));
      return plan.shift() ?? non_preemptive(enabled, current, policy);
    };
    const policy: ControlledScheduler = new ControlledScheduler(system.machine, { choose }, 0);
    system.machine.policy = policy;
    run(system, "end");
    assert.deepEqual(log, ["turn 0", "urgent", "turn 1", "turn 2"]);
    assert.ok(Number(waited[2]) >= 50_000, "the worker has waited for its CPU since it was preempted");
    assert.deepEqual(kinds.slice(0, 3), [[ACCESS.write, ACCESS.write], [ACCESS.write, ACCESS.write], [ACCESS.acquire_exclusive]]);
  });

  it("are observed to take a semaphore, free as it may be, by tasks that share their CPU, and by no others", () => {
    for (const { cpus, writes } of [
      { cpus: [0, 0], writes: 1 },
      { cpus: [0, 1], writes: 0 },
    ]) {
      for (const take of [down_read, down_write]) {
        const system = start({ cpus: 2 });
        const semaphore = new Semaphore("i_sem");
        const kinds: AccessKind[] = [];
        system.machine.accesses = {
          access: (object, _field, kind) => {
            if (object === semaphore) kinds.push(kind);
          },
        };
        spawn(system, "taker", { cpu: cpus[0]! }, function* () {
          yield* take(semaphore);
        });
        spawn(system, "other", { cpu: cpus[1]! }, offerCpu);
        runByDefault(system);
        assert.equal(kinds.filter((kind) => kind === ACCESS.write).length, writes, `${take.name} on CPUs ${cpus.join(", ")}`);
      }
    }
  });

  it("execute at no earlier time than those chosen before them, on any CPU", () => {
    const times: number[] = [];
    const system = start();
    for (const cpu of [0, 1]) {
      spawn(system, `task ${cpu}`, { cpu }, function* () {
        times.push(system.machine.cpu.clock);
        k.charge_ns(50_000);
        yield* k.cond_resched();
      });
    }
    runByDefault(system);
    assert.ok(times[1]! >= times[0]! + 50_000, times.join());
  });
});
