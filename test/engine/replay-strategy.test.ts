// The strategy that replays a schedule: transition by transition, and what it says of a schedule that does not fit.

import assert from "node:assert/strict";
import { k } from "../../src/engine/kernel/image.ts";
import type { Outcome } from "../../src/engine/machine/machine.ts";
import { follow_schedule } from "../../src/engine/schedule/replay_strategy.ts";
import { parse_segments } from "../../src/engine/schedule/schedule.ts";
import { spawn, start } from "./support.ts";

/** Two tasks with two transitions each before they end, under a schedule: what they did, and how the run ended. */
function replay(segments: string, cycle: string, transitions = Infinity): { log: string; outcome: Outcome } {
  const system = start({ cpus: 2 });
  const log: string[] = [];
  for (const [cpu, name] of ["a", "b"].entries()) {
    spawn(system, name, { cpu }, function* () {
      for (let turn = 0; turn < 2; turn++) {
        log.push(name);
        yield* k.yield_point();
      }
    });
  }
  follow_schedule(system.machine, { segments: parse_segments(segments), cycle: parse_segments(cycle) }, transitions);
  const outcome = system.machine.run(Infinity);
  return { log: log.join(""), outcome };
}

describe("a replayed schedule", () => {
  it("executes its segments, and then the non-preemptive default", () => {
    assert.equal(replay("a2b2", "").log, "aabb");
    assert.equal(replay("a1b2a1", "").log, "abba");
    assert.equal(replay("b1a1", "").log, replay("b1a1b1", "").log);
    assert.equal(replay("b2", "").log.slice(0, 2), "bb");
  });

  it("without a segment is the non-preemptive default, or its cycle from the first transition on", () => {
    const { log, outcome } = replay("", "");
    assert.equal(outcome.kind, "end");
    assert.equal(log.length, 4);
    assert.equal(replay("", "b1a1").log, "baba");
    assert.equal(replay("a1", "b1a1").log, "abab");
  });

  it("ends the run after as many transitions as are allowed, not one more or less", () => {
    const whole = replay("a1b1a1b1", "a1b1");
    assert.equal(whole.outcome.kind, "end");
    for (const limit of [1, 2, 3]) {
      const { log, outcome } = replay("a1b1a1b1", "", limit);
      assert.equal(outcome.kind, "limit");
      assert.equal(outcome.kind === "limit" && outcome.limit.limit, "transitions");
      assert.equal(log.length, limit);
    }
  });

  it("ends the run where it names a process that is not enabled", () => {
    const { log, outcome } = replay("a1c1", "");
    assert.equal(log, "a");
    assert.match(outcome.kind === "limit" ? outcome.limit.message : "", /'c' is not enabled after 1 transitions/);
  });
});
