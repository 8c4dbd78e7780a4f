// What each system call beside the mapping calls does to pages, files and locks. What they refuse is in call-errors.test.ts.

import assert from "node:assert/strict";
import { _PAGE_DIRTY, _PAGE_FILE, _PAGE_PRESENT, i386, PAGE_SIZE, x86_64 } from "../../src/engine/kernel/common/arch.ts";
import { SIGBUS, SIGSEGV } from "../../src/engine/kernel/common/errno.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm } from "../../src/engine/kernel/boot.ts";
import { VM_READ, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { PG_dirty } from "../../src/engine/kernel/common/page_alloc.ts";
import { pte_index, pte_offset, pte_page } from "../../src/engine/kernel/common/pgtable.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import type { TraceEvent } from "../../src/engine/machine/trace.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { list_vmas, tree_vmas } from "../../src/engine/observe/prio_tree_view.ts";
import { PRIVATE, SHARED, World } from "./call-world.ts";
import { note, run, spawn, start } from "./support.ts";

const hole = ({ args }: TraceEvent): string => `${String(args["first_index"])} to ${String(args["last_index"])}`;

describe("truncate", () => {
  it("to the same size unmaps what is behind and counts; to a larger size does neither", () => {
    const world = new World();
    const holes = note(world.system, ["unmap_begin"], hole);
    const { inode, f_mapping } = world.file;
    world.do(function* () {
      yield* world.fill(0, 16, SHARED);
      yield* k.do_truncate(inode, 16 * PAGE_SIZE);
      yield* k.do_truncate(inode, 20 * PAGE_SIZE);
      yield* k.do_truncate(inode, 5 * PAGE_SIZE + 1);
    });
    assert.deepEqual(holes, [`16 to ${2 ** 32 - 1}`, `6 to ${2 ** 32 - 1}`]);
    assert.deepEqual([inode.i_size, f_mapping.truncate_count, world.mm.rss, f_mapping.page_tree.nrpages], [5 * PAGE_SIZE + 1, 2, 6, 6]);
  });

  it("leaves the ptes of private copies only where it does not reach", () => {
    const world = new World();
    world.do(function* () {
      yield* world.fill(0, 8, PRIVATE, true);
      yield* k.do_truncate(world.file.inode, 4 * PAGE_SIZE);
    });
    assert.deepEqual([world.mm.rss, world.mm.anon_rss], [4, 4]);
  });
});

describe("invalidate_inode_pages2", () => {
  const invalidate = (world: World, first = 0, last = world.system.kernel.arch.word.ULONG_MAX): Kernel<number> =>
    k.invalidate_inode_pages2_range(world.file.f_mapping, first, last);

  it("unmaps from the first mapped page to the end, once, and drops all pages; private copies stay", () => {
    const world = new World();
    const holes = note(world.system, ["unmap_begin"], hole);
    world.do(function* () {
      yield* world.fill(0, 16, SHARED);
      yield* k.sys_munmap(world.mm, world.at(0), 3 * PAGE_SIZE);
      yield* world.fill(20, 4, PRIVATE, true);
      yield* invalidate(world);
    });
    assert.deepEqual(holes, [`3 to ${2 ** 32 - 1}`]);
    assert.deepEqual(
      [world.mm.rss, world.mm.anon_rss, world.file.f_mapping.page_tree.nrpages, check_consistency(world.system)],
      [4, 4, 0, []],
    );
  });

  it("of a range leaves the others", () => {
    const world = new World();
    const holes = note(world.system, ["unmap_begin"], hole);
    world.do(function* () {
      yield* world.fill(0, 16, SHARED);
      yield* invalidate(world, 2, 5);
    });
    assert.deepEqual(holes, ["2 to 5"]);
    assert.deepEqual([world.mm.rss, world.file.f_mapping.page_tree.nrpages], [12, 12]);
  });

  it("unmaps pages that are mapped again one by one, each with as many behind it as there are before it", () => {
    const world = new World();
    const holes = note(world.system, ["unmap_begin"], hole);
    const touchAgain = function* (): Kernel<void> {
      yield* k.access_user_range(world.mm, world.at(5), world.at(6), false);
    };
    world.do(function* () {
      yield* world.fill(0, 16, SHARED);
      // Another task touches page 5 as soon as the whole range is unmapped.
      const { machine } = world.system;
      let unmapped = 0;
      machine.sinks.unmap_end = [
        () => {
          if (++unmapped === 1) machine.hold_for(machine.spawn("again", machine.helper_cpu, 0, null, touchAgain(), machine.cpu.clock));
        },
      ];
      yield* invalidate(world);
    });
    assert.deepEqual(holes, [`0 to ${2 ** 32 - 1}`, "5 to 10"]);
    assert.equal(world.mm.rss, 0);
  });

  it("takes no i_sem", () => {
    const world = new World();
    const taken = note(world.system, ["lock_acquire"], ({ args }) => (args["lock"] as { name: string }).name);
    world.do(function* () {
      yield* invalidate(world);
    });
    assert.ok(!taken.includes("data.i_sem"));
  });

  it("loses what lies behind 4 GiB where an unsigned long has 32 bits, and looks for it for ever", () => {
    for (const [arch, kind] of [
      [i386, "limit"],
      [x86_64, "end"],
    ] as const) {
      const system = start({ arch, limits: { steps: 20_000, time: 1e12, pages: 1 << 10 } });
      const file = create_file(system, "large", 2 ** 33);
      const mm = create_mm(system, "p");
      const holes = note(system, ["unmap_begin"], hole);
      spawn(system, "task", { mm }, function* () {
        yield* k.sys_mmap(mm, file, arch.TASK_UNMAPPED_BASE, PAGE_SIZE, SHARED, 2 ** 20 + 2);
        yield* k.access_user_range(mm, arch.TASK_UNMAPPED_BASE, arch.TASK_UNMAPPED_BASE + PAGE_SIZE, false);
        yield* k.invalidate_inode_pages2_range(file.f_mapping, 2 ** 20, 2 ** 20 + 7);
      });
      run(system, kind);
      assert.equal(holes[0], arch === i386 ? "2 to 7" : `${2 ** 20 + 2} to ${2 ** 20 + 7}`);
    }
  });
});

describe("a direct write", () => {
  it("unmaps the whole file first, under i_sem, drops its pages, and may lengthen it", () => {
    const world = new World();
    const seen = note(world.system, ["unmap_begin", "lock_acquire", "lock_release"], (event) => {
      const lock = event.args["lock"] as { name: string } | undefined;
      return lock === undefined ? hole(event) : lock.name === "data.i_sem" ? event.name : "";
    });
    let result = 0;
    world.do(function* () {
      yield* world.fill(0, 4, SHARED, true);
      yield* world.fill(8, 4, PRIVATE, true);
      seen.length = 0;
      result = yield* k.generic_file_direct_write(world.file.inode, 16 * PAGE_SIZE, 512);
    });
    assert.deepEqual(
      seen.filter((line) => line !== ""),
      ["lock_acquire", `0 to ${2 ** 32 - 1}`, "lock_release"],
    );
    assert.deepEqual(
      [result, world.file.inode.i_size, world.mm.rss, world.mm.anon_rss, world.file.f_mapping.page_tree.nrpages],
      [512, 16 * PAGE_SIZE + 512, 4, 4, 0],
    );
  });
});

describe("madvise", () => {
  it("empties ptes and keeps the mapping; a nonlinear one remembers its pages", () => {
    const world = new World();
    world.do(function* () {
      yield* world.fill(0, 4, SHARED);
      yield* k.sys_remap_file_pages(world.mm, world.at(1), PAGE_SIZE, 9);
      yield* k.sys_madvise(world.mm, world.at(0), 4 * PAGE_SIZE);
    });
    const { pte_to_pgoff } = world.system.kernel.arch;
    assert.deepEqual(
      [0, 1, 2].map((page) => world.pte(page) & (_PAGE_PRESENT | _PAGE_FILE)),
      [0, _PAGE_FILE, 0],
    );
    assert.equal(pte_to_pgoff(k.pte_offset(world.mm, world.at(1))!, pte_index(world.at(1))), 9);
    assert.deepEqual([world.mm.rss, world.mm.mm_rb.length], [0, 1]);
  });
});

describe("msync", () => {
  it("takes the dirty bits of ptes to the pages and writes those, with mmap_sem held for reading only", () => {
    const world = new World();
    const dirty: number[] = [];
    world.do(function* () {
      yield* world.fill(0, 4, SHARED, true);
      yield* k.filemap_sync(world.mm.mmap!, world.at(0), world.at(2));
      dirty.push(world.flags(1) & PG_dirty, world.flags(2) & PG_dirty);
      yield* k.sys_msync(world.mm, world.at(0), 2 * PAGE_SIZE);
      dirty.push(world.flags(1) & PG_dirty);
    });
    assert.deepEqual(dirty, [PG_dirty, 0, 0]);
    assert.deepEqual(
      [0, 1, 2, 3].map((page) => world.pte(page) & _PAGE_DIRTY),
      [0, 0, _PAGE_DIRTY, _PAGE_DIRTY],
    );
  });
});

describe("fork", () => {
  it("gives the child every vma behind its parent's, and shares private pages until one writes", () => {
    const world = new World();
    let child: MmStruct | undefined;
    const rss: number[][] = [];
    const pages: number[] = [];
    const pageOf = (mm: MmStruct): number => pte_page(pte_offset(mm, world.at(10))!, pte_index(world.at(10)));
    world.do(function* () {
      yield* world.fill(0, 4, SHARED);
      yield* k.sys_remap_file_pages(world.mm, world.at(0), PAGE_SIZE, 7);
      yield* world.fill(8, 4, PRIVATE, true);
      yield* k.swap_out_range(world.mm, world.at(8), world.at(9));
      child = yield* k.copy_mm(world.mm, "p.child");
      rss.push([world.mm.rss, child.rss, world.mm.anon_rss, child.anon_rss, world.system.kernel.swap_map.in_use]);
      pages.push(pageOf(world.mm), pageOf(child));
      yield* k.access_user_range(child, world.at(8), world.at(12), true);
      pages.push(pageOf(child));
      yield* k.access_user_range(world.mm, world.at(8), world.at(12), true);
      pages.push(pageOf(world.mm));
    });
    // Who writes first gets a copy; then the other has the page alone, and writes to it.
    const [before, childs, copy, after] = pages;
    assert.deepEqual([childs === before, copy === before, after === before], [true, false, true]);
    assert.deepEqual(rss, [[7, 7, 3, 3, 1]]);
    assert.deepEqual(
      [tree_vmas(world.file.f_mapping), list_vmas(world.file.f_mapping)].map((vmas) => vmas.map(({ vm_mm }) => vm_mm.name)),
      [
        ["p", "p.child"],
        ["p", "p.child"],
      ],
    );
    assert.deepEqual(
      [world.mm.anon_rss, child!.anon_rss, world.system.kernel.swap_map.in_use, check_consistency(world.system)],
      [4, 4, 0, []],
    );
  });
});

describe("exit", () => {
  it("tears an address space down as a whole: one gather of all of it, then the vmas leave their files", () => {
    for (const arch of [i386, x86_64]) {
      const world = new World({ arch });
      const gathers = note(world.system, ["tlb_gather"], ({ args }) => args["fullmm"]);
      world.do(function* () {
        yield* world.fill(0, 16, SHARED);
        yield* k.sys_remap_file_pages(world.mm, world.at(0), PAGE_SIZE, 7);
        yield* world.fill(600, 8, PRIVATE, true);
        yield* k.swap_out_range(world.mm, world.at(600), world.at(602));
        gathers.length = 0;
        yield* k.mmput(world.mm);
      });
      const { kernel } = world.system;
      assert.ok(gathers.length > 0 && gathers.every((fullmm) => fullmm === 1));
      assert.deepEqual([tree_vmas(world.file.f_mapping), list_vmas(world.file.f_mapping), world.mm.mmap], [[], [], null]);
      assert.deepEqual([world.mm.rss, world.mm.anon_rss, kernel.swap_map.in_use], [0, 0, 0]);
      assert.equal(kernel.mem_map.allocated, world.file.f_mapping.page_tree.nrpages, "only the page cache is left");
      assert.deepEqual(check_consistency(world.system), []);
    }
  });

  it("waits for the last user", () => {
    const world = new World();
    world.do(function* () {
      yield* world.fill(0, 4, SHARED);
      assert.equal(yield* k.get_task_mm(world.mm), true);
      yield* k.mmput(world.mm);
      assert.equal(world.mm.rss, 4);
      yield* k.mmput(world.mm);
      assert.equal(world.mm.rss, 0);
      assert.equal(yield* k.get_task_mm(world.mm), false);
    });
  });
});

describe("page faults", () => {
  it("beyond the end of the file end in SIGBUS, by a file pte too", () => {
    const world = new World();
    const signals: number[] = [];
    world.do(function* () {
      yield* world.fill(0, 4, SHARED);
      yield* k.sys_remap_file_pages(world.mm, world.at(0), PAGE_SIZE, 12);
      yield* k.do_truncate(world.file.inode, 2 * PAGE_SIZE);
      assert.equal(world.pte(0) & (_PAGE_PRESENT | _PAGE_FILE), _PAGE_FILE);
      for (const page of [0, 1, 2]) signals.push(yield* k.access_user_range(world.mm, world.at(page), world.at(page + 1), false));
    });
    assert.deepEqual(signals, [SIGBUS, 0, SIGBUS]);
  });

  it("of pages that may not be used end in SIGSEGV, present or not, until mprotect gives leave", () => {
    const world = new World();
    const signals: number[] = [];
    world.do(function* () {
      yield* world.fill(0, 2, SHARED, true);
      yield* k.sys_mprotect(world.mm, world.at(0), 2 * PAGE_SIZE, 0);
      for (const write of [false, true]) signals.push(yield* k.access_user_range(world.mm, world.at(0), world.at(1), write));
      yield* k.sys_mprotect(world.mm, world.at(0), 2 * PAGE_SIZE, VM_READ);
      for (const write of [false, true]) signals.push(yield* k.access_user_range(world.mm, world.at(0), world.at(1), write));
    });
    assert.deepEqual(signals, [SIGSEGV, SIGSEGV, 0, SIGSEGV]);
    assert.equal(world.mm.rss, 2);
  });
});
