// A vma as far as the prio tree is concerned, and the tree's operations as plain calls, for tests and recordings.

import { k } from "../../src/engine/kernel/image.ts";
import {
  PrioTreeIter,
  PrioTreeRoot,
  VmShared,
  type PrioTreeNode,
  type PrioTreeVma,
} from "../../src/engine/kernel/common/prio_tree_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import type { Ulong, Word } from "../../src/engine/machine/ulong.ts";

/** A vma that maps the pages first..last of a file. */
export class IntervalVma<W extends Ulong> implements PrioTreeVma<W, IntervalVma<W>> {
  readonly shared: VmShared<W, IntervalVma<W>>;

  constructor(
    readonly id: number,
    public first: W,
    public last: W,
  ) {
    this.shared = new VmShared<W, IntervalVma<W>>(this, first, last);
  }

  radix_index(): W {
    return this.first;
  }

  heap_index(): W {
    return this.last;
  }
}

/** Runs a kernel function to its end. Nothing here can stop or park. */
export function run<T>(kernel: Kernel<T>): T {
  const result = kernel.next();
  if (result.done !== true) throw new Error("the kernel function stopped");
  return result.value;
}

/** A node as recordings write it: [id, ids of the ring from its head, left, right]. */
export type Dump = null | [number, number[], Dump, Dump];

export class IntervalTree<W extends Ulong> {
  readonly root: PrioTreeRoot<W, IntervalVma<W>>;

  constructor(word: Word<W>) {
    this.root = new PrioTreeRoot<W, IntervalVma<W>>(word);
  }

  insert(vma: IntervalVma<W>): void {
    run(k.vma_prio_tree_insert(vma, this.root));
  }

  add(vma: IntervalVma<W>, old: IntervalVma<W>): void {
    run(k.vma_prio_tree_add(vma, old));
  }

  remove(vma: IntervalVma<W>): void {
    run(k.vma_prio_tree_remove(vma, this.root));
  }

  /** The ids of the vmas that overlap first..last, in the order of the walk. */
  query(first: W, last: W): number[] {
    return run(walk(new PrioTreeIter(this.root, first, last)));
  }

  dump(): Dump {
    return dumpNode(this.root.prio_tree_node);
  }
}

function* walk<W extends Ulong>(iter: PrioTreeIter<W, IntervalVma<W>>): Kernel<number[]> {
  const visited: number[] = [];
  let vma = yield* k.vma_prio_tree_next(null, iter);
  while (vma !== null) {
    visited.push(vma.id);
    vma = yield* k.vma_prio_tree_next(vma, iter);
  }
  return visited;
}

function dumpNode<W extends Ulong>(node: PrioTreeNode<W, IntervalVma<W>> | null): Dump {
  if (node === null) return null;
  const ring: number[] = [];
  const head = node.entry.shared.head?.shared.list;
  if (head !== undefined) {
    let link = head;
    do {
      ring.push(link.entry?.id ?? NaN);
      link = link.next;
    } while (link !== head);
  }
  return [node.entry.id, ring, dumpNode(node.left), dumpNode(node.right)];
}
