// Physical pages: mem_map, the array of struct page, and the free list (mm/page_alloc.c, much simplified: one zone, one
// list, the page freed last is taken first).

import { BUG } from "../../machine/bug.ts";
import { LimitReached } from "../../machine/limits.ts";
import { charge_ns } from "../../machine/sched.ts";
import { note_add, note_read } from "../../machine/shared.ts";
import { Semaphore } from "../../machine/semaphore.ts";
import { machine } from "../../machine/machine.ts";
import { trace } from "../../machine/tracing.ts";
import type { Table } from "./arch.ts";
import { k } from "../image.ts";
import { LOCK_RANK } from "./mm_types.ts";
import { kernel } from "../state.ts";

/** A struct page, named by its page frame number: its index in mem_map. */
export type Page = number;
/** No page: what a null struct page pointer is in C. */
export const NO_PAGE = -1;

export const PG_dirty = 0x1;
export const PG_referenced = 0x2;
export const PG_reserved = 0x4;
export const PG_anon = 0x8;

/** page->mapping of a page that belongs to no file. */
export const NO_MAPPING = 0;

const FIRST_CAPACITY = 1 << 8;

/** PG_locked of one page, and its waiters. */
export class PageLock extends Semaphore {}

/** mem_map: the fields of all struct pages, one array a field, so that loops over ptes stay fast. */
export class MemMap {
  flags = new Uint8Array(FIRST_CAPACITY);
  /** page->_count, plainly the number of references. */
  count = new Int32Array(FIRST_CAPACITY);
  /** page->_mapcount: ptes that map the page, minus 1 as in the kernel. */
  _mapcount = new Int32Array(FIRST_CAPACITY).fill(-1);
  /** How many entries of TLBs lead to the page: hardware, which the kernel knows nothing of. */
  tlb_entries = new Uint16Array(FIRST_CAPACITY);
  /** page->mapping: the `id` of an AddressSpace, or NO_MAPPING. */
  mapping = new Int32Array(FIRST_CAPACITY);
  /** page->index, in pages. */
  index = new Float64Array(FIRST_CAPACITY);
  /** The contents of pages that are page tables. */
  tables: (Table | undefined)[] = new Array<Table | undefined>(FIRST_CAPACITY).fill(undefined);
  /** Page frames that exist so far; frames are made as they are needed. */
  max_mapnr = 0;
  readonly free_list: Page[] = [];
  /** Locks of the pages in use that were ever locked. */
  readonly locks = new Map<Page, PageLock>();
  /** Pages in use. */
  allocated = 0;
  /** Ptes that map pages: the _mapcount + 1 of all pages. */
  mapped = 0;

  /** @param limit how many pages may be in use at a time */
  constructor(readonly limit: number) {}

  private grow(): void {
    const capacity = this.count.length * 2;
    const grown = <A extends Uint8Array | Uint16Array | Int32Array | Float64Array>(made: A, old: A, fill = 0): A => {
      if (fill !== 0) made.fill(fill);
      made.set(old);
      return made;
    };
    this.flags = grown(new Uint8Array(capacity), this.flags);
    this.count = grown(new Int32Array(capacity), this.count);
    this._mapcount = grown(new Int32Array(capacity), this._mapcount, -1);
    this.tlb_entries = grown(new Uint16Array(capacity), this.tlb_entries);
    this.mapping = grown(new Int32Array(capacity), this.mapping);
    this.index = grown(new Float64Array(capacity), this.index);
    // Not `push`: an array with few entries among many holes is looked up by hash.
    this.tables = [...this.tables, ...new Array<undefined>(capacity / 2).fill(undefined)];
  }

  /** A frame that nothing uses; LimitReached if all are in use. */
  take(): Page {
    if (this.allocated >= this.limit) throw LimitReached.pages(this.limit);
    this.allocated += 1;
    const free = this.free_list.pop();
    if (free !== undefined) return free;
    if (this.max_mapnr === this.count.length) this.grow();
    return this.max_mapnr++;
  }
}

/** alloc_page(): a page with one reference. */
export function alloc_page(): Page {
  const { mem_map } = kernel;
  charge_ns(machine.costs.page_alloc);
  const page = mem_map.take();
  mem_map.count[page] = 1;
  mem_map.flags[page] = 0;
  mem_map.mapping[page] = NO_MAPPING;
  return page;
}

/** get_page(): takes a reference. */
export function get_page(page: Page): void {
  note_add(kernel.mem_map, "count");
  kernel.mem_map.count[page]! += 1;
}

/** put_page(), page_cache_release(): drops a reference; the page is free with the last one. */
export function put_page(page: Page): void {
  note_add(kernel.mem_map, "count");
  drop_page(page);
}

/** release_pages(): drops a reference to each of the first `nr` pages. */
export function release_pages(pages: ArrayLike<Page>, nr: number): void {
  note_add(kernel.mem_map, "count");
  for (let at = 0; at < nr; at++) drop_page(pages[at]!);
}

function drop_page(page: Page): void {
  const { mem_map } = kernel;
  if ((mem_map.count[page]! -= 1) > 0) return;
  if (mem_map.count[page]! < 0) BUG("page-count", `page ${page} is released more often than it was taken`, { page });
  if (mem_map._mapcount[page]! >= 0)
    BUG("page-mapped", `page ${page} is freed while it is mapped`, { page, _mapcount: mem_map._mapcount[page] });
  if (mem_map.tlb_entries[page] !== 0) k.tlb_page_freed(page);
  mem_map.allocated -= 1;
  mem_map.free_list.push(page);
  if (mem_map.locks.size > 0) mem_map.locks.delete(page);
  trace("page_free", { page });
}

/** page_count() */
export function page_count(page: Page): number {
  note_read(kernel.mem_map, "count");
  return kernel.mem_map.count[page]!;
}

/** A page that holds a page table, zeroed. */
export function alloc_table(words: number): Page {
  const page = alloc_page();
  kernel.mem_map.tables[page] = new Uint32Array(words);
  return page;
}

/** Frees a page that held a page table. */
export function free_table(page: Page): void {
  kernel.mem_map.tables[page] = undefined;
  put_page(page);
}

/** PageAnon(): was it made anonymous by a fault or a copy? Until it is freed. */
export function PageAnon(page: Page): boolean {
  return (kernel.mem_map.flags[page]! & PG_anon) !== 0;
}

/** PageReserved(): takes no part in accounting, and is never freed. */
export function PageReserved(page: Page): boolean {
  return (kernel.mem_map.flags[page]! & PG_reserved) !== 0;
}

/** The lock of a page, which is one and the same for as long as the page is in use. */
export function page_lock_of(page: Page): PageLock {
  const { mem_map, mappings } = kernel;
  let lock = mem_map.locks.get(page);
  if (lock === undefined) {
    const file = mappings[mem_map.mapping[page]!]?.host.name;
    lock = new PageLock(file === undefined ? `page ${page}` : `${file}.page[${mem_map.index[page]!}]`, LOCK_RANK.page_lock);
    mem_map.locks.set(page, lock);
  }
  return lock;
}

/** set_page_dirty() */
export function set_page_dirty(page: Page): void {
  kernel.mem_map.flags[page]! |= PG_dirty;
}

/** mark_page_accessed() */
export function mark_page_accessed(page: Page): void {
  kernel.mem_map.flags[page]! |= PG_referenced;
}
