// The structures of the radix priority search tree (include/linux/prio_tree.h), and the union `shared` of
// vm_area_struct, by which a vma is a member of it (include/linux/mm.h).

import { ListHead } from "../../machine/list.ts";
import type { Ulong, Word } from "../../machine/ulong.ts";

/** A node of the tree: the closed interval [radix_index, heap_index], kept here while it is in the tree. */
export class PrioTreeNode<W extends Ulong, V> {
  left: PrioTreeNode<W, V> | null = null;
  right: PrioTreeNode<W, V> | null = null;
  /** Null: not a node of any tree. The root is its own parent. */
  parent: PrioTreeNode<W, V> | null = null;

  constructor(
    /** The object this node is a member of. */
    readonly entry: V,
    public radix_index: W,
    public heap_index: W,
  ) {}
}

/** The tree itself. */
export class PrioTreeRoot<W extends Ulong, V> {
  prio_tree_node: PrioTreeNode<W, V> | null = null;
  /** The tree can hold intervals that end below 2^index_bits. */
  index_bits = 1;

  constructor(readonly word: Word<W>) {}
}

/** A walk over the nodes that overlap [r_index, h_index]. Worthless as soon as the tree changes. */
export class PrioTreeIter<W extends Ulong, V> {
  /** Where the walk is; null before its first step. */
  cur: PrioTreeNode<W, V> | null = null;
  /** How many levels `cur` is below the root. */
  depth = -1;

  constructor(
    readonly root: PrioTreeRoot<W, V>,
    readonly r_index: W,
    readonly h_index: W,
  ) {}
}

/**
 * How a vma is a member of the tree. Vmas with equal intervals share one node and hang on it as a ring, the vm_set:
 *
 *     |               | parent   | head                             | list              |
 *     | ------------- | -------- | -------------------------------- | ----------------- |
 *     | tree node     | non-null | the ring's head, null if no ring | unlinked          |
 *     | ring's head   | null     | the vma that is the tree node    | linked            |
 *     | ring's member | null     | null                             | linked            |
 *
 * A nonlinear vma is in no tree; it uses `list` alone.
 */
export class VmShared<W extends Ulong, V> extends PrioTreeNode<W, V> {
  head: V | null = null;
  readonly list: ListHead<V>;

  constructor(vma: V, radix_index: W, heap_index: W) {
    super(vma, radix_index, heap_index);
    this.list = new ListHead<V>(vma);
  }
}

/** What the tree has to know of a vma. */
export interface PrioTreeVma<W extends Ulong, V> {
  readonly shared: VmShared<W, V>;
  /** vm_pgoff, the first page of the file that is mapped. */
  radix_index(): W;
  /** The last page of the file that is mapped. */
  heap_index(): W;
}
