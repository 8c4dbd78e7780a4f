// The edges of ranges and sizes, where one more or one less makes the difference, and what a call leaves alone.

import assert from "node:assert/strict";
import { i386, PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { EINVAL } from "../../src/engine/kernel/common/errno.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { PG_referenced } from "../../src/engine/kernel/common/page_alloc.ts";
import { pte_index, pte_none } from "../../src/engine/kernel/common/pgtable.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { run, spawn, start, type Options } from "./support.ts";

const BASE = i386.TASK_UNMAPPED_BASE;
const SHARED = VM_READ | VM_WRITE | VM_SHARED;
const PRIVATE = VM_READ | VM_WRITE;

interface World {
  readonly system: System;
  readonly file: File;
  readonly mm: MmStruct;
}

const at = (page: number): number => BASE + page * PAGE_SIZE;

/** A file of 16 pages and an address space, with which one task has done this. */
function done(options: Options, body: (world: World) => Kernel<unknown>): World {
  const system = start(options);
  const world = { system, file: create_file(system, "data", 16 * PAGE_SIZE), mm: create_mm(system, "p") };
  spawn(system, "task", { mm: world.mm }, function* () {
    yield* body(world);
  });
  run(system, "end");
  assert.deepEqual(check_consistency(system), []);
  return world;
}

/** Maps pages of the file, those with the numbers of the addresses, and reads or writes them. */
function* fill({ mm, file }: World, page: number, pages: number, flags: number, write: boolean): Kernel<void> {
  yield* k.sys_mmap(mm, file, at(page), pages * PAGE_SIZE, flags, page);
  yield* k.access_user_range(mm, at(page), at(page + pages), write);
}

/** The pages that have a pte. */
function present({ mm }: World, pages: number): number[] {
  return Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const table = k.pte_offset(mm, at(page));
    return table !== null && !pte_none(table, pte_index(at(page)));
  });
}

describe("edges", () => {
  it("of a hole: pages before and behind it stay mapped, on every kernel", () => {
    for (const kernel of KERNEL_NAMES) {
      const world = done({ kernel }, function* (made) {
        yield* fill(made, 0, 16, SHARED, false);
        yield* k.unmap_mapping_range(made.file.f_mapping, 4 * PAGE_SIZE, 8 * PAGE_SIZE, 1);
      });
      assert.deepEqual(present(world, 16), [0, 1, 2, 3, 12, 13, 14, 15], kernel);
    }
  });

  it("of an invalidation: it drops the file's pages and leaves private copies, on every kernel", () => {
    for (const kernel of KERNEL_NAMES) {
      const world = done({ kernel }, function* (made) {
        yield* fill(made, 0, 4, PRIVATE, false);
        yield* k.access_user_range(made.mm, at(1), at(3), true);
        yield* k.invalidate_inode_pages2_range(made.file.f_mapping, 0, i386.word.ULONG_MAX);
      });
      assert.deepEqual([present(world, 4), world.mm.anon_rss], [[1, 2], 2], kernel);
    }
  });

  it("of a use: unmapping tells a page of the file that it was accessed, on every kernel", () => {
    for (const kernel of KERNEL_NAMES) {
      const referenced: boolean[] = [];
      done({ kernel }, function* (made) {
        const { system, file, mm } = made;
        const note = (): unknown =>
          referenced.push((system.kernel.mem_map.flags[file.f_mapping.page_tree.lookup(0)]! & PG_referenced) !== 0);
        yield* fill(made, 0, 1, SHARED, false);
        note();
        yield* k.sys_munmap(mm, at(0), PAGE_SIZE);
        note();
      });
      assert.deepEqual(referenced, [false, true], kernel);
    }
  });

  it("of a vma: its last pages can be remapped, also where ptes only remember pages, and none behind", () => {
    const results: number[] = [];
    done({}, function* (made) {
      const { mm } = made;
      yield* fill(made, 0, 4, SHARED, false);
      results.push(yield* k.sys_remap_file_pages(mm, at(2), 2 * PAGE_SIZE, 8), yield* k.sys_remap_file_pages(mm, at(2), 3 * PAGE_SIZE, 8));
      yield* k.sys_madvise(mm, at(2), 2 * PAGE_SIZE);
      results.push(yield* k.sys_remap_file_pages(mm, at(3), PAGE_SIZE, 12), mm.rss);
    });
    assert.deepEqual(results, [0, -EINVAL, 0, 3]);
  });

  it("of what is free: a mapping fits exactly between two, and at the very end", () => {
    const places: number[] = [];
    done({}, function* ({ mm, file }) {
      for (const page of [0, 6]) yield* k.sys_mmap(mm, file, at(page), 2 * PAGE_SIZE, SHARED, 0);
      places.push(yield* k.sys_mmap(mm, file, null, 4 * PAGE_SIZE, SHARED, 0));
      places.push(yield* k.sys_mmap(mm, file, i386.TASK_SIZE - 4 * PAGE_SIZE, 4 * PAGE_SIZE, SHARED, 0));
    });
    assert.deepEqual(places, [at(2), i386.TASK_SIZE - 4 * PAGE_SIZE]);
  });

  it("of a fork: each swap entry is counted once for either side", () => {
    done({}, function* (made) {
      yield* fill(made, 0, 4, PRIVATE, true);
      yield* k.swap_out_range(made.mm, at(0), at(2));
      yield* k.copy_mm(made.mm, "p.child");
      assert.deepEqual(check_consistency(made.system), []);
    });
  });

  it("of time: a page of zeroes takes as long as copying one", () => {
    const time = (cost: number): number => {
      const { system } = done({ costs: { page_copy: cost } }, function* ({ mm }) {
        yield* k.sys_mmap(mm, null, at(0), 3 * PAGE_SIZE, PRIVATE, 0);
        yield* k.access_user_range(mm, at(0), at(3), true);
      });
      return system.machine.cpus[0]!.clock;
    };
    assert.equal(time(5_000) - time(1_000), 3 * 4_000);
  });

  it("of names: the lock of a page that no file has is called by the page's number", () => {
    done({ kernel: "2.6.38" }, function* () {
      const page = k.alloc_page();
      assert.equal(k.page_lock_of(page).name, `page ${page}`);
      k.put_page(page);
    });
  });
});
