// docs/races.md shows what the current build finds.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

describe("docs/races.md", () => {
  it("has the tables that lockbreak explore prints", () => {
    const { status, stderr } = spawnSync(process.execPath, ["tools/races.mjs", "--check"], { encoding: "utf8" });
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });
});
