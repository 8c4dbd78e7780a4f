// The kernel's books about pages, at quiet points: what all address spaces count as resident is what all pages count as
// mapped. Each pte is in both sums, and the two are kept by different code.

import type { System } from "../../kernel/boot.ts";
import type { MmStruct } from "../../kernel/common/mm_types.ts";
import { NO_PAGE } from "../../kernel/common/page_alloc.ts";
import type { KernelState } from "../../kernel/state.ts";
import { BUG } from "../../machine/bug.ts";
import { accounted_page, walk_ptes } from "../page_walk.ts";
import { on } from "../subscribe.ts";

/** Address spaces that are gone over at the end of a system call, on average: many of them are not gone over each time. */
const PER_CALL = 16;

export class AccountsCheck {
  private calls_to_go = 0;

  constructor({ machine, kernel }: System) {
    on(machine, "syscall_exit", () => {
      if ((this.calls_to_go -= 1) > 0) return;
      this.calls_to_go = Math.ceil(kernel.mms.length / PER_CALL);
      check(kernel);
    });
  }

  /** Nothing was seen yet. */
  forget(): void {
    this.calls_to_go = 0;
  }
}

/** A pte is set or cleared, and counted, under page_table_lock: nothing can be said while one is held. */
function check(kernel: KernelState): void {
  let rss = 0;
  for (const mm of kernel.mms) {
    if (mm.page_table_lock.owner !== null) return;
    if (mm.anon_rss < 0 || mm.anon_rss > mm.rss) BUG("anon-rss", `${mm.name} counts ${mm.anon_rss} anonymous pages among ${mm.rss} resident ones`, { mm, rss: mm.rss, anon_rss: mm.anon_rss });
    rss += mm.rss;
  }
  if (rss !== kernel.mem_map.mapped) report(kernel, rss);
}

function report(kernel: KernelState, rss: number): never {
  for (const mm of kernel.mms) {
    const ptes = present_ptes(kernel, mm);
    if (mm.rss !== ptes) BUG("rss", `rss of ${mm.name} is ${mm.rss}, but it has ${ptes} present ptes`, { mm, rss: mm.rss, ptes });
  }
  return BUG("mapcount", `pages count ${kernel.mem_map.mapped} ptes that map them, but there are ${rss}`, { mapped: kernel.mem_map.mapped, ptes: rss, ...first_wrong(kernel) });
}

function present_ptes(kernel: KernelState, mm: MmStruct): number {
  let ptes = 0;
  walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at) => {
    if (accounted_page(kernel, table, at) !== NO_PAGE) ptes += 1;
  });
  return ptes;
}

/** A page whose _mapcount is wrong. */
function first_wrong(kernel: KernelState): Readonly<Record<string, number>> {
  const { mem_map } = kernel;
  const mapped = new Int32Array(mem_map.max_mapnr);
  for (const mm of kernel.mms) {
    walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at) => {
      const page = accounted_page(kernel, table, at);
      if (page !== NO_PAGE) mapped[page]! += 1;
    });
  }
  const page = mapped.findIndex((ptes, at) => mem_map._mapcount[at]! + 1 !== ptes);
  return page < 0 ? {} : { page, _mapcount: mem_map._mapcount[page]!, "ptes of the page": mapped[page]! };
}
