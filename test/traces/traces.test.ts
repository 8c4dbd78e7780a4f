// An execution is a function of its scenario and its kernel: two runs pass the same events.

import assert from "node:assert/strict";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { EXAMPLES } from "../examples.ts";
import { hashEvents } from "./hash.ts";
import { traces } from "./traces.ts";

describe("traces", () => {
  it("of all examples and of random mixes, on every kernel, are the same in a second run", () => {
    const first = traces();
    assert.deepEqual(traces(), first);
    const names = Object.keys(first);
    for (const kernel of KERNEL_NAMES) for (const { name } of EXAMPLES) assert.ok(names.includes(`${name} on ${kernel}`));
    assert.ok(new Set(Object.values(first)).size > names.length / 2, "runs of different kernels or scenarios can hardly be told apart");
  });

  it("differ between runs by each argument of each event", () => {
    const trace = (size: string, change?: (args: Record<string, unknown>) => void): string => {
      const text = `file data size 64K process p { A = mmap(data) touch(A) } task shrink in p on cpu 0 { truncate(data, ${size}) }`;
      const { system } = new Simulation(parseScenario(text).program!);
      if (change !== undefined) (system.machine.sinks.truncate_begin ??= []).push(({ args }) => change(args as Record<string, unknown>));
      const hash = hashEvents(system);
      system.machine.run(Infinity);
      return hash();
    };
    assert.equal(
      trace("8K"),
      trace("8K", () => undefined),
    );
    assert.notEqual(
      trace("8K"),
      trace("8K", (args) => (args["size"] = 8193)),
    );
    // The same pages are unmapped, at the same steps and times.
    assert.notEqual(trace("8K"), trace("8191"));
    assert.throws(() => trace("8K", (args) => (args["size"] = {})), /has no name/);
  });
});
