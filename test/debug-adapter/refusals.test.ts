// What a launch is refused for, where one number more or less makes the difference.

import assert from "node:assert/strict";
import { closeAll, connect, EXAMPLE, scenario } from "./support.ts";

describe("a launch", () => {
  afterEach(closeAll);

  it("is refused with parts of numbers, and with texts for numbers", async () => {
    const client = await connect();
    await client.initialize();
    for (const cpus of [1.5, "2", 65])
      assert.match(await client.refused("launch", { program: EXAMPLE, cpus }), /'cpus' .* must be a whole number from 1 to 64/);
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
