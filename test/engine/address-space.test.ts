// Random system calls of one task against a plain list of pages: what is mapped where, what is present, and what each call returns.

import assert from "node:assert/strict";
import fc from "fast-check";
import { i386, i386_pae, PAGE_SIZE, x86_64, type Arch } from "../../src/engine/kernel/common/arch.ts";
import { EFAULT, EINVAL, ENOMEM, SIGSEGV } from "../../src/engine/kernel/common/errno.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_file, create_mm } from "../../src/engine/kernel/boot.ts";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type File, type MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { run, spawn, start } from "./support.ts";

/** Pages of the part of the address space that is played with, and of the file. */
const AREA = 40;
const FILE = 128;

type Call =
  | {
      readonly call: "mmap";
      readonly at: number | null;
      readonly pages: number;
      readonly pgoff: number;
      readonly flags: number;
      readonly anonymous: boolean;
    }
  | { readonly call: "munmap" | "madvise" | "msync"; readonly at: number; readonly pages: number }
  | { readonly call: "mprotect"; readonly at: number; readonly pages: number; readonly prot: number }
  | {
      readonly call: "mremap";
      readonly at: number;
      readonly pages: number;
      readonly newPages: number;
      readonly to: number | null;
      readonly mayMove: boolean;
    }
  | { readonly call: "touch"; readonly at: number; readonly pages: number; readonly write: boolean };

const at = fc.nat(AREA - 1);
const pages = fc.integer({ min: 1, max: 12 });
const prot = fc.constantFrom(VM_READ, VM_READ, VM_READ | VM_WRITE, VM_READ | VM_WRITE, VM_WRITE, VM_EXEC, 0);
const pgoff = fc.oneof(fc.constant(0), fc.nat(60));
const flags = fc.record({ prot, shared: fc.boolean() }).map(({ prot: bits, shared }) => bits | (shared ? VM_SHARED : 0));
const calls: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constant("mmap"), at: fc.option(at), pages, pgoff, flags, anonymous: fc.constant(false) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("mmap"),
      at: fc.option(at),
      pages,
      pgoff: fc.constant(0),
      flags: prot,
      anonymous: fc.constant(true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom("munmap", "madvise", "msync"), at, pages }) },
  { weight: 4, arbitrary: fc.record({ call: fc.constant("mprotect"), at, pages, prot }) },
  {
    weight: 5,
    arbitrary: fc.record({ call: fc.constant("mremap"), at, pages, newPages: pages, to: fc.option(at), mayMove: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ call: fc.constant("touch"), at, pages, write: fc.boolean() }) },
) as fc.Arbitrary<Call>;

interface PageEntry {
  readonly flags: number;
  /** Page of the file; null without one. */
  readonly pgoff: number | null;
  readonly present: boolean;
}

/** What the calls are to do, page by page. */
class Pages {
  readonly mapped = new Map<number, PageEntry>();

  /** @param vmaEnd where the vma ends that a page lies in: the one thing that a list of pages does not know */
  execute(one: Call, vmaEnd: (page: number) => number): number {
    switch (one.call) {
      case "mmap":
        return this.mmap(one);
      case "munmap":
        return this.munmap(one.at, one.pages);
      case "madvise":
        return this.each(one.at, one.pages, (page, entry) => this.mapped.set(page, { ...entry, present: false }));
      case "msync":
        return this.each(one.at, one.pages, () => undefined);
      case "mprotect":
        return this.mprotect(one.at, one.pages, one.prot);
      case "mremap":
        return this.mremap(one, vmaEnd);
      case "touch":
        return this.touch(one);
    }
  }

  private mmap({ at: fixed, pages: count, pgoff: first, flags: bits, anonymous }: Call & { call: "mmap" }): number {
    const place = fixed ?? this.room(count);
    for (let i = 0; i < count; i++) this.mapped.set(place + i, { flags: bits, pgoff: anonymous ? null : first + i, present: false });
    return place;
  }

  private munmap(from: number, count: number): number {
    for (let i = 0; i < count; i++) this.mapped.delete(from + i);
    return 0;
  }

  /** Acts on every page there is; a hole makes it -ENOMEM. */
  private each(from: number, count: number, act: (page: number, entry: PageEntry) => void): number {
    let error = 0;
    for (let page = from; page < from + count; page++) {
      const entry = this.mapped.get(page);
      if (entry === undefined) error = -ENOMEM;
      else act(page, entry);
    }
    return error;
  }

  /** Stops at the first hole. */
  private mprotect(from: number, count: number, bits: number): number {
    for (let page = from; page < from + count; page++) {
      const entry = this.mapped.get(page);
      if (entry === undefined) return -ENOMEM;
      this.mapped.set(page, { ...entry, flags: (entry.flags & VM_SHARED) | bits });
    }
    return 0;
  }

