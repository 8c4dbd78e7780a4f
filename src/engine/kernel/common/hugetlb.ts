// mm/hugetlb.c, as far as truncation meets it: a huge-page vma has ptes of its own kind, which are not modelled.

import { trace } from "../../machine/tracing.ts";
import type { Addr, VmArea } from "./mm_types.ts";

/** zap_hugepage_range(): unmaps huge pages, without any check for contention on the way. */
export function zap_hugepage_range(vma: VmArea, address: Addr, size: number): void {
  trace("hugetlb_zap", { vma, start: address, end: address + size });
}
