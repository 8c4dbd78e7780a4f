// Pages, and the rounding of byte counts and addresses to them.

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";

export { PAGE_SIZE };

/** The smallest multiple of the page size that is not below `bytes`, as system calls round lengths. */
export function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

/** The first byte of the page that `bytes` lies in. */
export function roundDownToPage(bytes: number): number {
  return Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE;
}
