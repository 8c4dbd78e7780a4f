// mm/filemap.c of 2.6.38, as far as it has changed: the locks of pages, and a page fault that comes by its page locked.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "../common/arch.ts";
import { NOPAGE_SIGBUS } from "../common/filemap.ts";
import { k } from "../image.ts";
import { linear_page_index, page_index, type Addr, type VmArea } from "../common/mm_types.ts";
import { page_lock_of, put_page, type Page } from "../common/page_alloc.ts";
import { kernel } from "../state.ts";

/** lock_page(): sleeps until the page is this task's. The caller has a reference to it. */
export function lock_page(page: Page): Kernel<void> {
  return k.down_write(page_lock_of(page));
}

/** trylock_page(): the same if it need not sleep; false if it would. */
export function trylock_page(page: Page): Kernel<boolean> {
  return k.down_write_trylock(page_lock_of(page));
}

/** unlock_page() */
export function unlock_page(page: Page): Kernel<void> {
  return k.up_write(page_lock_of(page));
}

/**
 * filemap_nopage(), by then filemap_fault(): the page that a vma maps at `address`, locked, or NOPAGE_SIGBUS beyond i_size,
 * rounded up to pages. Whether it was truncated is looked at once more when it is locked.
 */
export function* filemap_nopage(vma: VmArea, address: Addr): Kernel<Page> {
  const inode = vma.vm_file!.inode;
  const pgoff = linear_page_index(vma, address);
  for (;;) {
    const size = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
    if (pgoff >= size) return NOPAGE_SIGBUS;
    const page = yield* k.find_or_read_page(inode, pgoff);
    yield* k.lock_page(page);
    const size_now = page_index((yield* k.read_shared(inode, "i_size")) + PAGE_SIZE - 1);
    if (k.nopage_recheck(inode.i_mapping.id, kernel.mem_map.mapping[page]!) && pgoff < size_now) return page;
    yield* k.unlock_page(page);
    put_page(page);
    trace("nopage_retry", { mapping: inode.i_mapping, vma, address });
  }
}
