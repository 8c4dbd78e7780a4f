// Locks nest in one order, and taking them in another is found even if no task waits.

import assert from "node:assert/strict";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import { i_mmap_lock_of } from "../../src/engine/kernel/common/mm_types.ts";
import { page_lock_of } from "../../src/engine/kernel/common/page_alloc.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { Semaphore } from "../../src/engine/machine/semaphore.ts";
import { SpinLock } from "../../src/engine/machine/spinlock.ts";
import { LockCheck } from "../../src/engine/observe/checks/locks.ts";
import { spawn, start } from "../engine/support.ts";

type Lock = SpinLock | Semaphore;

function take(lock: Lock): Kernel<void> {
  return lock instanceof SpinLock ? k.spin_lock(lock) : k.down_write(lock);
}

function release(lock: Lock): Kernel<void> {
  return lock instanceof SpinLock ? k.spin_unlock(lock) : k.up_write(lock);
}

function watched(kernel: KernelName): System {
  const system = start({ kernel });
  new LockCheck(system);
  return system;
}

/** The outcome if one task takes the second lock of each pair inside the first, one pair after the other. */
function nested(system: System, pairs: readonly (readonly [outer: Lock, inner: Lock])[]): { code: string; roles: string[] } {
  spawn(system, "task", {}, function* () {
    for (const [outer, inner] of pairs) {
      yield* take(outer);
      yield* take(inner);
      yield* release(inner);
      yield* release(outer);
    }
  });
  const outcome = system.machine.run(Infinity);
  return outcome.kind === "bug"
    ? { code: outcome.bug.code, roles: outcome.bug.involved.map(({ role }) => role.replace(/\d+/, "N")) }
    : { code: outcome.kind, roles: [] };
}

describe("the order of locks", () => {
  /** The locks of a file, of its first page and of an address space, outermost first. */
  function locks(system: System): Lock[] {
    const { inode, f_mapping } = create_file(system, "data", 4096);
    system.machine.activate();
    const page = page_lock_of(k.find_or_create_page(inode, 0));
    return [inode.i_sem, page, f_mapping.unmap_mutex ?? [], i_mmap_lock_of(f_mapping), create_mm(system, "p").page_table_lock].flat();
  }

  for (const kernel of KERNEL_NAMES) {
    it(`of ${kernel}: each may be taken inside those before it, and inside no other`, () => {
      const count = locks(watched(kernel)).length;
      assert.equal(count, kernel === "2.6.38" ? 5 : 4);
      for (let outer = 0; outer < count; outer++) {
        for (let inner = 0; inner < count; inner++) {
          if (outer === inner) continue;
          const system = watched(kernel);
          const ordered = locks(system);
          const sleeps = ordered[outer] instanceof SpinLock && ordered[inner] instanceof Semaphore;
          assert.equal(
            nested(system, [[ordered[outer]!, ordered[inner]!]]).code,
            outer < inner ? "end" : sleeps ? "sleep-atomic" : "lock-order",
            `${ordered[inner]!.name} inside ${ordered[outer]!.name}`,
          );
        }
      }
    });
  }

  it("of two that have the same place, or none, is the one in which they were first taken", () => {
    const pairs: Readonly<Record<string, (system: System) => [Lock, Lock]>> = {
      "page tables, as in fork": (system) => [create_mm(system, "child").page_table_lock, create_mm(system, "parent").page_table_lock],
      "i_sem and mmap_sem": (system) => [create_file(system, "data", 4096).inode.i_sem, create_mm(system, "p").mmap_sem],
      "mmap_sem and i_sem": (system) => [create_mm(system, "p").mmap_sem, create_file(system, "data", 4096).inode.i_sem],
      "of no place": () => [new SpinLock("A"), new SpinLock("B")],
      "one of no place": (system) => [create_mm(system, "p").page_table_lock, new SpinLock("B")],
    };
    for (const [what, pair] of Object.entries(pairs)) {
      const same = watched("2.6.11");
      const [a, b] = pair(same);
      assert.equal(
        nested(same, [
          [a, b],
          [a, b],
        ]).code,
        "end",
        what,
      );
      const both = watched("2.6.11");
      const [c, d] = pair(both);
      assert.deepEqual(
        nested(both, [
          [c, d],
          [d, c],
        ]),
        { code: "lock-order", roles: [`took ${d.name}`, `took ${d.name} inside ${c.name}, at event N`] },
        what,
      );
    }
  });
});
