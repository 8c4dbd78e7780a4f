// The machine by itself: locks, sleeping, scheduling, and how runs end. Times are computed from the cost table.

import assert from "node:assert/strict";
import fc from "fast-check";
import { alloc_page } from "../../src/engine/kernel/common/page_alloc.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_mm, type System } from "../../src/engine/kernel/boot.ts";
import type { MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { TIME_SLICE } from "../../src/engine/machine/machine.ts";
import { charge_ns, compute_ns, cond_resched, need_resched, sleep_ns } from "../../src/engine/machine/sched.ts";
import { down_read, down_write, Semaphore, up_read, up_write } from "../../src/engine/machine/semaphore.ts";
import { cond_resched_lock, need_lockbreak, spin_lock, SpinLock, spin_unlock } from "../../src/engine/machine/spinlock.ts";
import type { Task } from "../../src/engine/machine/task.ts";
import { Statistics } from "../../src/engine/observe/statistics.ts";
import { note, run, spawn, start } from "./support.ts";

/** Holds `lock` for some time. */
function* hold(lock: SpinLock, ns: number): Kernel<void> {
  yield* spin_lock(lock);
  charge_ns(ns);
  yield* spin_unlock(lock);
}

/** The tasks that have been switched to, and when. */
function switches(system: System): [string, number][] {
  return note(system, ["sched_switch"], ({ args, time }) => [(args["next"] as Task).name, time]);
}

describe("spinlocks", () => {
  it("hold and wait times add up from the cost table", () => {
    const system = start();
    const statistics = new Statistics();
    statistics.listen(system.machine);
    const lock = new SpinLock("L");
    spawn(system, "holder", {}, () => hold(lock, 1_000));
    spawn(system, "waiter", { cpu: 1, at: 100 }, () => hold(lock, 300));
    run(system, "end");
    const { spin_lock: take, spin_unlock: release, lock_handover, context_switch } = system.machine.costs;
    const released = context_switch + take + 1_000 + release;
    const arrived = 100 + context_switch + take;
    const waited = released + lock_handover - arrived;
    assert.deepEqual(statistics.summary().locks, [
      {
        lock: "L",
        acquisitions: 2,
        contentions: 1,
        total_hold: 1_300 + 2 * release,
        max_hold: 1_000 + release,
        max_hold_task: "holder",
        total_wait: waited,
        max_wait: waited,
        max_wait_task: "waiter",
      },
    ]);
  });

  it("go to waiters in order of arrival", () => {
    const system = start({ cpus: 4 });
    const lock = new SpinLock("L");
    const order = note(system, ["lock_acquire"], ({ task }) => task!.name);
    spawn(system, "first", {}, () => hold(lock, 10_000));
    for (const [cpu, at] of [
      [3, 100],
      [1, 200],
      [2, 300],
    ] as const)
      spawn(system, `cpu ${cpu}`, { cpu, at }, () => hold(lock, 500));
    run(system, "end");
    assert.deepEqual(order, ["first", "cpu 3", "cpu 1", "cpu 2"]);
  });

  for (const [break_lock, forever] of [
    ["sticky", true],
    ["cleared", false],
  ] as const) {
    it(`a ${break_lock} break_lock ${forever ? "stays set" : "is forgotten"} once no task waits any more`, () => {
      const system = start({ break_lock });
      const lock = new SpinLock("L");
      const seen: boolean[] = [];
      const ask = function* (): Kernel<void> {
        yield* spin_lock(lock);
        seen.push(yield* need_lockbreak(lock));
        charge_ns(5_000);
        seen.push(yield* need_lockbreak(lock));
        yield* spin_unlock(lock);
      };
      spawn(system, "holder", {}, ask);
      spawn(system, "waiter", { cpu: 1, at: 1_000 }, ask);
      run(system, "end");
      assert.deepEqual(seen, [false, true, forever, forever]);
    });
  }

  it("cond_resched_lock hands a wanted lock over and takes it again", () => {
    const system = start();
    const lock = new SpinLock("L");
    const order = note(system, ["lock_acquire"], ({ task }) => task!.name);
    const dropped: boolean[] = [];
    spawn(system, "holder", {}, function* () {
      yield* spin_lock(lock);
      dropped.push(yield* cond_resched_lock(lock));
      charge_ns(10_000);
      dropped.push(yield* cond_resched_lock(lock));
      yield* spin_unlock(lock);
    });
    spawn(system, "waiter", { cpu: 1, at: 2_000 }, () => hold(lock, 100));
    run(system, "end");
    // The holder asks again before the waiter has noticed: an unfair lock, as it was.
    assert.deepEqual(dropped, [false, true]);
    assert.equal(order.length, 3);
    assert.equal(order.filter((name) => name === "waiter").length, 1);
  });

  it("cond_resched_lock sees break_lock set again by a waiter that was too slow", () => {
    const system = start({ costs: { lock_handover: 1_000 } });
    const lock = new SpinLock("L");
    const dropped: boolean[] = [];
    spawn(system, "holder", {}, function* () {
      yield* spin_lock(lock);
      for (let round = 0; round < 3; round++) {
        charge_ns(10_000);
        dropped.push(yield* cond_resched_lock(lock));
      }
      yield* spin_unlock(lock);
    });
    spawn(system, "waiter", { cpu: 1, at: 2_000 }, () => hold(lock, 100));
    run(system, "end");
    assert.deepEqual(dropped, [true, true, true]);
  });

  for (const preempt of [true, false]) {
    it(`are not taken before they are released, whatever wakes on a spinning CPU ${preempt ? "with" : "without"} CONFIG_PREEMPT`, () => {
      const numbers = fc.tuple(
        fc.nat(2),
        fc.integer({ min: 100, max: 139 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(30_000), fc.nat(8_000)), { maxLength: 6 }),
      );
      fc.assert(
        fc.property(fc.array(numbers, { minLength: 2, maxLength: 7 }), (tasks) => {
          const system = start({ cpus: 3, preempt });
          const locks = [new SpinLock("L"), new SpinLock("M")];
          const times = note(system, ["lock_acquire", "lock_release"], ({ time }) => time);
          tasks.forEach(([cpu, prio, holds], number) => {
            spawn(system, `task ${number}`, { cpu, prio }, function* () {
              for (const [which, sleep, held] of holds) {
                yield* sleep_ns(sleep);
                yield* hold(locks[Number(which)]!, held);
              }
            });
          });
          run(system, "end");
          assert.deepEqual(
            times,
            [...times].sort((a, b) => a - b),
          );
        }),
      );
    });
  }

  it("need_lockbreak is constant without CONFIG_PREEMPT, and on one CPU", () => {
    for (const config of [{ preempt: false }, { cpus: 1 }]) {
      const system = start(config);
      const lock = new SpinLock("L");
      lock.break_lock = 1;
      const seen: boolean[] = [];
      spawn(system, "asker", {}, function* () {
        seen.push(yield* need_lockbreak(lock));
      });
      run(system, "end");
      assert.deepEqual(seen, [false]);
    }
  });
});

describe("semaphores", () => {
  it("readers share, writers do not, and no task overtakes another", () => {
    const system = start({ cpus: 4 });
    const sem = new Semaphore("S");
    const order = note(
      system,
      ["lock_acquire", "lock_release"],
      ({ name, task }) => `${task!.name} ${name === "lock_acquire" ? "in" : "out"}`,
    );
    const reader = function* (): Kernel<void> {
      yield* down_read(sem);
      yield* sleep_ns(20_000);
      yield* up_read(sem);
    };
    spawn(system, "r1", {}, reader);
    spawn(system, "r2", { cpu: 1, at: 1_000 }, reader);
    spawn(system, "w", { cpu: 2, at: 5_000 }, function* () {
      yield* down_write(sem);
      yield* sleep_ns(20_000);
      yield* up_write(sem);
    });
    spawn(system, "r3", { cpu: 3, at: 6_000 }, reader);
    run(system, "end");
    assert.deepEqual(order, ["r1 in", "r2 in", "r1 out", "r2 out", "w in", "w out", "r3 in", "r3 out"]);
  });

  it("a waiter sleeps and is woken: its CPU is free meanwhile", () => {
    const system = start();
    const sem = new Semaphore("S");
    const statistics = new Statistics();
    statistics.listen(system.machine);
    let computed = 0;
    spawn(system, "owner", {}, function* () {
      yield* down_write(sem);
      yield* sleep_ns(100_000);
      yield* up_write(sem);
    });
    const waiter = spawn(system, "waiter", { cpu: 1, at: 5_000 }, function* () {
      yield* down_write(sem);
      yield* up_write(sem);
    });
    spawn(system, "other", { cpu: 1, at: 6_000, prio: 130 }, function* () {
      yield* compute_ns(50_000);
      computed = system.machine.cpu.clock;
    });
    run(system, "end");
    assert.ok(computed < 100_000);
    const { max_wait, max_wait_task, contentions } = statistics.of_lock(sem);
    assert.deepEqual({ max_wait_task, contentions }, { max_wait_task: "waiter", contentions: 1 });
    assert.ok(max_wait > 90_000 && max_wait < 110_000);
    assert.equal(statistics.of_task(waiter).max_latency, 0);
  });
});

describe("scheduling", () => {
  it("user mode gives way to a more urgent task at once, and a wakeup's latency is measured", () => {
    for (const preempt of [true, false]) {
      const system = start({ cpus: 1, preempt });
      const statistics = new Statistics();
      statistics.listen(system.machine);
      const order = switches(system);
      const urgent = spawn(system, "urgent", { at: 500_000, prio: 1 }, () => compute_ns(1_000));
      spawn(system, "lazy", {}, () => compute_ns(900_000));
      run(system, "end");
      const { context_switch } = system.machine.costs;
      assert.deepEqual(order.slice(0, 2), [
        ["lazy", context_switch],
        ["urgent", 500_000 + context_switch],
      ]);
      assert.equal(statistics.of_task(urgent).max_latency, 0);
    }
  });

  for (const preempt of [true, false]) {
    it(`in the kernel it has to wait until ${preempt ? "the spinlock is released" : "cond_resched is called"}`, () => {
      const system = start({ cpus: 1, preempt });
      const lock = new SpinLock("L");
      const marks: Record<string, number> = {};
      const mark = (name: string): void => void (marks[name] = system.machine.cpu.clock);
      let asked = false;
      spawn(system, "urgent", { at: 10_000, prio: 1 }, function* () {
        mark("urgent");
        yield* sleep_ns(1);
      });
      spawn(system, "lazy", {}, function* () {
        yield* spin_lock(lock);
        charge_ns(20_000);
        asked = yield* need_resched();
        yield* spin_unlock(lock);
        mark("unlocked");
        charge_ns(20_000);
        mark("cond_resched");
        yield* cond_resched();
      });
      run(system, "end");
      assert.ok(asked);
      assert.equal(marks["urgent"]! < marks["unlocked"]!, preempt);
      assert.equal(marks["urgent"]! < marks["cond_resched"]!, preempt);
    });
  }

  it("equally urgent tasks take turns by time slices; real-time ones do not", () => {
    const orderOf = (prio: number): string[] => {
      const system = start({ cpus: 1 });
      const order = switches(system);
      for (const name of ["a", "b"]) spawn(system, name, { prio }, () => compute_ns(1.5 * TIME_SLICE));
      run(system, "end");
      return order.map(([name]) => name);
    };
    assert.deepEqual(orderOf(120), ["a", "b", "a", "b"]);
    assert.deepEqual(orderOf(50), ["a", "b"]);
  });

  it("sleeping takes as long as asked, and computing as long as computed, ticks apart", () => {
    const system = start({ cpus: 1, hz: 100 });
    const times: number[] = [];
    spawn(system, "t", {}, function* () {
      times.push(system.machine.cpu.clock);
      yield* sleep_ns(123_456);
      times.push(system.machine.cpu.clock);
      yield* compute_ns(7_654_321);
      times.push(system.machine.cpu.clock);
    });
    run(system, "end");
    const { context_switch } = system.machine.costs;
    assert.deepEqual(times, [context_switch, context_switch + 123_456, context_switch + 123_456 + 7_654_321]);
  });
});

describe("how runs end", () => {
  const ends = (code: string, what: string, body: (lock: SpinLock, sem: Semaphore) => Kernel<void>): void => {
    it(`in a bug, ${code}: ${what}`, () => {
      const system = start();
      const lock = new SpinLock("L");
      const sem = new Semaphore("S");
      const task = spawn(system, "culprit", {}, () => body(lock, sem));
      const { bug, task: found } = run(system, "bug");
      assert.equal(bug.code, code);
      assert.equal(found, task);
      assert.match(bug.message, /^culprit .*\b[LS]\b/);
    });
  };
  ends("lock-recursion", "a spinlock taken twice", function* (lock) {
    yield* spin_lock(lock);
    yield* spin_lock(lock);
  });
  ends("lock-recursion", "a semaphore taken twice", function* (_lock, sem) {
    yield* down_write(sem);
    yield* down_write(sem);
  });
  ends("lock-owner", "a spinlock released that was not taken", function* (lock) {
    yield* spin_unlock(lock);
  });
  ends("lock-owner", "a semaphore released by a reader that is none", function* (_lock, sem) {
    yield* up_read(sem);
  });
  ends("lock-owner", "a semaphore released by a writer that is none", function* (_lock, sem) {
    yield* up_write(sem);
  });
  ends("sleep-atomic", "sleeping under a spinlock", function* (lock) {
    yield* spin_lock(lock);
    yield* sleep_ns(1_000);
  });
  ends("sleep-atomic", "waiting for a semaphore under a spinlock", function* (lock, sem) {
    yield* spin_lock(lock);
    yield* down_read(sem);
  });

  for (const kind of ["spinlocks", "semaphores"] as const) {
    it(`in a deadlock: two ${kind} taken in both orders`, () => {
      const system = start();
      const [a, b] = kind === "spinlocks" ? [new SpinLock("A"), new SpinLock("B")] : [new Semaphore("A"), new Semaphore("B")];
      const take = (lock: SpinLock | Semaphore): Kernel<void> => (lock instanceof SpinLock ? spin_lock(lock) : down_write(lock));
      const both = (first: SpinLock | Semaphore, second: SpinLock | Semaphore) =>
        function* (): Kernel<void> {
          yield* take(first);
          charge_ns(10_000);
          yield* take(second);
        };
      spawn(system, "ab", {}, both(a, b));
      spawn(system, "ba", { cpu: 1 }, both(b, a));
      spawn(system, "done", { cpu: 1, prio: 1 }, () => compute_ns(10));
      const { tasks } = run(system, "deadlock");
      assert.deepEqual(
        tasks.map(({ name, waiting_on }) => [name, waiting_on?.name]),
        [
          ["ab", "B"],
          ["ba", "A"],
        ],
      );
    });
  }

  it("at the limits of steps, time and pages", () => {
    const limits = { steps: 1e4, time: 1e6, pages: 10 };
    let mm: MmStruct;
    const limited = (body: () => Kernel<void>): string => {
      const system = start({ limits });
      mm = create_mm(system, "mm");
      spawn(system, "endless", {}, body);
      return run(system, "limit").limit.limit;
    };
    const time = limited(function* () {
      for (;;) yield* sleep_ns(1_000);
    });
    const pages = limited(function* () {
      for (;;) alloc_page();
    });
    const steps = limited(function* () {
      for (;;) yield* k.sys_munmap(mm, 0, 0);
    });
    assert.deepEqual({ time, pages, steps }, { time: "time", pages: "pages", steps: "steps" });
  });
});
