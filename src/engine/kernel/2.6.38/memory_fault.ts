// mm/memory.c of 2.6.38, the faulting half, as far as it has changed: truncation is kept out by the lock of the page.

import type { Kernel } from "../../machine/hooks.ts";
import { charge } from "../../machine/sched.ts";
import { k } from "../image.ts";
import { NOPAGE_SIGBUS } from "../common/filemap.ts";
import { VM_FAULT_MINOR, VM_FAULT_SIGBUS } from "../common/memory_fault.ts";
import { VM_SHARED, type Addr, type MmStruct, type VmArea } from "../common/mm_types.ts";
import { alloc_page, put_page } from "../common/page_alloc.ts";

/**
 * do_no_page(), by then __do_fault(): maps a page of the file. It is fetched without the lock of the pte, and stays locked until
 * it is mapped: a truncation that wants it waits, and unmaps it again. Releases the lock of the pte.
 */
export function* do_no_page(mm: MmStruct, vma: VmArea, address: Addr, write_access: boolean): Kernel<number> {
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  const file_page = yield* k.filemap_nopage(vma, address);
  if (file_page === NOPAGE_SIGBUS) return VM_FAULT_SIGBUS;
  let new_page = file_page;
  let anon = false;
  if (write_access && (vma.vm_flags & VM_SHARED) === 0) {
    const copy = alloc_page();
    charge("page_copy");
    new_page = copy;
    anon = true;
  }
  yield* k.spin_lock(k.pte_lockptr(mm, address));
  k.map_new_page(mm, vma, address, new_page, anon, write_access);
  yield* k.spin_unlock(k.pte_lockptr(mm, address));
  yield* k.unlock_page(file_page);
  if (anon) put_page(file_page);
  return VM_FAULT_MINOR;
}
