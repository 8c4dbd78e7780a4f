// Locks nest in one order, and taking them in another is a bug even if nobody waits.

import assert from "node:assert/strict";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/kernels.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { SpinLock } from "../../src/engine/machine/spinlock.ts";
import type { Semaphore } from "../../src/engine/machine/semaphore.ts";
import { run, spawn, start } from "./support.ts";

type Lock = SpinLock | Semaphore;

describe("the order of locks", () => {
  /** The locks of a file and of two address spaces, outermost first. */
  function locks(system: System): { readonly ordered: readonly Lock[]; readonly other: SpinLock } {
    const { inode, f_mapping } = create_file(system, "data", 4096);
    const [a, b] = [create_mm(system, "a"), create_mm(system, "b")];
    return { ordered: [inode.i_sem, a.mmap_sem, f_mapping.i_mmap_lock!, a.page_table_lock], other: b.page_table_lock };
  }

  function take(lock: Lock): Kernel<void> {
    return lock instanceof SpinLock ? k.spin_lock(lock) : k.down_write(lock);
  }

  it("is i_sem, mmap_sem, i_mmap_lock, page_table_lock: each may be taken inside those before it, and inside no other", () => {
    for (let outer = 0; outer < 4; outer++) {
      for (let inner = 0; inner < 4; inner++) {
        if (outer === inner) continue;
        const system = start();
        const { ordered } = locks(system);
        spawn(system, "task", {}, function* () {
          yield* take(ordered[outer]!);
          yield* take(ordered[inner]!);
        });
        const outcome = system.machine.run(Infinity);
        assert.equal(outcome.kind === "bug" ? outcome.bug.code : outcome.kind, outer < inner ? "end" : "lock-order", `${ordered[outer]!.name} > ${ordered[inner]!.name}`);
      }
    }
  });

  it("lets two of a kind be held only where that is said to be right, as in fork", () => {
    for (const nested of [false, true]) {
      const system = start();
      const { ordered, other } = locks(system);
      spawn(system, "task", {}, function* () {
        yield* take(ordered[3]!);
        yield* nested ? k.spin_lock_nested(other) : k.spin_lock(other);
      });
      if (nested) run(system, "end");
      else assert.equal(run(system, "bug").bug.code, "lock-order");
    }
  });

  it("does not concern locks that are in none", () => {
    const system = start();
    const { ordered } = locks(system);
    spawn(system, "task", {}, function* () {
      yield* take(ordered[3]!);
      yield* take(new SpinLock("L"));
    });
    run(system, "end");
  });
});
