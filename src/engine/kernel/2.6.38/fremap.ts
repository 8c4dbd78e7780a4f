// mm/fremap.c of 2.6.38, as far as it has changed: pages of nonlinear mappings, too, are locked until they are mapped.

import type { Kernel } from "../../machine/hooks.ts";
import { k } from "../image.ts";
import type { Addr, Pgoff, VmArea } from "../common/mm_types.ts";
import { get_page, put_page } from "../common/page_alloc.ts";

/** A step of filemap_populate(): gets a page of the file and maps it, under its lock. 0 or -errno. */
export function* populate_page(vma: VmArea, address: Addr, pgoff: Pgoff): Kernel<number> {
  const page = yield* k.find_or_read_page(vma.vm_file!.inode, pgoff);
  // install_page gives its reference away, to the pte or back.
  get_page(page);
  yield* k.lock_page(page);
  const error = yield* k.install_page(vma, address, page, pgoff);
  yield* k.unlock_page(page);
  put_page(page);
  return error;
}
