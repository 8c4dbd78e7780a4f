// What each system call refuses, and with which error.

import assert from "node:assert/strict";
import { i386, PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { EFAULT, EFBIG, EINVAL, ENOMEM, SIGSEGV } from "../../src/engine/kernel/common/errno.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { VM_READ } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { PRIVATE, SHARED, World } from "./call-world.ts";

describe("errors", () => {
  const page = PAGE_SIZE;
  const base = i386.TASK_UNMAPPED_BASE;
  const end = i386.TASK_SIZE;
  /** Calls on an address space with 4 pages of the file at page 0, private ones at 8, and nothing between. */
  const table: readonly (readonly [name: string, call: (world: World) => Kernel<unknown>, result: number])[] = [
    ["munmap of an address within a page", ({ mm }) => k.sys_munmap(mm, base + 1, 4), -EINVAL],
    ["munmap of nothing", ({ mm }) => k.sys_munmap(mm, base, 0), -EINVAL],
    ["munmap beyond the address space", ({ mm }) => k.sys_munmap(mm, end - page, 2 * page), -EINVAL],
    ["munmap where nothing is", ({ mm }) => k.sys_munmap(mm, base + 4 * page, page), 0],
    ["mmap of nothing", ({ mm, file }) => k.sys_mmap(mm, file, null, 0, SHARED, 0), -EINVAL],
    ["mmap of more than there are addresses", ({ mm, file }) => k.sys_mmap(mm, file, null, end + page, SHARED, 0), -EINVAL],
    ["mmap of more than is free", ({ mm, file }) => k.sys_mmap(mm, file, null, end - base, SHARED, 0), -ENOMEM],
    ["mmap behind the last page index", ({ mm, file }) => k.sys_mmap(mm, file, null, 2 * page, SHARED, 2 ** 32 - 1), -EINVAL],
    ["mmap at an address within a page", ({ mm, file }) => k.sys_mmap(mm, file, base + 1, page, SHARED, 0), -EINVAL],
    ["mmap at an address beyond the end", ({ mm, file }) => k.sys_mmap(mm, file, end - page, 2 * page, SHARED, 0), -ENOMEM],
    ["mmap from within a page of the file", ({ mm, file }) => k.old_mmap(mm, file, null, page, SHARED, 100), -EINVAL],
    ["mprotect of an address within a page", ({ mm }) => k.sys_mprotect(mm, base + 1, page, VM_READ), -EINVAL],
    ["mprotect of nothing", ({ mm }) => k.sys_mprotect(mm, base, 0, VM_READ), 0],
    ["mprotect where nothing is", ({ mm }) => k.sys_mprotect(mm, base + 4 * page, page, VM_READ), -ENOMEM],
    ["mprotect into a gap", ({ mm }) => k.sys_mprotect(mm, base, 5 * page, VM_READ), -ENOMEM],
    ["mprotect over the end of all addresses", ({ mm }) => k.sys_mprotect(mm, base, 2 ** 32 - base, VM_READ), -ENOMEM],
    ["mremap of an address within a page", ({ mm }) => k.sys_mremap(mm, base + 1, page, page, true, null), -EINVAL],
    ["mremap to nothing", ({ mm }) => k.sys_mremap(mm, base, page, 0, true, null), -EINVAL],
    ["mremap onto itself", ({ mm }) => k.sys_mremap(mm, base, 4 * page, 4 * page, true, base + page), -EINVAL],
    ["mremap to a fixed address without leave to move", ({ mm }) => k.sys_mremap(mm, base, page, page, false, base + 20 * page), -EINVAL],
    ["mremap to an address within a page", ({ mm }) => k.sys_mremap(mm, base, page, page, true, base + 20 * page + 1), -EINVAL],
    ["mremap to an address beyond the end", ({ mm }) => k.sys_mremap(mm, base, page, page, true, end), -EINVAL],
    ["mremap where nothing is", ({ mm }) => k.sys_mremap(mm, base + 4 * page, page, 2 * page, true, null), -EFAULT],
    ["mremap of more than one vma", ({ mm }) => k.sys_mremap(mm, base, 5 * page, 6 * page, true, null), -EFAULT],
    ["mremap that would have to move", ({ mm }) => k.sys_mremap(mm, base, 4 * page, 9 * page, false, null), -ENOMEM],
    ["madvise of an address within a page", ({ mm }) => k.sys_madvise(mm, base + 1, page), -EINVAL],
    ["madvise of nothing", ({ mm }) => k.sys_madvise(mm, base, 0), 0],
    ["madvise over a gap", ({ mm }) => k.sys_madvise(mm, base, 12 * page), -ENOMEM],
    ["madvise over the end of all addresses", ({ mm }) => k.sys_madvise(mm, base, 2 ** 32 - base), -EINVAL],
    ["msync of an address within a page", ({ mm }) => k.sys_msync(mm, base + 1, page), -EINVAL],
    ["msync over a gap", ({ mm }) => k.sys_msync(mm, base, 12 * page), -ENOMEM],
    ["remap_file_pages of private pages", ({ mm }) => k.sys_remap_file_pages(mm, base + 8 * page, page, 3), -EINVAL],
    ["remap_file_pages beyond the vma", ({ mm }) => k.sys_remap_file_pages(mm, base, 5 * page, 3), -EINVAL],
    ["remap_file_pages of less than a page", ({ mm }) => k.sys_remap_file_pages(mm, base, page - 1, 3), -EINVAL],
    ["remap_file_pages beyond the file", ({ mm }) => k.sys_remap_file_pages(mm, base, page, 16), -EINVAL],
    ["remap_file_pages to an offset that no pte holds", ({ mm }) => k.sys_remap_file_pages(mm, base, page, 2 ** 29 - 1), -EINVAL],
    ["truncate to less than nothing", ({ file }) => k.do_truncate(file.inode, -1), -EINVAL],
    ["truncate to more than the page cache can index", ({ file }) => k.do_truncate(file.inode, i386.MAX_LFS_FILESIZE + 1), -EFBIG],
    ["direct write of less than a sector", ({ file }) => k.generic_file_direct_write(file.inode, 0, 100), -EINVAL],
    ["access where nothing is", ({ mm }) => k.access_user_range(mm, base + 4 * page, base + 5 * page, false), SIGSEGV],
    ["access beyond the address space", ({ mm }) => k.access_user_range(mm, 2 ** 32 - page, 2 ** 32, false), SIGSEGV],
  ];
  for (const [name, call, expected] of table) {
    it(`${name}: ${expected}`, () => {
      let result: unknown;
      const world = new World();
      world.do(function* () {
        yield* world.fill(0, 4, SHARED);
        yield* world.fill(8, 4, PRIVATE);
        result = yield* call(world);
      });
      assert.equal(result, expected);
      assert.deepEqual(check_consistency(world.system), []);
    });
  }

  it("of calls that would need too many vmas: ENOMEM", () => {
    const world = new World();
    const results: unknown[] = [];
    world.do(function* () {
      const { mm, file } = world;
      for (let n = 0; mm.mm_rb.length < 65_536; n++)
        yield* k.sys_mmap(mm, null, world.at(2 * n), PAGE_SIZE, n % 2 === 0 ? VM_READ : PRIVATE, 0);
      yield* k.sys_munmap(mm, world.at(0), PAGE_SIZE);
      yield* k.sys_mmap(mm, file, world.at(200_000), 4 * PAGE_SIZE, SHARED, 0);
      results.push(
        yield* k.sys_munmap(mm, world.at(200_001), PAGE_SIZE),
        yield* k.sys_mprotect(mm, world.at(200_001), PAGE_SIZE, VM_READ),
        yield* k.sys_mremap(mm, world.at(200_000), PAGE_SIZE, 2 * PAGE_SIZE, true, null),
      );
      yield* k.sys_mmap(mm, file, world.at(210_000), PAGE_SIZE, SHARED, 0);
      results.push(yield* k.sys_mmap(mm, file, world.at(220_000), PAGE_SIZE, SHARED, 0));
    });
    assert.deepEqual(results, [-ENOMEM, -ENOMEM, -ENOMEM, -ENOMEM]);
  });
});
