// mm/rmap.c: how many ptes map a page.

import { BUG } from "../../machine/bug.ts";
import { note_add, note_read } from "../../machine/shared.ts";
import { linear_page_index, type Addr, type VmArea } from "./mm_types.ts";
import { PG_anon, type Page } from "./page_alloc.ts";
import { kernel } from "../state.ts";

/** page_add_file_rmap(): a pte maps the page-cache page. */
export function page_add_file_rmap(page: Page): void {
  note_add(kernel.mem_map, "_mapcount");
  kernel.mem_map._mapcount[page]! += 1;
  kernel.mem_map.mapped += 1;
}

/** page_add_anon_rmap(): the pte of `address` maps the page, which is anonymous from now on. */
export function page_add_anon_rmap(page: Page, vma: VmArea, address: Addr): void {
  const { mem_map } = kernel;
  note_add(mem_map, "_mapcount");
  vma.anon_vma = true;
  vma.vm_mm.anon_rss += 1;
  mem_map.index[page] = linear_page_index(vma, address);
  mem_map._mapcount[page]! += 1;
  mem_map.mapped += 1;
  mem_map.flags[page]! |= PG_anon;
}

/** page_dup_rmap(): fork() copies a pte. */
export function page_dup_rmap(page: Page): void {
  note_add(kernel.mem_map, "_mapcount");
  kernel.mem_map._mapcount[page]! += 1;
  kernel.mem_map.mapped += 1;
}

/** page_remove_rmap(): a pte stops mapping the page. The caller declares the access (note_add), once for many pages. */
export function page_remove_rmap(page: Page): void {
  const { mem_map } = kernel;
  const left = (mem_map._mapcount[page]! -= 1);
  mem_map.mapped -= 1;
  if (left < -1) BUG("mapcount", `page ${page} is unmapped more often than it was mapped`, { page, _mapcount: left });
}

/** page_mapped(): does a pte map the page? */
export function page_mapped(page: Page): boolean {
  note_read(kernel.mem_map, "_mapcount");
  return kernel.mem_map._mapcount[page]! >= 0;
}
