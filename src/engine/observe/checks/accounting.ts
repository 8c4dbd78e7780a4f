// The accounting invariant of pages, at quiescent points: the sum of rss over all address spaces is the sum of mapcounts over all
// pages. Each pte is in both sums, and different code maintains the two.

import type { System } from "../../kernel/boot.ts";
import { are_ptes_locked, type MmStruct } from "../../kernel/common/mm_types.ts";
import { NO_PAGE } from "../../kernel/common/page_alloc.ts";
import type { KernelState } from "../../kernel/state.ts";
import { BUG } from "../../machine/bug.ts";
import { accounted_page, walk_ptes } from "../page_walk.ts";
import { on } from "../subscribe.ts";

/** Address spaces that are checked at the end of a system call, on average: if there are many, not every call checks. */
const MMS_PER_CALL = 16;

export class AccountingCheck {
  private calls_until_check = 0;

  constructor({ machine, kernel }: System) {
    on(machine, "syscall_exit", () => {
      if ((this.calls_until_check -= 1) > 0) return;
      this.calls_until_check = Math.ceil(kernel.mms.length / MMS_PER_CALL);
      check(kernel);
    });
  }

  /** The system has been set back to its start. */
  reset(): void {
    this.calls_until_check = 0;
  }
}

/** Ptes are set and counted under page_table_lock, or the lock of their table: while one is held, the sums may differ. */
function check(kernel: KernelState): void {
  let rss = 0;
  for (const mm of kernel.mms) {
    if (are_ptes_locked(mm)) return;
    if (mm.anon_rss < 0 || mm.anon_rss > mm.rss)
      BUG("anon-rss", `${mm.name} counts ${mm.anon_rss} anonymous pages among ${mm.rss} resident ones`, {
        mm,
        rss: mm.rss,
        anon_rss: mm.anon_rss,
      });
    rss += mm.rss;
  }
  if (rss !== kernel.mem_map.mapped) report(kernel, rss);
}

function report(kernel: KernelState, rss: number): never {
  for (const mm of kernel.mms) {
    const ptes = present_ptes(kernel, mm);
    if (mm.rss !== ptes) BUG("rss", `rss of ${mm.name} is ${mm.rss}, but it has ${ptes} present ptes`, { mm, rss: mm.rss, ptes });
  }
  return BUG("mapcount", `pages count ${kernel.mem_map.mapped} ptes that map them, but there are ${rss}`, {
    mapped: kernel.mem_map.mapped,
    ptes: rss,
    ...first_wrong_mapcount(kernel),
  });
}

function present_ptes(kernel: KernelState, mm: MmStruct): number {
  let ptes = 0;
  walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at) => {
    if (accounted_page(kernel, table, at) !== NO_PAGE) ptes += 1;
  });
  return ptes;
}

/** A page whose _mapcount is wrong. */
function first_wrong_mapcount(kernel: KernelState): Readonly<Record<string, number>> {
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
