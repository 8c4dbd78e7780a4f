// Faults that are injected into the model, each by replacing a function of its image, and the report of the check for it.

import { k, type Image } from "../../src/engine/kernel/image.ts";
import { image_of } from "../../src/engine/kernel/linking.ts";
import { kernel as running } from "../../src/engine/kernel/state.ts";
import { ended, ENDED } from "../../src/engine/machine/hooks.ts";
import { list_entry } from "../../src/engine/machine/list.ts";
import { machine } from "../../src/engine/machine/machine.ts";

const kernel = image_of("vmtrunc4");

/** Two tasks of one process that share a mapping of the file; `first` begins a moment before `second`. */
function scenario(first: string, second = "", flags = "shared"): string {
  return `machine { cpus: 2 }
    file data size 64K
    process p { A = mmap(data, flags: ${flags}) }
    task one in p on cpu 0 { ${first} }
    task two in p on cpu 1 at 20us { ${second} }`;
}

export interface FaultCase {
  /** The code of the violation, and what distinguishes the fault from others with the same code. */
  readonly detects: string;
  readonly overrides: Partial<Image>;
  readonly text: string;
  readonly headline: RegExp;
  /** The tasks involved whose backtraces the report shows: the innermost function of each. */
  readonly involved?: readonly string[];
}

