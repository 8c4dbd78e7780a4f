// lib/prio_tree.c of 2.6.10 and later, where it differs from 2.6.7 to 2.6.9.

import type { Ulong } from "../../machine/ulong.ts";
import type { PrioTreeRoot } from "./prio_tree_types.ts";

/** The number of the bit of an interval's size that is looked at first: the highest there is, however large the tree. */
export function prio_tree_size_level_bit<W extends Ulong, V>(root: PrioTreeRoot<W, V>): number {
  return root.word.BITS_PER_LONG - 1;
}
