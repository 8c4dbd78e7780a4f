// The commands of the unmap recordings (FORMAT.md beside them), carried out by the kernel model's own functions.

import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_FILE,
  _PAGE_PRESENT,
  _PAGE_RW,
  _PAGE_USER,
  PAGE_SIZE,
} from "../../src/engine/kernel/common/arch.ts";
import { k } from "../../src/engine/kernel/image.ts";
import { create_mm, type System } from "../../src/engine/kernel/boot.ts";
import {
  linear_page_index,
  vma_pages,
  VM_HUGETLB,
  VM_INSERTPAGE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type File,
  type MmStruct,
  VmArea,
} from "../../src/engine/kernel/common/mm_types.ts";
import { alloc_page, NO_PAGE, PG_reserved } from "../../src/engine/kernel/common/page_alloc.ts";
import { FIRST_IO_PFN, pte_alloc, pte_index } from "../../src/engine/kernel/common/pgtable.ts";
import { page_add_anon_rmap, page_add_file_rmap } from "../../src/engine/kernel/common/rmap.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";

export type Command = readonly [name: string, ...args: (number | bigint | string)[]];

/** The id of a struct that is only needed while a command is carried out. */
const TEMPORARY = -1;

/** The structs and address spaces of one recording, by the numbers it gives them. */
export class World {
  readonly vmas = new Map<number, VmArea>();
  readonly ids = new Map<VmArea, number>();
  private readonly mms = new Map<number, MmStruct>();
  /** Ids of structs that are vmas now; the others were freed. */
  readonly live = new Set<number>();
  /** The id of the struct that the allocator hands out next. */
  private nextId = 0;

  constructor(
    private readonly system: System,
    readonly file: File,
    /** Does PG_reserved mean nothing to the accounting of pages, as from 2.6.38 on? */
    private readonly countsReserved: boolean,
  ) {}

  mm(id: number): MmStruct {
    let mm = this.mms.get(id);
    if (mm === undefined) {
      mm = create_mm(this.system, String(id));
      this.mms.set(id, mm);
    }
    return mm;
  }

  /** The recording determines which struct the allocator hands out: the one of the id that its command names. */
  readonly vmAreaAlloc = (): VmArea => {
    const id = this.nextId;
    const vma = this.vmas.get(id) ?? new VmArea();
    Object.assign(vma, {
      vm_start: 0,
      vm_end: 0,
      vm_next: null,
      vm_flags: 0,
      vm_pgoff: 0,
      vm_file: null,
      vm_truncate_count: 0,
      anon_vma: false,
      name: String(id),
    });
    this.vmas.set(id, vma);
    this.ids.set(vma, id);
    this.live.add(id);
    return vma;
  };

  readonly vmAreaFree = (vma: VmArea): void => {
    this.live.delete(this.ids.get(vma)!);
  };

  /** Carries out a command that changes something; `unmap` and `zap_page_range` are the recorder's. */
  *execute([name, ...args]: Command): Kernel<void> {
    const id = Number(args[0]);
    const vma = this.vmas.get(id)!;
    const n = (at: number): number => Number(args[at]);
    if (name === "link") yield* this.link(id, n(1), n(2), n(3), n(4), String(args[5]));
    else if (name === "pop") this.populate(vma, n(1), n(2), String(args[3]), n(4));
    else if (name === "vtc") vma.vm_truncate_count = n(1);
    else if (name === "truncate_count") this.file.f_mapping.truncate_count = id;
    else if (name === "remove") yield* k.do_munmap(vma.vm_mm, vma.vm_start, vma.vm_end - vma.vm_start);
    else if (name === "split") yield* this.split(vma, n(1), n(2), n(3) !== 0);
    else if (name === "merge") yield* k.vma_adjust(vma, vma.vm_start, vma.vm_next!.vm_end, vma.vm_pgoff, null);
    else if (name === "grow") yield* this.grow(vma, n(1));
    else if (name === "growdown") yield* this.growDown(vma, n(1));
    else if (name === "nonlinear") yield* k.make_vma_nonlinear(vma);
    else if (name === "fork") yield* this.fork(vma, n(1), this.mm(n(2)));
    else if (name === "copyvma") yield* this.copy(vma, n(1), n(2));
    else if (name === "movepages") yield* this.move(vma, this.vmas.get(n(1))!, n(2), n(3));
    else throw new Error(`unknown command ${name}`);
  }

  private *link(id: number, mm: number, start: number, npages: number, pgoff: number, flags: string): Kernel<void> {
    this.nextId = id;
    const vma = k.vm_area_alloc();
    vma.vm_start = start;
    vma.vm_end = start + npages * PAGE_SIZE;
    vma.vm_pgoff = pgoff;
    vma.vm_flags = VM_READ | VM_WRITE | (flags.includes("s") ? VM_SHARED : 0) | (flags.includes("h") ? VM_HUGETLB : 0);
    vma.vm_file = this.file;
    yield* k.vma_link(this.mm(mm), vma);
  }

  private *split(vma: VmArea, page: number, id: number, below: boolean): Kernel<void> {
    this.nextId = id;
    yield* k.split_vma(vma, vma.vm_start + page * PAGE_SIZE, below);
  }

  /** Pages at the end: the next vma's, where it adjoins and continues the file; else new ones, or unmapped ones. */
  private *grow(vma: VmArea, pages: number): Kernel<void> {
    const { vm_mm, vm_start, vm_end, vm_pgoff } = vma;
    const end = vm_end + pages * PAGE_SIZE;
    if (pages < 0 && !continues(vma, vma.vm_next)) yield* this.unmapPart(vm_mm, end, vm_end);
    else yield* k.vma_adjust(vma, vm_start, end, vm_pgoff, null);
  }

