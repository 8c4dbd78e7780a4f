// A malformed prio tree, found at the change that makes it so: every insert and remove moves nodes along one path from the
// root down, which is looked at again when it is done. Only when the tree grows, which it does at most once for each bit
// of a page index, all of it is checked.

import type { System } from "../../kernel/boot.ts";
import { VM_NONLINEAR, type AddressSpace, type VmArea } from "../../kernel/common/mm_types.ts";
import type { PrioTreeNode, PrioTreeRoot } from "../../kernel/common/prio_tree_types.ts";
import { BUG } from "../../machine/bug.ts";
import { is_above, belongs_right, check_prio_tree, type PrioTreeViolation } from "../prio_tree_check.ts";
import { on } from "../subscribe.ts";

type Root = PrioTreeRoot<number, VmArea>;
type Node = PrioTreeNode<number, VmArea>;
type Rule = PrioTreeViolation<VmArea>["rule"];

/** No path in a well-formed tree is longer: radix levels, size levels, and the root. */
const LONGEST_PATH = 2 * 64 + 2;

interface Args {
  readonly mapping: AddressSpace;
  readonly vma: VmArea;
  readonly change: "insert" | "add" | "remove";
}

/** The update of a tree that is in progress, or was the last; i_mmap_lock admits one at a time. */
interface TreeUpdate {
  in_progress: boolean;
  index_bits: number;
  /** The lowest of the nodes that it moves; null if that is the new node, or if none moves. */
  lowest: Node | null;
  /** The node that loses a leaf, if nothing else changes. */
  parent: Node | null;
}

export class PrioTreeCheck {
  private readonly updates = new Map<AddressSpace, TreeUpdate>();

  constructor({ machine }: System) {
    on<Args>(machine, "i_mmap_update", ({ args: { mapping, vma, change } }) => {
      if ((vma.vm_flags & VM_NONLINEAR) !== 0) return;
      const update = this.update_of(mapping);
      update.in_progress = true;
      update.index_bits = mapping.i_mmap.index_bits;
      update.lowest = change === "insert" ? lowest_of_insert(mapping.i_mmap, vma) : change === "remove" ? lowest_of_remove(vma) : null;
      update.parent = change === "remove" && update.lowest === null && vma.shared.parent !== vma.shared ? vma.shared.parent : null;
    });
    on<Args>(machine, "i_mmap_updated", ({ args: { mapping, vma, change } }) => {
      const update = this.update_of(mapping);
      if (!update.in_progress) return;
      update.in_progress = false;
      const { index_bits, prio_tree_node } = mapping.i_mmap;
      if (index_bits > update.index_bits) return check_all(mapping);
      // A new node stands somewhere above the lowest that it has moved.
      if (update.lowest !== null) check_path(mapping, update.lowest);
      else if (change !== "remove") check_member(mapping, vma);
      else if (update.parent !== null) check_node(mapping, update.parent);
      if (prio_tree_node === null && index_bits !== 1) report(mapping, "index_bits", `is ${index_bits} in an empty tree`, null);
    });
  }

  /** The system has been set back to its start. */
  reset(): void {
    this.updates.clear();
  }

  private update_of(mapping: AddressSpace): TreeUpdate {
    let change = this.updates.get(mapping);
    if (change === undefined) this.updates.set(mapping, (change = { in_progress: false, index_bits: 0, lowest: null, parent: null }));
    return change;
  }
}

/** Inserting a vma descends one path; a node that the inserted one displaces descends on in its place. The last node displaced. */
function lowest_of_insert(root: Root, vma: VmArea): Node | null {
  let lowest: Node | null = null;
  let carried: Pick<Node, "radix_index" | "heap_index"> = { radix_index: vma.radix_index(), heap_index: vma.heap_index() };
  let place = root.prio_tree_node;
  for (let depth = 0; place !== null && depth < LONGEST_PATH; depth++) {
    const { left, right } = place;
    if (is_above(carried, place)) carried = lowest = place;
    else if (!is_above(place, carried)) return lowest;
    place = belongs_right(root, carried, depth) === true ? right : left;
  }
  return lowest;
}

/** Removing a vma moves the nodes below it up, each to the place of the one above. The lowest of those. */
function lowest_of_remove({ shared }: VmArea): Node | null {
  // A ring's head takes the place of its node, and nothing moves.
  if (shared.head !== null) return shared.parent === null ? null : shared.head.shared;
  if (shared.parent === null) return null;
  let lowest: Node | null = null;
  for (let node = upper_child(shared), depth = 0; node !== null && depth < LONGEST_PATH; node = upper_child(node), depth++) lowest = node;
  return lowest;
}

