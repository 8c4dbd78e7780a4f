// Every check of the kernel can fail: a fault is injected into the model, and the check for it ends the run with its report.

import assert from "node:assert/strict";
import type { Image } from "../../src/engine/kernel/image.ts";
import { headline, report_lines, report_of, backtraces_of, type RunFinding } from "../../src/engine/observe/report.ts";
import { RULES } from "../../src/engine/observe/rules.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { concludeRun } from "../../src/scenario/run/verdict.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { FAULTS } from "./faults.ts";
import { complete_job } from "../../src/engine/replay/recording.ts";
import { nameOfSite } from "./support.ts";

function start(text: string, overrides: Partial<Image>): Simulation {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, diagnostics.map(({ message }) => message).join("\n"));
  return new Simulation(program, { overrides, limits: { steps: 1e6 } });
}

describe("checks of the kernel", () => {
  for (const { detects, overrides, text, headline: wanted, involved = [] } of FAULTS) {
    it(`find ${detects}`, () => {
      const code = detects.slice(0, detects.indexOf(":"));
      const simulation = start(text, overrides);
      const outcome = simulation.machine.run(Infinity);
      const {
        findings: [finding],
      } = concludeRun(simulation, outcome);
      assert.ok(
        finding?.kind === "bug",
        `the run ended in ${outcome.kind}${finding === undefined ? "" : ` ${headline(report_of(finding, simulation))}`}`,
      );
      const report = report_of(finding, simulation);
      assert.match(headline(report), new RegExp(`^BUG ${code}: `));
      assert.match(headline(report), wanted);
      assert.ok(report_lines(report).includes(`rule: ${RULES[code]!.rule}`));
      assert.deepEqual(stacks(finding, () => start(text, overrides), simulation.machine.step).slice(1, 1 + involved.length), involved);
      // Without the fault nothing is found.
      const healthy = start(text, {});
      assert.equal(healthy.machine.run(Infinity).kind, "end");
    });
  }

  it("have a fault each", () => {
    const codes = new Set(FAULTS.map(({ detects }) => detects.slice(0, detects.indexOf(":"))));
    // Those of the consistency check at the end of a run are in test/engine/consistency.test.ts; the old tree's walk fails on recordings.
    const elsewhere = [
      "vma-chain",
      "vma-mm",
      "vma-overlap",
      "vma-range",
      "vma-linked",
      "vma-linked-twice",
      "pte-outside",
      "page-mapping",
      "page-index",
      "dropped-mapped",
      "page-cache",
      "page-allocated",
      "swap-count",
      "tlb",
      "prio-tree-walk",
    ];
    assert.deepEqual(
      Object.keys(RULES)
        .filter((code) => !codes.has(code))
        .sort(),
      elsewhere.sort(),
    );
  });
});

/** The innermost frame of each backtrace of a report: the kernel's function, or the statement of the scenario. */
function stacks(finding: RunFinding, anew: () => Simulation, step: number): string[] {
  const now = anew();
  now.machine.run(step);
  return complete_job(backtraces_of(finding, now, anew)).map(({ frames: [frame] }) =>
    frame === undefined ? "" : nameOfSite(now.program, frame[0]),
  );
}
