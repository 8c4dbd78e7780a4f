// Random walks through executions: after any sequence of moves the state is that of a plain run to the same step, and both
// directions meet the stops of a list of all of them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import sites from "lockbreak:sites";
import fc from "fast-check";
import { namedLocation } from "../../src/debug-adapter/values/data-locations.ts";
import { ALL_TRACEPOINTS } from "../../src/engine/replay/breakpoint_matcher.ts";
import { complete_job, Recording, type Breakpoint } from "../../src/engine/replay/recording.ts";
import { step_into, step_out, step_over } from "../../src/engine/replay/stepping.ts";
import type { TracepointName } from "../../src/engine/machine/trace.ts";
import { full_state } from "../../src/engine/observe/full_state.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import type { Program } from "../../src/scenario/program/program.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";

type Walk = Recording<Simulation>;

function example(file: string): Program {
  return parseScenario(readFileSync(path.resolve("examples", file), "utf8"), file).program!;
}

function record(program: Program): Walk {
  return new Recording((watched) => new Simulation(program, { build: watched ? "watched" : "steppable" }), { steps: 900 });
}

const EXAMPLES = readdirSync("examples").filter((file) => file.endsWith(".vmscn"));
const EVENTS: readonly TracepointName[] = [
  "lockbreak",
  "vma_complete",
  "zap_block",
  "lock_contended",
  "sched_switch",
  "need_resched",
  "page_free",
];
const DATA = ["data.truncate_count", "data.i_mmap_lock.owner", "data.i_mmap_lock.break_lock"];
const ENTRIES = sites.flatMap((site, number) =>
  site.entry && /^(zap_pte_range|unmap_vmas|vma_prio_tree_next|do_no_page)$/.test(site.function) ? [number] : [],
);

/** Breakpoints of all kinds, some with conditions and counts. */
const anyBreakpoint: fc.Arbitrary<(of: () => Simulation, id: number) => Breakpoint> = fc
  .record({ kind: fc.nat(2), pick: fc.nat(99), every: fc.constantFrom(1, 1, 1, 3, 7), odd: fc.boolean() })
  .map(({ kind, pick, every, odd }) => (of, id) => ({
    id,
    ...(kind === 0
      ? { event: EVENTS[pick % EVENTS.length]! }
      : kind === 1
        ? { sites: new Set([ENTRIES[pick % ENTRIES.length]!]) }
        : { data: { location: namedLocation(DATA[pick % DATA.length]!, of), access: odd ? ("readWrite" as const) : ("write" as const) } }),
    ...(odd && kind < 2 ? { condition: ({ task }) => task !== null && task.pid % 2 === 0 } : {}),
    ...(every === 1 ? {} : { hit_condition: (hit: number) => hit % every === 0 }),
  }));

type Move = { readonly kind: "continue" | "reverse" | "into" | "back" | "over" | "out" | "event" | "goto" | "first"; readonly to: number };
const anyMove: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom(
    "continue",
    "continue",
    "reverse",
    "reverse",
    "reverse",
    "reverse",
    "into",
    "back",
    "over",
    "out",
    "event",
    "goto",
    "goto",
    "first",
  ),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** All steps at which breakpoints stop, found by continuing from the start, and the end. */
function stopsOf(program: Program, make: (of: () => Simulation) => Breakpoint[]): { steps: number[]; last: number; events: number } {
  const recording = record(program);
  recording.breakpoints = make(() => recording.system);
  const steps: number[] = [];
  for (;;) {
    const stop = complete_job(recording.forward(null));
    if (stop.outcome !== null) return { steps, last: stop.step, events: stop.events };
    steps.push(stop.step);
  }
}

/** Makes a move; the step at which it has to end, if the list of all stops determines it. */
function move(walk: Walk, { kind, to }: Move, { steps, last, events }: ReturnType<typeof stopsOf>): number | null {
  const { machine } = walk.system;
  const here = machine.outcome === null ? machine.step : machine.step + 1;
  const task = machine.current;
  switch (kind) {
    case "continue":
      if (machine.outcome !== null) return null;
      complete_job(walk.forward(null));
      return steps.find((step) => step > here) ?? last;
    case "reverse":
      complete_job(walk.backward(null));
      return steps.findLast((step) => step < here) ?? 1;
    case "goto":
      complete_job(walk.seek(1 + Math.floor(to * (last - 1))));
      return 1 + Math.floor(to * (last - 1));
    case "first": {
      const event = 1 + Math.floor(to * (events - 1));
      complete_job(walk.seek_first((at) => at.events >= event));
      assert.ok(walk.stop.events >= event);
      return null;
    }
    case "event":
      complete_job(to < 0.5 ? walk.backward(null, ALL_TRACEPOINTS) : walk.forward(null, ALL_TRACEPOINTS));
      return null;
    default: {
      if (task === null || machine.outcome !== null) return null;
      const frames = machine.backtrace(task);
      if (frames.length === 0) return null;
      const plan =
        kind === "into" || kind === "back" ? step_into(task) : kind === "over" ? step_over(task, frames) : step_out(task, frames);
      const forwards = kind === "into" || (kind !== "back" && to < 0.5);
      const stop = complete_job(forwards ? walk.forward(plan) : walk.backward(plan));
      assert.ok(forwards ? stop.step > here || stop.outcome !== null : stop.step < here || stop.step === 1);
      return null;
    }
  }
}

describe("a random walk", () => {
  for (const file of EXAMPLES) {
    it(`through ${file} has the state of a plain run after every move, and meets every stop in both directions`, () => {
      const program = example(file);
      fc.assert(
        fc.property(
          fc.array(anyBreakpoint, { minLength: 1, maxLength: 4, size: "max" }),
          fc.array(anyMove, { minLength: 20, maxLength: 40, size: "max" }),
          (breakpoints, moves) => {
            const make = (of: () => Simulation): Breakpoint[] => breakpoints.map((one, at) => one(of, at + 1));
            const stops = stopsOf(program, make);
            const walk = record(program);
            walk.breakpoints = make(() => walk.system);
            for (const one of moves) {
              // Checkpoints from before, or placed in part only.
              const task = walk.system.machine.current;
              const preparing = walk.place_checkpoints(4, task === null ? null : step_over(task, walk.system.machine.backtrace(task)));
              for (let n = 0; n < Math.floor(one.to * 10) && preparing.next().done !== true; n++);
              const expected = move(walk, one, stops);
              if (expected !== null) assert.equal(walk.stop.step, expected, one.kind);
            }
            const plain = new Simulation(program);
            const { machine } = walk.system;
            plain.machine.run(machine.outcome === null ? machine.step : Infinity);
            assert.equal(plain.machine.events, machine.events);
            assert.deepEqual(full_state(walk.system.system), full_state(plain.system));
          },
        ),
        { numRuns: file === "truncate-lockbreak.vmscn" ? 30 : 10, seed: 5 },
      );
    });
  }
});
