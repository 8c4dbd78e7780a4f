// Faults planted into locks and kernel code are found: each in a scenario of two tasks in which nothing is found without it, and of
// which a run goes well.

import assert from "node:assert/strict";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { MUTANTS } from "./mutants.ts";
import { parsed, search } from "./support.ts";

describe("planted faults", () => {
  for (const [title, { kernel, text, overrides }] of Object.entries(MUTANTS)) {
    it(`are found: ${title}`, () => {
      const program = parsed(text);
      const run = new Simulation(program, { kernel, overrides });
      assert.equal(run.machine.run(Infinity).kind, "end", "a run does not go well");
      const bounds = { endless: true, executions: 3_000 };
      assert.deepEqual(
        search(program, kernel, bounds).findings.map(({ key }) => key),
        [],
        "something is found without it",
      );
      const { findings, executions } = search(program, kernel, bounds, overrides);
      assert.notEqual(findings.length, 0, `nothing is found in ${executions} executions`);
    });
  }
});
