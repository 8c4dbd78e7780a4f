// What a launch is refused for, where one number more or less makes the difference.

import assert from "node:assert/strict";
import { StopHistory } from "../../src/debug-adapter/requests/stop-history.ts";
import { closeAll, connect, debug, EXAMPLE, scenario } from "./support.ts";

describe("a launch", () => {
  afterEach(closeAll);

  it("is refused with parts of numbers, and with texts for numbers", async () => {
    const client = await connect();
    await client.initialize();
    for (const cpus of [1.5, "2", 65])
      assert.match(await client.refused("launch", { program: EXAMPLE, cpus }), /'cpus' .* must be a whole number from 1 to 64/);
  });

  it("is possible with the least and with the most CPUs", async () => {
    for (const cpus of [2, 64]) assert.equal((await debug(EXAMPLE, { filters: ["lockbreak"] }, { cpus })).stop.reason, "lockbreak");
    const file = scenario("machine { cpus: 1 }\nfile data size 64K\nprocess p { V = mmap(data) }\ntask t in p on cpu 0 { touch(V) }\n");
    assert.match((await debug(file, {}, { cpus: 1 })).stop.description!, /end of the run/);
  });

  it("says how many more mistakes there are than the first", async () => {
    const client = await connect();
    await client.initialize();
    const mistakes = (count: number): string => scenario("file data size 64K\n" + "check finally nothing(data) == 1\n".repeat(count));
    assert.doesNotMatch(await client.refused("launch", { program: mistakes(1) }), /more/);
    assert.match(await client.refused("launch", { program: mistakes(2) }), /There is one more mistake in this scenario\.$/);
    assert.match(await client.refused("launch", { program: mistakes(3) }), /There are 2 more mistakes in this scenario\.$/);
  });
});

describe("a source", () => {
  afterEach(closeAll);

  it("that does not exist is refused, before and after the launch", async () => {
    const early = await connect();
    await early.initialize();
    const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const sources = [{ sourceReference: 99_999 }, { sourceReference: 0, source: { path: "/no/such/file.ts" } }];
    for (const one of [early, client]) {
      for (const args of sources) assert.equal(await one.refused("source", args), "There is no such source.");
    }
  });
});

describe("the stops that were reported", () => {
  const stop = (step: number): { step: number; ended: boolean; text: string } => ({ step, ended: false, text: `stop ${step}` });

  it("are walked along one by one, and have a first and a last", () => {
    const history = new StopHistory();
    assert.equal(history.move(-1), null);
    for (const step of [1, 2, 3]) history.add(stop(step));
    assert.equal(history.move(1), null);
    assert.deepEqual([history.move(-1), history.move(-1), history.move(-1)], [stop(2), stop(1), null]);
    assert.deepEqual([history.move(1), history.move(1), history.move(1)], [stop(2), stop(3), null]);
  });

  it("before and behind the current one are gone in a branch, those behind it after a new stop", () => {
    const history = new StopHistory();
    for (const step of [1, 2, 3]) history.add(stop(step));
    history.move(-1);
    history.add(stop(4));
    assert.equal(history.move(1), null);
    assert.deepEqual(history.move(-1), stop(2));
    history.keepCurrent();
    assert.deepEqual([history.move(1), history.move(-1)], [null, null]);
    history.add(stop(5));
    assert.deepEqual([history.move(-1), history.move(1)], [stop(2), stop(5)]);
  });
});
