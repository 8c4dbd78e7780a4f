// lib/prio_tree.c of 2.6.7 to 2.6.9, where it differs from 2.6.10.

import type { Ulong } from "../../machine/ulong.ts";
import type { PrioTreeRoot } from "../common/prio_tree_types.ts";

/**
 * The number of the bit of an interval's size that is looked at first. It moves when the tree grows, and what is in
 * the tree does not: intervals are then looked for, and inserted once more, in other places than where they are.
 */
export function prio_tree_size_level_bit<W extends Ulong, V>(root: PrioTreeRoot<W, V>): number {
  return root.index_bits - 1;
}
