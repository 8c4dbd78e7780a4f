// mm/swapfile.c: swap entries and how often each is referenced. Nothing is read or written.

export class SwapMap {
  private readonly references = new Map<number, number>();
  private next_offset = 1;

  /** get_swap_page(): a swap entry with one reference, by its offset. */
  get_swap_page(): number {
    const offset = this.next_offset++;
    this.references.set(offset, 1);
    return offset;
  }

  /** swap_duplicate(): one more pte holds the entry. */
  duplicate(offset: number): void {
    this.references.set(offset, (this.references.get(offset) ?? 0) + 1);
  }

  /** swap_free(): one pte fewer holds the entry. */
  free(offset: number): void {
    const left = (this.references.get(offset) ?? 0) - 1;
    if (left > 0) this.references.set(offset, left);
    else this.references.delete(offset);
  }

  /** Ptes that hold the entry. */
  count(offset: number): number {
    return this.references.get(offset) ?? 0;
  }

  /** Entries in use. */
  get in_use(): number {
    return this.references.size;
  }
}
