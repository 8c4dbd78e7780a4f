// The known bugs of these kernels (docs/checks.md): each is found from what the tasks do alone, in the kernels that have it, and in
// no other.

import assert from "node:assert/strict";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { parse_segments } from "../../src/engine/schedule/schedule.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { race, search } from "./support.ts";

type Found = Readonly<Partial<Record<KernelName, readonly string[]>>>;

const LIVELOCK: Found = { vmtrunc4: ["livelock"], vmtrunc5: ["livelock"], "2.6.11": ["livelock"] };
const UP_TO_2_6_11: Found = Object.fromEntries(
  (["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11"] as const).map((kernel) => [kernel, ["truncated-mapped"]]),
);

/** By example: the bugs that are found, by kernel. On all other kernels none is. */
const KNOWN_BUGS: Readonly<Record<string, Found>> = {
  "K1-boundary": { vmtrunc4: ["truncated-mapped"] },
  "K2-mremap": { vmtrunc4: ["truncated-mapped"] },
  "K3-livelock": LIVELOCK,
  "K4-below-restart": { ...LIVELOCK, "2.6.11": ["livelock", "truncated-mapped"] },
  "K5-no-recheck": UP_TO_2_6_11,
  "K6-stale-restart": { "2.6.11": ["invalidate-missed"], "2.6.38": ["invalidate-missed"] },
  "K7-reused": { vmtrunc4: ["truncated-mapped"], vmtrunc5: ["truncated-mapped"] },
  "K10-endless": { vmtrunc4: ["livelock"] },
  "K12-dropped": Object.fromEntries((["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11"] as const).map((kernel) => [kernel, ["dropped-mapped"]])),
  "K11-grows-down": { vmtrunc4: ["truncated-mapped"], vmtrunc5: ["truncated-mapped"] },
};

describe("known bugs", () => {
  for (const [name, found] of Object.entries(KNOWN_BUGS)) {
    it(`${name} is found in ${Object.keys(found).join(", ")}, and in no other kernel`, () => {
      const program = race(name);
      // Without an end of its own a scenario has many more executions.
      const preemptions = name === "K10-endless" ? 1 : 2;
      for (const kernel of KERNEL_NAMES) {
        const { findings, stages } = search(program, kernel, { preemptions, divergent: true });
        assert.deepEqual(
          findings.map(({ key }) => key),
          found[kernel] ?? [],
          kernel,
        );
        assert.ok(
          stages.slice(1).every(({ exhausted }) => exhausted),
          `not all of ${kernel} was searched`,
        );
        for (const { key, segments, cycle } of findings) {
          const run = new Simulation(program, { kernel, schedule: { segments: parse_segments(segments), cycle: parse_segments(cycle) } });
          const outcome = run.machine.run(Infinity);
          // A livelock continues until the check for progress reports it.
          if (key === "dropped-mapped") assert.ok(check_consistency(run.system).some(({ rule }) => rule === key));
          else if (cycle === "") assert.equal(outcome.kind === "bug" && outcome.bug.code, key);
          else if (name === "K3-livelock") assert.equal(outcome.kind === "bug" && outcome.bug.code, "no-progress");
          else assert.notEqual(outcome.kind, "end");
        }
      }
    });
  }
});
