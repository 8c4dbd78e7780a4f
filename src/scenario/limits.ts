// The bounds of a scenario, checked before it runs.

/** The page size and the end of a process's address space on i386. */
export const PAGE_SIZE = 4096;
export const TASK_SIZE = 0xc000_0000;

export const MAX_PROCESSES = 4_096;
export const MAX_TASKS = 4_096;
/** How often `repeat N` and `every T for N` may go round. */
export const MAX_REPEATS = 1_000_000_000;
/** Bytes of a file: what page indexes of 32 bits reach. */
export const MAX_FILE = 2 ** 44;
/** Nanoseconds: an hour. */
export const MAX_TIME = 3_600_000_000_000;

/** Bytes of memory that a run may need, as estimated beforehand. */
export const MAX_MEMORY = 2 * 1024 ** 3;
/** Page frames of the modelled machine that a run may need: those of i386 below the addresses of devices, with some spare. */
export const MAX_FRAMES = 0xe_0000;
/** What the estimate counts for one page frame (a struct page), one page table, one vma, and one process. */
export const FRAME_BYTES = 64;
export const TABLE_BYTES = 4_400;
export const VMA_BYTES = 512;
export const PROCESS_BYTES = 16_384;
/** Bytes that one page table maps. */
export const TABLE_SPAN = 4 * 1024 ** 2;
