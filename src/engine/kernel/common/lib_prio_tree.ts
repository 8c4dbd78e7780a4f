// lib/prio_tree.c: the radix priority search tree of McCreight, over closed intervals [r, h] of `unsigned long`.
// Models 2.6.10 and later; what 2.6.7 to 2.6.9 did differently is in lib_prio_tree_bits.ts.
//
// It is a heap on h: the interval with the largest end is on top, of equal ends the one that begins first. It is a
// radix tree on r: at depth d, for d < index_bits, bit index_bits-1-d of r decides between left (0) and right (1).
// Intervals that agree on all those bits begin at the same place; below depth index_bits the bits of their size h-r
// decide, from the highest bit of an `unsigned long` downwards.
//
// Functions called once per node are plain; those called once per operation can be stepped into.

import { BUG_ON } from "../../machine/bug.ts";
import type { Kernel } from "../../machine/hooks.ts";
import type { Ulong } from "../../machine/ulong.ts";
import { k } from "../image.ts";
import type { PrioTreeIter, PrioTreeNode, PrioTreeRoot } from "./prio_tree_types.ts";

/** On which side of a node at `depth` the interval of `node` belongs. */
export function prio_tree_belongs_right<W extends Ulong, V>(root: PrioTreeRoot<W, V>, node: PrioTreeNode<W, V>, depth: number): boolean {
  const { word, index_bits } = root;
  if (depth < index_bits) return word.bit(node.radix_index, index_bits - 1 - depth);
  // In a well-formed tree the remainder is never needed: intervals that agree in every bit are equal.
  const top = k.prio_tree_size_level_bit(root);
  return word.bit(word.sub(node.heap_index, node.radix_index), top - ((depth - index_bits) % (top + 1)));
}

/** Puts `node` below `parent`, as a leaf. */
export function prio_tree_add_leaf<W extends Ulong, V>(parent: PrioTreeNode<W, V>, node: PrioTreeNode<W, V>, right: boolean): void {
  node.left = null;
  node.right = null;
  node.parent = parent;
  if (right) parent.right = node;
  else parent.left = node;
}

/** Puts `node` in the place of `old`, with its parent, side and children. Returns `old`, which is out of the tree then. */
export function prio_tree_replace<W extends Ulong, V>(
  root: PrioTreeRoot<W, V>,
  old: PrioTreeNode<W, V>,
  node: PrioTreeNode<W, V>,
): PrioTreeNode<W, V> {
  const { parent, left, right } = old;
  if (parent === old || parent === null) {
    BUG_ON(root.prio_tree_node !== old, "prio-tree-root", "a node without a parent is not the root of its prio tree", { root, old });
    root.prio_tree_node = node;
    node.parent = node;
  } else {
    node.parent = parent;
    if (parent.left === old) parent.left = node;
    else parent.right = node;
  }
  node.left = left;
  if (left !== null) left.parent = node;
  node.right = right;
  if (right !== null) right.parent = node;
  return old;
}

/**
 * Makes room for an interval that ends at `max_heap_index`, more than the tree can hold, or into an empty tree, and
 * makes its `node` the new root. One more bit of index is one more level: the first is the new root itself; for each
 * further one the root of the old tree is taken out and hung to the left, as all it holds has a 0 in the new bit.
 */
export function* prio_tree_expand<W extends Ulong, V>(
  root: PrioTreeRoot<W, V>,
  node: PrioTreeNode<W, V>,
  max_heap_index: W,
): Kernel<PrioTreeNode<W, V>> {
  const index_bits = root.word.bit_length(max_heap_index);
  let last = node;
  node.left = null;
  node.right = null;
  node.parent = node;
  if (root.index_bits < index_bits) root.index_bits += 1;
  while (root.index_bits < index_bits) {
    root.index_bits += 1;
    const old = root.prio_tree_node;
    if (old === null) continue;
    // This resets index_bits if nothing is left; the loop continues from there.
    yield* k.prio_tree_remove(root, old);
    prio_tree_add_leaf(last, old, false);
    last = old;
  }
  const rest = root.prio_tree_node;
  last.left = rest;
  if (rest !== null) rest.parent = last;
  root.prio_tree_node = node;
  return node;
}

