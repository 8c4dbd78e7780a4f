// mm/mremap.c of 3.0, as far as it has changed: a mapping does not grow until its page index overflows (CVE-2011-2496).

import { PAGE_SIZE } from "../common/arch.ts";
import { linear_page_index, type Addr, type VmArea } from "../common/mm_types.ts";
import { kernel } from "../state.ts";

/** vma_to_resize(): would the page index behind the grown mapping not fit an unsigned long? */
export function mremap_overflows(vma: VmArea, addr: Addr, new_len: number): boolean {
  return linear_page_index(vma, addr) + new_len / PAGE_SIZE > kernel.arch.word.ULONG_MAX;
}
