// Every check of the kernel can fail: a fault is planted in the model, and the check that is there for it ends the run with its report.

import assert from "node:assert/strict";
import type { Image } from "../../src/engine/kernel/image.ts";
import { headline, report_lines, report_of, traces_of, type Finding } from "../../src/engine/observe/report.ts";
import { RULES } from "../../src/engine/observe/rules.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { finish } from "../../src/scenario/run/finish.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { FAULTS } from "./faults.ts";
import { complete, nameOfSite } from "./support.ts";

function start(text: string, replace: Partial<Image>): Simulation {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, diagnostics.map(({ message }) => message).join("\n"));
  return new Simulation(program, { replace, limits: { steps: 1e6 } });
}

describe("checks of the kernel", () => {
  for (const { finds, replace, text, headline: wanted, parties = [] } of FAULTS) {
    it(`find ${finds}`, () => {
      const code = finds.slice(0, finds.indexOf(":"));
      const simulation = start(text, replace);
      const outcome = simulation.machine.run(Infinity);
      const { findings: [finding] } = finish(simulation, outcome);
      assert.ok(finding?.kind === "bug", `the run ended in ${outcome.kind}${finding === undefined ? "" : ` ${headline(report_of(finding, simulation))}`}`);
      const report = report_of(finding, simulation);
      assert.match(headline(report), new RegExp(`^BUG ${code}: `));
      assert.match(headline(report), wanted);
      assert.ok(report_lines(report).includes(`rule: ${RULES[code]!.rule}`));
      assert.deepEqual(stacks(finding, () => start(text, replace), simulation.machine.step).slice(1, 1 + parties.length), parties);
      // Without the fault nothing is found.
      const healthy = start(text, {});
      assert.equal(healthy.machine.run(Infinity).kind, "end");
    });
  }

  it("have a fault each", () => {
    const codes = new Set(FAULTS.map(({ finds }) => finds.slice(0, finds.indexOf(":"))));
    // Those of the books at the end of a run are in test/engine/consistency.test.ts; the old tree's walk fails on recordings.
    const elsewhere = ["vma-chain", "vma-mm", "vma-overlap", "vma-range", "vma-linked", "vma-linked-twice", "pte-outside", "page-mapping", "page-index", "dropped-mapped", "page-cache", "page-allocated", "swap-count", "tlb", "prio-tree-walk"];
    assert.deepEqual(Object.keys(RULES).filter((code) => !codes.has(code)).sort(), elsewhere.sort());
  });
});

/** What is innermost in each stack of a report: the kernel's function, or the statement of the scenario. */
function stacks(finding: Finding, anew: () => Simulation, step: number): string[] {
  const now = anew();
  now.machine.run(step);
  return complete(traces_of(finding, now, anew)).map(({ frames: [frame] }) => (frame === undefined ? "" : nameOfSite(now.program, frame[0])));
}
