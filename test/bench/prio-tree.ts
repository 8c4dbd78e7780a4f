// Rates of the prio tree: inserts, removes, one-page stabbing queries and full scans.

import { image_of } from "../../src/engine/kernel/linking.ts";
import { k, link } from "../../src/engine/kernel/image.ts";
import { PrioTreeIter } from "../../src/engine/kernel/common/prio_tree_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { ulong32 } from "../../src/engine/machine/ulong.ts";
import { IntervalTree, IntervalVma } from "../prio-tree/interval-vma.ts";

export interface BenchRow {
  readonly name: string;
  /** Per second. */
  readonly rate: number;
  readonly unit: string;
}

const LONGEST = 32;
/** File pages per vma: a page is mapped by two vmas on average. */
const SPREAD = 8;
/** Every operation is done about this often, on as many trees as it takes. */
const OPERATIONS = 300_000;

/** Measures a tree of 1,000 and one of 100,000 vmas. */
export function benchPrioTree(): BenchRow[] {
  link(image_of("vmtrunc4"));
  return [1_000, 100_000].flatMap(benchSize);
}

function benchSize(count: number): BenchRow[] {
  const rounds = Math.max(1, Math.round(OPERATIONS / count));
  const spent = { insert: 0, remove: 0, stab: 0, scan: 0 };
  let stabs = 0;
  let visits = 0;
  for (let round = -1; round < rounds; round++) {
    // The first round is for the compiler.
    if (round === 0) stabs = visits = spent.insert = spent.remove = spent.stab = spent.scan = 0;
    const random = generator(round + 2);
    const tree = new IntervalTree(ulong32);
    const vmas = Array.from({ length: count }, (_, id) => {
      const first = random(count * SPREAD);
      return new IntervalVma(id, first, first + random(LONGEST));
    });
    spent.insert += seconds(() => vmas.forEach((vma) => tree.insert(vma)));
    spent.stab += seconds(() => {
      for (let i = 0; i < count; i++) {
        const page = random(count * SPREAD);
        walk(new PrioTreeIter(tree.root, page, page));
        stabs++;
      }
    });
    spent.scan += seconds(() => {
      for (let i = 0; i < 10; i++) visits += walk(new PrioTreeIter(tree.root, 0, ulong32.ULONG_MAX));
    });
    spent.remove += seconds(() => vmas.forEach((vma) => tree.remove(vma)));
  }
  const row = (name: string, operations: number, time: number): BenchRow => ({
    name: `prio_tree ${name}, ${count} vmas`,
    rate: operations / time,
    unit: "/s",
  });
  return [
    row("inserts", rounds * count, spent.insert),
    row("removes", rounds * count, spent.remove),
    row("one-page queries", stabs, spent.stab),
    row("visits of a full scan", visits, spent.scan),
  ];
}

/** Walks as kernel code does, with its calls as the build leaves them. Returns how many vmas were visited. */
function walk(iter: PrioTreeIter<number, IntervalVma<number>>): number {
  let visited = 0;
  for (
    let vma = finish(k.vma_prio_tree_next<number, IntervalVma<number>>(null, iter));
    vma !== null;
    vma = finish(k.vma_prio_tree_next(vma, iter))
  )
    visited++;
  return visited;
}

/** The value of a call that does not stop, as an instrumented caller takes it. */
function finish<T>(call: Kernel<T>): T {
  const result = call.next();
  if (result.done !== true) throw new Error("a walk has stopped");
  return result.value;
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Whole numbers below a limit, the same ones every time. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
