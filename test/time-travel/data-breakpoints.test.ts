// Data breakpoints, against reading the data before every statement.

import assert from "node:assert/strict";
import { reportsReads } from "../../src/debug-adapter/values/data-locations.ts";
import type { AddressSpace, MmStruct, VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { pte_index, pte_offset } from "../../src/engine/kernel/common/pgtable.ts";
import { ZapDetails } from "../../src/engine/kernel/common/memory.ts";
import type { SpinLock } from "../../src/engine/machine/spinlock.ts";
import { complete_job, Recording, type Breakpoint } from "../../src/engine/replay/recording.ts";
import { Anchor, type Location } from "../../src/engine/machine/data_access.ts";
import { full_state } from "../../src/engine/observe/full_state.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { example, EXAMPLES } from "../examples.ts";

const name = "truncate-lockbreak.vmscn";
const program = parseScenario(example(name), name).program!;

function record(): Recording<Simulation> {
  return new Recording((watched) => new Simulation(program, { build: watched ? "watched" : "steppable" }));
}

const mapping = (of: Simulation): AddressSpace => of.globals.files.get("data")!.f_mapping;
const viewer = (of: Simulation): MmStruct => of.globals.processes.get("viewer")!.members[2]!.mm;
const firstVma = (of: Simulation): VmArea | null => viewer(of).mm_rb[0] ?? null;
const ADDRESS = 0x4002_0000;

/** Locations that a run changes, each by its object. */
const LOCATIONS: Readonly<
  Record<string, { readonly key: (of: Simulation) => string | number; readonly object: (of: Simulation) => object | null }>
> = {
  truncate_count: { key: () => "truncate_count", object: mapping },
  "a vma's count": { key: () => "vm_truncate_count", object: firstVma },
  rss: { key: () => "rss", object: viewer },
  "the owner of a lock": { key: () => "owner", object: (of) => mapping(of).i_mmap_lock! },
  break_lock: { key: () => "break_lock", object: (of) => mapping(of).i_mmap_lock! },
  "a pte": { key: () => pte_index(ADDRESS), object: (of) => pte_offset(viewer(of), ADDRESS) },
};

function valueIn(object: object | null, key: string | number): unknown {
  const value = (object as Record<string, unknown> | null)?.[key];
  return typeof value === "object" && value !== null ? (value as SpinLock).name : value;
}

function breakpoint(place: (typeof LOCATIONS)[string], of: () => Simulation): Breakpoint {
  return {
    id: 1,
    data: {
      access: "write",
      location: {
        keys: [place.key(of())],
        is: (object) => object === place.object(of()),
        value: (object) => valueIn(object, place.key(of())),
      },
    },
  };
}

/** Steps before which a value differs from what it was one statement before, with both values. */
function changes(place: (typeof LOCATIONS)[string]): unknown[] {
  const simulation = new Simulation(program);
  const found: unknown[] = [];
  let old: unknown;
  let object: object | null = null;
  for (let step = 1; simulation.machine.run(step).kind === "stopped"; step++) {
    const now = valueIn(place.object(simulation), place.key(simulation));
    // An object that has just come into being was not changed.
    if (object !== null && now !== old) found.push([step, old, now]);
    old = now;
    object = place.object(simulation);
  }
  return found;
}

describe("data breakpoints", () => {
  for (const [what, place] of Object.entries(LOCATIONS)) {
    it(`stop at every change of ${what}, in both directions`, () => {
      const recording = record();
      recording.breakpoints = [breakpoint(place, () => recording.system)];
      const forward: unknown[] = [];
      for (let stop = complete_job(recording.forward(null)); stop.reason === "breakpoint"; stop = complete_job(recording.forward(null))) {
        forward.push([stop.step, stop.access!.before, stop.access!.after]);
      }
      const expected = changes(place);
      assert.deepEqual(forward, expected);
      assert.ok(forward.length > 0);
      const backward: unknown[] = [];
      for (let stop = complete_job(recording.backward(null)); stop.reason === "breakpoint"; stop = complete_job(recording.backward(null))) {
        backward.push([stop.step, stop.access!.before, stop.access!.after]);
      }
      assert.deepEqual(backward.reverse(), expected);
    });
  }

  it("can be set at any time, and change nothing", () => {
    const recording = record();
    const end = complete_job(recording.seek(Number.MAX_SAFE_INTEGER)).step;
    const expected = full_state(recording.system.system);
    const place = LOCATIONS["rss"]!;
    const after = changes(place).filter((change) => (change as [number])[0] > end / 2);
    complete_job(recording.seek(Math.floor(end / 2)));
    recording.breakpoints = [breakpoint(place, () => recording.system)];
    for (const [step] of after as [number][]) assert.equal(complete_job(recording.forward(null)).step, step);
    assert.equal(complete_job(recording.forward(null)).reason, "end");
    assert.deepEqual(full_state(recording.system.system), expected);
  });

  it("find an object that no name leads to by the first write to it, in every replay", () => {
    // Where the second zap_details of the run gets its restart address, by watching all of them.
    const all = record();
    let details: object[] = [];
    const any: Location = {
      keys: ["restart_addr"],
      is: (object) => object instanceof ZapDetails,
      value: (object) => (object as { restart_addr: number }).restart_addr,
    };
    all.breakpoints = [
      {
        id: 1,
        data: {
          location: { ...any, is: (object) => any.is(object) && (details.includes(object) || details.push(object) > 0) },
          access: "write",
        },
      },
    ];
    const steps: [number, object][] = [];
    for (let stop = complete_job(all.forward(null)); stop.reason === "breakpoint"; stop = complete_job(all.forward(null)))
      steps.push([stop.step, details.at(-1)!]);
    assert.ok(steps.length > 2);
    // The anchor: the first write to that object, found by watching all writes.
    const writes = new Map<object, [number, number]>();
    const simulation = new Simulation(program, { build: "watched" });
    let nth = 0;
    let last = 0;
    simulation.machine.data_access_sinks.push((kind, object) => {
      if (kind !== "write") return;
      nth = simulation.machine.now === last ? nth + 1 : 0;
      last = simulation.machine.now;
      if (!writes.has(object)) writes.set(object, [last, nth]);
    });
    simulation.machine.run(Infinity);
    const [step, write] = [...writes].find(([object]) => object instanceof ZapDetails)![1];
    const anchor = new Anchor(step, write);
    const recording = record();
    recording.breakpoints = [{ id: 1, data: { location: { ...any, is: (object) => object === anchor.object, anchor }, access: "write" } }];
    const expected = steps.filter(([, object]) => object === steps[0]![1]).map(([at]) => at);
    details = [];
    for (const at of expected) assert.equal(complete_job(recording.forward(null)).step, at);
    const end = complete_job(recording.forward(null));
    assert.equal(end.reason, "end");
    for (const at of [...expected].reverse()) assert.equal(complete_job(recording.backward(null)).step, at);
    assert.equal(complete_job(recording.backward(null)).reason, "start");
    assert.equal(complete_job(recording.forward(null)).step, expected[0]);
  });

  it("can be set on exactly those words whose reads the kernel reports", () => {
    const seen = new Set<string>();
    for (const text of [
      ...EXAMPLES.map((one) => one.text),
      "file data size 64K\nprocess p { V = mmap(data) }\ntask t in p on cpu 0 { touch(V) }",
    ]) {
      const simulation = new Simulation(parseScenario(text).program!, { build: "watched" });
      simulation.machine.data_access_sinks.push((kind, object, key) => {
        // No name leads to the fields of struct pages.
        if (kind !== "read" || ArrayBuffer.isView(object)) return;
        assert.ok(reportsReads({ object, key }), `${object.constructor.name}.${key}`);
        seen.add(String(key));
      });
      simulation.machine.run(Infinity);
    }
    assert.deepEqual([...seen].sort(), ["break_lock", "i_size", "need_resched", "truncate_count"]);
  });

  it("on reads stop where a word is read that another task may be writing", () => {
    const recording = record();
    const of = (): Simulation => recording.system;
    const location: Location = {
      keys: ["break_lock"],
      is: (object) => object === mapping(of()).i_mmap_lock,
      value: (object) => (object as SpinLock).break_lock,
    };
    let checks = 0;
    const simulation = new Simulation(program);
    (simulation.machine.sinks.lockbreak_check ??= []).push(
      ({ args }) => void (checks += args["lock"] === mapping(simulation).i_mmap_lock ? 1 : 0),
    );
    simulation.machine.run(Infinity);
    recording.breakpoints = [{ id: 1, data: { location, access: "read" } }];
    let reads = 0;
    for (let stop = complete_job(recording.forward(null)); stop.reason === "breakpoint"; stop = complete_job(recording.forward(null))) {
      reads += 1;
      assert.deepEqual([stop.access!.kind, stop.access!.before], ["read", stop.access!.after]);
    }
    assert.equal(reads, checks);
    assert.ok(reads > 0);
  });
});
