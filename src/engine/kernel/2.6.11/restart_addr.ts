// mm/memory.c of 2.6.11: how a restart address in vm_truncate_count differs from a count.

import { PAGE_SIZE } from "../common/arch.ts";

/** is_restart_addr(): a count is never a multiple of the page size, an address always is. 0 is the address to start from. */
export function is_restart_addr(truncate_count: number): boolean {
  return truncate_count % PAGE_SIZE === 0;
}
