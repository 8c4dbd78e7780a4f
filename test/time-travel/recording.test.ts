// The laws of time travel, on the example scenarios: neither the stops on the way to a step nor the direction change the state there.

import assert from "node:assert/strict";
import fc from "fast-check";
import { complete_job, Recording, type Breakpoint, type Stop } from "../../src/engine/replay/recording.ts";
import { step_into, step_out, step_over } from "../../src/engine/replay/stepping.ts";
import { TRACEPOINTS, type TracepointName } from "../../src/engine/machine/trace.ts";
import { full_state } from "../../src/engine/observe/full_state.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import type { Program } from "../../src/scenario/program/program.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { example, EXAMPLES } from "../examples.ts";

function parsed(name: string): Program {
  const { program } = parseScenario(example(name), name);
  assert.ok(program, `${name} has mistakes`);
  return program;
}

function record(program: Program): Recording<Simulation> {
  return new Recording(() => new Simulation(program));
}

/** A plain run to a step, without any debugger. */
function runTo(program: Program, step: number): Simulation {
  const simulation = new Simulation(program);
  simulation.machine.run(step);
  return simulation;
}

/** The position of a stop, without its reason. */
function positionOf({ step, events, time, task }: Stop): unknown {
  return { step, events, time, task: task?.name };
}

/** The stream of events of a whole run, as text. */
function stream(program: Program): string[] {
  const simulation = new Simulation(program);
  const lines: string[] = [];
  for (const name of Object.keys(TRACEPOINTS) as TracepointName[]) {
    (simulation.machine.sinks[name] ??= []).push((event) =>
      lines.push(`${event.number} ${event.step} ${event.time} ${event.cpu} ${event.task?.name} ${event.name}`),
    );
  }
  simulation.machine.run(Infinity);
  return lines;
}

const MAIN_EXAMPLE = "truncate-lockbreak.vmscn";

