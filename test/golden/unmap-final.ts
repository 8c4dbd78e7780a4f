// The final state of a recording of unmap_mapping_range, as far as it is compared.

import type { AddressSpace, VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import type { World } from "./unmap-commands.ts";

/** Is a kernel one of those after 2.6.11, whose recordings have a format of their own (FORMAT-later.md)? */
export function isLater(kernel: KernelName): boolean {
  return KERNEL_NAMES.indexOf(kernel) > KERNEL_NAMES.indexOf("2.6.11");
}

export interface Final {
  readonly truncate_count?: number;
  readonly vmas: readonly {
    readonly vm_truncate_count?: number;
    readonly left: Readonly<Record<"file" | "file_in_last_hole" | "anon" | "swap" | "file_pte" | "other", number>>;
    readonly [more: string]: unknown;
  }[];
  readonly [more: string]: unknown;
}

/** The final state of `world`; `hole`: the pages of the file that the last call was to unmap, the first and the last. */
export function finalState(kernel: KernelName, world: World, hole: readonly [number, number], totals: object): Final {
  return {
    ...(kernel === "3.0" ? {} : { truncate_count: world.file.f_mapping.truncate_count }),
    vmas: world.living().map((vma) => finalVma(kernel, world, hole, vma)),
    mms: world
      .addressSpaces()
      .map(([id, { rss, anon_rss, swapents }]) => ({ id, rss, anon_rss, ...(isLater(kernel) ? { swapents } : {}) })),
    totals,
  };
}

function finalVma(kernel: KernelName, world: World, [first, last]: readonly [number, number], vma: VmArea): Final["vmas"][number] {
  const mapped = world.mapped(vma);
  const count = (kind: string): number => mapped.filter((page) => page.kind === kind).length;
  const inHole = mapped.filter(({ kind, index }) => kind === "file" && index >= first && index <= last).length;
  return {
    id: world.ids.get(vma),
    mm: Number(vma.vm_mm.name),
    start: vma.vm_start,
    end: vma.vm_end,
    pgoff: vma.vm_pgoff,
    where: vma.shared.parent === null && isOnList(vma, world.file.f_mapping) ? "list" : "tree",
    ...(kernel === "3.0" ? {} : { vm_truncate_count: vma.vm_truncate_count }),
    left: {
      file: count("file"),
      file_in_last_hole: inHole,
      anon: count("anon"),
      swap: count("swap"),
      file_pte: count("file_pte"),
      other: count("other"),
    },
    file_ptes: mapped.filter(({ kind }) => kind === "file_pte").map(({ at, index }) => [at, index]),
  };
}

function isOnList(vma: VmArea, mapping: AddressSpace): boolean {
  const head = mapping.i_mmap_nonlinear;
  for (let link = head.next; link !== head; link = link.next) if (link.entry === vma) return true;
  return false;
}