export const FAULTS: readonly FaultCase[] = [
  {
    detects: "truncated-mapped: a truncation that does not unmap",
    overrides: { unmap_mapping_range: () => ENDED },
    text: scenario("touch(A) truncate(data, 16K)"),
    headline: /12 truncated pages are still mapped: data is 16384 bytes long$/,
  },
  {
    detects: "truncated-mapped: a page fault that does not recheck truncate_count",
    overrides: {
      read_shared: ((object: object, field: never) =>
        field === "truncate_count" ? ended(0) : kernel.read_shared(object, field)) as Image["read_shared"],
    },
    text: `machine { cpus: 2 cost page_copy: 100us }
      file data size 64K
      process p { B = mmap(data) }
      task one in p on cpu 0 { touch(B[0 .. 4K]) }
      task two in p on cpu 1 at 50us { truncate(data, 0) }`,
    headline: /a page is mapped that was truncated: data is 0 bytes long$/,
  },
  {
    detects: "invalidate-missed: an unmapping that passes over a vma",
    overrides: {
      *do_truncate(inode) {
        yield* k.unmap_mapping_range(inode.i_mapping, 8192, 8192, 0);
        return 0;
      },
      zap_page_range: (() => ENDED) as unknown as Image["zap_page_range"],
    },
    text: scenario("touch(A) truncate(data, 0)"),
    headline: /2 pages of the hole are still mapped as before the call: pages 2 to 3 of data were to be unmapped$/,
  },
  {
    detects: "no-progress: an unmapping that never notices that it is done",
    overrides: {
      *unmap_mapping_range_vma(vma, start, end, details) {
        yield* kernel.unmap_mapping_range_vma(vma, start, end, details);
        vma.vm_truncate_count = 0;
        return true;
      },
    },
    text: scenario("touch(A) truncate(data, 0)"),
    headline: /one has started its search for vmas of data over 100 times in a row and met nothing new$/,
  },
  {
    detects: "no-progress: two unmappings that mark a vma anew for each other",
    overrides: {
      *do_truncate(inode) {
        yield* k.unmap_mapping_range(inode.i_mapping, 0, 0, 0);
        return 0;
      },
    },
    text: scenario("truncate(data, 0)", "truncate(data, 0)")
      .replace("at 20us", "at 1us")
      .replace("flags: shared)", "flags: shared) touch(A)"),
    headline: /has started its search for vmas of data over 100 times in a row and met nothing new$/,
    involved: ["unmap_mapping_range_vma"],
  },
  {
    detects: "tlb-stale: pages are freed without a flush",
    overrides: { flush_tlb_mm: () => undefined },
    text: scenario("write(A) compute(100us)", "munmap(A)", "private").replace("20us", "50us"),
    headline: /page \d+ is freed while the TLB of CPU 0 still leads to it$/,
    involved: ["compute"],
  },
  {
    detects: "page-mapped: a pte is cleared and the mapcount of its page is not",
    overrides: { page_remove_rmap: () => undefined },
    text: scenario("write(A[0 .. 4K]) munmap(A)", "", "private"),
    headline: /page \d+ is freed while it is mapped$/,
  },
  {
    detects: "page-count: a reference is dropped twice",
    overrides: {
      page_cache_release(page) {
        kernel.page_cache_release(page);
        kernel.page_cache_release(page);
      },
    },
    text: scenario("touch(A) truncate(data, 0)"),
    headline: /page \d+ is released more often than it was taken$/,
  },
  {
    detects: "mapcount: one too few",
    overrides: {
      page_remove_rmap(page) {
        kernel.page_remove_rmap(page);
        kernel.page_remove_rmap(page);
      },
    },
    text: scenario("touch(A) munmap(A)"),
    headline: /page \d+ is unmapped more often than it was mapped$/,
  },
  {
    detects: "mapcount: one too many",
    overrides: {
      page_remove_rmap(page) {
        if (machine.current?.name !== "two") kernel.page_remove_rmap(page);
      },
    },
    text: scenario("touch(A[0 .. 8K])", "munmap(A)"),
    headline: /pages count 2 ptes that map them, but there are 0$/,
  },
  {
    detects: "rss: what an unmapping frees is not taken off",
    overrides: {
      tlb_finish_mmu: (tlb) => {
        k.tlb_flush_mmu(tlb, "finish");
        return ENDED;
      },
    },
    text: scenario("touch(A) munmap(A[0 .. 8K])"),
    headline: /rss of p is 16, but it has 14 present ptes$/,
  },
  {
    detects: "anon-rss: more than there are pages",
    overrides: {
      install_new_page(mm, ...rest) {
        const installed = kernel.install_new_page(mm, ...rest);
        mm.rss -= 1;
        return installed;
      },
    },
    text: scenario("write(A[0 .. 8K]) munmap(A[32K .. 64K])", "", "private"),
    headline: /p counts 2 anonymous pages among 0 resident ones$/,
  },
  {
    detects: "anon-shared: a write fault takes a page for its own that a fork shares",
    overrides: { can_share_swap_page: () => true },
    text: scenario("write(A[0 .. 8K]) fork() write(A[4K .. 8K])", "", "private"),
    headline: /page \d+ is private to 2 ptes, and one of them lets it be written$/,
  },
  {
    detects: "lock-owner: a semaphore is released that was not taken",
    overrides: { down_write: (sem) => (sem.name === "data.i_sem" ? ENDED : kernel.down_write(sem)) },
    text: scenario("truncate(data, 0)"),
    headline: /one releases data\.i_sem, which no task holds$/,
  },
  {
    detects: "lock-owner: a lock is released that another task holds",
    overrides: {
      *do_truncate(inode) {
        if (machine.current?.name === "one") {
          yield* k.spin_lock(inode.i_mapping.i_mmap_lock!);
          k.charge_ns(100_000);
        }
        yield* k.spin_unlock(inode.i_mapping.i_mmap_lock!);
        return 0;
      },
    },
    text: scenario("truncate(data, 0)", "truncate(data, 0)"),
    headline: /two releases data\.i_mmap_lock, which one holds$/,
    involved: ["truncate"],
  },
  {
    detects: "lock-recursion: a semaphore is taken twice",
    overrides: {
      *vmtruncate(inode) {
        yield* k.down_read(inode.i_sem);
      },
    },
    text: scenario("truncate(data, 0)"),
    headline: /one takes data\.i_sem, which it already holds$/,
    involved: ["do_truncate"],
  },
  {
    detects: "lock-recursion: a reader takes its semaphore once more",
    overrides: {
      *handle_mm_fault(mm) {
        yield* k.down_read(mm.mmap_sem);
        return 0;
      },
    },
    text: scenario("touch(A)"),
    headline: /one takes p\.mmap_sem, which it already holds$/,
    involved: ["do_page_fault"],
  },
  {
    detects: "lock-order: i_mmap_lock is taken inside page_table_lock",
    overrides: {
      *change_protection(vma) {
        yield* k.spin_lock(vma.vm_mm.page_table_lock);
        yield* k.spin_lock(vma.vm_file!.f_mapping.i_mmap_lock!);
      },
    },
    text: scenario("mprotect(A, read)"),
    headline: /one takes data\.i_mmap_lock inside p\.page_table_lock, which is to be taken later$/,
    involved: ["mprotect_fixup"],
  },
  {
    detects: "lock-order: two semaphores in both orders",
    overrides: {
      *vmtruncate() {
        yield* k.down_write(running.mms[0]!.mmap_sem);
        yield* k.up_write(running.mms[0]!.mmap_sem);
      },
      *do_munmap() {
        yield* k.down_write(running.inodes[0]!.i_sem);
        yield* k.up_write(running.inodes[0]!.i_sem);
        return 0;
      },
    },
    text: scenario("truncate(data, 0)", "munmap(A)"),
    headline: /two takes data\.i_sem inside p\.mmap_sem: they were taken the other way round before$/,
    involved: ["sys_munmap", "do_truncate"],
  },
  {
    detects: "sleep-atomic: the CPU is offered under a spinlock",
    overrides: {
      *truncate_inode_pages(mapping) {
        yield* k.spin_lock(mapping.i_mmap_lock!);
        yield* k.cond_resched();
      },
    },
    text: scenario("truncate(data, 0)"),
    headline: /one offers its CPU while it holds data\.i_sem, data\.i_mmap_lock$/,
    involved: ["do_truncate", "vmtruncate"],
  },
  {
    detects: "sleep-atomic: a semaphore is taken under a spinlock",
    overrides: {
      *truncate_inode_pages(mapping) {
        yield* k.spin_lock(mapping.i_mmap_lock!);
        yield* k.down_read(running.mms[0]!.mmap_sem);
      },
    },
    text: scenario("truncate(data, 0)"),
    headline: /one may sleep on p\.mmap_sem while it holds data\.i_sem, data\.i_mmap_lock$/,
    involved: ["do_truncate", "vmtruncate"],
  },
  {
    detects: "deadlock: each waits for what the other holds, while a third one runs",
    overrides: {
      *vmtruncate() {
        yield* k.sleep_ns(50_000);
        yield* k.down_write(running.mms[0]!.mmap_sem);
      },
      *do_munmap() {
        yield* k.down_write(running.inodes[0]!.i_sem);
        return 0;
      },
    },
    text: `${scenario("truncate(data, 0)", "munmap(A)")}\ntask three in p on cpu 1 at 90us { compute(1ms) }`,
    headline: /one, two wait for each other$/,
    involved: ["sys_munmap"],
  },
  {
    detects: "prio-tree: a node is put on the wrong side",
    overrides: {
      *prio_tree_insert(root, node) {
        const found = yield* kernel.prio_tree_insert(root, node);
        const { parent } = node;
        if (parent !== null && parent !== node) [parent.left, parent.right] = [parent.right, parent.left];
        return found;
      },
    },
    text: scenario("munmap(A[16K .. 32K])"),
    headline: /p\.A is on the wrong side of an ancestor$/,
  },
  {
    detects: "prio-tree: a node is above one that reaches further",
    overrides: {
      *prio_tree_insert(root, node) {
        const found = yield* kernel.prio_tree_insert(root, node);
        const { parent, left, right } = node;
        if (parent === node || parent === null || left !== null || right !== null) return found;
        kernel.prio_tree_replace(root, parent, node);
        node.left = node.left === node ? parent : node.left;
        node.right = node.right === node ? parent : node.right;
        parent.parent = node;
        parent.left = parent.right = null;
        return found;
      },
    },
    text: scenario("munmap(A[16K .. 32K])"),
    headline: /p\.A belongs above its parent$/,
  },
  {
    detects: "prio-tree: a removed node is still its parent's child",
    overrides: {
      *prio_tree_remove(root, node) {
        const { parent } = node;
        const right = parent?.right === node;
        yield* kernel.prio_tree_remove(root, node);
        if (parent !== null && parent !== node) parent[right ? "right" : "left"] = node;
      },
    },
    text: scenario("munmap(A[16K .. 32K]) munmap(A[0 .. 16K])"),
    headline: /has a wrong parent pointer$/,
  },
  {
    detects: "prio-tree: a vma changes while it is in the tree",
    overrides: {
      *__vma_link_file(vma) {
        yield* kernel.__vma_link_file(vma);
        vma.vm_pgoff += 1;
      },
    },
    text: scenario("munmap(A[16K .. 32K])"),
    headline: /was changed while in the tree$/,
  },
  {
    detects: "prio-tree-add: vmas with different intervals in one ring",
    overrides: {
      *vma_prio_tree_insert(vma, root) {
        yield* kernel.vma_prio_tree_insert(vma, root);
        const node = root.prio_tree_node!.entry;
        if (node !== vma) yield* kernel.vma_prio_tree_add(vma, node);
      },
    },
    text: scenario("munmap(A[16K .. 32K])"),
    headline: /vma_prio_tree_add of vmas that (begin|end) at different pages$/,
  },
  {
    detects: "prio-tree-root: a node without a parent is not the root",
    overrides: {
      *prio_tree_remove(root, node) {
        root.prio_tree_node = null;
        yield* kernel.prio_tree_remove(root, node);
      },
    },
    text: scenario("munmap(A)"),
    headline: /a node without a parent is not the root of its prio tree$/,
  },
  {
    detects: "list-entry: the head of a list is taken for an entry",
    overrides: {
      *vma_prio_tree_next() {
        return list_entry(running.inodes[0]!.i_mapping.i_mmap_nonlinear) as never;
      },
    },
    text: scenario("truncate(data, 0)"),
    headline: /the head of a list was taken for one of its entries$/,
  },
];
