// Runs of scenarios that a test has as text.

import assert from "node:assert/strict";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation, type RunOptions } from "../../src/scenario/run/simulation.ts";

/** A run of a scenario that has no mistakes, at its start. */
export function simulate(text: string, options: RunOptions = {}): Simulation {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, diagnostics.map(({ code, message, range }) => `${range.line}:${range.column} ${code} ${message}`).join("\n"));
  return new Simulation(program, options);
}

/** Runs to the end, where all checks have to hold and all counters to be right. */
export function holds(text: string, options: RunOptions = {}): Simulation {
  const simulation = simulate(text, options);
  const outcome = simulation.machine.run(Infinity);
  assert.equal(
    outcome.kind,
    "end",
    outcome.kind === "bug" ? outcome.bug.message : outcome.kind === "error" ? outcome.error.message : outcome.kind,
  );
  simulation.checks.runEnded();
  assert.deepEqual(
    simulation.checks.results.filter(({ state }) => state !== "passed").map(({ check, failure }) => [check.text, failure?.why]),
    [],
  );
  assert.deepEqual(check_consistency(simulation.system), []);
  return simulation;
}
