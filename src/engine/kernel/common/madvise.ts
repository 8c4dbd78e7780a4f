// mm/madvise.c: MADV_DONTNEED, by which a program gives pages back.

import type { Kernel } from "../../machine/hooks.ts";
import { PAGE_SIZE } from "./arch.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { k } from "../image.ts";
import { ZapDetails } from "./memory.ts";
import { page_align, VM_NONLINEAR, type Addr, type MmStruct, type VmArea } from "./mm_types.ts";
import { kernel } from "../state.ts";

/** sys_madvise(MADV_DONTNEED): empties the ptes of [start, start + len). Skips what is not mapped, and reports it: 0 or -errno. */
export function* sys_madvise(mm: MmStruct, start: Addr, len: number): Kernel<number> {
  let error = start % PAGE_SIZE !== 0 || start + page_align(len) > kernel.arch.word.ULONG_MAX ? -EINVAL : 0;
  const exclusive = k.madvise_need_mmap_write();
  yield* exclusive ? k.down_write(mm.mmap_sem) : k.down_read(mm.mmap_sem);
  if (error === 0 && len > 0) {
    const end = start + page_align(len);
    let covered = start;
    for (let vma = k.find_vma(mm, start); vma !== null && vma.vm_start < end; vma = vma.vm_next) {
      if (vma.vm_start > covered) error = -ENOMEM;
      covered = vma.vm_end;
      yield* k.madvise_dontneed(vma, Math.max(start, vma.vm_start), Math.min(end, vma.vm_end));
    }
    if (covered < end) error = -ENOMEM;
  }
  yield* exclusive ? k.up_write(mm.mmap_sem) : k.up_read(mm.mmap_sem);
  return error;
}

/** madvise_need_mmap_write(): does MADV_DONTNEED keep page faults of its address space out? */
export function madvise_need_mmap_write(): boolean {
  return true;
}

/** madvise_dontneed(): a nonlinear vma remembers which page of the file was where. */
export function* madvise_dontneed(vma: VmArea, start: Addr, end: Addr): Kernel<void> {
  let details: ZapDetails | null = null;
  if ((vma.vm_flags & VM_NONLINEAR) !== 0) {
    details = new ZapDetails();
    details.nonlinear_vma = vma;
    details.last_index = kernel.arch.word.ULONG_MAX;
  }
  yield* k.zap_page_range(vma, start, end - start, details);
}