describe("time travel", () => {
  for (const { name } of EXAMPLES) {
    it(`seeking to a step of ${name} gives the state of running to it`, () => {
      const program = parsed(name);
      const recording = record(program);
      const last = complete_job(recording.seek(Number.MAX_SAFE_INTEGER)).step;
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: last }), { minLength: 1, maxLength: 4 }), (steps) => {
          for (const step of steps) complete_job(recording.seek(step));
          const there = steps.at(-1)!;
          assert.equal(recording.stop.step, there);
          assert.deepEqual(full_state(recording.system.system), full_state(runTo(program, there).system));
        }),
        { numRuns: 12, seed: 1 },
      );
    });

    it(`two runs of ${name} pass the same tracepoints`, () => {
      const program = parsed(name);
      assert.deepEqual(stream(program), stream(program));
    });
  }

  it("N steps forward and N back is the identity, whatever kind of step", () => {
    const program = parsed(MAIN_EXAMPLE);
    const recording = record(program);
    const last = complete_job(recording.seek(Number.MAX_SAFE_INTEGER)).step;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: last - 200 }), fc.integer({ min: 1, max: 12 }), (start, count) => {
        complete_job(recording.seek(start));
        const places = [positionOf(recording.stop)];
        for (let n = 0; n < count; n++) {
          complete_job(recording.forward(step_into(recording.stop.task!)));
          places.push(positionOf(recording.stop));
        }
        for (let n = count - 1; n >= 0; n--) {
          complete_job(recording.backward(step_into(recording.stop.task!)));
          assert.deepEqual(positionOf(recording.stop), places[n]);
        }
      }),
      { numRuns: 10, seed: 2 },
    );
  });

  it("continuing after a stop anywhere ends in the same state as never stopping", () => {
    const program = parsed(MAIN_EXAMPLE);
    const never = runTo(program, Infinity);
    const expected = full_state(never.system);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: never.machine.step }), { minLength: 1, maxLength: 30 }), (steps) => {
        const simulation = new Simulation(program);
        for (const step of steps.sort((a, b) => a - b)) {
          simulation.machine.run(step);
          for (const task of simulation.machine.tasks) simulation.machine.backtrace(task);
        }
        simulation.machine.run(Infinity);
        assert.deepEqual(full_state(simulation.system), expected);
      }),
      { numRuns: 10, seed: 3 },
    );
  });

  it("reverse continue meets the breakpoints of continue, in reverse", () => {
    const recording = record(parsed(MAIN_EXAMPLE));
    const breakpoints: Breakpoint[] = [
      { id: 1, event: "lockbreak" },
      { id: 2, event: "lock_contended", condition: ({ event }) => event!.cpu === 1 },
    ];
    recording.breakpoints = breakpoints;
    const forward: unknown[] = [];
    for (let stop = complete_job(recording.forward(null)); stop.reason === "breakpoint"; stop = complete_job(recording.forward(null))) {
      forward.push([positionOf(stop), stop.hits, stop.event?.number]);
    }
    assert.equal(recording.stop.reason, "end");
    assert.ok(forward.length >= 8);
    const backward: unknown[] = [];
    for (let stop = complete_job(recording.backward(null)); stop.reason === "breakpoint"; stop = complete_job(recording.backward(null))) {
      backward.push([positionOf(stop), stop.hits, stop.event?.number]);
    }
    assert.equal(recording.stop.reason, "start");
    assert.deepEqual(backward.reverse(), forward);
  });

  it("stepping over and out stays in the task and leaves the function", () => {
    const recording = record(parsed(MAIN_EXAMPLE));
    recording.breakpoints = [{ id: 1, event: "restart_save" }];
    complete_job(recording.forward(null));
    recording.breakpoints = [];
    const depth = (): number => recording.system.machine.backtrace(recording.stop.task!).length;
    const before = depth();
    const { task } = recording.stop;
    complete_job(recording.forward(step_over(task!, recording.system.machine.backtrace(task!))));
    assert.equal(recording.stop.task!.pid, task!.pid);
    assert.equal(depth(), before);
    complete_job(recording.forward(step_out(task!, recording.system.machine.backtrace(task!))));
    assert.equal(recording.stop.task!.pid, task!.pid);
    assert.equal(depth(), before - 1);
    complete_job(recording.backward(step_over(recording.stop.task!, recording.system.machine.backtrace(recording.stop.task!))));
    assert.equal(depth(), before - 1);
  });

  it("a step back over ends where a step over would lead here, or where this function was called", () => {
    for (const name of [MAIN_EXAMPLE, "nonlinear.vmscn", "many-small-vmas.vmscn"]) {
      const recording = record(parsed(name));
      const last = complete_job(recording.seek(Number.MAX_SAFE_INTEGER)).step;
      fc.assert(
        fc.property(fc.integer({ min: 1, max: last - 1 }), (step) => {
          const here = complete_job(recording.seek(step));
          const frames = recording.system.machine.backtrace(here.task!);
          const { pid } = here.task!;
          const back = complete_job(recording.backward(step_over(here.task!, frames)));
          if (back.reason === "start") return;
          assert.equal(back.task!.pid, pid);
          const before = recording.system.machine.backtrace(back.task!);
          if (before.length === frames.length) {
            // In this very call, one statement before.
            assert.deepEqual(
              before.slice(1).map(([site]) => site),
              frames.slice(1).map(([site]) => site),
            );
            assert.equal(complete_job(recording.forward(step_over(back.task!, before))).step, step);
          } else {
            // Nothing of this function came before: it was called from there.
            assert.equal(before.length, frames.length - 1);
            const out = complete_job(recording.seek(step));
            assert.deepEqual(
              positionOf(complete_job(recording.backward(step_out(out.task!, recording.system.machine.backtrace(out.task!))))),
              positionOf(back),
            );
          }
        }),
        { numRuns: 60, seed: 6 },
      );
    }
  });

  it("a job that is dropped leaves the execution at the step that it has reached", () => {
    const recording = record(parsed("many-small-vmas.vmscn"));
    const job = recording.seek(5_000);
    job.next();
    job.return(recording.stop);
    assert.ok(recording.system.machine.step <= 5_000);
    assert.equal(complete_job(recording.seek(5_000)).step, 5_000);
  });
});
