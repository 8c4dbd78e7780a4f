// What the kernels do differently: the known wrong answers that each has, and what later ones changed.

import assert from "node:assert/strict";
import { i386, PAGE_SIZE, x86_64 } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { PageLock } from "../../src/engine/kernel/common/page_alloc.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { check_consistency, mapped_beyond } from "../../src/engine/observe/consistency.ts";
import { replay, type Input } from "../golden/unmap.ts";
import { note, run, spawn, start, type Options } from "./support.ts";

const BASE = i386.TASK_UNMAPPED_BASE;

/** A file of `pages` pages, all mapped and touched by one address space in no time, before a task's body continues. */
function mapped(pages: number, options: Options): { system: System; file: File; mm: MmStruct; setUp: () => Kernel<void> } {
  const system = start(options);
  const file = create_file(system, "data", pages * PAGE_SIZE);
  const mm = create_mm(system, "editor");
  const setUp = function* (): Kernel<void> {
    system.machine.time_frozen = true;
    yield* k.sys_mmap(mm, file, BASE, pages * PAGE_SIZE, VM_READ | VM_WRITE | VM_SHARED, 0);
    yield* k.access_user_range(mm, BASE, BASE + pages * PAGE_SIZE, true);
    system.machine.time_frozen = false;
  };
  return { system, file, mm, setUp };
}

/** Moments at which a second task begins, in steps that are shorter than anything that matters. */
const moments = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step }, (_, at) => from + at * step);

/** Linked and touched vmas of one file: [id, mm, pages, first page]. */
const vma = (id: number, mm: number, start: number, pages: number, pgoff: number): Input["steps"] => [
  ["link", id, mm, start, pages, pgoff, "s"],
  ["pop", id, 0, pages, "file"],
];
const contended = (call: number): Pick<Input, "hooks" | "break_lock"> => ({
  hooks: { I: { mode: "flag", at: [call] } },
  break_lock: "cleared_on_acquire",
});
const ALL = ["unmap", 0, 0, 1] as const;

/** Inputs of recordings, and how many pages the kernels that drop i_mmap_lock leave mapped in the end. */
const WRONG_ANSWERS: readonly {
  readonly recording: string;
  readonly what: string;
  readonly input: Input;
  readonly left: readonly number[];
}[] = [
  {
    recording: "c42",
    what: "a done vma swallows its neighbour, which is not",
    input: {
      steps: [...vma(3, 3, 0x3000_0000, 7, 57), ...vma(1, 1, 0x1000_0000, 7, 25), ...vma(2, 1, 0x1000_7000, 6, 32), ALL],
      windows: { 1: [["merge", 1]] },
      hooks: { I: { mode: "calls", at: [2] } },
    },
    left: [6, 0, 0, 0],
  },
  {
    recording: "c43d",
    what: "mremap moves pages of a vma that is not done into one that is",
    input: {
      steps: [...vma(1, 1, 0x1000_0000, 14, 0), ...vma(5, 1, 0x5000_0000, 27, 14), ALL],
      windows: {
        1: [
          ["growdown", 5, 14],
          ["movepages", 1, 5, 0, 14],
          ["remove", 1],
        ],
      },
      hooks: { I: { mode: "calls", at: [4] } },
    },
    left: [14, 0, 0, 0],
  },
  {
    recording: "c18",
    what: "the struct of the remembered vma is reused for the top of another like it",
    input: {
      steps: [...vma(1, 1, 0x1000_0000, 48, 0), ...vma(2, 2, 0x1000_0000, 48, 0), ALL],
      windows: {
        1: [
          ["remove", 1],
          ["split", 2, 8, 1, 0],
        ],
      },
      ...contended(3),
    },
    left: [16, 16, 0, 0],
  },
  {
    recording: "c58",
    what: "the remembered vma grows downwards",
    input: {
      steps: [...vma(1, 1, 0x1000_0000, 16, 0), ...vma(2, 1, 0x1001_0000, 48, 16), ALL],
      windows: { 1: [["grow", 1, -4]] },
      ...contended(3),
    },
    left: [4, 4, 0, 0],
  },
  {
    recording: "c56",
    what: "a vma that has left the hole keeps its restart address for the next call",
    input: {
      steps: [...vma(1, 1, 0x1000_0000, 48, 0), ...vma(2, 2, 0x2000_0000, 16, 0), ["unmap", 20 * PAGE_SIZE, 0, 1], ALL],
      windows: { 1: [["split", 1, 10, 9, 0]] },
      ...contended(2),
    },
    left: [0, 0, 10, 10],
  },
];

