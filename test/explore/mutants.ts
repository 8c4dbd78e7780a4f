// Faults that are planted into locks and kernel code, for the explorer to find. Each needs an interleaving: a run of its scenario
// goes well.

import { filemap_nopage as locked_nopage } from "../../src/engine/kernel/2.6.38/filemap.ts";
import { unmap_mapping_range_vma as scan_of_2_6_11 } from "../../src/engine/kernel/2.6.11/memory.ts";
import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import { common } from "../../src/engine/kernel/common_functions.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { linear_page_index, type VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { unmap_mapping_range_vma } from "../../src/engine/kernel/vmtrunc4/memory.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { down_read, down_write, up_read, up_write } from "../../src/engine/machine/semaphore.ts";
import { access_shared, write_shared } from "../../src/engine/machine/shared.ts";
import { spin_lock, spin_unlock } from "../../src/engine/machine/spinlock.ts";

export interface Mutant {
  readonly kernel: KernelName;
  readonly text: string;
  readonly overrides: Partial<Image>;
}

/** Two tasks on CPUs of their own, the second of which begins when the first has long ended. */
function two(process: string, one: string, other: string, size = "64K"): string {
  return `machine { cpus: 2  break_lock: cleared }
file data size ${size}
process p { ${process} }
process q { }
task first in p on cpu 0 { ${one} }
task second in p on cpu 1 at 1ms { ${other} }
`;
}

const TOUCHED = "V = mmap(data) touch(V)";
const HALVES = "A = mmap(data) touch(A) mprotect(A[32K .. 64K], read)";
const BOUNDARY = two(HALVES, "truncate(data, 0)", "mprotect(A[16K .. 32K], read)");
const FAULT = two("V = mmap(data)", "truncate(data, 0)", "touch(V)", "4K");
const FAULT_FIRST = two("V = mmap(data)", "touch(V)", "truncate(data, 0)", "4K");
const REWRITE = two("V = mmap(data)", "touch(V)", "direct_write(data, 0 .. 4K)", "4K");
const TWO_CALLS = two(TOUCHED, "truncate(data, 0)", "invalidate(data)");
const MOVED = two(
  "B = mmap(data, offset: 4K, length: 28K, at: 0x4010_0000) A = mmap(data, length: 4K, at: 0x4000_0000) touch(A) touch(B)",
  "truncate(data, 0)",
  "mremap(A, at: B.start - 4K)",
  "32K",
);

/** No lock whose name matches is taken: its operations stay scheduling points. */
function without(name: RegExp): Partial<Image> {
  const unless =
    <L extends { readonly name: string }>(take: (lock: L) => Kernel<void>) =>
    (lock: L): Kernel<void> =>
      name.test(lock.name) ? access_shared(lock, "not taken", "write") : take(lock);
  return {
    spin_lock: unless(spin_lock),
    spin_unlock: unless(spin_unlock),
    down_read: unless(down_read),
    up_read: unless(up_read),
    down_write: unless(down_write),
    up_write: unless(up_write),
  };
}

/** A task that has found a lock taken does not give it back. */
function keptIfContended(name: RegExp): Partial<Image> {
  return {
    *spin_unlock(lock) {
      if (!name.test(lock.name) || lock.waiters.length === 0) yield* spin_unlock(lock);
    },
  };
}

type Scan = Image["unmap_mapping_range_vma"];

/** What unmap_mapping_range_vma does around its real self. */
function scanning(
  scan: (vma: VmArea, start: number, end: number, details: Parameters<Scan>[3], original: Scan) => ReturnType<Scan>,
  original = unmap_mapping_range_vma as Scan,
): Partial<Image> {
  return { unmap_mapping_range_vma: (vma, start, end, details) => scan(vma, start, end, details, original) };
}

function* nothing(): Kernel<void> {
  // What should have happened here does not.
}

/** The copy of a vma that fork makes is met before the original. */
const COPY_IN_FRONT: Partial<Image> = {
  *vma_prio_tree_add(vma, old) {
    const { i_mmap } = (old as unknown as VmArea).vm_file!.f_mapping;
    yield* k.vma_prio_tree_remove(old as unknown as VmArea, i_mmap);
    yield* k.vma_prio_tree_insert(vma as unknown as VmArea, i_mmap);
    yield* common.vma_prio_tree_add(old as unknown as VmArea, vma as unknown as VmArea);
  },
};

