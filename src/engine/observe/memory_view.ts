// The model's memory as bytes, for views that read it by address: page tables at their physical addresses, as the
// hardware would see them; the array of struct pages and the top-level tables, which have no page of their own, far above.
// What data pages contain is not modelled.

import type { Table } from "../kernel/common/arch.ts";
import { PAGE_SIZE } from "../kernel/common/arch.ts";
import type { Page } from "../kernel/common/page_alloc.ts";
import type { KernelState } from "../kernel/state.ts";

/** Where mem_map begins; a struct page has 32 bytes, as on i386. */
const MEM_MAP = 2 ** 40;
const STRUCT_PAGE = 32;
/** Where the top-level tables are, one after the other. */
const PGDS = 2 ** 41;

/** The address of a page table, or null if it is none that is in use. */
export function table_address({ mem_map, mms }: KernelState, table: Table): number | null {
  const top = mms.findIndex(({ pgd }) => pgd === table);
  if (top >= 0) return PGDS + top * PAGE_SIZE;
  const page = mem_map.tables.indexOf(table);
  return page < 0 ? null : page * PAGE_SIZE;
}

/** The address of the struct page of a page frame. */
export function struct_page_address(page: Page): number {
  return MEM_MAP + page * STRUCT_PAGE;
}

/** The bytes from `address` on, at most `count`: as many as there are. */
export function read_memory(kernel: KernelState, address: number, count: number): Uint8Array {
  const found = new Uint8Array(count);
  let length = 0;
  while (length < count) {
    const part = region_at(kernel, address + length);
    if (part === null) break;
    const bytes = part.subarray(0, count - length);
    found.set(bytes, length);
    length += bytes.length;
  }
  return found.subarray(0, length);
}

/** The bytes from an address to the end of what is in one piece there; null if nothing is. */
function region_at(kernel: KernelState, address: number): Uint8Array | null {
  const { mem_map, mms } = kernel;
  if (address < 0 || !Number.isSafeInteger(address)) return null;
  if (address >= PGDS) return bytes_of(mms[Math.floor((address - PGDS) / PAGE_SIZE)]?.pgd, address % PAGE_SIZE);
  if (address < MEM_MAP) return bytes_of(mem_map.tables[Math.floor(address / PAGE_SIZE)], address % PAGE_SIZE);
  const page = Math.floor((address - MEM_MAP) / STRUCT_PAGE);
  return page < mem_map.max_mapnr ? struct_page(kernel, page).subarray((address - MEM_MAP) % STRUCT_PAGE) : null;
}

function bytes_of(table: Table | undefined, from: number): Uint8Array | null {
  return table === undefined ? null : new Uint8Array(table.buffer, table.byteOffset + from, table.byteLength - from);
}

/** flags, _count, _mapcount, private, mapping, index and the two links of lru, 32 bits each. */
function struct_page({ mem_map }: KernelState, page: Page): Uint8Array {
  const words = [
    mem_map.flags[page]!,
    mem_map.count[page]!,
    mem_map._mapcount[page]!,
    0,
    mem_map.mapping[page]!,
    mem_map.index[page]!,
    0,
    0,
  ];
  return new Uint8Array(Uint32Array.from(words, (word) => word >>> 0).buffer);
}