describe("kernels that drop i_mmap_lock", () => {
  for (const { recording, what, input, left } of WRONG_ANSWERS) {
    it(`differ in what they miss when ${what} (${recording})`, () => {
      const missed = (["vmtrunc4", "vmtrunc5", "2.6.11", "2.6.38"] as const).map((kernel) =>
        replay(input, kernel, true).final.vmas.reduce((sum, one) => sum + one.left.file, 0),
      );
      assert.deepEqual(missed, left);
    });
  }

  it("step the count past what could be an address, once the count shares its place with one (c23), and past 0 after a wrap", () => {
    for (const kernel of KERNEL_NAMES.filter((name) => name !== "2.6.9" && name !== "3.0")) {
      const next = (count: number): number =>
        replay({ steps: [...vma(1, 1, 0x1000_0000, 4, 0), ["truncate_count", count], ["vtc", 1, 1], ALL] }, kernel, true).final
          .truncate_count!;
      const addresses = kernel === "2.6.11" || kernel === "2.6.38";
      assert.deepEqual([next(4095), next(4096), next(2 ** 32 - 1)], [addresses ? 4097 : 4096, 4097, 1], kernel);
    }
  });

  it("resume both halves of a split and a fork's copy where the vma was, once each vma remembers it", () => {
    const windows = {
      1: [
        ["split", 1, 40, 2, 0],
        ["fork", 1, 3, 2],
      ],
    } as const;
    const zapped = (kernel: KernelName): number[] => {
      const { events, final } = replay({ steps: [...vma(1, 1, 0x1000_0000, 48, 0), ALL], windows, ...contended(3) }, kernel, true);
      assert.deepEqual(
        final.vmas.map(({ left }) => left.file),
        [0, 0, 0],
      );
      return [1, 2, 3].map((id) =>
        events
          .filter(([name, of]) => name === "zap" && of === id)
          .reduce((sum, [, , from, to]) => sum + (Number(to) - Number(from)) / PAGE_SIZE, 0),
      );
    };
    // Twenty-four pages are done when the lock is dropped. Of the halves vmtrunc5 knows only the one that kept the struct.
    assert.deepEqual(
      [zapped("vmtrunc5"), zapped("2.6.11")],
      [
        [40, 8, 40],
        [40, 8, 16],
      ],
    );
  });

  it("let a call lose what lies below another's restart address in 2.6.11 alone (c45)", () => {
    const leftAtReturn = (kernel: KernelName, at: number): number => {
      const { system, file, mm, setUp } = mapped(48, { kernel, break_lock: "cleared" });
      let left = 0;
      spawn(system, "all", { mm }, function* () {
        yield* setUp();
        yield* k.sleep_ns(20_000);
        yield* k.unmap_mapping_range(file.f_mapping, 0, 0, 1);
      });
      spawn(system, "one page", { cpu: 1, at, mm }, function* () {
        yield* k.access_user_range(mm, BASE + 4 * PAGE_SIZE, BASE + 5 * PAGE_SIZE, false);
        yield* k.unmap_mapping_range(file.f_mapping, 4 * PAGE_SIZE, PAGE_SIZE, 1);
        left = mapped_beyond(system, file.inode, 4 * PAGE_SIZE) - mapped_beyond(system, file.inode, 5 * PAGE_SIZE);
      });
      run(system, "end");
      return left;
    };
    const losing = KERNEL_NAMES.filter((kernel) => moments(19_000, 32_000, 100).some((at) => leftAtReturn(kernel, at) > 0));
    assert.deepEqual(losing, ["2.6.11"]);
  });
});

