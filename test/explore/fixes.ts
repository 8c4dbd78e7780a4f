// The smallest changes with which the explorer no longer finds K6 and K11, as overrides of kernel functions.

import { unmap_mapping_range_vma as of_2_6_11 } from "../../src/engine/kernel/2.6.11/memory.ts";
import { unmap_mapping_range_vma as of_2_6_38 } from "../../src/engine/kernel/2.6.38/memory.ts";
import { is_restart_addr } from "../../src/engine/kernel/2.6.11/restart_addr.ts";
import { unmap_mapping_range_vma as of_vmtrunc4, type ZapDetails } from "../../src/engine/kernel/vmtrunc4/memory.ts";
import type { Image } from "../../src/engine/kernel/image.ts";
import type { Addr } from "../../src/engine/kernel/common/mm_types.ts";

type Scan = Image["unmap_mapping_range_vma"];

/** A restart address that does not lie inside the vma was not meant for it: it is not used. */
function restartInside(scan: Scan): Scan {
  return function* (vma, start_addr, end_addr, details) {
    if (is_restart_addr(vma.vm_truncate_count) && vma.vm_truncate_count >= vma.vm_end) vma.vm_truncate_count = 0;
    return yield* scan(vma, start_addr, end_addr, details);
  };
}

export const K6_FIXES = {
  "2.6.11": { unmap_mapping_range_vma: restartInside(of_2_6_11 as Scan) },
  "2.6.38": { unmap_mapping_range_vma: restartInside(of_2_6_38 as Scan) },
} as const;

/** Where restart_vma began when it was remembered: a field more in struct zap_details. */
const restartStart = new WeakMap<object, Addr>();

/** restart_vma is forgotten if it begins at another address by now. */
export const K11_FIX: Partial<Image> = {
  *unmap_mapping_range_vma(vma, start_addr, end_addr, details) {
    const remembered = details as ZapDetails;
    if (vma === remembered.restart_vma && vma.vm_start !== restartStart.get(details)) remembered.restart_vma = null;
    const { vm_start } = vma;
    const dropped = yield* (of_vmtrunc4 as Scan)(vma, start_addr, end_addr, details);
    // It remembers the vma just before it drops the lock, when the vma still begins where it did.
    if (dropped === true && vma === remembered.restart_vma) restartStart.set(details, vm_start);
    return dropped;
  },
};
