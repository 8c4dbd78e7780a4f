// The TLBs: what they let through, which CPUs a flush interrupts and what that costs, and that no page is freed too early.

import assert from "node:assert/strict";
import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { TLB_ENTRIES } from "../../src/engine/kernel/common/tlbflush.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { machine } from "../../src/engine/machine/machine.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { run, spawn, start, type Options } from "./support.ts";

const START = 0x4000_0000;
const READ_WRITE = VM_READ | VM_WRITE;

interface World {
  readonly system: System;
  readonly mm: MmStruct;
  /** Maps a file of `pages` pages at START and touches all of it. */
  map(pages: number, flags?: number, write?: boolean): Kernel<void>;
  touch(page: number, write?: boolean): Kernel<number>;
}

function world(options: Options = {}): World {
  const system = start(options);
  const mm = create_mm(system, "viewer");
  const file = create_file(system, "data", 200 * PAGE_SIZE);
  return {
    system,
    mm,
    *map(pages, flags = READ_WRITE | VM_SHARED, write = false) {
      yield* k.sys_mmap(mm, file, START, pages * PAGE_SIZE, flags, 0);
      yield* k.access_user_range(mm, START, START + pages * PAGE_SIZE, write);
    },
    touch: (page, write = false) => k.access_user_range(mm, START + page * PAGE_SIZE, START + (page + 1) * PAGE_SIZE, write),
  };
}

/** What the TLB of a CPU holds: pages of the mapping, those that can be written to with a `w`. */
function held({ system }: World, cpu: number): string {
  const entries = system.kernel.tlbs[cpu]!.entries().sort((a, b) => a.address - b.address);
  return entries.map(({ address, writable }) => `${(address - START) / PAGE_SIZE}${writable ? "w" : ""}`).join(" ");
}

const nothing = (): void => undefined;

describe("a TLB", () => {
  it("remembers what was accessed, and that it was written to", () => {
    const made = world();
    spawn(made.system, "one", { mm: made.mm }, function* () {
      yield* made.map(3);
      yield* made.touch(1, true);
    });
    run(made.system, "end");
    assert.equal(held(made, 0), "0 1w 2");
    assert.deepEqual(check_consistency(made.system), []);
  });

  it("has one place for each address: newer translations replace older ones", () => {
    const made = world();
    spawn(made.system, "one", { mm: made.mm }, () => made.map(TLB_ENTRIES + 2));
    run(made.system, "end");
    assert.equal(held(made, 0), Array.from({ length: TLB_ENTRIES }, (_, at) => at + 2).join(" "));
    assert.deepEqual(check_consistency(made.system), []);
  });

  it("lets an access through that the page tables refuse, until it is flushed", () => {
    const signal = (replace: Partial<Image>): number => {
      const made = world({ replace });
      let found = 0;
      spawn(made.system, "one", { mm: made.mm }, function* () {
        yield* made.map(4);
        yield* k.sys_munmap(made.mm, START, 4 * PAGE_SIZE);
        found = yield* made.touch(2);
      });
      run(made.system, "end");
      return found;
    };
    assert.equal(signal({}), 11);
    assert.equal(signal({ flush_tlb_mm: nothing }), 0);
  });

  it("is emptied when its CPU switches to another address space, and kept by idling and by tasks without one", () => {
    const made = world();
    const { system, mm } = made;
    const other = create_mm(system, "other");
    const seen: string[] = [];
    const look = (at: number, of: MmStruct | undefined): void =>
      void spawn(system, "look", { at, ...(of === undefined ? {} : { mm: of }) }, function* () {
        seen.push(held(made, 0));
      });
    spawn(system, "one", { mm }, () => made.map(3));
    look(1e6, mm);
    look(2e6, undefined);
    look(3e6, other);
    run(system, "end");
    assert.deepEqual(seen, ["0 1 2", "0 1 2", ""]);
    assert.deepEqual([mm.cpu_vm_mask.length, other.cpu_vm_mask], [0, [system.kernel.tlbs[0]]]);
  });

  for (const [what, change, left] of [
    ["munmap", (mm: MmStruct) => k.sys_munmap(mm, START, PAGE_SIZE), ""],
    ["mprotect", (mm: MmStruct) => k.sys_mprotect(mm, START, PAGE_SIZE, VM_READ), ""],
    ["a copy on write", (mm: MmStruct) => k.access_user_range(mm, START, START + PAGE_SIZE, true), "1 2"],
    ["remap_file_pages", (mm: MmStruct) => k.sys_remap_file_pages(mm, START, PAGE_SIZE, 7), "1 2"],
  ] as const) {
    it(`is flushed by ${what} on another CPU`, () => {
      const made = world();
      spawn(made.system, "one", { mm: made.mm }, () => made.map(3, READ_WRITE | (what === "a copy on write" ? 0 : VM_SHARED)));
      spawn(made.system, "two", { cpu: 1, at: 1e6, mm: made.mm }, function* () {
        yield* change(made.mm);
      });
      run(made.system, "end");
      // One that idles leaves the address space when a whole flush reaches it.
      assert.equal(held(made, 0), left);
      assert.deepEqual(check_consistency(made.system), []);
    });
  }

  it("costs the flushing task an interrupt to each other CPU that uses the address space", () => {
    const cost = (mm: "same" | "other", during: boolean): number => {
      const made = world({ costs: { tlb_flush: 1, tlb_shootdown: 100_000 } });
      const { system } = made;
      let spent = 0;
      spawn(system, "one", { mm: mm === "same" ? made.mm : create_mm(system, "other") }, function* () {
        if (mm === "same") yield* made.map(3);
        if (during) yield* k.compute_ns(5e6);
      });
      spawn(system, "two", { cpu: 1, at: 1e6, mm: made.mm }, function* () {
        for (let round = 0; round < 2; round++) {
          const before = machine.cpu.clock;
          k.flush_tlb_mm(made.mm);
          spent += machine.cpu.clock - before;
        }
      });
      run(system, "end");
      return Math.floor(spent / 100_000);
    };
    assert.deepEqual([cost("same", true), cost("same", false), cost("other", true)], [2, 1, 0]);
  });
});