  private mremap(
    { at: from, pages: oldPages, newPages, to, mayMove }: Call & { call: "mremap" },
    vmaEnd: (page: number) => number,
  ): number {
    let old = oldPages;
    let end = vmaEnd(from);
    if (to !== null) {
      if (!mayMove || (to < from + old && from < to + newPages)) return -EINVAL;
      this.munmap(to, newPages);
      if (to >= from + old) end = Math.min(end, to);
    }
    if (old >= newPages) {
      this.munmap(from + newPages, old - newPages);
      if (old > newPages) end = Math.min(end, from + newPages);
      if (to === null) return from;
      old = newPages;
    }
    const first = this.mapped.get(from);
    if (first === undefined || from + old > end) return -EFAULT;
    const continued = (i: number): PageEntry => ({ ...first, pgoff: first.pgoff === null ? null : first.pgoff + i, present: false });
    if (to === null && from + old === end && this.isFree(end, from + newPages - end)) {
      for (let i = old; i < newPages; i++) this.mapped.set(from + i, continued(i));
      return from;
    }
    if (!mayMove) return -ENOMEM;
    const place = to ?? this.room(newPages);
    const moved = Array.from({ length: newPages }, (_, i) => (i < old ? this.mapped.get(from + i)! : continued(i)));
    this.munmap(from, old);
    moved.forEach((entry, i) => this.mapped.set(place + i, entry));
    return place;
  }

  private touch({ at: from, pages: count, write }: Call & { call: "touch" }): number {
    for (let page = from; page < from + count; page++) {
      const entry = this.mapped.get(page);
      if (entry === undefined) return SIGSEGV;
      // A present page can be read if anything may be done with it: i386 has no pages that can only be written or executed.
      const readable = (entry.flags & (VM_READ | VM_EXEC)) !== 0 || (entry.present && entry.flags !== VM_SHARED && entry.flags !== 0);
      if (write ? (entry.flags & VM_WRITE) === 0 : !readable) return SIGSEGV;
      this.mapped.set(page, { ...entry, present: true });
    }
    return 0;
  }

  private isFree(from: number, count: number): boolean {
    for (let page = from; page < from + count; page++) if (this.mapped.has(page)) return false;
    return true;
  }

  private room(count: number): number {
    let place = 0;
    while (!this.isFree(place, count)) place++;
    return place;
  }
}

function* execute(mm: MmStruct, file: File, one: Call, base: number): Kernel<number> {
  const address = (page: number): number => base + page * PAGE_SIZE;
  const page = (result: number): number => (result < 0 ? result : (result - base) / PAGE_SIZE);
  const length = one.pages * PAGE_SIZE;
  switch (one.call) {
    case "mmap":
      return page(
        yield* k.sys_mmap(mm, one.anonymous ? null : file, one.at === null ? null : address(one.at), length, one.flags, one.pgoff),
      );
    case "munmap":
      return yield* k.sys_munmap(mm, address(one.at), length);
    case "madvise":
      return yield* k.sys_madvise(mm, address(one.at), length);
    case "msync":
      return yield* k.sys_msync(mm, address(one.at), length);
    case "mprotect":
      return yield* k.sys_mprotect(mm, address(one.at), length, one.prot);
    case "mremap":
      return page(
        yield* k.sys_mremap(mm, address(one.at), length, one.newPages * PAGE_SIZE, one.mayMove, one.to === null ? null : address(one.to)),
      );
    case "touch":
      return yield* k.access_user_range(mm, address(one.at), address(one.at + one.pages), one.write);
  }
}

/** What an address space has mapped, page by page. */
function mappedPages(mm: MmStruct, base: number): Map<number, { flags: number; pgoff: number | null }> {
  const found = new Map<number, { flags: number; pgoff: number | null }>();
  for (const vma of mm.mm_rb) {
    for (let address = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
      found.set((address - base) / PAGE_SIZE, {
        flags: vma.vm_flags,
        pgoff: vma.vm_file === null ? null : vma.vm_pgoff + (address - vma.vm_start) / PAGE_SIZE,
      });
    }
  }
  return found;
}

function play(arch: Arch, list: readonly Call[]): void {
  const system = start({ arch });
  const file = create_file(system, "data", FILE * PAGE_SIZE);
  const mm = create_mm(system, "p");
  const base = arch.TASK_UNMAPPED_BASE;
  const model = new Pages();
  spawn(system, "task", { mm }, function* () {
    for (const one of list) {
      const ends = mm.mm_rb.map(({ vm_start, vm_end }) => [(vm_start - base) / PAGE_SIZE, (vm_end - base) / PAGE_SIZE] as const);
      const vmaEnd = (page: number): number => ends.find(([from, to]) => from <= page && page < to)?.[1] ?? page;
      const expected = model.execute(one, vmaEnd);
      const result = yield* execute(mm, file, one, base);
      assert.equal(result, expected, JSON.stringify(one));
      const plain = [...model.mapped]
        .sort(([a], [b]) => a - b)
        .map(([page, { flags: bits, pgoff: index }]) => [page, { flags: bits, pgoff: index }]);
      assert.deepEqual([...mappedPages(mm, base)], plain, JSON.stringify(one));
      assert.equal(mm.rss, [...model.mapped.values()].filter(({ present }) => present).length, JSON.stringify(one));
    }
  });
  run(system, "end");
  assert.deepEqual(check_consistency(system), []);
}

describe("an address space", () => {
  it("holds what a plain list of pages holds, whatever calls are made, on every arch", () => {
    fc.assert(
      fc.property(fc.constantFrom(i386, i386_pae, x86_64), fc.array(calls, { minLength: 4, maxLength: 40 }), (arch, list) =>
        play(arch, list),
      ),
      { numRuns: 600, seed: 11 },
    );
  });
});
