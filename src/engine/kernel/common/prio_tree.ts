// mm/prio_tree.c: the vmas of a file in the tree of its address_space, equal ones as the ring of one node (VmShared).
// i_mmap_lock protects all of it.

import { BUG_ON } from "../../machine/bug.ts";
import type { Kernel } from "../../machine/hooks.ts";
import { list_add, list_add_tail, list_del, list_empty, list_entry } from "../../machine/list.ts";
import type { Ulong } from "../../machine/ulong.ts";
import { k } from "../image.ts";
import { prio_tree_climb, prio_tree_left, prio_tree_overlap, prio_tree_replace, prio_tree_right } from "./lib_prio_tree.ts";
import type { PrioTreeIter, PrioTreeRoot, PrioTreeVma } from "./prio_tree_types.ts";

/**
 * Adds a vma that maps the same interval as `old`, which is in the tree: right behind it in its ring, or at the end
 * of the ring if `old` is the tree node. fork() keeps parents before children by this.
 */
export function* vma_prio_tree_add<W extends Ulong, V extends PrioTreeVma<W, V>>(vma: V, old: V): Kernel<void> {
  const { shared } = vma;
  BUG_ON(vma.radix_index() !== old.radix_index(), "prio-tree-add", "vma_prio_tree_add of vmas that begin at different pages", { vma, old });
  BUG_ON(vma.heap_index() !== old.heap_index(), "prio-tree-add", "vma_prio_tree_add of vmas that end at different pages", { vma, old });
  shared.radix_index = old.shared.radix_index;
  shared.heap_index = old.shared.heap_index;
  shared.parent = null;
  shared.head = null;
  if (old.shared.parent === null) {
    list_add(shared.list, old.shared.list);
  } else if (old.shared.head !== null) {
    list_add_tail(shared.list, old.shared.head.shared.list);
  } else {
    shared.head = old;
    old.shared.head = vma;
  }
}

/** Inserts a vma by the interval of the file that it maps. */
export function* vma_prio_tree_insert<W extends Ulong, V extends PrioTreeVma<W, V>>(vma: V, root: PrioTreeRoot<W, V>): Kernel<void> {
  const { shared } = vma;
  shared.radix_index = vma.radix_index();
  shared.heap_index = vma.heap_index();
  shared.head = null;
  const node = yield* k.prio_tree_insert(root, shared);
  if (node !== shared) yield* k.vma_prio_tree_add(vma, node.entry);
}

/** Removes a vma. Its ring lives on: the head becomes the tree node, the one behind it the head. */
export function* vma_prio_tree_remove<W extends Ulong, V extends PrioTreeVma<W, V>>(vma: V, root: PrioTreeRoot<W, V>): Kernel<void> {
  const { shared } = vma;
  const partner = shared.head;
  if (partner === null) {
    if (shared.parent === null) list_del(shared.list);
    else yield* k.prio_tree_remove(root, shared);
    return;
  }
  // Tree node and head point at each other. Whichever of the two leaves, the other is the tree node from now on.
  const { list } = shared.parent === null ? shared : partner.shared;
  const head = list_empty(list) ? null : list_entry(list.next);
  list_del(list);
  if (shared.parent !== null) prio_tree_replace(root, shared, partner.shared);
  partner.shared.head = head;
  if (head !== null) head.shared.head = partner;
  shared.left = null;
  shared.right = null;
  shared.parent = null;
  shared.head = null;
}

/**
 * The vma that comes after `vma` in a walk, null at its end; with null, the first one. Each tree node is followed by
 * its ring, then by what is to its left, then by what is to its right: the largest end comes first.
 *
 * prio_tree_first and prio_tree_next of lib/prio_tree.c are written out here: a call per vma would halve the speed of
 * a walk.
 */
export function* vma_prio_tree_next<W extends Ulong, V extends PrioTreeVma<W, V>>(
  vma: V | null,
  iter: PrioTreeIter<W, V>,
): Kernel<V | null> {
  const member = vma === null ? null : vm_set_next(vma);
  if (member !== null) return member;
  while (prio_tree_left(iter) || prio_tree_right(iter) || prio_tree_climb(iter)) {
    const node = iter.cur;
    if (node !== null && prio_tree_overlap(iter, node)) return node.entry;
  }
  return null;
}

/** The vma behind this one in its ring; null at the ring's end, and if there is no ring. */
export function vm_set_next<W extends Ulong, V extends PrioTreeVma<W, V>>(vma: V): V | null {
  const { parent, head, list } = vma.shared;
  if (parent !== null) return head;
  const next = list_entry(list.next);
  // Only the head has its field `head` set: the ring is closed.
  return next.shared.head === null ? next : null;
}