function upper_child({ left, right }: Node): Node | null {
  if (left === null || right === null) return left ?? right;
  return right.heap_index > left.heap_index ? right : left;
}

/** The nodes of the path that is being checked, the lowest first: one array, used over and over. */
const path: Node[] = new Array<Node>(LONGEST_PATH);

/** Checks the path from the root down to `lowest`: links, heap, and the sides on which its nodes stand. */
function check_path(mapping: AddressSpace, lowest: Node): void {
  const root = mapping.i_mmap;
  let length = 0;
  path[length++] = lowest;
  let top = lowest;
  for (let parent = top.parent; parent !== top; parent = top.parent) {
    if (parent === null || (parent.left !== top && parent.right !== top))
      return report(mapping, "parent", "has a wrong parent pointer", top.entry);
    if (length === LONGEST_PATH) return report(mapping, "cycle", "is deeper than any tree", lowest.entry);
    path[length++] = parent;
    top = parent;
  }
  if (root.prio_tree_node !== top) report(mapping, "parent", "is the top of its path and not the root", top.entry);
  // The bits of radix_index that the path prescribes down to a level, as a number.
  let prefix = 0;
  for (let at = length - 1, depth = 0; at >= 0; at--, depth++) {
    const node = path[at]!;
    check_node(mapping, node);
    const radix_levels = Math.min(depth, root.index_bits);
    if (radix_levels > 0 && root.word.shift_right(node.radix_index, root.index_bits - radix_levels) !== prefix)
      report(mapping, "radix", "is on the wrong side of an ancestor", node.entry);
    for (let level = radix_levels; level < depth; level++) {
      const ancestor = path[length - 1 - level]!;
      if (belongs_right(root, node, level) !== (ancestor.right === path[length - 2 - level]))
        report(mapping, "radix", `is on the wrong side of its ancestor at depth ${level}`, node.entry);
    }
    if (at > 0 && depth < root.index_bits) prefix = prefix * 2 + (node.right === path[at - 1] ? 1 : 0);
  }
}

/** One node: its interval, and its children. */
function check_node(mapping: AddressSpace, node: Node): void {
  const { left, right } = node;
  if (left !== null) check_child(mapping, node, left);
  if (right !== null) check_child(mapping, node, right);
  const { word, index_bits } = mapping.i_mmap;
  if (word.bit_length(node.heap_index) > index_bits)
    report(mapping, "index_bits", `ends beyond what ${index_bits} bits can hold`, node.entry);
  if (node.heap_index < node.radix_index) report(mapping, "interval", "ends before it begins", node.entry);
  if (node.radix_index !== node.entry.radix_index() || node.heap_index !== node.entry.heap_index())
    report(mapping, "interval", "was changed while in the tree", node.entry);
}

function check_child(mapping: AddressSpace, node: Node, child: Node): void {
  if (child.parent !== node) report(mapping, "parent", "has a wrong parent pointer", child.entry);
  if (is_above(child, node)) report(mapping, "heap", "belongs above its parent", child.entry);
}

/** A vma that has just been linked: as a node, or as a member of a ring whose neighbours have the same interval. */
function check_member(mapping: AddressSpace, vma: VmArea): void {
  const { shared } = vma;
  if (shared.parent !== null) return check_path(mapping, shared);
  const neighbour = shared.head ?? shared.list.next.entry;
  if (neighbour === null || neighbour === vma || (shared.head !== null && shared.head.shared.head !== vma))
    return report(mapping, "vm_set", "is neither a node nor in the ring of one", vma);
  if (shared.list.next.prev !== shared.list || shared.list.prev.next !== shared.list)
    return report(mapping, "vm_set", "is in a ring whose links do not match", vma);
  if (neighbour.radix_index() !== vma.radix_index() || neighbour.heap_index() !== vma.heap_index())
    report(mapping, "interval", "is in the ring of a different interval", vma);
}

function check_all(mapping: AddressSpace): void {
  const [first] = check_prio_tree<number, VmArea>(mapping.i_mmap);
  if (first !== undefined) report(mapping, first.rule, first.message, first.vma);
}

function report(mapping: AddressSpace, rule: Rule, message: string, vma: VmArea | null): never {
  const { index_bits } = mapping.i_mmap;
  const name = vma === null ? "index_bits" : vma.name === "" ? "a vma" : vma.name;
  const values = vma === null ? {} : { vma, mm: vma.vm_mm, first_page: vma.radix_index(), last_page: vma.heap_index() };
  return BUG("prio-tree", `${name} ${message}`, { file: mapping.host.name, rule, index_bits, ...values });
}