describe("a restart address left behind", () => {
  /** Truncates to page 20, and then continues from page 0 with `second`, while another task splits the vma at page 10. */
  function nextCall(
    kernel: KernelName,
    at: number,
    second: "truncate" | "unmap" | "invalidate",
  ): { left: number; calls: number; end: string } {
    const { system, file, mm, setUp } = mapped(48, { kernel, break_lock: "cleared" });
    const calls = note(system, ["unmap_begin"], ({ number }) => number);
    let left = 0;
    spawn(system, "truncate", { mm }, function* () {
      yield* setUp();
      yield* k.sleep_ns(20_000);
      yield* k.do_truncate(file.inode, 20 * PAGE_SIZE);
      yield* k.sleep_ns(20_000);
      if (second === "truncate") yield* k.do_truncate(file.inode, 0);
      else if (second === "unmap") yield* k.unmap_mapping_range(file.f_mapping, 0, 0, 0);
      else yield* k.invalidate_inode_pages2_range(file.f_mapping, 0, i386.word.ULONG_MAX);
      left = mapped_beyond(system, file.inode, 0);
    });
    spawn(system, "mprotect", { cpu: 1, at, mm }, function* () {
      yield* k.sys_mprotect(mm, BASE + 10 * PAGE_SIZE, 38 * PAGE_SIZE, VM_READ);
    });
    const outcome = system.machine.run(Infinity);
    return { left, calls: calls.length, end: outcome.kind === "bug" ? outcome.bug.code : outcome.kind };
  }

  const worst = (kernel: KernelName, second: "truncate" | "unmap"): { left: number; calls: number } => {
    const all = moments(19_000, 32_000, 100).map((at) => nextCall(kernel, at, second));
    for (const { end } of all) assert.equal(end, "end", kernel);
    return { left: Math.max(...all.map(({ left }) => left)), calls: Math.max(...all.map(({ calls }) => calls)) };
  };

  it("makes the next truncation miss pages in 2.6.11; in 2.6.38 they are unmapped one by one, under the locks of the pages", () => {
    assert.deepEqual(worst("2.6.11", "truncate"), { left: 10, calls: 2 });
    assert.deepEqual(worst("2.6.38", "truncate"), { left: 0, calls: 4 + 10 });
    for (const [kernel, calls] of [
      ["2.6.9", 2],
      ["vmtrunc4", 2],
      ["vmtrunc5", 2],
      ["3.0", 4],
    ] as const)
      assert.deepEqual(worst(kernel, "truncate"), { left: 0, calls }, kernel);
  });

  it("that is the very end of the hole leaves nothing to do in its vma, in the kernels that remember it there", () => {
    for (const kernel of ["2.6.11", "2.6.38"] as const) {
      const events = (restart: number): string[] =>
        replay(
          { steps: [...vma(1, 1, 0x1000_0000, 16, 0), ["vtc", 1, 0x1000_0000 + restart * PAGE_SIZE], ["unmap", 0, 8 * PAGE_SIZE, 1]] },
          kernel,
          true,
        ).events.map(([name]) => String(name));
      const visit = (names: readonly string[]): readonly string[] => names.slice(names.indexOf("enter"), names.indexOf("done") + 1);
      assert.ok(events(7).includes("zap"), kernel);
      assert.deepEqual(visit(events(8)), ["enter", "resume", "done"], kernel);
      assert.deepEqual(
        [events(0), events(1)].map((names) => names.includes("resume")),
        [false, true],
        kernel,
      );
    }
  });

  it("makes the next invalidation miss pages in both, and in no other kernel", () => {
    assert.deepEqual(
      KERNEL_NAMES.map((kernel) => worst(kernel, "unmap").left),
      [0, 0, 0, 10, 10, 0],
    );
  });

  it("makes invalidate_inode_pages2 ask again in 2.6.11, and end in its assertion in 2.6.38", () => {
    const ends = (kernel: KernelName): string[] =>
      [
        ...new Set(
          moments(19_000, 32_000, 100)
            .map((at) => nextCall(kernel, at, "invalidate"))
            .map(({ left, end }) => (left === 0 ? end : `${left} left`)),
        ),
      ].sort();
    assert.deepEqual(KERNEL_NAMES.map(ends), [["end"], ["end"], ["end"], ["end"], ["end", "page-mapped"], ["end"]]);
  });
});

describe("2.6.38", () => {
  /** The blocks, in pages, in which a vma of 2048 pages is unmapped of which those listed are mapped. */
  function blocks(kernel: KernelName, arch: typeof i386, touched: readonly number[]): number[] {
    const { system, file, mm } = mapped(2048, { kernel, arch });
    const base = arch.TASK_UNMAPPED_BASE;
    const sizes = note(system, ["zap_block"], ({ args }) => (Number(args["end"]) - Number(args["start"])) / PAGE_SIZE);
    spawn(system, "truncate", { mm }, function* () {
      yield* k.sys_mmap(mm, file, base, 2048 * PAGE_SIZE, VM_READ | VM_WRITE | VM_SHARED, 0);
      for (const page of touched) yield* k.access_user_range(mm, base + page * PAGE_SIZE, base + (page + 1) * PAGE_SIZE, true);
      yield* k.unmap_mapping_range(file.f_mapping, 0, 0, 1);
    });
    run(system, "end");
    return sizes;
  }

  it("counts what is mapped towards a block, and hardly what is empty", () => {
    const spread = [0, 100, 200, 300, 400, 500, 600, 700, 800];
    // Eight pages, and what is empty between them; an absent page table costs no more than an empty pte.
    assert.deepEqual(blocks("2.6.38", i386, spread), [701, 1347]);
    assert.deepEqual(blocks("2.6.38", x86_64, spread), [701, 1347]);
    assert.equal(blocks("2.6.11", i386, spread).length, 256);
    assert.deepEqual(blocks("2.6.38", i386, []), [2048]);
  });

  it("holds no page_table_lock between blocks, and never asks whether it is wanted", () => {
    for (const kernel of KERNEL_NAMES) {
      const { system, file, mm, setUp } = mapped(64, { kernel });
      const seen = note(system, ["lock_acquire", "lockbreak_check", "tlb_flush"], ({ name, args }) =>
        name === "tlb_flush" ? name : `${name} ${(args["lock"] as { name: string }).name.split(".")[1] ?? "pte lock"}`,
      );
      spawn(system, "truncate", { mm }, function* () {
        yield* setUp();
        seen.length = 0;
        yield* k.unmap_mapping_range(file.f_mapping, 0, 0, 1);
      });
      run(system, "end");
      const later = kernel === "2.6.38" || kernel === "3.0";
      const taken = `lock_acquire ${later ? "pte lock" : "page_table_lock"}`;
      assert.equal(seen.filter((line) => line === taken).length, kernel === "2.6.38" ? 8 : 1, kernel);
      assert.equal(seen.includes("lockbreak_check page_table_lock"), !later && kernel !== "2.6.9", kernel);
      assert.equal(seen.includes("lockbreak_check i_mmap_lock"), !["2.6.9", "3.0"].includes(kernel), kernel);
      assert.equal(seen.filter((line) => line === "tlb_flush").length, ["2.6.9", "3.0"].includes(kernel) ? 1 : 8, kernel);
    }
  });
});

