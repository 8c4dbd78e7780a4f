// The consistency check finds each kind of violation, snapshots are complete, and the short cut that fills
// mappings during set-up is none.

import assert from "node:assert/strict";
import { i386, PAGE_SIZE, x86_64, type Arch } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct, type VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { list_add_tail } from "../../src/engine/machine/list.ts";
import { check_consistency, mapped_beyond } from "../../src/engine/observe/consistency.ts";
import { find_pte, pte_kind } from "../../src/engine/observe/page_walk.ts";
import { full_state, page_tables_of, snapshot, type VmaSnapshot } from "../../src/engine/observe/snapshot.ts";
import { run, spawn, start } from "./support.ts";

const READ_WRITE = VM_READ | VM_WRITE;

interface World {
  readonly system: System;
  readonly file: File;
  readonly mm: MmStruct;
}

/** A file of 10 pages and a bit, and an address space; what `body` does has been done. */
function world(body: (world: World) => Kernel<void>, arch: Arch = i386): World {
  const system = start({ arch });
  const made = { system, file: create_file(system, "data", 10 * PAGE_SIZE + 100), mm: create_mm(system, "editor") };
  spawn(system, "builder", { mm: made.mm }, () => body(made));
  run(system, "end");
  return made;
}

function* map({ mm, file }: World, pages: number, flags: number, pgoff = 0): Kernel<VmArea> {
  return k.find_vma(mm, yield* k.sys_mmap(mm, file, null, pages * PAGE_SIZE, flags, pgoff))!;
}

/** A shared and a private mapping, both touched, a copied page, and one page remapped elsewhere. */
function* busy(made: World): Kernel<void> {
  const { mm } = made;
  const shared = yield* map(made, 8, READ_WRITE | VM_SHARED);
  yield* k.access_user_range(mm, shared.vm_start, shared.vm_end, true);
  const privateOne = yield* map(made, 4, READ_WRITE, 6);
  yield* k.access_user_range(mm, privateOne.vm_start, privateOne.vm_end, false);
  yield* k.access_user_range(mm, privateOne.vm_start, privateOne.vm_start + PAGE_SIZE, true);
  const nonlinear = yield* map(made, 2, VM_READ | VM_SHARED);
  yield* k.sys_remap_file_pages(mm, nonlinear.vm_start, PAGE_SIZE, 9);
  const low = shared.vm_start;
  yield* k.sys_mprotect(mm, low + 2 * PAGE_SIZE, PAGE_SIZE, VM_READ);
}

describe("consistency", () => {
  it("nothing is wrong after a bit of everything", () => {
    for (const arch of [i386, x86_64]) assert.deepEqual(check_consistency(world(busy, arch).system), []);
  });

  const damages: Readonly<Record<string, (made: World) => void>> = {
    rss: ({ mm }) => (mm.rss += 1),
    "anon-rss": ({ mm }) => (mm.anon_rss -= 1),
    "anon-shared": ({ mm, system }) => {
      const own = mm.mm_rb
        .flatMap(({ vm_start }) => find_pte(system.kernel, mm, vm_start) ?? [])
        .find(({ table, at }) => pte_kind(system.kernel, table, at) === "anon")!;
      own.table[own.at + 1] = own.table[own.at]!;
    },
    "mapcount, of all pages": ({ system }) => (system.kernel.mem_map.mapped += 1),
    mapcount: ({ file, system }) => (system.kernel.mem_map._mapcount[file.f_mapping.page_tree.lookup(0)]! += 1),
    "page-count": ({ file, system }) => (system.kernel.mem_map.count[file.f_mapping.page_tree.lookup(0)]! += 1),
    "page-index": ({ file, system }) => (system.kernel.mem_map.index[file.f_mapping.page_tree.lookup(0)] = 5),
    "page-mapping": ({ file, system }) => (system.kernel.mem_map.mapping[file.f_mapping.page_tree.lookup(0)] = 7),
    "dropped-mapped": ({ file }) => k.page_cache_release(k.remove_from_page_cache(file.inode, 0)),
    "truncated-mapped": ({ file }) => {
      file.inode.i_size = 0;
      k.page_cache_release(k.remove_from_page_cache(file.inode, 0));
    },
    "vma-chain": ({ mm }) => (mm.mm_rb[0]!.vm_next = null),
    "vma-overlap": ({ mm }) => (mm.mm_rb[0]!.vm_end += PAGE_SIZE),
    "vma-linked": ({ mm }) => mm.mm_rb.forEach((vma) => (vma.vm_file = vma.vm_file && create_file(start(), "other", 1))),
    "prio-tree": ({ mm }) => (mm.mm_rb[0]!.vm_pgoff += 1),
    "swap-count": ({ system }) => system.kernel.swap_map.get_swap_page(),
    "pte-outside": ({ mm }) => (mm.mm_rb.length = 0),
    "vma-mm": ({ mm, system }) => (mm.mm_rb[0]!.vm_mm = create_mm(system, "other")),
    "vma-range": ({ mm }) => (mm.mm_rb[0]!.vm_end -= 1),
    "vma-linked-twice": ({ mm, file }) => {
      const { list } = mm.mm_rb[0]!.shared;
      list_add_tail(list, file.f_mapping.i_mmap_nonlinear);
    },
    "page-cache": ({ file }) => (file.f_mapping.page_tree.nrpages += 1),
    "page-allocated": ({ system }) => (system.kernel.mem_map.allocated -= 1),
    "tlb, a translation that is no more": ({ system }) => system.kernel.tlbs[0]!.fill(PAGE_SIZE, 0, false),
    "tlb, a count of entries": ({ system, file }) => (system.kernel.mem_map.tlb_entries[file.f_mapping.page_tree.lookup(0)]! += 1),
    "tlb, a CPU that receives no flushes": ({ mm }) => (mm.cpu_vm_mask.length = 0),
  };
  for (const [rule, damage] of Object.entries(damages)) {
    it(`finds a planted fault: ${rule}`, () => {
      const made = world(busy);
      damage(made);
      const rules = check_consistency(made.system).map((violation) => violation.rule);
      assert.ok(rules.includes(rule.split(",")[0]!), `it found only ${rules.join(", ")}`);
    });
  }

  it("leaves to a truncation under way what lies behind the new end, whichever call has dropped it before", () => {
    const { system, file } = world(busy);
    k.page_cache_release(k.remove_from_page_cache(file.inode, 9));
    const rules = (): string[] => [...new Set(check_consistency(system).map(({ rule }) => rule))];
    assert.deepEqual(rules(), ["dropped-mapped"]);
    file.inode.i_size = 0;
    file.inode.i_sem.owner = system.machine.tasks[0]!;
    assert.deepEqual(rules(), []);
    file.inode.i_sem.owner = null;
    assert.deepEqual(rules(), ["truncated-mapped"]);
  });

  it("counts ptes beyond an offset, also of pages that have left the page cache, and no private copies", () => {
    const { system, file } = world(busy);
    const beyond = (size: number): number => mapped_beyond(system, file.inode, size);
    // 8 shared, 3 private ones of which the fourth is a copy, 1 remapped.
    assert.deepEqual(
      [beyond(0), beyond(6 * PAGE_SIZE), beyond(9 * PAGE_SIZE), beyond(9 * PAGE_SIZE + 1), beyond(10 * PAGE_SIZE)],
      [12, 6, 2, 0, 0],
    );
    k.page_cache_release(k.remove_from_page_cache(file.inode, 9));
    assert.equal(beyond(9 * PAGE_SIZE), 2);
  });
});

