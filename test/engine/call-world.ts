// What the tests of system calls work on: a file, and an address space in which one task makes calls.

import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm, type System } from "../../src/engine/kernel/boot.ts";
import { VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { pte_index } from "../../src/engine/kernel/common/pgtable.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { run, spawn, start, type Options } from "./support.ts";

export const SHARED = VM_READ | VM_WRITE | VM_SHARED;
export const PRIVATE = VM_READ | VM_WRITE;

/** A file of 16 pages and an address space `p`, and what is done with them in one task. */
export class World {
  readonly system: System;
  readonly file: File;
  readonly mm: MmStruct;

  /** @param pages of the file */
  constructor(options: Options = {}, pages = 16) {
    this.system = start(options);
    this.file = create_file(this.system, "data", pages * PAGE_SIZE);
    this.mm = create_mm(this.system, "p");
  }

  do(body: () => Kernel<void>): void {
    spawn(this.system, "task", { mm: this.mm }, body);
    run(this.system, "end");
  }

  at(page: number): number {
    return this.system.kernel.arch.TASK_UNMAPPED_BASE + page * PAGE_SIZE;
  }

  /** Maps `pages` pages at page `page` of the address space, from page `pgoff` of the file on, and touches (or writes to) them. */
  *fill(page: number, pages: number, flags: number, write = false, pgoff = 0, mm = this.mm): Kernel<void> {
    yield* k.sys_mmap(mm, this.file, this.at(page), pages * PAGE_SIZE, flags, pgoff);
    yield* k.access_user_range(mm, this.at(page), this.at(page + pages), write);
  }

  pte(page: number, mm = this.mm): number {
    const table = k.pte_offset(mm, this.at(page));
    return table === null ? 0 : table[pte_index(this.at(page))]!;
  }

  flags(index: number): number {
    return this.system.kernel.mem_map.flags[this.file.f_mapping.page_tree.lookup(index)]!;
  }
}
