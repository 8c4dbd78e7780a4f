// A file's priority search tree as text.

import type { AddressSpace, VmArea } from "../engine/kernel/common/mm_types.ts";
import { list_vmas, prio_tree_view, type PrioTreeView } from "../engine/observe/prio_tree_view.ts";
import { name_of_vma } from "./format.ts";

/** The tree, a node a line, each with the vmas of its interval in the order of a walk; then the list of nonlinear vmas. */
export function prioTreeLines(mapping: AddressSpace): string[] {
  const tree = prio_tree_view(mapping.i_mmap, (vma) => vma);
  const nonlinear = list_vmas(mapping);
  return [
    ...(tree === null ? ["the tree is empty"] : nodeLines(tree, "", "")),
    ...(nonlinear.length === 0 ? [] : [`nonlinear: ${nonlinear.map(formatVma).join(", ")}`]),
  ];
}

/** @param first what stands before the node's own line; @param rest what stands before the lines below it */
function nodeLines({ radix_index, heap_index, vmas, left, right }: PrioTreeView<VmArea>, first: string, rest: string): string[] {
  const [node, ...ring] = vmas;
  const set = ring.length === 0 ? "" : `, vm_set: ${ring.map(formatVma).join(", ")}`;
  const lines = [`${first}[${radix_index}, ${heap_index}] ${formatVma(node!)}${set}`];
  const children = [
    ["left", left],
    ["right", right],
  ] as const;
  const present = children.filter((child): child is readonly ["left" | "right", PrioTreeView<VmArea>] => child[1] !== null);
  present.forEach(([side, child], at) => {
    const last = at === present.length - 1;
    lines.push(...nodeLines(child, `${rest}${last ? "└─" : "├─"} ${side} `, `${rest}${last ? "   " : "│  "}`));
  });
  return lines;
}

function formatVma(vma: VmArea): string {
  return `${name_of_vma(vma)} (${vma.vm_truncate_count})`;
}
