// System calls of the truncation path and its neighbours, where they are no more than locks around what they are for.

import type { Kernel } from "../machine/hooks.ts";
import { trace } from "../machine/tracing.ts";
import { k } from "./image.ts";
import type { Addr, File, Inode, MmStruct, Pgoff, VmArea } from "./mm_types.ts";

/** sys_mmap2() */
export function* sys_mmap(mm: MmStruct, file: File | null, addr: Addr | null, len: number, vm_flags: number, pgoff: Pgoff): Kernel<VmArea | number> {
  yield* k.down_write(mm.mmap_sem);
  const result = yield* k.do_mmap_pgoff(mm, file, addr, len, vm_flags, pgoff);
  yield* k.up_write(mm.mmap_sem);
  return result;
}

/** sys_munmap(): 0 or -errno. */
export function* sys_munmap(mm: MmStruct, addr: Addr, len: number): Kernel<number> {
  yield* k.down_write(mm.mmap_sem);
  const error = yield* k.do_munmap(mm, addr, len);
  yield* k.up_write(mm.mmap_sem);
  return error;
}

/** do_truncate() of fs/open.c: makes a file `length` bytes long, under its i_sem. */
export function* do_truncate(inode: Inode, length: number): Kernel<number> {
  yield* k.down_write(inode.i_sem);
  trace("truncate_begin", { mapping: inode.i_mapping, size: length });
  yield* k.vmtruncate(inode, length);
  trace("truncate_end", { mapping: inode.i_mapping, size: length });
  yield* k.up_write(inode.i_sem);
  return 0;
}