export const MUTANTS: Readonly<Record<string, Mutant>> = {
  // Locks
  "2.6.9 takes no i_mmap_lock": { kernel: "2.6.9", text: BOUNDARY, overrides: without(/i_mmap_lock/) },
  "3.0 takes no i_mmap_mutex": {
    kernel: "3.0",
    text: BOUNDARY.replace("truncate(data, 0)", "invalidate(data)"),
    overrides: without(/i_mmap_mutex/),
  },
  "2.6.38 takes no unmap_mutex": { kernel: "2.6.38", text: TWO_CALLS, overrides: without(/unmap_mutex/) },
  "no task takes mmap_sem": {
    kernel: "2.6.38",
    text: two("V = mmap(data)", "munmap(V[0 .. 32K])", "mprotect(V[16K .. 48K], read)"),
    overrides: without(/mmap_sem/),
  },
  "a fault of 2.6.38 takes no lock of its page": { kernel: "2.6.38", text: REWRITE, overrides: without(/\.page\[/) },
  "a contended i_mmap_lock is kept for ever": { kernel: "2.6.9", text: BOUNDARY, overrides: keptIfContended(/i_mmap_lock/) },
  "writers of mmap_sem let readers in": {
    kernel: "2.6.38",
    text: two("V = mmap(data)", "touch(V)", "munmap(V)", "4K"),
    overrides: {
      down_write: (sem) => (/mmap_sem/.test(sem.name) ? down_read(sem) : down_write(sem)),
      up_write: (sem) => (/mmap_sem/.test(sem.name) ? up_read(sem) : up_write(sem)),
    },
  },

  // Faults
  "a fault does not compare truncate_count": { kernel: "vmtrunc5", text: FAULT, overrides: { nopage_recheck: () => true } },
  "remap_file_pages does not look again": {
    kernel: "2.6.11",
    text: two("V = mmap(data) touch(V[0 .. 4K])", "truncate(data, 4K)", "remap_file_pages(V[0 .. 4K], 4K)", "8K"),
    overrides: { populate_recheck: () => true },
  },
  "a fault that asks again does not look at i_size": {
    kernel: "2.6.9",
    text: FAULT_FIRST,
    overrides: { filemap_nopage: (vma, address) => k.find_or_read_page(vma.vm_file!.inode, linear_page_index(vma, address)) },
  },
  "a fault looks at i_size before it has its page": {
    kernel: "2.6.38",
    text: FAULT,
    overrides: {
      *filemap_nopage(vma, address) {
        const page = yield* locked_nopage(vma, address);
        if (page >= 0) yield* k.unlock_page(page);
        if (page >= 0) yield* k.lock_page(page);
        return page;
      },
    },
  },
  "a fault maps its page over another one": {
    kernel: "2.6.38",
    text: two("V = mmap(data, flags: private)", "write(V)", "write(V)", "4K"),
    overrides: {
      install_new_page(mm, vma, address, page, anon, writeAccess) {
        const at = k.pte_offset(mm, address);
        if (at !== null) at[(address / PAGE_SIZE) % 1024] = 0;
        return common.install_new_page(mm, vma, address, page, anon, writeAccess);
      },
    },
  },

  // Unmapping
  "a truncation does not count": {
    kernel: "2.6.9",
    text: FAULT,
    overrides: { write_shared: (object, field, value) => (field === "truncate_count" ? nothing() : write_shared(object, field, value)) },
  },
  "a truncation cuts the file when it has unmapped it": {
    kernel: "vmtrunc5",
    text: FAULT,
    overrides: {
      *vmtruncate(inode, offset) {
        yield* k.unmap_mapping_range(inode.i_mapping, offset + PAGE_SIZE - 1, 0, 1);
        yield* k.write_shared(inode, "i_size", offset);
        yield* k.truncate_inode_pages(inode.i_mapping, offset);
      },
    },
  },
  "a vma whose scan was interrupted is marked as done": {
    kernel: "vmtrunc5",
    text: two(TOUCHED, "truncate(data, 0)", "X = mmap(data)"),
    overrides: scanning(function* (vma, start, end, details, original) {
      const dropped = yield* original(vma, start, end, details);
      if (dropped === true) vma.vm_truncate_count = (details as unknown as { truncate_count: number }).truncate_count;
      return dropped;
    }),
  },
  "a restart address is a block too far": {
    kernel: "2.6.11",
    text: two(TOUCHED, "truncate(data, 0)", "X = mmap(data)"),
    overrides: scanning(function* (vma, start, end, details, original) {
      const dropped = yield* original(vma, start, end, details);
      const at = vma.vm_truncate_count;
      if (dropped === true && at % PAGE_SIZE === 0 && at !== 0) vma.vm_truncate_count = at + 4 * PAGE_SIZE;
      return dropped;
    }, scan_of_2_6_11 as Scan),
  },

  "a truncation does not release the pages that it drops": {
    kernel: "2.6.11",
    text: FAULT,
    overrides: { page_cache_release: () => undefined },
  },

  // Vmas that change
  "a vma that gains pages stays done": { kernel: "vmtrunc5", text: BOUNDARY, overrides: { import_truncate_count: nothing } },
  "a vma to which ptes are moved stays done": {
    kernel: "vmtrunc5",
    text: MOVED,
    overrides: { move_truncate_count: nothing, import_truncate_count: nothing },
  },
  "mremap moves without i_mmap_lock": {
    kernel: "2.6.9",
    text: two(
      "B = mmap(data, length: 32K, offset: 16K, at: 0x5000_0000) A = mmap(data, length: 16K, at: 0x6000_0000) touch(A) touch(B)",
      "truncate(data, 0)",
      "mremap(A, at: B.start - 16K)",
    ),
    overrides: { mapping_to_lock: () => null },
  },
  "a fork links the copy in front of the original": {
    kernel: "2.6.9",
    text: two(TOUCHED, "c = fork()", "truncate(data, 0)"),
    overrides: COPY_IN_FRONT,
  },

  // TLBs
  "a page is released without a flush of other CPUs": {
    kernel: "2.6.38",
    text: two(TOUCHED, "touch(V) touch(V)", "munmap(V)", "4K"),
    overrides: { flush_tlb_mm: () => undefined },
  },
};
