// The known bugs of these kernels (docs/checks.md), each run on all kernels: those that have the bug show it, the others end
// without a finding.

import assert from "node:assert/strict";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import type { VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { known_bugs, RULES, KNOWN_BUGS } from "../../src/engine/observe/rules.ts";
import { code_of, report_of } from "../../src/engine/observe/report.ts";
import { on } from "../../src/engine/observe/subscribe.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { concludeRun } from "../../src/scenario/run/verdict.ts";
import { Simulation, type RunOptions } from "../../src/scenario/run/simulation.ts";
import { example } from "../examples.ts";

interface KnownBug {
  readonly id: string;
  readonly how: string;
  readonly text: string;
  /** The finding on each kernel, with the number of ptes in it. Kernels without a finding are absent. */
  readonly found: Partial<Record<KernelName, string>>;
}

const textbook = (name: string): string => example(`textbook/${name}.vmscn`);

/** Two neighbours that map a file of 32 pages: the upper one reaches further, so it is first. */
const NEIGHBOURS = `file data size 128K
  process p { A = mmap(data) touch(A) mprotect(A[64K .. 128K], read) }
  task shrink in p on cpu 0 { truncate(data, 0) }`;

const BUGS: readonly KnownBug[] = [
  { id: "K1", how: "two vmas merge (c42)", text: textbook("done-vma-merges"), found: { vmtrunc4: "truncated-mapped 6" } },
  {
    id: "K1",
    how: "the boundary between them moves, when its lock is really wanted",
    text: `file data size 64K
      process p { A = mmap(data) touch(A) mprotect(A[32K .. 64K], read) }
      task shrink in p on cpu 0 { truncate(data, 0) }
      on zap_block(data) #1 { mprotect(p.A[16K .. 32K], read) }`,
    found: { vmtrunc4: "truncated-mapped 4" },
  },
  {
    id: "K2",
    how: "mremap makes a vma grow downwards (c43d)",
    text: textbook("mremap-into-done"),
    found: { vmtrunc4: "truncated-mapped 14" },
  },
  {
    id: "K3",
    how: "two unmappings of one vma",
    text: `file data size 64K
      process p { A = mmap(data) touch(A) }
      task shrink in p on cpu 0 { truncate(data, 0) }
      task drop in p on cpu 1 { invalidate(data) }`,
    found: { vmtrunc4: "no-progress", vmtrunc5: "no-progress", "2.6.11": "no-progress" },
  },
  {
    id: "K4",
    how: "an invalidation is the victim (c45)",
    text: textbook("below-anothers-restart"),
    found: { "2.6.11": "invalidate-missed 1" },
  },
  {
    id: "K4",
    how: "a truncation is: pages between the beginnings of the two holes stay mapped for good",
    text: `file data size 256K
      process p { A = mmap(data) touch(A) }
      task drop in p on cpu 0 { invalidate(data, 32K .. 256K) }
      force need_lockbreak(data.i_mmap_lock) at 1, 2
      on lockbreak(data) #1 { truncate(data, 16K) }`,
    found: { "2.6.11": "truncated-mapped 4" },
  },
  {
    id: "K6",
    how: "the next call is a truncation (c56)",
    text: textbook("restart-address-left-behind"),
    found: { "2.6.11": "truncated-mapped 10" },
  },
  {
    id: "K6",
    how: "the next call is of an invalidation, which will have to ask again",
    text: textbook("restart-address-left-behind").replace("truncate(data, 0)", "invalidate(data)"),
    found: { "2.6.11": "invalidate-missed 10", "2.6.38": "invalidate-missed 10" },
  },
  {
    id: "K7",
    how: "the top of a vma like it (c18)",
    text: textbook("restart-vma-mistaken"),
    found: { vmtrunc4: "truncated-mapped 16", vmtrunc5: "truncated-mapped 16" },
  },
  {
    id: "K8",
    how: "22 vmas that begin at one page (v269_crash_3175)",
    text: textbook("old-tree-out-of-order"),
    found: { "2.6.9": "prio-tree" },
  },
  {
    id: "K11",
    how: "in the window in which it is remembered (c58)",
    text: textbook("restart-vma-grows-down"),
    found: { vmtrunc4: "truncated-mapped 4", vmtrunc5: "truncated-mapped 4" },
  },
  {
    id: "K11",
    how: "long after: it is never forgotten, so that it helps nothing to set the count back",
    text: `${NEIGHBOURS}
      force need_lockbreak(data.i_mmap_lock) at 1, 2, 4
      on lockbreak(data) #2 { mprotect(p.A[48K .. 64K], read) }`,
    found: { vmtrunc4: "truncated-mapped 4", vmtrunc5: "truncated-mapped 4" },
  },
  {
    id: "K12",
    how: "a fault maps what an invalidation drops",
    text: `file data size 64K
      process p { A = mmap(data) touch(A) munmap(A) A = mmap(data) }
      task reader in p on cpu 0 { touch(A[0 .. 4K]) }
      on lock_acquire(p.page_table_lock) #2 { invalidate(data) }`,
    found: { "2.6.9": "dropped-mapped 1", vmtrunc4: "dropped-mapped 1", vmtrunc5: "dropped-mapped 1", "2.6.11": "dropped-mapped 1" },
  },
];

function start(text: string, options: RunOptions): Simulation {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, diagnostics.map(({ message, range: { line } }) => `${line}: ${message}`).join("\n"));
  return new Simulation(program, options);
}

