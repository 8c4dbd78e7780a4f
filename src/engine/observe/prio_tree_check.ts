// Checks that a prio tree is well formed. Plain code, for sanity checks and tests: it reads every node from outside the model.

import { k } from "../kernel/image.ts";
import type { PrioTreeNode, PrioTreeRoot, PrioTreeVma } from "../kernel/common/prio_tree_types.ts";
import type { Ulong } from "../machine/ulong.ts";

/** A broken rule of the tree, and the vma at which it shows. */
export interface PrioTreeViolation<V> {
  readonly rule: "index_bits" | "cycle" | "parent" | "heap" | "radix" | "duplicate" | "vm_set" | "interval";
  readonly message: string;
  readonly vma: V | null;
}

/** A node on the path from the root, and the side to which the path leads from it. */
interface PathStep<W extends Ulong, V> {
  readonly node: PrioTreeNode<W, V>;
  readonly right: boolean;
}

/**
 * Checks heap order, radix placement (by the size levels of the running kernel), parent pointers, rings and cached
 * intervals. Returns what is wrong, in the order of a walk; nothing for a well-formed tree. Terminates on any tree.
 */
export function check_prio_tree<W extends Ulong, V extends PrioTreeVma<W, V>>(root: PrioTreeRoot<W, V>): PrioTreeViolation<V>[] {
  const violations: PrioTreeViolation<V>[] = [];
  const seen = new Set<V>();
  const intervals = new Set<string>();
  const report = (rule: PrioTreeViolation<V>["rule"], message: string, vma: V | null): void => {
    violations.push({ rule, message, vma });
  };

  const visit = (node: PrioTreeNode<W, V>, path: readonly PathStep<W, V>[]): void => {
    const vma = node.entry;
    if (seen.has(vma)) return report("cycle", "is in the tree twice", vma);
    seen.add(vma);
    const parent = path.at(-1)?.node ?? node;
    if (node.parent !== parent) report("parent", "has a wrong parent pointer", vma);
    if (node !== parent && is_above(node, parent)) report("heap", "belongs above its parent", vma);
    path.forEach((turn, depth) => {
      if (belongs_right(root, node, depth) !== turn.right) report("radix", `is on the wrong side of its ancestor at depth ${depth}`, vma);
    });
    if (root.word.bit_length(node.heap_index) > root.index_bits)
      report("index_bits", `ends beyond what ${root.index_bits} bits can hold`, vma);
    if (node.heap_index < node.radix_index) report("interval", "ends before it begins", vma);
    const interval = `${node.radix_index}-${node.heap_index}`;
    if (intervals.has(interval)) report("duplicate", `is a second node for ${interval}`, vma);
    intervals.add(interval);
    check_vm_set(vma, seen, report);
    if (node.left !== null) visit(node.left, [...path, { node, right: false }]);
    if (node.right !== null) visit(node.right, [...path, { node, right: true }]);
  };

  if (root.prio_tree_node !== null) visit(root.prio_tree_node, []);
  else if (root.index_bits !== 1) report("index_bits", `is ${root.index_bits} in an empty tree`, null);
  return violations;
}

type TreeViolationSink<V> = (rule: PrioTreeViolation<V>["rule"], message: string, vma: V) => void;

/** Checks the tree node's own interval and the ring that hangs on it. */
function check_vm_set<W extends Ulong, V extends PrioTreeVma<W, V>>(node: V, seen: Set<V>, report: TreeViolationSink<V>): void {
  check_interval(node, node, report);
  const head = node.shared.head;
  if (node.shared.list.next !== node.shared.list) report("vm_set", "is a tree node and linked in a ring", node);
  if (head === null) return;
  if (head.shared.head !== node) report("vm_set", "is the head of a ring and does not point to its tree node", head);
  let link = head.shared.list;
  do {
    const vma = link.entry;
    if (vma === null) return report("vm_set", "has the head of some other list in its ring", head);
    if (seen.has(vma)) return report("cycle", "is in the tree twice", vma);
    seen.add(vma);
    check_interval(vma, node, report);
    if (vma.shared.parent !== null) report("vm_set", "is in a ring and has a parent in the tree", vma);
    if (vma !== head && vma.shared.head !== null) report("vm_set", "is a second head of its ring", vma);
    if (link.next.prev !== link) report("vm_set", "is in a ring whose links do not match", vma);
    link = link.next;
  } while (link !== head.shared.list);
}

function check_interval<W extends Ulong, V extends PrioTreeVma<W, V>>(vma: V, node: V, report: TreeViolationSink<V>): void {
  if (vma.shared.radix_index !== vma.radix_index() || vma.shared.heap_index !== vma.heap_index())
    report("interval", "was changed while in the tree", vma);
  if (vma.shared.radix_index !== node.shared.radix_index || vma.shared.heap_index !== node.shared.heap_index)
    report("interval", "is in the ring of a different interval", vma);
}

/** The interval of a node. */
type Interval<W extends Ulong> = Pick<PrioTreeNode<W, unknown>, "radix_index" | "heap_index">;

/** Does `a` belong above `b` in the heap? */
export function is_above<W extends Ulong>(a: Interval<W>, b: Interval<W>): boolean {
  return a.heap_index > b.heap_index || (a.heap_index === b.heap_index && a.radix_index < b.radix_index);
}

/** The side on which `node` belongs below an ancestor at `depth`; null where no bit is left and nothing may hang. */
export function belongs_right<W extends Ulong, V>(root: PrioTreeRoot<W, V>, node: Interval<W>, depth: number): boolean | null {
  const size_level = depth - root.index_bits;
  if (size_level < 0) return root.word.bit(node.radix_index, -1 - size_level);
  const bit = k.prio_tree_size_level_bit(root) - size_level;
  return bit < 0 ? null : root.word.bit(root.word.sub(node.heap_index, node.radix_index), bit);
}
