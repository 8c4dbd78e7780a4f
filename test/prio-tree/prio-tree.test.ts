import assert from "node:assert/strict";
import fc from "fast-check";
import { image_of } from "../../src/engine/kernel/linking.ts";
import { link } from "../../src/engine/kernel/image.ts";
import { KernelBug } from "../../src/engine/machine/bug.ts";
import { exact64, ulong32, ulong64, type Ulong, type Word } from "../../src/engine/machine/ulong.ts";
import { check_prio_tree } from "../../src/engine/observe/prio_tree_check.ts";
import { IntervalTree, IntervalVma, type Dump } from "./interval-vma.ts";

/** One random operation; `pick` chooses among the vmas that are in the tree. */
interface Step {
  readonly kind: "insert" | "add" | "remove" | "query";
  readonly first: number;
  readonly length: number;
  readonly pick: number;
}

const RUNS = 400;
const STEPS = 300;

/** Scripts over files of very different sizes, so that there are rings, size levels, growth and deep radix levels. */
const scripts = fc.constantFrom(4, 12, 300, 2 ** 20, 2 ** 31).chain((pages) =>
  fc.array(
    fc.record({
      kind: fc.constantFrom<Step["kind"]>("insert", "insert", "insert", "add", "remove", "remove", "query"),
      first: fc.oneof(fc.nat(pages), fc.nat(3)),
      length: fc.oneof(fc.nat(Math.min(pages, 1000)), fc.nat(3)),
      pick: fc.nat(),
    }),
    { minLength: STEPS, maxLength: STEPS, size: "max" },
  ),
);

/** What a script did, to compare one width of words with another. */
interface Trace {
  readonly visits: readonly number[][];
  readonly tree: Dump;
  readonly index_bits: number;
}

/** Runs a script against a plain list of vmas, checking every query and, now and then, the whole tree. */
function runScript<W extends Ulong>(script: readonly Step[], word: Word<W>, of: (value: number) => W): Trace {
  const tree = new IntervalTree<W>(word);
  const list: IntervalVma<W>[] = [];
  const visits: number[][] = [];
  script.forEach((step, index) => {
    const first = of(step.first);
    const last = of(step.first + step.length);
    const picked = list[step.pick % Math.max(list.length, 1)];
    if (step.kind === "insert" || picked === undefined) {
      const vma = new IntervalVma<W>(index, first, last);
      tree.insert(vma);
      list.push(vma);
    } else if (step.kind === "add") {
      const vma = new IntervalVma<W>(index, picked.first, picked.last);
      tree.add(vma, picked);
      list.push(vma);
    } else if (step.kind === "remove") {
      tree.remove(picked);
      list.splice(list.indexOf(picked), 1);
    } else {
      const visit = tree.query(first, last);
      assert.deepEqual(visit, inTreeOrder(tree.dump(), overlapping(list, first, last)), "a query visits what overlaps, in tree order");
      visits.push(visit);
    }
    if (index % 10 === 0) assert.deepEqual(check_prio_tree(tree.root), []);
  });
  assert.deepEqual(
    [...tree.query(of(0), word.ULONG_MAX)].sort((a, b) => a - b),
    list.map((vma) => vma.id).sort((a, b) => a - b),
  );
  const trace = { visits, tree: tree.dump(), index_bits: tree.root.index_bits };
  for (const vma of list) tree.remove(vma);
  assert.equal(tree.dump(), null);
  assert.deepEqual(check_prio_tree(tree.root), []);
  return trace;
}

function overlapping<W extends Ulong>(list: readonly IntervalVma<W>[], first: W, last: W): Set<number> {
  return new Set(list.filter((vma) => vma.first <= last && vma.last >= first).map((vma) => vma.id));
}

/** The given ids in the order of the tree: a node, its ring, what is left of it, what is right of it. */
function inTreeOrder(tree: Dump, ids: ReadonlySet<number>): number[] {
  if (tree === null) return [];
  const [node, ring, left, right] = tree;
  return [...[node, ...ring].filter((id) => ids.has(id)), ...inTreeOrder(left, ids), ...inTreeOrder(right, ids)];
}

function treeOf(intervals: readonly (readonly [first: number, last: number])[]): IntervalTree<number> {
  const tree = new IntervalTree(ulong32);
  intervals.forEach(([first, last], index) => tree.insert(new IntervalVma(index + 1, first, last)));
  return tree;
}