/** Inserts `node`. Returns it, or the node of an equal interval that is there already. */
export function* prio_tree_insert<W extends Ulong, V>(root: PrioTreeRoot<W, V>, node: PrioTreeNode<W, V>): Kernel<PrioTreeNode<W, V>> {
  if (root.prio_tree_node === null || root.word.bit_length(node.heap_index) > root.index_bits)
    return yield* k.prio_tree_expand(root, node, node.heap_index);

  let cur = root.prio_tree_node;
  let carried = node;
  for (let depth = 0; ; depth++) {
    if (!prio_tree_above(cur, carried)) {
      if (!prio_tree_above(carried, cur)) return cur;
      const displaced = prio_tree_replace(root, cur, carried);
      cur = carried;
      carried = displaced;
    }
    const right = prio_tree_belongs_right(root, carried, depth);
    const child = right ? cur.right : cur.left;
    if (child === null) {
      prio_tree_add_leaf(cur, carried, right);
      return node;
    }
    cur = child;
  }
}

/** Removes `node`. A leaf below it leaves its place, and every node on the way there moves up by one. */
export function* prio_tree_remove<W extends Ulong, V>(root: PrioTreeRoot<W, V>, node: PrioTreeNode<W, V>): Kernel<void> {
  let cur = node;
  for (let child = prio_tree_upper_child(cur); child !== null; child = prio_tree_upper_child(cur)) cur = child;

  let parent = cur.parent;
  if (parent === cur || parent === null) {
    BUG_ON(root.prio_tree_node !== cur, "prio-tree-root", "a node without a parent is not the root of its prio tree", { root, node });
    root.prio_tree_node = null;
    root.index_bits = 1;
  } else {
    if (parent.left === cur) parent.left = null;
    else parent.right = null;
    while (cur !== node && parent !== null) {
      cur = prio_tree_replace(root, parent, cur);
      parent = cur.parent;
    }
  }
  node.left = null;
  node.right = null;
  node.parent = null;
}

/** Steps to the left child; from before the tree, to its root. False if nothing below there reaches the range. */
export function prio_tree_left<W extends Ulong, V>(iter: PrioTreeIter<W, V>): boolean {
  const child = iter.cur === null ? iter.root.prio_tree_node : iter.cur.left;
  if (child === null || child.heap_index < iter.r_index) return false;
  prio_tree_enter(iter, child);
  return true;
}

/** Steps to the right child. False if nothing below there reaches the range, or all of it begins behind the range. */
export function prio_tree_right<W extends Ulong, V>(iter: PrioTreeIter<W, V>): boolean {
  const child = iter.cur === null ? null : iter.cur.right;
  if (child === null || child.heap_index < iter.r_index) return false;
  // All intervals below there agree with the child's in the bits from this level's upwards.
  const bit = iter.root.index_bits - 1 - iter.depth;
  if (bit >= 0 && child.radix_index > iter.h_index) {
    const { word } = iter.root;
    if (word.shift_right(child.radix_index, bit) > word.shift_right(iter.h_index, bit)) return false;
  }
  prio_tree_enter(iter, child);
  return true;
}

/** Steps up until there is a step to the right that was not taken yet, and takes it. False if the walk is over. */
export function prio_tree_climb<W extends Ulong, V>(iter: PrioTreeIter<W, V>): boolean {
  let cur = iter.cur;
  while (cur !== null && cur.parent !== null && cur.parent !== cur) {
    const from = cur;
    cur = cur.parent;
    iter.cur = cur;
    iter.depth -= 1;
    if (cur.left === from && prio_tree_right(iter)) return true;
  }
  return false;
}

/** True if the node the walk has stepped to overlaps the range; that it ends behind the range's begin is known then. */
export function prio_tree_overlap<W extends Ulong, V>(iter: PrioTreeIter<W, V>, node: PrioTreeNode<W, V>): boolean {
  return node.radix_index <= iter.h_index;
}

function prio_tree_enter<W extends Ulong, V>(iter: PrioTreeIter<W, V>, node: PrioTreeNode<W, V>): void {
  const { root } = iter;
  iter.cur = node;
  iter.depth += 1;
  if (iter.depth > root.index_bits && iter.depth - root.index_bits > k.prio_tree_size_level_bit(root))
    BUG_ON(node.left !== null || node.right !== null, "prio-tree-walk", "a prio tree node below the last size level has children", {
      root,
      node,
    });
}

/** True if `a` belongs above `b` in the heap. Of two that are not equal, one does. */
function prio_tree_above<W extends Ulong, V>(a: PrioTreeNode<W, V>, b: PrioTreeNode<W, V>): boolean {
  return a.heap_index > b.heap_index || (a.heap_index === b.heap_index && a.radix_index < b.radix_index);
}

/** The child that comes next in the heap: the left one if both end together. */
function prio_tree_upper_child<W extends Ulong, V>(node: PrioTreeNode<W, V>): PrioTreeNode<W, V> | null {
  const { left, right } = node;
  if (left === null || right === null) return left ?? right;
  return right.heap_index > left.heap_index ? right : left;
}
