// System calls of the truncation path and its neighbours, where they are no more than locks around what they are for.

import type { Kernel } from "../../machine/hooks.ts";
import { trace } from "../../machine/tracing.ts";
import { PAGE_SIZE } from "./arch.ts";
import { EFBIG, EINVAL } from "./errno.ts";
import { k } from "../image.ts";
import type { Addr, File, Inode, MmStruct, Pgoff } from "./mm_types.ts";
import { kernel } from "../state.ts";

/** old_mmap(): sys_mmap() with an offset in bytes, which must be that of a page. */
export function* old_mmap(
  mm: MmStruct,
  file: File | null,
  addr: Addr | null,
  len: number,
  vm_flags: number,
  offset: number,
): Kernel<number> {
  if (offset % PAGE_SIZE !== 0) return -EINVAL;
  return yield* k.sys_mmap(mm, file, addr, len, vm_flags, offset / PAGE_SIZE);
}

/** sys_mmap2(): the address or -errno. */
export function* sys_mmap(mm: MmStruct, file: File | null, addr: Addr | null, len: number, vm_flags: number, pgoff: Pgoff): Kernel<number> {
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

/** do_truncate() of fs/open.c: makes a file `length` bytes long, under its i_sem. 0 or -errno. */
export function* do_truncate(inode: Inode, length: number): Kernel<number> {
  if (length < 0) return -EINVAL;
  const error = length > kernel.arch.MAX_LFS_FILESIZE ? -EFBIG : 0;
  yield* k.down_write(inode.i_sem);
  if (error === 0) {
    trace("truncate_begin", { mapping: inode.i_mapping, size: length });
    yield* k.vmtruncate(inode, length);
    trace("truncate_end", { mapping: inode.i_mapping, size: length });
  }
  yield* k.up_write(inode.i_sem);
  return error;
}

/** sys_sched_yield(): puts the task behind others of its priority in the runqueue. */
export function* sys_sched_yield(): Kernel<void> {
  yield* k.schedule();
}
