// What the machine's primitives and the kernel model's inner loops cost in model time. The figures are of the order
// that a 2 GHz x86 of 2004 showed; they are a model, not a measurement, and a scenario can override each by name.

interface Cost {
  /**
   * Model time in nanoseconds. It is charged to the CPU that executes the operation; `lock_handover` and `wakeup` are charged to no CPU:
   * they delay the moment at which the next owner, or the CPU of the woken task, notices.
   */
  readonly ns: number;
  readonly doc: string;
}

export const COSTS = {
  spin_lock: { ns: 40, doc: "one attempt to take a spinlock (a locked bus cycle)" },
  spin_unlock: { ns: 20, doc: "releasing a spinlock" },
  lock_handover: { ns: 30, doc: "from a release until a CPU that spins on the lock has it" },
  semaphore: { ns: 30, doc: "down or up of an uncontended semaphore" },
  wakeup: { ns: 500, doc: "from waking a sleeping task until its CPU has noticed" },
  context_switch: { ns: 1_500, doc: "switching a CPU from one task to another" },
  timer_tick: { ns: 2_000, doc: "one timer interrupt" },
  cond_resched: { ns: 5, doc: "testing need_resched when it is not set" },
  system_call: { ns: 200, doc: "entering and leaving the kernel" },
  page_fault: { ns: 700, doc: "the trap of a page fault and the return from it" },
  user_access: { ns: 5, doc: "touching a page that is already mapped" },
  page_alloc: { ns: 150, doc: "taking a page from the free list" },
  page_copy: { ns: 900, doc: "copying or clearing one page" },
  page_cache: { ns: 80, doc: "one look-up in the page cache" },
  page_release: { ns: 40, doc: "dropping the mapping's reference to one page after the flush" },
  pte_set: { ns: 30, doc: "installing one pte with its accounting" },
  pte_clear: { ns: 60, doc: "clearing one present pte with its accounting" },
  pte_scan: { ns: 2, doc: "passing over one pte that is left as it is" },
  tlb_gather: { ns: 20, doc: "beginning an mmu_gather" },
  tlb_flush: { ns: 600, doc: "one TLB flush" },
  tlb_shootdown: { ns: 1_500, doc: "interrupting other CPUs for a TLB flush, and waiting until they have done theirs" },
  prio_tree_visit: { ns: 25, doc: "stepping to the next vma in the priority tree or list" },
  prio_tree_update: { ns: 120, doc: "one insert into or removal from the priority tree" },
  vma_alloc: { ns: 100, doc: "allocating, copying or freeing a vm_area_struct" },
  find_vma: { ns: 40, doc: "one look-up of a vma by address" },
} as const satisfies Record<string, Cost>;

export type CostName = keyof typeof COSTS;
export type CostTable = Record<CostName, number>;

/** The cost table of a run: the defaults, with a scenario's overrides (nanoseconds, each 0 or more) on top. */
export function cost_table(overrides: Partial<CostTable> = {}): CostTable {
  // A copy of the literal keeps its layout, so that a cost is found as fast as a field.
  const table: Record<CostName, unknown> = { ...COSTS };
  for (const name of Object.keys(COSTS) as CostName[]) table[name] = overrides[name] ?? COSTS[name].ns;
  return table as CostTable;
}
