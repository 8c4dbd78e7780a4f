// What people reported of these kernels, as scenarios in `reports/`: what the explorer finds of each, by kernel. Elsewhere it finds
// nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import { parsed, search } from "./support.ts";

const UP_TO_2_6_11: readonly KernelName[] = ["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11"];

/** By scenario: the key of the finding, and the kernels that it is found in. */
const REPORTS: Readonly<Record<string, readonly [key: string, kernels: readonly KernelName[]]>> = {
  "tlb-flush-window": ["check 1", ["2.6.38", "3.0"]],
  "endless-fault": ["dropped-mapped", UP_TO_2_6_11],
  "freed-before-flush": ["tlb-stale", ["3.0"]],
};

const textOf = (name: string): string => readFileSync(`test/explore/reports/${name}.vmscn`, "utf8");

describe("reports", () => {
  for (const [name, [key, kernels]] of Object.entries(REPORTS)) {
    it(`${name} is found in ${kernels.join(", ")}, and in no other kernel`, () => {
      for (const kernel of KERNEL_NAMES) {
        const { findings, stages } = search(parsed(textOf(name)), kernel);
        const found = findings.map((finding) => finding.key);
        assert.deepEqual(found, kernels.includes(kernel) ? [key] : [], kernel);
        assert.ok(
          stages.slice(1).every(({ exhausted }) => exhausted),
          `not all of ${kernel} was searched`,
        );
      }
    });
  }

  it("of a page that is freed before the flush is clean with two CPUs", () => {
    const program = parsed(textOf("freed-before-flush").replace("cpus: 1", "cpus: 2"));
    for (const kernel of KERNEL_NAMES) assert.deepEqual(search(program, kernel).findings, [], kernel);
  });
});
