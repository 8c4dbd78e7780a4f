// mm/madvise.c of 2.6.38, as far as it has changed: since 2.6.23 other tasks can fault while MADV_DONTNEED empties ptes.

/** madvise_need_mmap_write(): MADV_DONTNEED changes no vma, so it holds mmap_sem for reading. */
export function madvise_need_mmap_write(): boolean {
  return false;
}
