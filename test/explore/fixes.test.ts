// No mail is known that mentions K6 and K11. With these changes the explorer no longer finds them: docs/races.md shows them as patches.

import assert from "node:assert/strict";
import type { Image } from "../../src/engine/kernel/image.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { K11_FIX, K6_FIXES } from "./fixes.ts";
import { parsed, raceText, search } from "./support.ts";

function verdicts(text: string, kernel: KernelName, fix?: Partial<Image>): string[] {
  const { findings, stages } = search(parsed(text), kernel, { preemptions: 2, divergent: true }, fix);
  assert.ok(
    stages.slice(1).every(({ exhausted }) => exhausted),
    `not all of ${kernel} was searched`,
  );
  return findings.map(({ key }) => key);
}

describe("the smallest fixes", () => {
  const K6 = raceText("K6-stale-restart");
  const call = "mprotect(V[0 .. 32K], read)";
  for (const [kernel, fix] of [
    ["2.6.11", K6_FIXES["2.6.11"]],
    ["2.6.38", K6_FIXES["2.6.38"]],
  ] as const) {
    it(`of K6 for ${kernel}: a restart address outside of the vma is not used`, () => {
      for (const other of [call, "munmap(V[24K .. 32K])", "mremap(V[24K .. 32K], at: V.start - 64K)"]) {
        const text = K6.replace(call, other);
        assert.deepEqual(verdicts(text, kernel), ["invalidate-missed"], other);
        assert.deepEqual(verdicts(text, kernel, fix), [], other);
      }
    });
  }

  it("of K11 for vmtrunc5: restart_vma is forgotten when it begins at another address", () => {
    const K11 = raceText("K11-grows-down");
    assert.deepEqual(verdicts(K11, "vmtrunc5"), ["truncated-mapped"]);
    assert.deepEqual(verdicts(K11, "vmtrunc5", K11_FIX), []);
    // In vmtrunc4 what K1 and K2 are remains.
    assert.deepEqual(verdicts(raceText("K1-boundary"), "vmtrunc4", K11_FIX), ["truncated-mapped"]);
  });
});
