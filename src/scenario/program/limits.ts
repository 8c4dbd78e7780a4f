// The bounds of a scenario, checked before it runs.

export const MAX_PROCESS_ARRAY_LENGTH = 4_096;
export const MAX_TASKS = 4_096;
/** Vmas of an address space (sysctl_max_map_count). */
export const MAX_MAPS = 65_536;
/** Rounds of `repeat N` and `every T for N`. */
export const MAX_REPEATS = 1_000_000_000;
/** Nanoseconds: an hour. */
export const MAX_TIME = 3_600_000_000_000;

/** The default limit of the memory that a run may need, in bytes, as estimated before it. */
export const MAX_MEMORY = 2 * 1024 ** 3;
/** Page frames of the modelled machine that a run may need: those below the addresses of devices, with some to spare. */
export const MAX_FRAMES = 0xe_0000;
/** What the estimate counts for one page frame (a struct page), one page table, one vma, and one process. */
export const FRAME_BYTES = 64;
export const TABLE_BYTES = 4_400;
export const VMA_BYTES = 512;
export const PROCESS_BYTES = 16_384;