  /** The same at the start. */
  private *growDown(vma: VmArea, pages: number): Kernel<void> {
    const { vm_mm, vm_start, vm_end, vm_pgoff } = vma;
    const start = vm_start - pages * PAGE_SIZE;
    const prev = k.find_vma_prev(vm_mm, vm_start);
    if (prev !== null && continues(prev, vma)) yield* k.vma_adjust(prev, prev.vm_start, start, prev.vm_pgoff, null);
    else if (pages < 0) yield* this.unmapPart(vm_mm, vm_start, start);
    else yield* k.vma_adjust(vma, start, vm_end, vm_pgoff - pages, null);
  }

  private *unmapPart(mm: MmStruct, start: number, end: number): Kernel<void> {
    this.nextId = TEMPORARY;
    yield* k.do_munmap(mm, start, end - start);
  }

  private *fork(vma: VmArea, id: number, mm: MmStruct): Kernel<void> {
    this.nextId = id;
    yield* k.dup_mmap_vma(mm, vma);
  }

  private *copy(vma: VmArea, id: number, start: number): Kernel<void> {
    this.nextId = id;
    yield* k.copy_vma(vma, start, vma.vm_end - vma.vm_start, vma.vm_pgoff);
  }

  private *move(vma: VmArea, to: VmArea, offset: number, pages: number): Kernel<void> {
    const from = vma.vm_start + offset * PAGE_SIZE;
    const target = (linear_page_index(vma, from) - to.vm_pgoff) * PAGE_SIZE + to.vm_start;
    yield* k.move_page_tables(vma, from, to, target, pages * PAGE_SIZE);
  }

  private populate(vma: VmArea, offset: number, count: number, kind: string, arg: number): void {
    for (let at = 0; at < count; at++) this.populatePage(vma, vma.vm_start + (offset + at) * PAGE_SIZE, kind, arg + at);
  }

  private populatePage(vma: VmArea, address: number, kind: string, index: number): void {
    const mm = vma.vm_mm;
    const { arch, mem_map, swap_map } = this.system.kernel;
    const table = pte_alloc(mm, address);
    const at = pte_index(address);
    const flags =
      _PAGE_PRESENT | _PAGE_USER | _PAGE_RW | (kind === "file_old" ? 0 : _PAGE_ACCESSED) | (kind === "file_dirty" ? _PAGE_DIRTY : 0);
    if (kind === "swap") {
      arch.set_swap(table, at, 0, swap_map.get_swap_page());
      if ((vma.vm_flags & VM_SHARED) === 0) vma.anon_vma = true;
      mm.swapents += 1;
    } else if (kind === "fpte") {
      arch.set_file(table, at, index);
    } else if (kind === "io") {
      arch.set_present(table, at, FIRST_IO_PFN, flags);
    } else if (kind === "reserved") {
      const page = alloc_page();
      mem_map.flags[page] = PG_reserved;
      if (this.countsReserved) {
        page_add_file_rmap(page);
        mm.rss += 1;
        vma.vm_flags |= VM_INSERTPAGE;
      }
      arch.set_present(table, at, page, flags);
    } else {
      const anon = kind === "anon";
      const page = anon ? alloc_page() : k.find_or_create_page(this.file.inode, kind === "nl" ? index : linear_page_index(vma, address));
      if (anon) page_add_anon_rmap(page, vma, address);
      else page_add_file_rmap(page);
      mm.rss += 1;
      arch.set_present(table, at, page, flags);
    }
  }

  /** What a vma has mapped, page by page: [page of the vma, what is there, page of the file]. */
  mapped(vma: VmArea): { at: number; kind: "file" | "anon" | "swap" | "file_pte" | "other"; index: number }[] {
    const { arch, mem_map } = this.system.kernel;
    const found: ReturnType<World["mapped"]> = [];
    for (let at = 0; at < vma_pages(vma); at++) {
      const address = vma.vm_start + at * PAGE_SIZE;
      const table = k.pte_offset(vma.vm_mm, address);
      const entry = pte_index(address);
      if (table === null || k.pte_none(table, entry)) continue;
      const pte = table[entry]!;
      if ((pte & _PAGE_PRESENT) === 0) {
        const file = (pte & _PAGE_FILE) !== 0;
        found.push({ at, kind: file ? "file_pte" : "swap", index: file ? arch.pte_to_pgoff(table, entry) : 0 });
      } else {
        const page = k.pte_page(table, entry);
        const kind = page === NO_PAGE ? "other" : k.PageAnon(page) ? "anon" : "file";
        found.push({ at, kind, index: page === NO_PAGE ? 0 : mem_map.index[page]! });
      }
    }
    return found;
  }

  /** The vmas there are, by ascending id. */
  living(): VmArea[] {
    return [...this.live].sort((a, b) => a - b).map((id) => this.vmas.get(id)!);
  }

  /** The address spaces there are, by ascending number. */
  addressSpaces(): [number, MmStruct][] {
    return [...this.mms].sort(([a], [b]) => a - b);
  }
}

function continues(vma: VmArea, next: VmArea | null): boolean {
  return next !== null && next.vm_start === vma.vm_end && next.vm_pgoff === vma.vm_pgoff + vma_pages(vma);
}
