// Branches: executions with changes from outside are as exact as the recorded one, which nothing of them touches.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { end_run_only, run_next, run_only } from "../../src/engine/schedule/override.ts";
import { complete_job, Recording, type Edit } from "../../src/engine/replay/recording.ts";
import { step_into } from "../../src/engine/replay/stepping.ts";
import { full_state } from "../../src/engine/observe/full_state.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";

const name = "truncate-lockbreak.vmscn";
const program = parseScenario(readFileSync(path.resolve("examples", name), "utf8"), name).program!;
const record = (): Recording<Simulation> =>
  new Recording((watched) => new Simulation(program, { build: watched ? "watched" : "steppable" }));
const LAST = complete_job(record().seek(Number.MAX_SAFE_INTEGER)).step;

/** A plain run to a step with these edits, without any debugger. */
function runTo(step: number, edits: readonly Edit<Simulation>[]): Simulation {
  const simulation = new Simulation(program);
  for (const edit of edits) {
    if (edit.step > step || simulation.machine.run(edit.step).kind !== "stopped") break;
    edit.apply(simulation);
  }
  simulation.machine.run(step);
  return simulation;
}

function stateOf({ system, machine }: Simulation): unknown {
  return [machine.step, machine.events, full_state(system)];
}

const setting = (step: number, value: number): Edit<Simulation> => ({
  step,
  apply: ({ globals, machine }) => {
    machine.tampered = true;
    globals.files.get("data")!.f_mapping.i_mmap_lock!.break_lock = value;
  },
});
const next = (step: number, pid: number): Edit<Simulation> => ({
  step,
  apply: ({ machine }) => run_next(machine, machine.tasks[pid - 1]!),
});
const only = (step: number, pid: number): Edit<Simulation> => ({
  step,
  apply: ({ machine }) => run_only(machine, machine.tasks[pid - 1]!),
});
const all = (step: number): Edit<Simulation> => ({ step, apply: ({ machine }) => end_run_only(machine) });

/** Where the tasks begin. */
const BEGIN = complete_job(record().seek_first((machine) => machine.tasks.length > 2)).step;
const anyEdit: fc.Arbitrary<Edit<Simulation>> = fc
  .tuple(fc.integer({ min: BEGIN, max: LAST - 100 }), fc.nat(3), fc.integer({ min: 2, max: 3 }))
  .map(([step, kind, pid]) => [setting(step, pid - 2), next(step, pid), only(step, pid), all(step)][kind]!);

describe("a branch", () => {
  it("is the same in every replay, and leaves the recorded execution as it was", () => {
    const recorded = stateOf(runTo(Infinity, []));
    fc.assert(
      fc.property(
        fc.array(anyEdit, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: LAST }), { minLength: 1, maxLength: 4 }),
        (edits, steps) => {
          const recording = record();
          for (const edit of edits) {
            // A branch may have ended before that step.
            if (complete_job(recording.seek(edit.step)).outcome === null) recording.edit(edit);
          }
          for (const step of steps) {
            complete_job(recording.seek(step));
            assert.deepEqual(stateOf(recording.system), stateOf(runTo(step, recording.edits)));
          }
          complete_job(recording.switch_branch([], 1));
          complete_job(recording.seek(Number.MAX_SAFE_INTEGER));
          assert.deepEqual(stateOf(recording.system), recorded);
        },
      ),
      { numRuns: 25, seed: 4 },
    );
  });

  it("begins where it was made, and drops the edits of later steps", () => {
    const recording = record();
    const [first, second, third] = [setting(BEGIN + 100, 1), setting(BEGIN + 500, 0), setting(BEGIN + 300, 1)];
    const { step, events } = complete_job(recording.seek(BEGIN + 1_000));
    for (const edit of [first, second]) {
      complete_job(recording.seek(edit.step));
      recording.edit(edit);
    }
    complete_job(recording.seek(third.step));
    assert.deepEqual(recording.edits, [first, second]);
    recording.edit(third);
    assert.deepEqual(recording.edits, [first, third]);
    assert.deepEqual(recording.furthest, { step: third.step, events: recording.system.machine.events, ended: false });
    complete_job(recording.switch_branch([], first.step));
    assert.deepEqual(recording.furthest, { step, events, ended: false });
  });

  it("in which a CPU is made to execute next continues there, and ends as well", () => {
    const recording = record();
    recording.breakpoints = [{ id: 1, event: "lockbreak" }];
    complete_job(recording.forward(null));
    recording.breakpoints = [];
    const { machine } = recording.system;
    const reader = machine.tasks.find((task) => task.name === "reader")!;
    assert.notEqual(machine.current, reader);
    recording.edit(next(machine.step, reader.pid));
    const stop = complete_job(recording.forward(step_into(reader)));
    assert.equal(stop.task!.name, "reader");
    assert.equal(complete_job(recording.seek(Number.MAX_SAFE_INTEGER)).reason, "end");
  });

  it("in which only one task executes lets others do so where it has to wait", () => {
    const recording = record();
    complete_job(recording.seek(BEGIN));
    const { machine } = recording.system;
    const shrink = machine.tasks.find((task) => task.name === "shrink")!;
    recording.edit(only(machine.step, shrink.pid));
    // Another task executes only while this one has to wait.
    while (machine.run(machine.step + 1).kind === "stopped") {
      if (machine.current === shrink || shrink.state === "done") continue;
      assert.notEqual(shrink.state, "running");
    }
    assert.equal(machine.outcome!.kind, "end");
  });
});
