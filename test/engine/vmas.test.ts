// How vmas are placed, merged, split and moved: the cases of vma_merge one by one, and random calls against a list of pages.

import assert from "node:assert/strict";
import { i386, i386_pae, PAGE_SIZE, x86_64 } from "../../src/engine/kernel/common/arch.ts";
import { common } from "../../src/engine/kernel/common_functions.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, vma_pages, type VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { World } from "./call-world.ts";

const READ = VM_READ | VM_SHARED;
const READ_WRITE = VM_READ | VM_WRITE | VM_SHARED;

const ALL = READ_WRITE | VM_EXEC;

function protection({ vm_flags }: VmArea): string {
  return (vm_flags & VM_EXEC) !== 0 ? "rwx" : (vm_flags & VM_WRITE) !== 0 ? "rw" : "r";
}

/** An address space with a file of 64 pages; addresses are numbered by pages. */
class Space extends World {
  constructor(arch = i386, replace: Partial<Image> = {}) {
    super({ arch, replace }, 64);
  }

  page(address: number): number {
    return (address - this.at(0)) / PAGE_SIZE;
  }

  /** Maps the file's page that has the number of the address, so that what adjoins can merge. */
  *map(page: number, pages: number, flags: number, pgoff = page): Kernel<VmArea> {
    return k.find_vma(this.mm, yield* k.sys_mmap(this.mm, this.file, this.at(page), pages * PAGE_SIZE, flags, pgoff))!;
  }

  *protect(page: number, pages: number, flags: number): Kernel<number> {
    return yield* k.sys_mprotect(this.mm, this.at(page), pages * PAGE_SIZE, flags & ~VM_SHARED);
  }

  /** The vmas as `start+pages@pgoff protection`. */
  layout(): string[] {
    return this.mm.mm_rb.map((vma) => `${this.page(vma.vm_start)}+${vma_pages(vma)}@${vma.vm_pgoff} ${protection(vma)}`);
  }
}

interface MergeCase {
  readonly name: string;
  /** Vmas of 4 pages by name: their first page and their flags. */
  readonly vmas: Readonly<Record<string, readonly [page: number, flags: number]>>;
  readonly call: (space: Space) => Kernel<unknown>;
  readonly layout: readonly string[];
  /** The structs that are left, by the names of the vmas they were, in order of addresses. */
  readonly kept: string;
}

const MERGES: readonly MergeCase[] = [
  {
    name: "1: mmap fills the gap between two",
    vmas: { P: [4, READ], N: [12, READ] },
    call: (s) => s.map(8, 4, READ),
    layout: ["4+12@4 r"],
    kept: "P",
  },
  {
    name: "2: mmap adjoins the one before",
    vmas: { P: [4, READ], N: [12, ALL] },
    call: (s) => s.map(8, 4, READ),
    layout: ["4+8@4 r", "12+4@12 rwx"],
    kept: "PN",
  },
  {
    name: "3: mmap adjoins the one behind",
    vmas: { P: [4, ALL], N: [12, READ] },
    call: (s) => s.map(8, 4, READ),
    layout: ["4+4@4 rwx", "8+8@8 r"],
    kept: "PN",
  },
  {
    name: "4: mprotect of the end of one, like the one behind",
    vmas: { P: [4, READ_WRITE], N: [8, READ] },
    call: (s) => s.protect(6, 2, READ),
    layout: ["4+2@4 rw", "6+6@6 r"],
    kept: "PN",
  },
  {
    name: "5: mprotect of the begin of one, like the one before",
    vmas: { P: [4, READ], N: [8, READ_WRITE] },
    call: (s) => s.protect(8, 2, READ),
    layout: ["4+6@4 r", "10+2@10 rw"],
    kept: "PN",
  },
  {
    name: "6: mprotect of one between two like it",
    vmas: { P: [4, READ], N: [8, READ_WRITE], X: [12, READ] },
    call: (s) => s.protect(8, 4, READ),
    layout: ["4+12@4 r"],
    kept: "P",
  },
  {
    name: "7: mprotect of one like the one before",
    vmas: { P: [4, READ], N: [8, READ_WRITE], X: [12, ALL] },
    call: (s) => s.protect(8, 4, READ),
    layout: ["4+8@4 r", "12+4@12 rwx"],
    kept: "PX",
  },
  {
    name: "8: mprotect of one like the one behind",
    vmas: { P: [4, READ_WRITE], N: [8, ALL], X: [12, READ] },
    call: (s) => s.protect(8, 4, READ),
    layout: ["4+4@4 rw", "8+8@8 r"],
    kept: "PN",
  },
];

