// mm/fremap.c of 2.6.38, as far as it has changed: pages of nonlinear mappings, too, are locked until they are mapped.

import type { Kernel } from "../../machine/hooks.ts";
import { PAGE_SIZE } from "../arch.ts";
import { EINVAL } from "../errno.ts";
import { k } from "../image.ts";
import { page_index, type Addr, type Pgoff, type VmArea } from "../mm_types.ts";
import { get_page, put_page } from "../page_alloc.ts";

/** filemap_populate(): maps pages of the file, looking at i_size again before each. 0 or -errno. */
export function* filemap_populate(vma: VmArea, start: Addr, size: number, pgoff: Pgoff): Kernel<number> {
  const inode = vma.vm_file!.inode;
  const end = start + size;
  for (let address = start; address < end; address += PAGE_SIZE, pgoff += 1) {
    const pages = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
    if (pgoff + (end - address) / PAGE_SIZE > pages) return -EINVAL;
    const page = yield* k.find_or_read_page(inode, pgoff);
    // install_page gives its reference away, to the pte or back.
    get_page(page);
    yield* k.lock_page(page);
    const error = yield* k.install_page(vma, address, page, pgoff);
    yield* k.unlock_page(page);
    put_page(page);
    if (error < 0) return error;
  }
  return 0;
}
