// The rare changes of single ptes, kept apart from the loops so that a variant or a test can replace or count them.

import type { Table } from "./arch.ts";
import type { Pgoff } from "./mm_types.ts";
import { pte_clear, swp_offset } from "./pgtable.ts";
import { kernel } from "../state.ts";

/** set_pte(ptep, pgoff_to_pte(pgoff)): records which page of the file was mapped here. */
export function set_file_pte(table: Table, at: number, pgoff: Pgoff): void {
  kernel.arch.set_file(table, at, pgoff);
}

/** pte_clear() of a file pte. */
export function clear_file_pte(table: Table, at: number): void {
  pte_clear(table, at);
}

/** free_swap_and_cache() and pte_clear(): the pte gives its swap entry up. */
export function free_swap_and_cache(table: Table, at: number): void {
  kernel.swap_map.free(swp_offset(table, at));
  pte_clear(table, at);
}
