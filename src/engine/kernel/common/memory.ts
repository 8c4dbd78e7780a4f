// mm/memory.c: what unmap_mapping_range has in common in all kernels. Its functions are in the folders of the kernels.

import type { Kernel } from "../../machine/hooks.ts";
import { list_empty } from "../../machine/list.ts";
import type { SpinLock } from "../../machine/spinlock.ts";
import { trace } from "../../machine/tracing.ts";
import type { Word } from "../../machine/ulong.ts";
import { k } from "../image.ts";
import type { AddressSpace, Pgoff, VmArea } from "./mm_types.ts";
import type { MmuGather } from "./tlb.ts";

/** A struct zap_details, as far as all kernels have it: what to unmap, if not everything. */
export class ZapDetails {
  /** Set while the list of nonlinear vmas is worked on, and after. */
  nonlinear_vma: VmArea | null = null;
  /** If set, only pages of this mapping are unmapped: a private copy stays. */
  check_mapping: AddressSpace | null = null;
  /** Set by an unmap_mapping_range that may drop it: unmap_vmas then checks it for contention. */
  i_mmap_lock: SpinLock | null = null;
  /** The hole, in pages of the file, both ends inclusive. */
  first_index: Pgoff = 0;
  last_index: Pgoff = 0;
}

/** What `*tlbp` is in C: where unmap_vmas leaves the gather that its caller has to finish. */
export interface GatherRef {
  tlb: MmuGather;
}

/** What `*zap_work` is in C, from 2.6.12 on: how much may be done before the next check. */
export interface ZapWork {
  left: number;
}

/**
 * The arithmetic at the head of unmap_mapping_range(): which pages a hole of `holelen` bytes at `holebegin` covers.
 * The begin is rounded down and the length, by itself, up; a length of 0, or a hole that wraps around, reaches to the end.
 * C's types decide the rest: offsets have 64 bits, page indexes those of `word`.
 */
export function hole_pages(word: Word<number>, holebegin: number | bigint, holelen: number | bigint): { first: Pgoff; last: Pgoff } {
  const bits = word.BITS_PER_LONG;
  const ulong = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const shift = (value: bigint): bigint => (bits === 32 ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) >> 12n;
  const begin = BigInt(holebegin);
  const length = BigInt(holelen);
  const hba = ulong(BigInt.asIntN(64, begin) >> 12n);
  let hlen = ulong(shift(length + 4095n));
  if (bits === 32 && shift(begin + length + 4095n) >> 32n !== 0n) hlen = ulong(2n ** 32n - hba);
  let last = ulong(hba + hlen - 1n);
  if (last < hba) last = ulong(-1n);
  return { first: Number(hba), last: last === ulong(-1n) ? word.ULONG_MAX : Number(last) };
}

/**
 * What unmap_mapping_range() of every kernel does with the lock on both held: it unmaps the vmas of the tree, then the nonlinear
 * ones, which the tree does not have.
 */
export function* unmap_mapping_vmas(mapping: AddressSpace, details: ZapDetails): Kernel<void> {
  trace("unmap_pass", { mapping, pass: "tree", non_empty: mapping.i_mmap.prio_tree_node !== null });
  if (mapping.i_mmap.prio_tree_node !== null) yield* k.unmap_mapping_range_tree(mapping.i_mmap, details);
  trace("unmap_pass", { mapping, pass: "list", non_empty: !list_empty(mapping.i_mmap_nonlinear) });
  if (!list_empty(mapping.i_mmap_nonlinear)) yield* k.unmap_mapping_range_list(mapping.i_mmap_nonlinear, details);
}
