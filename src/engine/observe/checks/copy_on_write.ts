// Copy on write: no process may see what another writes to its private memory, so an anonymous page that a writable pte maps
// has no other pte. Checked when a pte is made to map a page, and when one becomes writable.

import { _PAGE_RW } from "../../kernel/common/arch.ts";
import type { System } from "../../kernel/boot.ts";
import type { Addr, VmArea } from "../../kernel/common/mm_types.ts";
import { NO_PAGE, PageAnon, type Page } from "../../kernel/common/page_alloc.ts";
import type { KernelState } from "../../kernel/state.ts";
import { BUG } from "../../machine/bug.ts";
import { find_pte } from "../page_walk.ts";
import { on } from "../subscribe.ts";

export class CopyOnWriteCheck {
  constructor({ machine, kernel }: System) {
    for (const name of ["pte_set", "wp_reuse"] as const) {
      on<{ vma: VmArea; address: Addr; page: Page }>(machine, name, ({ args }) => check(kernel, args.vma, args.address, args.page));
    }
  }

  /** The check keeps no state from event to event. */
  reset(): void {}
}

function check(kernel: KernelState, vma: VmArea, address: Addr, page: Page): void {
  if (page === NO_PAGE || kernel.mem_map._mapcount[page]! <= 0 || !PageAnon(page)) return;
  const pte = find_pte(kernel, vma.vm_mm, address);
  if (pte === null || (pte.table[pte.at]! & _PAGE_RW) === 0) return;
  const ptes = kernel.mem_map._mapcount[page]! + 1;
  BUG("anon-shared", `page ${page} is private to ${ptes} ptes, and one of them lets it be written`, {
    mm: vma.vm_mm,
    vma,
    address,
    page,
    ptes,
  });
}
