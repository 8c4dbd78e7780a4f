// Calls beside truncation, where they meet it or each other.

import assert from "node:assert/strict";
import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { access_user_range } from "../../src/engine/kernel/common/fault.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { VM_NONLINEAR, VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { EINVAL } from "../../src/engine/kernel/common/errno.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { sleep_ns } from "../../src/engine/machine/sched.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { run, spawn, start } from "./support.ts";

const START = 0x4000_0000;

/** A file of `pages` pages, and an address space that is to map all of it at START. */
function mapped(pages: number, flags: number): { system: System; file: File; mm: MmStruct; map: () => Kernel<unknown> } {
  const system = start();
  const file = create_file(system, "data", pages * PAGE_SIZE);
  const mm = create_mm(system, "viewer");
  return { system, file, mm, map: () => k.sys_mmap(mm, file, START, pages * PAGE_SIZE, VM_READ | VM_WRITE | flags, 0) };
}

describe("remap_file_pages", () => {
  it("notices at every page that the file was truncated, and leaves no page beyond its end in the cache", () => {
    const { system, file, mm, map } = mapped(64, VM_SHARED);
    let error = 0;
    spawn(system, "remapper", {}, function* () {
      yield* map();
      error = yield* k.sys_remap_file_pages(mm, START, 63 * PAGE_SIZE, 1);
    });
    spawn(system, "truncater", { cpu: 1, at: 20_000 }, function* () {
      yield* k.do_truncate(file.inode, PAGE_SIZE);
    });
    run(system, "end");
    assert.equal(error, -EINVAL);
    assert.deepEqual(file.f_mapping.page_tree.indexes_from(1), []);
    assert.deepEqual([mm.rss, check_consistency(system)], [0, []]);
  });

  it("of nothing, and of what a pte cannot hold, is refused and changes nothing", () => {
    const { system, mm, map } = mapped(4, VM_SHARED);
    const errors: number[] = [];
    spawn(system, "remapper", {}, function* () {
      yield* map();
      errors.push(yield* k.sys_remap_file_pages(mm, START, 0, 2), yield* k.sys_remap_file_pages(mm, START, PAGE_SIZE, 2 ** 29 - 1));
    });
    run(system, "end");
    assert.deepEqual(errors, [-EINVAL, -EINVAL]);
    assert.equal(mm.mmap!.vm_flags & VM_NONLINEAR, 0);
  });

  it("makes a vma whose parts merge again when their protections are equal again", () => {
    const { system, mm, map } = mapped(8, VM_SHARED);
    const counts: number[] = [];
    spawn(system, "remapper", {}, function* () {
      yield* map();
      yield* k.sys_remap_file_pages(mm, START, PAGE_SIZE, 5);
      for (const prot of [VM_READ, VM_READ | VM_WRITE]) {
        yield* k.sys_mprotect(mm, START + 2 * PAGE_SIZE, 3 * PAGE_SIZE, prot);
        counts.push(mm.mm_rb.length);
      }
    });
    run(system, "end");
    assert.deepEqual(counts, [3, 1]);
    assert.deepEqual(check_consistency(system), []);
  });
});

describe("an access by a user program", () => {
  it("is repeated after its fault: a private page that another thread's read mapped meanwhile is copied", () => {
    for (let at = 0; at < 4_000; at += 50) {
      const { system, mm, map } = mapped(1, 0);
      const access = (write: boolean) =>
        function* (): Kernel<void> {
          yield* sleep_ns(write ? at : 2_000);
          assert.equal(yield* access_user_range(mm, START, START + PAGE_SIZE, write), 0);
        };
      spawn(system, "mapper", {}, function* () {
        yield* map();
        spawn(system, "reader", { at: 10_000, mm }, access(false));
        spawn(system, "writer", { cpu: 1, at: 10_000, mm }, access(true));
      });
      run(system, "end");
      assert.deepEqual([mm.rss, mm.anon_rss, check_consistency(system)], [1, 1, []]);
    }
  });
});
