// A file's priority search tree as plain data, read from outside the model. Terminates on malformed trees too.

import type { AddressSpace, VmArea } from "../kernel/common/mm_types.ts";
import type { PrioTreeNode, PrioTreeRoot } from "../kernel/common/prio_tree_types.ts";

/** A node of the tree with the vmas of its interval: first the one that is the node, then its vm_set in ring order. */
export interface PrioTreeView<V> {
  readonly radix_index: number;
  readonly heap_index: number;
  readonly vmas: readonly V[];
  readonly left: PrioTreeView<V> | null;
  readonly right: PrioTreeView<V> | null;
}

/** The tree, each vma shown by what `show` makes of it; null for an empty tree. */
export function prio_tree_view<V>(root: PrioTreeRoot<number, VmArea>, show: (vma: VmArea) => V): PrioTreeView<V> | null {
  const seen = new Set<VmArea>();
  const view = (node: PrioTreeNode<number, VmArea> | null): PrioTreeView<V> | null => {
    if (node === null || seen.has(node.entry)) return null;
    const vmas = vm_set(node.entry, seen).map(show);
    return { radix_index: node.radix_index, heap_index: node.heap_index, vmas, left: view(node.left), right: view(node.right) };
  };
  return view(root.prio_tree_node);
}

/** A tree node's vma and the ring that hangs on it, in the order of a walk. */
function vm_set(node: VmArea, seen: Set<VmArea>): VmArea[] {
  const found = [node];
  seen.add(node);
  const head = node.shared.head;
  for (let link = head?.shared.list; link !== undefined && link.entry !== null && !seen.has(link.entry); link = link.next) {
    seen.add(link.entry);
    found.push(link.entry);
  }
  return found;
}

/** The vmas that map a file linearly, in the order in which unmap_mapping_range visits them. */
export function tree_vmas(mapping: AddressSpace): VmArea[] {
  return root_vmas(mapping.i_mmap);
}

/** The vmas of a tree, in the order of a walk. */
export function root_vmas(root: PrioTreeRoot<number, VmArea>): VmArea[] {
  const found: VmArea[] = [];
  const collect = (view: PrioTreeView<VmArea> | null): void => {
    if (view === null) return;
    found.push(...view.vmas);
    collect(view.left);
    collect(view.right);
  };
  collect(prio_tree_view(root, (vma) => vma));
  return found;
}

/** The vmas that map a file nonlinearly, in the order in which unmap_mapping_range visits them. */
export function list_vmas(mapping: AddressSpace): VmArea[] {
  const found: VmArea[] = [];
  const head = mapping.i_mmap_nonlinear;
  for (let link = head.next; link !== head && link.entry !== null; link = link.next) found.push(link.entry);
  return found;
}