describe("page faults during a truncation", () => {
  /**
   * What happens while one task truncates a file of two pages to nothing and another, from `at` on, maps and touches it. The
   * fault takes long: it copies the page, or (shared) a timer tick at 1 ms comes in between.
   */
  function race(kernel: KernelName, at: number, shared: boolean): { waits: number; retries: number; calls: number } {
    const { system, file, mm, setUp } = mapped(2, { kernel, costs: { page_copy: 2_000, timer_tick: 20_000 } });
    const other = create_mm(system, "other");
    const seen = note(system, ["lock_contended", "nopage_retry", "unmap_begin"], ({ name, args, task }) =>
      args["lock"] instanceof PageLock ? `${task!.name} waits` : name,
    );
    spawn(system, "truncate", { mm }, function* () {
      yield* setUp();
      yield* k.sleep_ns(shared ? 999_000 : 20_000);
      yield* k.do_truncate(file.inode, 0);
    });
    spawn(system, "fault", { cpu: 1, at, mm: other }, function* () {
      yield* k.sys_mmap(other, file, BASE, 2 * PAGE_SIZE, VM_READ | VM_WRITE | (shared ? VM_SHARED : 0), 0);
      yield* k.access_user_range(other, BASE, BASE + 2 * PAGE_SIZE, !shared);
    });
    run(system, "end");
    assert.deepEqual([mapped_beyond(system, file.inode, 0), other.rss, check_consistency(system)], [0, 0, []], `${kernel} ${at}`);
    const count = (what: string): number => seen.filter((one) => one === what).length;
    return { waits: count("truncate waits"), retries: count("nopage_retry"), calls: count("unmap_begin") };
  }

  it("notice it by truncate_count up to 2.6.11; then the truncation waits for their page, and unmaps it once more", () => {
    for (const kernel of KERNEL_NAMES) {
      const races = [
        ...moments(12_000, 26_000, 100).map((at) => race(kernel, at, false)),
        ...moments(994_000, 1_000_000, 50).map((at) => race(kernel, at, true)),
      ];
      const most = (of: (race: (typeof races)[number]) => number): number => Math.max(...races.map(of));
      const locks = kernel === "2.6.38" || kernel === "3.0";
      assert.equal(most(({ waits }) => waits) > 0, locks, kernel);
      assert.equal(
        most(({ calls }) => calls),
        locks ? 3 : 1,
        kernel,
      );
      if (!locks) assert.ok(most(({ retries }) => retries) > 0, kernel);
    }
  });

  it("of nonlinear mappings wait for the lock of the page, too, from 2.6.38 on", () => {
    for (const kernel of ["2.6.38", "3.0"] as const) {
      const { system, file, mm, setUp } = mapped(4, { kernel });
      const waits = note(system, ["lock_contended"], ({ args, task }) => `${task!.name} ${(args["lock"] as PageLock).name}`);
      spawn(system, "owner", { mm }, function* () {
        yield* setUp();
        const page = file.f_mapping.page_tree.lookup(2);
        yield* k.lock_page(page);
        yield* k.sleep_ns(50_000);
        yield* k.unlock_page(page);
      });
      spawn(system, "remap", { cpu: 1, at: 20_000, mm }, function* () {
        assert.equal(yield* k.sys_remap_file_pages(mm, BASE, PAGE_SIZE, 2), 0);
      });
      run(system, "end");
      assert.deepEqual([waits, mm.rss, check_consistency(system)], [["remap data.page[2]"], 4, []], kernel);
    }
  });
});