describe("vma_merge", () => {
  for (const { name, vmas, call, layout, kept } of MERGES) {
    it(`case ${name}`, () => {
      const space = new Space();
      const structs = new Map<VmArea, string>();
      space.do(function* () {
        for (const [letter, [page, flags]] of Object.entries(vmas)) structs.set(yield* space.map(page, 4, flags), letter);
        yield* call(space);
      });
      assert.deepEqual(space.layout(), layout);
      assert.equal(space.mm.mm_rb.map((vma) => structs.get(vma)).join(""), kept);
      assert.deepEqual(check_consistency(space.system), []);
    });
  }

  it("joins nothing that does not continue the file, or is of another kind", () => {
    const space = new Space();
    space.do(function* () {
      yield* space.map(4, 4, READ);
      yield* space.map(8, 4, READ, 9);
      yield* space.map(12, 4, VM_READ, 13);
    });
    assert.deepEqual(space.layout(), ["4+4@4 r", "8+4@9 r", "12+4@13 r"]);
  });
});

describe("vma_adjust", () => {
  it("links a new part first, and takes vmas out of the tree before it changes them", () => {
    const seen: string[] = [];
    const watch =
      <Rest extends unknown[]>(verb: string, original: (vma: VmArea, ...rest: Rest) => Kernel<void>) =>
      (vma: VmArea, ...rest: Rest) => {
        seen.push(`${verb} ${vma.vm_pgoff}+${vma_pages(vma)}`);
        return original(vma, ...rest);
      };
    const { __vma_link_file, __remove_shared_vm_struct } = common;
    const space = new Space(i386, {
      __vma_link_file: watch("link", __vma_link_file),
      __remove_shared_vm_struct: watch("unlink", __remove_shared_vm_struct),
    });
    space.do(function* () {
      yield* space.map(0, 8, READ_WRITE);
      seen.length = 0;
      yield* space.protect(4, 4, READ);
      seen.push("-");
      yield* space.protect(2, 2, READ);
    });
    // The split at page 4 makes a new lower part; then the boundary moves down, and the next vma goes back in first.
    assert.deepEqual(seen, ["link 0+4", "unlink 0+8", "link 4+4", "-", "unlink 0+4", "unlink 4+4", "link 2+6", "link 0+2"]);
  });

  it("may have one vma swallow two, once each, and leaves none of their pages behind", () => {
    const seen: string[] = [];
    const space = new Space(i386, {
      __remove_shared_vm_struct: (vma, mapping) => {
        seen.push(`unlink ${vma.vm_pgoff}+${vma_pages(vma)}`);
        return common.__remove_shared_vm_struct(vma, mapping);
      },
    });
    space.do(function* () {
      yield* space.map(0, 4, READ);
      yield* space.map(4, 4, READ_WRITE);
      yield* space.map(8, 4, READ);
      yield* k.access_user_range(space.mm, space.at(0), space.at(12), false);
      seen.length = 0;
      yield* space.protect(4, 4, READ);
    });
    assert.deepEqual(seen, ["unlink 0+4", "unlink 4+4", "unlink 0+8", "unlink 8+4"]);
    assert.deepEqual([space.layout(), space.mm.rss, check_consistency(space.system)], [["0+12@0 r"], 12, []]);
  });
});