/** The first finding, with the number of its ptes, and the known bugs in its report. Empty if there is no finding. */
function find(text: string, options: RunOptions): { found: string; known: readonly string[] } {
  const simulation = start(text, options);
  const outcome = simulation.machine.run(Infinity);
  const { findings } = concludeRun(simulation, outcome);
  const [first] = findings;
  if (first === undefined) {
    assert.equal(outcome.kind, "end");
    return { found: "", known: [] };
  }
  const ptes = first.kind === "bug" ? first.bug.values["ptes"] : findings.length;
  return {
    found: `${code_of(first)} ${String(ptes ?? "")}`.trim(),
    known: report_of(first, simulation).known_bugs.map((line) => line.split(":")[0]!),
  };
}

describe("known bugs", () => {
  for (const { id, how, text, found: wanted } of BUGS) {
    it(`${id}: ${how}`, () => {
      const runs = KERNEL_NAMES.map((kernel) => [kernel, find(text, { kernel })] as const);
      assert.deepEqual(
        Object.fromEntries(runs.filter(([, { found }]) => found !== "").map(([kernel, { found }]) => [kernel, found])),
        wanted,
      );
      for (const [kernel, { found, known }] of runs) assert.equal(known.includes(id), found !== "", `${kernel} reports ${known.join(" ")}`);
    });
  }

  it("are shown on every kernel that is listed to have them", () => {
    for (const [id, { kernels }] of Object.entries(KNOWN_BUGS)) {
      const shown = KERNEL_NAMES.filter((kernel) => BUGS.some((bug) => bug.id === id && bug.found[kernel] !== undefined));
      assert.deepEqual(shown, [...kernels], id);
      assert.ok(
        kernels.every((kernel) => Object.keys(RULES).some((code) => known_bugs(code, kernel).includes(id as keyof typeof KNOWN_BUGS))),
        id,
      );
    }
  });

  it("K2: mremap moves pages into a vma that is done, with nothing forced; in vmtrunc5 into the one remembered (K11)", () => {
    const text = (at: number): string => `file data size 64K
      process p {
        B = mmap(data, length: 32K, offset: 16K, at: 0x5000_0000)
        A = mmap(data, length: 16K, at: 0x6000_0000)
        touch(A)
        touch(B)
      }
      task cut in p on cpu 0 at 5us { truncate(data, 0) }
      task mover in p on cpu 1 at ${at * 100}ns { mremap(A, at: B.start - 16K) }`;
    for (const kernel of KERNEL_NAMES) {
      const wrong = Array.from({ length: 100 }, (_, at) => find(text(at), { kernel })).filter(({ found }) => found !== "");
      const id = { vmtrunc4: "K2", vmtrunc5: "K11" }[kernel as string];
      assert.equal(wrong.length > 0, id !== undefined, kernel);
      for (const { found, known } of wrong) {
        assert.match(found, /^truncated-mapped [1-4]$/);
        assert.ok(known.includes(id!), known.join(" "));
      }
    }
  });

  it("K5: a page fault that does not look at truncate_count again maps a truncated page; later ones lock their page", () => {
    const text = (without: string): string =>
      textbook("fault-without-second-look").replace("without: nopage_recheck", `without: ${without}`);
    const found = (without: string): string[] => KERNEL_NAMES.map((kernel) => find(text(without), { kernel }).found);
    assert.deepEqual(found("nopage_recheck"), [...Array<string>(4).fill("truncated-mapped 1"), "", ""]);
    assert.deepEqual(found("nothing"), Array(6).fill(""));
  });

  it("K8: without the checks, too, the walk of the next truncation ends in an assertion; later trees are walked to their end", () => {
    const unchecked = KERNEL_NAMES.map((kernel) => {
      const simulation = start(textbook("old-tree-out-of-order"), { kernel, checks: false });
      const outcome = simulation.machine.run(Infinity);
      return outcome.kind === "bug" ? outcome.bug.code : outcome.kind;
    });
    assert.deepEqual(unchecked, ["prio-tree-walk", ...Array<string>(5).fill("end")]);
  });
});

