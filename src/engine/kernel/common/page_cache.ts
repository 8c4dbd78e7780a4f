// The page cache of one file: page->index to struct page, in leaves of consecutive indexes as a radix tree keeps them.

import { NO_PAGE, type Page } from "./page_alloc.ts";

/** Pages of a leaf; a power of 2. */
const LEAF = 1024;

export class PageCache {
  private readonly leaves = new Map<number, Int32Array>();
  nrpages = 0;

  /** The page at `index`, or NO_PAGE. */
  lookup(index: number): Page {
    return this.leaves.get(Math.floor(index / LEAF))?.[index & (LEAF - 1)] ?? NO_PAGE;
  }

  /** Puts a page at an index where there is none. */
  insert(index: number, page: Page): void {
    const key = Math.floor(index / LEAF);
    let leaf = this.leaves.get(key);
    if (leaf === undefined) {
      leaf = new Int32Array(LEAF).fill(NO_PAGE);
      this.leaves.set(key, leaf);
    }
    leaf[index & (LEAF - 1)] = page;
    this.nrpages += 1;
  }

  /** Takes the page at an index out. */
  remove(index: number): void {
    const leaf = this.leaves.get(Math.floor(index / LEAF))!;
    leaf[index & (LEAF - 1)] = NO_PAGE;
    this.nrpages -= 1;
  }

  /** The first index at or behind `start` that has a page, or null. */
  next_index(start: number): number | null {
    const first = Math.floor(start / LEAF);
    const here = next_in(this.leaves.get(first), start & (LEAF - 1));
    if (here !== null) return first * LEAF + here;
    for (const key of [...this.leaves.keys()].filter((other) => other > first).sort((a, b) => a - b)) {
      const at = next_in(this.leaves.get(key), 0);
      if (at !== null) return key * LEAF + at;
    }
    return null;
  }

  /** Does `test` hold for a page in [first, last]? */
  some(first: number, last: number, test: (page: Page) => boolean): boolean {
    for (const [key, leaf] of this.leaves) {
      const base = key * LEAF;
      const end = Math.min(LEAF - 1, last - base);
      for (let at = Math.max(0, first - base); at <= end; at++) {
        const page = leaf[at]!;
        if (page !== NO_PAGE && test(page)) return true;
      }
    }
    return false;
  }

  /** The indexes at and behind `start` that have a page, ascending. */
  indexes_from(start: number): number[] {
    const found: number[] = [];
    for (const key of [...this.leaves.keys()].sort((a, b) => a - b)) {
      const leaf = this.leaves.get(key)!;
      const base = key * LEAF;
      for (let at = Math.max(0, start - base); at < LEAF; at++) if (leaf[at] !== NO_PAGE) found.push(base + at);
    }
    return found;
  }
}

/** The first place at or behind `from` of a leaf that has a page, or null. */
function next_in(leaf: Int32Array | undefined, from: number): number | null {
  if (leaf === undefined) return null;
  for (let at = from; at < LEAF; at++) if (leaf[at] !== NO_PAGE) return at;
  return null;
}
