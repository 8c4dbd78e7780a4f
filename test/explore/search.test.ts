// The searches against plain depth-first search: each of them reaches all final states.

import assert from "node:assert/strict";
import fc from "fast-check";
import { scenarios } from "./scenarios.ts";
import { parsed, reached } from "./support.ts";
import { byDepthFirst, byExpansion, bySourceSets, plans, type PrimitivePlan, type Reached, type Step } from "./programs.ts";

/** The plain search is given up after so many executions. */
const MAX_PLAIN_EXECUTIONS = 30_000;

function same(reached: Reached, all: Reached): void {
  assert.deepEqual([...reached.states].sort(), [...all.states].sort());
}

/** Tasks on CPUs of their own. */
function plan(...tasks: readonly (readonly Step[])[]): PrimitivePlan {
  return { tasks: tasks.map((steps, cpu) => ({ cpu, prio: 120, steps })), sticky: false, preempt: true, ticks: 0 };
}

const step = (what: "read" | "write" | "increment" | "sample" | "share", which = 0): Step => ({ do: what, which });
const lock = (which: number, ...steps: Step[]): Step => ({ do: "lock", which, steps });
const down = (which: number, ...steps: Step[]): Step => ({ do: "down_write", which, steps });
const times = (n: number, ...steps: Step[]): Step[] => Array.from({ length: n }, () => steps).flat();

const WRITTEN: Readonly<Record<string, PrimitivePlan>> = {
  "two writers of one word": plan([step("write")], [step("write")]),
  "a lost update": plan([step("increment")], [step("increment")], [step("read")]),
  "updates under a lock": plan([lock(0, step("increment"))], [lock(0, step("increment"))], [lock(0, step("increment"))]),
  "one lock, three tasks, twelve operations each": plan(
    [lock(0, ...times(11, step("share")))],
    [lock(0, ...times(11, step("share", 1)))],
    [lock(0, ...times(11, step("share")))],
  ),
  "one semaphore, three tasks, twelve operations each": plan(
    [down(0, ...times(11, step("write")))],
    [down(0, ...times(11, step("write")))],
    [down(0, ...times(11, step("write")))],
  ),
  "a lock that is dropped if it is wanted": plan(
    [lock(0, step("sample"), step("write"))],
    [lock(0, step("write"))],
    [lock(0, step("sample"))],
  ),
  "locks inside a semaphore": plan(
    [down(0, lock(0, step("increment")), lock(1, step("increment", 1)))],
    [lock(1, step("increment", 1))],
    [lock(0, step("increment"))],
  ),
  "readers and a writer": plan(
    [{ do: "down_read", which: 0, steps: [step("read")] }],
    [{ do: "down_read", which: 0, steps: [step("read")] }],
    [down(0, step("write"))],
  ),
  "a deadlock of two locks": plan([lock(0, lock(1, step("write")))], [lock(1, lock(0, step("write")))]),
  "what is done depends on what was seen": plan(
    [{ do: "if", which: 0, steps: [step("write", 1), step("write", 1)] }],
    [step("write")],
    [{ do: "if", which: 1, steps: [step("write")] }],
  ),
};

describe("searches", () => {
  for (const [title, one] of Object.entries(WRITTEN)) {
    it(`reach all final states of ${title}`, () => {
      same(bySourceSets(one), byExpansion(one, Infinity));
      for (const preemptions of [0, 1, 2, 3, Infinity]) {
        const all = byDepthFirst(one, preemptions, MAX_PLAIN_EXECUTIONS);
        if (all === null) break;
        same(byExpansion(one, preemptions), all);
        if (preemptions === Infinity) same(bySourceSets(one), all);
      }
    });
  }

  for (const [what, cpus, runs] of [
    ["with a CPU for each task", false, 60],
    ["whose tasks share CPUs, sleep, differ in urgency and are interrupted", true, 60],
  ] as const) {
    it(`reach all final states of random programs ${what}`, () => {
      const sum = { plain: 0, source: 0, compared: 0, bounded: 0, expansion: 0 };
      fc.assert(
        fc.property(plans(cpus), (one) => {
          const all = byDepthFirst(one, Infinity, MAX_PLAIN_EXECUTIONS);
          if (all !== null) {
            const source = bySourceSets(one);
            same(source, all);
            sum.compared += 1;
            sum.plain += all.executions;
            sum.source += source.executions;
          }
          for (const preemptions of [0, 1, 2]) {
            const few = byDepthFirst(one, preemptions, MAX_PLAIN_EXECUTIONS / 4);
            if (few === null) return;
            const expansion = byExpansion(one, preemptions);
            same(expansion, few);
            sum.bounded += few.executions;
            sum.expansion += expansion.executions;
          }
        }),
        { numRuns: runs, seed: 11 },
      );
      assert.ok(sum.compared >= 30, JSON.stringify(sum));
      const fewer = `${(sum.plain / sum.source).toFixed(0)} times fewer executions (${sum.source} for ${sum.plain})`;
      const atBound = `${(sum.bounded / sum.expansion).toFixed(1)} times (${sum.expansion} for ${sum.bounded})`;
      console.log(`      ${sum.compared} programs: source sets take ${fewer}, bounded reduction ${atBound}`);
    });
  }

  for (const kernel of ["vmtrunc4", "2.6.38", "3.0"] as const) {
    it(`reach all final states of random scenarios, on ${kernel}`, () => {
      const sum = { plain: 0, source: 0, all: 0, bounded: 0, expansion: 0, few: 0 };
      for (const text of fc.sample(scenarios(2), { numRuns: 30, seed: 5 })) {
        const program = parsed(text);
        const few = reached(program, kernel, "dfs", 1, MAX_PLAIN_EXECUTIONS / 30);
        if (few !== null) {
          const bounded = reached(program, kernel, "bounded", 1, Infinity)!;
          assert.deepEqual([...bounded.states].sort(), [...few.states].sort(), text);
          sum.few += 1;
          sum.bounded += few.executions;
          sum.expansion += bounded.executions;
        }
        const all = few === null ? null : reached(program, kernel, "dfs", Infinity, MAX_PLAIN_EXECUTIONS / 30);
        if (all === null) continue;
        const source = reached(program, kernel, "source", Infinity, Infinity)!;
        assert.deepEqual([...source.states].sort(), [...all.states].sort(), text);
        sum.all += 1;
        sum.plain += all.executions;
        sum.source += source.executions;
      }
      assert.ok(sum.few >= 10 && sum.all >= 3, JSON.stringify(sum));
      const fewer = `${(sum.plain / sum.source).toFixed(1)} times fewer executions (${sum.source} for ${sum.plain})`;
      const atBound = `${(sum.bounded / sum.expansion).toFixed(1)} times (${sum.expansion} for ${sum.bounded})`;
      console.log(`      ${sum.all} scenarios: source sets take ${fewer}; ${sum.few} with a bound of 1: ${atBound}`);
    });
  }
});