describe("prio tree", () => {
  beforeEach(() => link(image_of("vmtrunc4")));

  it(`agrees with a plain list of vmas over ${RUNS * STEPS} random operations, at every width of words`, () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const small = runScript(script, ulong32, Number);
        const wide = runScript(script, ulong64, Number);
        // The size levels begin at another bit: the same vmas, not always in the same order.
        assert.equal(small.index_bits, wide.index_bits);
        assert.deepEqual(runScript(script, exact64, BigInt), wide);
      }),
      { numRuns: RUNS },
    );
  });

  it("visits the largest end first, a ring right behind its node", () => {
    const tree = treeOf([
      [0, 3],
      [4, 7],
      [0, 7],
      [4, 7],
      [4, 7],
    ]);
    assert.deepEqual(tree.dump(), [3, [], [1, [], null, null], [2, [4, 5], null, null]]);
    assert.deepEqual(tree.query(0, ulong32.ULONG_MAX), [3, 1, 2, 4, 5]);
    assert.deepEqual(tree.query(4, 4), [3, 2, 4, 5]);
    assert.deepEqual(tree.query(8, 9), []);
  });

  it("asserts that a vma is added only to one with the same pages", () => {
    const tree = treeOf([]);
    const parent = new IntervalVma(1, 0, 3);
    tree.insert(parent);
    assert.throws(() => tree.add(new IntervalVma(2, 1, 3), parent), KernelBug);
    assert.throws(() => tree.add(new IntervalVma(3, 0, 4), parent), KernelBug);
  });

  it("of 2.6.9 no longer finds what is in its size levels after it has grown", () => {
    // Eight vmas with one start fill four radix levels and need size levels; the ninth makes the tree grow.
    const intervals = [15, 14, 13, 12, 11, 10, 9, 8, 31, 8].map((last) => [0, last] as const);
    assert.deepEqual(check_prio_tree(treeOf(intervals).root), []);
    link(image_of("2.6.9"));
    assert.deepEqual(check_prio_tree(treeOf(intervals.slice(0, 8)).root), []);
    const rules = new Set(check_prio_tree(treeOf(intervals).root).map((violation) => violation.rule));
    assert.deepEqual(rules, new Set(["radix", "duplicate"]));
  });
});

describe("check_prio_tree", () => {
  const healthy = (): { tree: IntervalTree<number>; node: (id: number) => IntervalVma<number> } => {
    link(image_of("vmtrunc4"));
    const tree = new IntervalTree(ulong32);
    const vmas = (
      [
        [0, 31],
        [0, 15],
        [16, 23],
        [16, 23],
        [16, 23],
        [2, 3],
      ] as const
    ).map(([first, last], index) => new IntervalVma(index + 1, first, last));
    vmas.forEach((vma) => tree.insert(vma));
    assert.deepEqual(check_prio_tree(tree.root), []);
    return { tree, node: (id) => vmas[id - 1]! };
  };
  const damages: Record<string, { rule: string; damage: (node: (id: number) => IntervalVma<number>, tree: IntervalTree<number>) => void }> =
    {
      "a vma that was changed in place": { rule: "interval", damage: (node) => (node(2).last = 14) },
      "a wrong parent pointer": { rule: "parent", damage: (node) => (node(3).shared.parent = node(6).shared) },
      "children on each other's side": {
        rule: "radix",
        damage: (node) => {
          const root = node(1).shared;
          [root.left, root.right] = [root.right, root.left];
        },
      },
      "a child above its parent": { rule: "heap", damage: (node) => (node(2).shared.heap_index = 40) },
      "an end beyond index_bits": { rule: "index_bits", damage: (_node, tree) => (tree.root.index_bits = 4) },
      "a second head in a ring": { rule: "vm_set", damage: (node) => (node(5).shared.head = node(3)) },
      "a ring that is not closed": { rule: "vm_set", damage: (node) => (node(5).shared.list.prev = node(5).shared.list) },
      "a loop": { rule: "cycle", damage: (node) => (node(6).shared.left = node(1).shared) },
    };
  for (const [name, { rule, damage }] of Object.entries(damages)) {
    it(`reports ${name}`, () => {
      const { tree, node } = healthy();
      damage(node, tree);
      const rules = check_prio_tree(tree.root).map((violation) => violation.rule as string);
      assert.ok(rules.includes(rule), `reported: ${rules.join()}`);
    });
  }
});
