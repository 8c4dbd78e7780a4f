// Ablations: safeguards (guards) of the kernel that a run can disable (`machine { without: … }`), to show what they prevent. Each guard
// is a function of the image, and is disabled by one that guards nothing.

import type { Image } from "./image.ts";

interface Ablation {
  /** What the guard does. */
  readonly doc: string;
  readonly overrides: Partial<Image>;
}

export const ABLATIONS = {
  nopage_recheck: {
    doc: "a page fault compares truncate_count before it maps a page, and asks for the page again if it has moved",
    overrides: { nopage_recheck: () => true },
  },
  populate_recheck: {
    doc: "remap_file_pages looks under page_table_lock whether a page was truncated meanwhile before it maps it",
    overrides: { populate_recheck: () => true },
  },
  move_lock: {
    doc: "mremap holds i_mmap_lock while it moves a page, so that truncation sees it in one place or the other",
    overrides: { mapping_to_lock: () => null },
  },
} as const satisfies Record<string, Ablation>;

export type AblationName = keyof typeof ABLATIONS;