describe("snapshots", () => {
  it("say what there is, as plain data", () => {
    const { system, mm } = world(busy);
    const shot = snapshot(system);
    assert.deepEqual(JSON.parse(JSON.stringify(shot)), shot);
    const brief = ({ start: from, end, pgoff, flags, where, pages_mapped }: VmaSnapshot): string => {
      const pages = `${(from - i386.TASK_UNMAPPED_BASE) / PAGE_SIZE}+${(end - from) / PAGE_SIZE}`;
      return `${pages} @${pgoff} ${flags} ${where} ${pages_mapped}`;
    };
    assert.deepEqual(shot.mms[0]!.vmas.map(brief), [
      "0+2 @0 rw-s tree 2",
      "2+1 @2 r--s tree 1",
      "3+5 @3 rw-s tree 5",
      "8+4 @6 rw-p tree 4",
      "12+2 @0 r--s list 1",
    ]);
    assert.deepEqual(
      shot.files[0]!.vmas.map(({ pgoff }) => pgoff),
      [6, 3, 2, 0, 0],
    );
    assert.deepEqual({ ...shot.mms[0], vmas: [] }, { name: "editor", rss: 13, anon_rss: 1, map_count: 5, vmas: [] });
    assert.deepEqual(
      shot.locks.map(({ name, holders }) => [name, holders]),
      [
        ["data.i_sem", []],
        ["data.i_mmap_lock", []],
        ["editor.mmap_sem", []],
        ["editor.page_table_lock", []],
      ],
    );
    const ranges = page_tables_of(system.kernel, mm).map(
      ({ start: from, end, kind, index, flags }) =>
        `${(from - i386.TASK_UNMAPPED_BASE) / PAGE_SIZE}+${(end - from) / PAGE_SIZE} ${kind} ${index} ${flags}`,
    );
    assert.deepEqual(ranges, [
      "0+2 file 0 wda",
      "2+1 file 2 -da",
      "3+5 file 3 wda",
      "8+1 anon null wda",
      "9+3 file 7 --a",
      "12+1 file 9 --a",
    ]);
  });
});

describe("populate_user_range", () => {
  for (const arch of [i386, x86_64]) {
    for (const [what, flags, write] of [
      ["shared reads", VM_READ | VM_SHARED, false],
      ["shared writes", READ_WRITE | VM_SHARED, true],
      ["private reads", READ_WRITE, false],
      ["private writes", READ_WRITE, true],
    ] as const) {
      it(`leaves what touching leaves, for ${what} on ${arch.name}, up to the signal beyond the end`, () => {
        const fill = (populate: boolean): { kernel: unknown; signal: number } => {
          let signal = 0;
          const { system } = world(function* (made) {
            const { mm } = made;
            const before = yield* map(made, 3, READ_WRITE, 2);
            yield* k.access_user_range(mm, before.vm_start, before.vm_end, false);
            const vma = yield* map(made, 12, flags);
            signal = populate
              ? yield* k.populate_user_range(mm, vma, vma.vm_start, vma.vm_end, write)
              : yield* k.access_user_range(mm, vma.vm_start, vma.vm_end, write);
          }, arch);
          assert.deepEqual(check_consistency(system), []);
          // All but when locks were held last, and what the TLB has seen.
          return { kernel: { ...(full_state(system).kernel as object), locks: null, tlbs: null }, signal };
        };
        assert.deepEqual(fill(true), fill(false));
      });
    }
  }
});
