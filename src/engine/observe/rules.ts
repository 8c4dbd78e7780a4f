// The rules that the checks hold the kernel to, by the code under which a violation is reported, and the known bugs of the
// kernels. docs/checks.md describes each; a test compares the two.

/** A rule, and the known bugs that break it in some kernel. */
interface InvariantRule {
  /** What always holds, in one sentence. */
  readonly rule: string;
  readonly known_bugs?: readonly KnownBug[];
}

export type KnownBug = keyof typeof KNOWN_BUGS;

const FROM_VMTRUNC4 = ["vmtrunc4", "vmtrunc5"];
const UP_TO_2_6_11 = [...FROM_VMTRUNC4, "2.6.11"];
const WITHOUT_PAGE_LOCKS = ["2.6.9", ...UP_TO_2_6_11];

/** What goes wrong, and in which kernels. */
export const KNOWN_BUGS = {
  K1: {
    what: "pages that were not scanned are moved into a vma already marked done, by a merge or a moved boundary",
    kernels: ["vmtrunc4"],
  },
  K2: { what: "mremap moves ptes from a vma that was not scanned into one marked done", kernels: ["vmtrunc4"] },
  K3: { what: "two unmappings whose holes touch one vma mark it anew for each other, and never finish", kernels: UP_TO_2_6_11 },
  K4: { what: "an unmapping skips the part of its hole that lies below another one's restart address", kernels: ["2.6.11"] },
  K6: {
    what: "a restart address left in a vma that was split out of the hole makes the next unmapping skip pages",
    kernels: ["2.6.11", "2.6.38"],
  },
  K7: { what: "the struct remembered as restart_vma is freed and becomes another vma", kernels: FROM_VMTRUNC4 },
  K8: { what: "the prio tree indexes the levels of sizes by index_bits, which changes when the tree grows", kernels: ["2.6.9"] },
  K11: { what: "the vma remembered as restart_vma grows downwards, and what it gains is skipped", kernels: FROM_VMTRUNC4 },
  K12: {
    what: "a fault maps a page that it has got hold of before an invalidation, which saw no pte map it, dropped it",
    kernels: WITHOUT_PAGE_LOCKS,
  },
} as const satisfies Record<string, { readonly what: string; readonly kernels: readonly string[] }>;

export const RULES: Readonly<Record<string, InvariantRule>> = {
  "truncated-mapped": {
    rule: "When a truncation is done, no pte maps a page of the file that lies wholly at or behind its end, and none does later.",
    known_bugs: ["K1", "K2", "K4", "K6", "K7", "K11"],
  },
  "invalidate-missed": {
    rule: "When an unmapping that is no truncation returns, no pte is left in its hole that was there before the call.",
    known_bugs: ["K1", "K2", "K4", "K6", "K7", "K11"],
  },
  "no-progress": {
    rule: "An unmapping that starts over clears a page, gets further in a vma, or meets a vma that has changed.",
    known_bugs: ["K3"],
  },
  "tlb-stale": { rule: "A page is not freed while a CPU can still reach it through its TLB." },
  "page-mapped": { rule: "A page is not freed while a pte maps it." },
  "page-count": { rule: "A page has as many references as are held, and no more are dropped than were taken." },
  mapcount: { rule: "_mapcount + 1 is the number of ptes that map the page." },
  rss: { rule: "rss is the number of present ptes of the address space that map pages." },
  "anon-rss": { rule: "anon_rss is the number of ptes of the address space that map anonymous pages." },
  "anon-shared": { rule: "An anonymous page that a writable pte maps is mapped by no other." },
  "lock-owner": { rule: "A lock is released by the task that holds it." },
  "lock-recursion": { rule: "A task does not take a lock that it holds." },
  "lock-order": {
    rule:
      "Locks are taken in one order: i_sem and mmap_sem, the lock of a page, unmap_mutex, i_mmap_lock, page_table_lock, " +
      "the lock of a page table, and any two of the same place, or of none, always the same way round.",
  },
  "sleep-atomic": { rule: "A task that holds a spinlock neither sleeps nor offers its CPU." },
  deadlock: { rule: "Tasks do not wait for each other in a cycle, and some task can always run." },
  "prio-tree": {
    rule: "The prio tree is a heap on the last page and a radix tree on the first page and the size, and each ring has one interval.",
    known_bugs: ["K8"],
  },
  "prio-tree-root": { rule: "A node of the prio tree without a parent is its root." },
  "prio-tree-add": { rule: "vma_prio_tree_add takes two vmas of the same interval." },
  "prio-tree-walk": { rule: "Nothing hangs below the last level of the prio tree.", known_bugs: ["K8"] },
  "list-entry": { rule: "The head of a list is not one of its entries." },
  "vma-chain": { rule: "The list of vmas and mm_rb hold the same vmas in the same order." },
  "vma-mm": { rule: "A vma is in the address space that it names." },
  "vma-overlap": { rule: "The vmas of an address space do not overlap." },
  "vma-range": { rule: "A vma is made of whole pages, and of one at least." },
  "vma-linked": { rule: "A vma that maps a file is in the file's tree if it is linear, else in its list, and nothing else is in there." },
  "vma-linked-twice": { rule: "A vma is in the tree or list of its file once." },
  "pte-outside": { rule: "A pte is set only where a vma is." },
  "page-mapping": { rule: "A pte maps pages of the file that its vma maps." },
  "page-index": { rule: "In a linear vma each pte maps the page of the file that belongs there." },
  "dropped-mapped": {
    rule: "A page of a file that a pte maps is in the page cache, unless a truncation takes it away.",
    known_bugs: ["K12"],
  },
  "page-cache": { rule: "The page cache and its pages agree about which page is where." },
  "page-allocated": { rule: "The number of pages in use is the number of those that have references." },
  "swap-count": { rule: "A swap entry is counted as often as ptes hold it." },
  tlb: { rule: "Once the lock of the ptes is free and the gather has flushed, a TLB holds no translation that the page tables do not." },
};

/** The codes of all findings. */
export const BUG_CODES: readonly string[] = Object.keys(RULES);

/** The known bugs of `kernel` that break the rule of `code`. */
export function known_bugs(code: string, kernel: string): readonly KnownBug[] {
  return (RULES[code]?.known_bugs ?? []).filter((id) => (KNOWN_BUGS[id].kernels as readonly string[]).includes(kernel));
}
