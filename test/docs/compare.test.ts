// docs/compare.md and its picture show what the current build measures.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

describe("docs/compare.md", () => {
  it("has the figures that lockbreak compare prints", () => {
    const { status, stderr } = spawnSync(process.execPath, ["tools/curves.mjs", "--check"], { encoding: "utf8" });
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });
});
