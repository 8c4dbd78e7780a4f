// A malformed prio tree, found at the change that makes it so: every insert and remove moves nodes along one path from the
// root down, which is looked at again when it is done. Only when the tree grows, which it does at most once for each bit
// of a page index, all of it is checked.

import type { System } from "../../kernel/kernels.ts";
import { VM_NONLINEAR, vma_pages, type AddressSpace, type Pgoff, type VmArea } from "../../kernel/mm_types.ts";
import type { PrioTreeNode, PrioTreeRoot } from "../../kernel/prio_tree_types.ts";
import { BUG } from "../../machine/bug.ts";
import { above, belongs_right, check_prio_tree, type PrioTreeViolation } from "../prio_tree_check.ts";
import { on } from "../subscribe.ts";

type Root = PrioTreeRoot<number, VmArea>;
type Node = PrioTreeNode<number, VmArea>;
type Rule = PrioTreeViolation<VmArea>["rule"];

/** No path in a well-formed tree is longer: radix levels, size levels, and the root. */
const LONGEST_PATH = 2 * 64 + 2;

/** A change of a tree that has begun. */
interface Change {
  readonly index_bits: number;
  /** The nodes that it may move. */
  readonly nodes: readonly Node[];
}

interface Args {
  readonly mapping: AddressSpace;
  readonly vma: VmArea;
  readonly change: "insert" | "add" | "remove";
}

export class PrioTreeCheck {
  /** i_mmap_lock lets one change at a time be under way for each file. */
  private readonly changes = new Map<AddressSpace, Change>();

  constructor({ machine }: System) {
    on<Args>(machine, "i_mmap_update", ({ mapping, vma, change }) => {
      if ((vma.vm_flags & VM_NONLINEAR) !== 0) return;
      const root = mapping.i_mmap;
      const nodes = change === "insert" ? path_of_insert(root, vma.vm_pgoff, vma.vm_pgoff + vma_pages(vma) - 1) : change === "remove" ? path_of_remove(vma) : [];
      this.changes.set(mapping, { index_bits: root.index_bits, nodes });
    });
    on<Args>(machine, "i_mmap_updated", ({ mapping, vma, change }) => {
      const begun = this.changes.get(mapping);
      this.changes.delete(mapping);
      if (begun === undefined) return;
      const root = mapping.i_mmap;
      if (root.index_bits > begun.index_bits) return check_all(mapping);
      for (const node of begun.nodes) if (node.parent !== null) check_node(mapping, node);
      if (change !== "remove") check_member(mapping, vma);
      if (root.prio_tree_node === null && root.index_bits !== 1) report(mapping, "index_bits", `is ${root.index_bits} in an empty tree`, null);
    });
  }
}

/** The nodes that inserting [first, last] looks at: each is passed, or pushed down by what comes from above. */
function path_of_insert(root: Root, first: Pgoff, last: Pgoff): Node[] {
  const path: Node[] = [];
  let carried: Pick<Node, "radix_index" | "heap_index"> = { radix_index: first, heap_index: last };
  let place = root.prio_tree_node;
  for (let depth = 0; place !== null && depth < LONGEST_PATH; depth++) {
    path.push(place);
    const pushed: Node = place;
    const right = belongs_right(root, above(carried, pushed) ? pushed : carried, depth) === true;
    if (above(carried, pushed)) carried = pushed;
    place = right ? pushed.right : pushed.left;
  }
  return path;
}

/** The nodes that removing a vma moves: one after the other takes the place of the one above, and the parent gets another child. */
function path_of_remove({ shared }: VmArea): Node[] {
  const path: Node[] = [];
  // A ring's head takes the place of its node, and there is nothing that moves.
  if (shared.head !== null) path.push(shared.parent === null ? shared : shared.head.shared);
  if (shared.parent === null) return path;
  if (shared.parent !== shared) path.push(shared.parent);
  for (let node = upper_child(shared); node !== null && path.length < LONGEST_PATH; node = upper_child(node)) path.push(node);
  return path;
}

function upper_child({ left, right }: Node): Node | null {
  if (left === null || right === null) return left ?? right;
  return right.heap_index > left.heap_index ? right : left;
}

/** One node: the way from the root to it, its place on that way, and its children. */
function check_node(mapping: AddressSpace, node: Node): void {
  const root = mapping.i_mmap;
  const wrong = (rule: Rule, message: string): never => report(mapping, rule, message, node.entry);
  const sides: boolean[] = [];
  let top = node;
  for (let parent = top.parent; parent !== top; parent = top.parent) {
    if (parent === null || (parent.left !== top && parent.right !== top)) return wrong("parent", "has a wrong parent pointer above it");
    if (sides.length === LONGEST_PATH) return wrong("cycle", "is deeper than any tree");
    sides.push(parent.right === top);
    top = parent;
  }
  if (root.prio_tree_node !== top) wrong("parent", "is below a node that is not the root");
  if (node.parent !== null && node.parent !== node && above(node, node.parent)) wrong("heap", "belongs above its parent");
  sides.reverse().forEach((right, depth) => {
    if (belongs_right(root, node, depth) !== right) wrong("radix", `is on the wrong side of its ancestor at depth ${depth}`);
  });
  for (const child of [node.left, node.right]) {
    if (child === null) continue;
    if (child.parent !== node) wrong("parent", "has a child that does not know it");
    if (above(child, node)) wrong("heap", "belongs below its child");
  }
  if (root.word.bit_length(node.heap_index) > root.index_bits) wrong("index_bits", `ends beyond what ${root.index_bits} bits can hold`);
  if (node.radix_index !== node.entry.radix_index() || node.heap_index !== node.entry.heap_index()) wrong("interval", "was changed while in the tree");
}

/** A vma that has just been linked: as a node, or as a member of a ring whose neighbours have the same interval. */
function check_member(mapping: AddressSpace, vma: VmArea): void {
  const { shared } = vma;
  if (shared.parent !== null) return check_node(mapping, shared);
  const neighbour = shared.head ?? shared.list.next.entry;
  if (neighbour === null || neighbour === vma || (shared.head !== null && shared.head.shared.head !== vma)) return report(mapping, "vm_set", "is neither a node nor in the ring of one", vma);
  if (shared.list.next.prev !== shared.list || shared.list.prev.next !== shared.list) return report(mapping, "vm_set", "is in a ring whose links do not match", vma);
  if (neighbour.radix_index() !== vma.radix_index() || neighbour.heap_index() !== vma.heap_index()) report(mapping, "interval", "is in the ring of a different interval", vma);
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