describe("known to be slow", () => {
  const LOCKBREAKERS: readonly KernelName[] = ["vmtrunc4", "vmtrunc5", "2.6.11"];
  for (const [id, name, kernels] of [
    ["K3", "two-calls-never-done", LOCKBREAKERS],
    ["K9", "break-lock-never-cleared", LOCKBREAKERS],
    ["K10", "vmas-keep-coming", ["vmtrunc4"]],
  ] as const) {
    it(`${id}: what textbook/${name} shows holds in ${kernels.join(", ")}`, () => {
      const shown = KERNEL_NAMES.filter((kernel) => {
        const simulation = start(textbook(name), { kernel });
        assert.deepEqual(concludeRun(simulation, simulation.machine.run(Infinity)).findings, []);
        return simulation.checks.results.every(({ state }) => state === "passed");
      });
      assert.deepEqual(shown, kernels);
    });
  }

  /** How many blocks of eight pages the first unmapping does each time that it holds i_mmap_lock, from its first lockbreak on. */
  function blocksPerHold(kernel: KernelName, break_lock: string): number[] {
    const simulation = start(
      `machine { cpus: 2 ${break_lock} }
      file data size 1M
      process p { V = mmap(data) touch(V) }
      process q { }
      task shrink in p on cpu 0 { truncate(data, 0) }
      task once in q on cpu 1 at 5us { mmap(data, length: 4K) }`,
      { kernel },
    );
    const holds: number[] = [];
    let over = false;
    on(simulation.machine, "unmap_end", () => (over = true));
    on(simulation.machine, "lockbreak", () => holds.push(0));
    on<{ vma: VmArea; start: number; end: number }>(simulation.machine, "zap_block", ({ args: { vma, start: from, end } }) => {
      if (over || holds.length === 0 || vma.vm_mm.name !== "p") return;
      assert.equal(end - from, 8 * 4096);
      holds[holds.length - 1]! += 1;
    });
    assert.equal(simulation.machine.run(Infinity).kind, "end");
    return holds;
  }

  it("K9: a lock that a task once waited for is dropped after every block up to 2.6.11, then once", () => {
    for (const kernel of KERNEL_NAMES) {
      const [sticky, cleared] = ["sticky", "cleared"].map((setting) => blocksPerHold(kernel, `break_lock: ${setting}`)) as [
        number[],
        number[],
      ];
      if (kernel === "2.6.9" || kernel === "3.0") {
        assert.deepEqual([sticky, cleared], [[], []]);
        continue;
      }
      // The last ones have none left.
      assert.match(sticky.join(""), /^1{25,}0*$/, kernel);
      assert.equal(cleared.length, 1, `${kernel}: ${cleared.join(" ")}`);
      assert.deepEqual(blocksPerHold(kernel, ""), kernel === "2.6.38" ? cleared : sticky, kernel);
    }
  });

  it("K10: vmas that are made as fast as they are scanned keep a call of vmtrunc4 going, with any break_lock", () => {
    for (const break_lock of ["sticky", "cleared"]) {
      const text = `machine { cpus: 2 break_lock: ${break_lock} }
        file data size 64K
        process p { V = mmap(data) touch(V) }
        process q { }
        task shrink in p on cpu 0 { truncate(data, 0) }
        on zap_block(data) { mmap(data, length: 16K, in: q) }`;
      const scanned = (kernel: KernelName, steps: number): [string, number] => {
        const simulation = start(text, { kernel, limits: { steps } });
        const { kind } = simulation.machine.run(Infinity);
        return [kind, simulation.statistics.summary().vmas_completed];
      };
      const [some, more] = [scanned("vmtrunc4", 100_000), scanned("vmtrunc4", 400_000)];
      assert.ok(
        some[0] === "limit" && more[0] === "limit" && some[1] > 100 && more[1] > some[1] + 100,
        `${some.join(" ")}, ${more.join(" ")}`,
      );
      // It is one call that makes progress, if slowly, and no livelock. vmtruncate of 2.6.38 makes two calls.
      assert.deepEqual(
        KERNEL_NAMES.filter((kernel) => kernel !== "vmtrunc4").map((kernel) => scanned(kernel, 400_000)),
        [
          ["end", 0],
          ["end", 1],
          ["end", 1],
          ["end", 4],
          ["end", 0],
        ],
      );
    }
  });
});