describe("a page", () => {
  /** One CPU touches private copies, another unmaps them, so that the pages are freed. */
  function* freeElsewhere(made: World): Kernel<void> {
    spawn(made.system, "culprit", { cpu: 1, at: 1e6, mm: made.mm }, function* () {
      yield* k.sys_munmap(made.mm, START, 3 * PAGE_SIZE);
    });
    yield* made.map(3, READ_WRITE, true);
    yield* k.compute_ns(5e6);
  }

  it("is freed after the last flush: if the flush is missing, that is found, with the CPUs that could still reach it", () => {
    const made = world({ replace: { flush_tlb_mm: nothing } });
    const user = spawn(made.system, "user", { mm: made.mm }, () => freeElsewhere(made));
    const { bug, task } = run(made.system, "bug");
    assert.deepEqual([bug.code, task?.name], ["tlb-stale", "culprit"]);
    assert.match(bug.message, /^page \d+ is freed while the TLB of CPU 0 still leads to it$/);
    assert.deepEqual([bug.values["mm"], bug.values["address"]], [made.mm, START]);
    assert.deepEqual(
      bug.involved.map(({ task: party, step }) => [party, step]),
      [[user, null]],
    );
    run(healthy(), "end");
  });

  function healthy(): System {
    const made = world();
    spawn(made.system, "user", { mm: made.mm }, () => freeElsewhere(made));
    return made.system;
  }

  it("is freed before the flush where only one CPU is online; an access before the flush is found", () => {
    for (const replace of [{}, { flush_tlb_mm: nothing }]) {
      const made = world({ cpus: 1, replace });
      spawn(made.system, "user", { mm: made.mm }, function* () {
        yield* made.map(3, READ_WRITE, true);
        yield* k.sys_munmap(made.mm, START, 3 * PAGE_SIZE);
        assert.equal(made.system.kernel.mem_map.allocated, 3, "the pages of the file are left");
        assert.equal(yield* made.touch(1), 11);
      });
      if (replace.flush_tlb_mm === undefined) run(made.system, "end");
      else assert.match(run(made.system, "bug").bug.message, /^the TLB of CPU 0 gives access to a page that was freed$/);
    }
  });
});
