// The way through the code that ARCHITECTURE.md describes leads through functions that are where it says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

describe("ARCHITECTURE.md", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");

  it("names files that there are, each with the function that it is named for", () => {
    const steps = [...text.matchAll(/^\| `(src\/[\w/.-]+\.ts)` \| `(\w+)` \|/gm)];
    assert.ok(steps.length > 10);
    for (const [, file, name] of steps) {
      const declaration = new RegExp(`(?:function\\*? |^  (?:private )?\\*?)${name}[(<]`, "m");
      assert.match(readFileSync(file!, "utf8"), declaration, `${file} has no function ${name}`);
    }
  });
});
