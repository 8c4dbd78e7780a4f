// Safeguards of the kernel that a run can do without, to see what they are for: each is a function of the image, with one
// laid over it that guards nothing.

import type { Image } from "./image.ts";

interface Safeguard {
  /** What the kernel does that it then no longer does. */
  readonly doc: string;
  readonly replace: Partial<Image>;
}

export const SAFEGUARDS = {
  nopage_recheck: {
    doc: "a page fault compares truncate_count before it maps a page, and asks for the page again if it has moved",
    replace: { nopage_recheck: () => true },
  },
  populate_recheck: {
    doc: "remap_file_pages looks under page_table_lock whether a page was truncated meanwhile before it maps it",
    replace: { populate_recheck: () => true },
  },
  move_lock: {
    doc: "mremap holds i_mmap_lock while it moves a page, so that truncation sees it in one place or the other",
    replace: { mapping_to_lock: () => null },
  },
} as const satisfies Record<string, Safeguard>;

export type SafeguardName = keyof typeof SAFEGUARDS;