describe("mmap", () => {
  it("takes the lowest place that is large enough, on every arch from its own base on", () => {
    for (const arch of [i386, i386_pae, x86_64]) {
      const space = new Space(arch);
      const places: number[] = [];
      space.do(function* () {
        for (const pages of [4, 4, 4, 2, 3]) {
          places.push(space.page(yield* k.sys_mmap(space.mm, space.file, null, pages * PAGE_SIZE, READ, 0)));
          if (places.length === 3) yield* k.sys_munmap(space.mm, space.at(4), 4 * PAGE_SIZE);
        }
      });
      assert.deepEqual(places, [0, 4, 8, 4, 12], arch.name);
    }
  });

  it("at a fixed address replaces what is there, and only that", () => {
    const space = new Space();
    space.do(function* () {
      yield* space.map(0, 12, READ);
      yield* k.access_user_range(space.mm, space.at(0), space.at(12), false);
      yield* space.map(4, 4, READ_WRITE, 20);
    });
    assert.deepEqual([space.layout(), space.mm.rss], [["0+4@0 r", "4+4@20 rw", "8+4@8 r"], 8]);
  });

  it("without a file merges by addresses alone", () => {
    const space = new Space();
    space.do(function* () {
      for (const page of [8, 0, 4]) yield* k.sys_mmap(space.mm, null, space.at(page), 4 * PAGE_SIZE, VM_READ | VM_WRITE, 0);
      yield* k.access_user_range(space.mm, space.at(0), space.at(12), true);
    });
    assert.deepEqual([space.mm.mm_rb.length, space.mm.anon_rss, check_consistency(space.system)], [1, 12, []]);
  });
});

describe("mremap", () => {
  const remap = (
    space: Space,
    from: number,
    oldPages: number,
    newPages: number,
    to: number | null = null,
    mayMove = true,
  ): Kernel<number> =>
    k.sys_mremap(space.mm, space.at(from), oldPages * PAGE_SIZE, newPages * PAGE_SIZE, mayMove, to === null ? null : space.at(to));

  it("grows in place, shrinks, and moves what does not fit, pages and all", () => {
    const space = new Space();
    const results: number[] = [];
    space.do(function* () {
      yield* space.map(0, 4, READ);
      yield* space.map(16, 4, READ, 40);
      yield* k.access_user_range(space.mm, space.at(0), space.at(4), false);
      results.push(yield* remap(space, 0, 4, 8), yield* remap(space, 0, 8, 6), yield* remap(space, 0, 6, 20));
    });
    assert.deepEqual(
      results.map((address) => space.page(address)),
      [0, 0, 20],
    );
    assert.deepEqual([space.layout(), space.mm.rss, check_consistency(space.system)], [["16+4@40 r", "20+20@0 r"], 4, []]);
  });

  it("to a fixed address replaces what is there, and merges with a neighbour that continues the file", () => {
    const space = new Space();
    space.do(function* () {
      yield* space.map(8, 8, READ, 4);
      yield* space.map(24, 4, READ, 0);
      yield* space.map(4, 2, READ_WRITE, 50);
      yield* k.access_user_range(space.mm, space.at(24), space.at(28), false);
      yield* remap(space, 24, 4, 4, 4);
    });
    assert.deepEqual([space.layout(), space.mm.rss, check_consistency(space.system)], [["4+12@0 r"], 4, []]);
  });

  it("of a part moves that part, and splits what it is taken from", () => {
    const space = new Space();
    space.do(function* () {
      yield* space.map(0, 12, READ);
      yield* k.access_user_range(space.mm, space.at(0), space.at(12), false);
      yield* remap(space, 4, 4, 2, 32);
    });
    assert.deepEqual([space.layout(), space.mm.rss, check_consistency(space.system)], [["0+4@0 r", "8+4@8 r", "32+2@4 r"], 10, []]);
  });

  it("takes swap entries and file ptes along", () => {
    const space = new Space();
    space.do(function* () {
      yield* k.sys_mmap(space.mm, space.file, space.at(0), 4 * PAGE_SIZE, VM_READ | VM_WRITE, 0);
      yield* k.access_user_range(space.mm, space.at(0), space.at(4), true);
      yield* k.swap_out_range(space.mm, space.at(0), space.at(2));
      yield* remap(space, 0, 4, 4, 20);
      yield* k.access_user_range(space.mm, space.at(20), space.at(21), false);
    });
    assert.deepEqual(
      [space.mm.rss, space.mm.anon_rss, space.system.kernel.swap_map.in_use, check_consistency(space.system)],
      [3, 3, 1, []],
    );
  });
});
