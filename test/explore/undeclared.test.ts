// Every access of the kernel to what another task accesses, too, has to be reported, or has to happen under a lock that both take:
// otherwise the reduction of the search takes two orders for one, and misses what the other leads to. Here all fields and
// elements of the kernel's data are watched during random executions: of two accesses to one place, one of them a write, one has to
// happen before the other according to the reported accesses.

import assert from "node:assert/strict";
import { note_accesses } from "../../src/engine/explore/tracepoint_accesses.ts";
import { Races } from "../../src/engine/explore/races.ts";
import { Runner, type Boot } from "../../src/engine/explore/runner.ts";
import { pct, random } from "../../src/engine/explore/random.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import { SpinLock } from "../../src/engine/machine/spinlock.ts";
import type { Program } from "../../src/scenario/index.ts";
import { ScenarioWorld } from "../../src/scenario/explore/scenario-world.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { parsed, race, RACES } from "./support.ts";
import fc from "fast-check";
import { scenarios } from "./scenarios.ts";
import { on } from "../../src/engine/observe/subscribe.ts";
import { watch } from "./watched.ts";

/** Places where the order makes no difference to what tasks bring about, and why. */
const BENIGN: Readonly<Record<string, string>> = {
  "MemMap.allocated": "which page frame a task gets makes no difference",
  "MemMap.free_list[]": "the same",
  "MemMap.max_mapnr": "the same",
  "MemMap.locks{}": "the same, for the lock that comes with it",
  "SwapMap.next_offset": "the same, for swap entries",
  "SwapMap.references{}": "the same",
  "KernelState.mmu_gathers[]": "the same, for gathers",
  "MemMap.count[]": "counted by atomic operations, in any order; code that decides by the number reports that",
  "MemMap._mapcount[]": "the same",
  "MemMap.mapped": "the same, and no code decides by it",
  "MemMap.flags[]": "bits are set and cleared by atomic operations; only write-back decides by them",
  "PageCache.nrpages": "the same as for the pages it counts, whose accesses are reported",
  "MmStruct.cpu_vm_mask[]": "a CPU that begins to execute in an address space has an empty TLB: a flush may leave it out or not",
  "CpuTlb.mm": "the same, for a CPU that has left it",
  "CpuTlb.used": "the same: what is in a TLB is reported as a read of the page tables",
  "MemMap.tlb_entries[]": "the same",
  "VmArea.vm_file": "is read after the lock was dropped for the arguments of a tracepoint only",
  "VmArea.name": "no code decides by it",
};

interface TransitionAccess {
  readonly transition: number;
  readonly process: number;
}

interface WatchedPlace {
  readonly name: string;
  readonly writes: TransitionAccess[];
  readonly reads: TransitionAccess[];
}

/** Which accesses are not reported. */
type Omission = (object: object, field: string) => boolean;

/** Places of `program` with accesses that the reported accesses do not order, in `runs` random executions. */
function undeclaredRaces(program: Program, kernel: KernelName, runs: number, isOmitted: Omission = () => false): Set<string> {
  let places = new Map<object, Map<string, WatchedPlace>>();
  // A page frame that was freed is another page when it is taken again.
  let lives = new Map<string, number>();
  const boot: Boot = (decide) => {
    const simulation = new Simulation(program, { kernel, setupOnly: true, checks: false });
    const { machine } = simulation;
    machine.run(Infinity);
    machine.outcome = null;
    simulation.startTasks();
    note_accesses(simulation.system);
    on<{ page: number }>(machine, "page_free", ({ args: { page } }) => lives.set(String(page), (lives.get(String(page)) ?? 0) + 1));
    watch(simulation.system, (name, owner, field, write) => {
      const transition = runner.trace.length - 1;
      if (transition < 0 || machine.accesses === null) return;
      const key = name.startsWith("MemMap.") ? `${String(field)} ${lives.get(String(field)) ?? 0}` : String(field);
      const fields = places.get(owner) ?? new Map<string, WatchedPlace>();
      places.set(owner, fields);
      const place = fields.get(key) ?? { name, writes: [], reads: [] };
      fields.set(key, place);
      const list = write ? place.writes : place.reads;
      if (list.at(-1)?.transition !== transition) list.push({ transition, process: runner.trace.process[transition]! });
    });
    decide(machine, simulation.setup);
    const log = machine.accesses!;
    machine.accesses = { access: (object, field, kind) => (isOmitted(object, field) ? undefined : log.access(object, field, kind)) };
    return new ScenarioWorld(simulation);
  };
  const runner = new Runner(boot, { ticks: program.explore.ticks, max_transitions: 1_000 });
  const races = new Races(runner.trace);
  const ordered = (one: TransitionAccess, other: TransitionAccess): boolean => {
    const [first, second] = one.transition < other.transition ? [one, other] : [other, one];
    return one.process === other.process || races.happens_before(first.transition, second.transition);
  };
  const found = new Set<string>();
  for (let number = 0; number < runs; number++) {
    places = new Map();
    lives = new Map();
    runner.run([], number % 2 === 0 ? random(1, number) : pct(1, number, 3, 40));
    races.analyse(runner.policy.processes.length, Infinity, [], () => undefined);
    for (const { name, writes, reads } of [...places.values()].flatMap((fields) => [...fields.values()])) {
      if (BENIGN[name] === undefined && writes.some((one) => [...writes, ...reads].some((other) => !ordered(one, other)))) found.add(name);
    }
  }
  return found;
}

describe("the accesses that the kernel reports", () => {
  for (const kernel of KERNEL_NAMES) {
    it(`are all that make a difference, on ${kernel}`, () => {
      for (const name of RACES) assert.deepEqual([...undeclaredRaces(race(name), kernel, 5)], [], name);
      for (const text of fc.sample(scenarios(3), { numRuns: 60, seed: 3 })) {
        assert.deepEqual([...undeclaredRaces(parsed(text), kernel, 3)], [], text);
      }
    });
  }

  it("are incomplete without any one of them", () => {
    const without = (name: string, omission: Omission, kernel: KernelName = "vmtrunc4"): string[] => [
      ...undeclaredRaces(race(name), kernel, 40, omission),
    ];
    const isLock = (object: object, name: string): boolean => object instanceof SpinLock && object.name === name;
    assert.ok(
      without("K6-stale-restart", (_object, field) => field === "vm_truncate_count", "2.6.11").includes("VmArea.vm_truncate_count"),
    );
    assert.ok(without("K5-no-recheck", (_object, field) => field === "i_size").includes("Inode.i_size"));
    assert.ok(without("K5-no-recheck", (_object, field) => field === "truncate_count").includes("AddressSpace.truncate_count"));
    assert.ok(without("K1-boundary", (object) => isLock(object, "data.i_mmap_lock")).includes("VmArea.vm_end"));
    assert.ok(without("K1-boundary", (object) => isLock(object, "editor.page_table_lock")).includes("MemMap.tables[][]"));
    const unreported = without("K7-reused", (_object, field) => field === "cpu" || field === "vm_area_cachep");
    assert.ok(unreported.some((place) => place.startsWith("KernelState.vm_area_cachep")));
  });
});
