// The formats of page-table entries, against a description of their bits as one number of 32 or 64 bits.

import assert from "node:assert/strict";
import fc from "fast-check";
import { _PAGE_FILE, ARCHITECTURES, type Arch } from "../../src/engine/kernel/common/arch.ts";

/** A table of one entry behind another, which must stay as it is. */
function entry(arch: Arch, set: (table: Uint32Array, at: number) => void): { table: Uint32Array; at: number; bits: bigint } {
  const { stride } = arch;
  const table = new Uint32Array(3 * stride).fill(0xa5a5_a5a5);
  set(table, stride);
  for (let word = 0; word < stride; word++) assert.deepEqual([table[word], table[2 * stride + word]], [0xa5a5_a5a5, 0xa5a5_a5a5]);
  return { table, at: stride, bits: BigInt(table[stride]!) + (stride === 2 ? BigInt(table[stride + 1]!) << 32n : 0n) };
}

interface Format {
  /** How many bits a frame number has. */
  readonly frames: number;
  /** The bits of a file's page, and how many of its bits come back. */
  readonly file: (pgoff: bigint) => bigint;
  readonly back: number;
  /** The bits of a swap entry, and how many its offset has. */
  readonly swap: (type: bigint, offset: bigint) => bigint;
  readonly swapBits: number;
}

const FORMATS: Readonly<Record<Arch["name"], Format>> = {
  i386: {
    frames: 20,
    file: (pgoff) => ((pgoff & 31n) << 1n) | ((pgoff >> 5n) << 8n),
    back: 29,
    swap: (type, offset) => (type << 1n) | (offset << 8n),
    swapBits: 24,
  },
  "i386-pae": { frames: 24, file: (pgoff) => pgoff << 32n, back: 32, swap: (type, offset) => (type | (offset << 5n)) << 32n, swapBits: 27 },
  // Only what lies within the 46 bits of a physical address is read.
  x86_64: { frames: 34, file: (pgoff) => pgoff << 12n, back: 34, swap: (type, offset) => (type << 1n) | (offset << 8n), swapBits: 44 },
};

function bits(count: number): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 0, max: 2 ** count - 1 }), fc.constantFrom(0, 1, 2 ** (count - 1), 2 ** count - 1));
}

describe("an entry of a page table", () => {
  for (const [name, { frames, file, back, swap, swapBits }] of Object.entries(FORMATS)) {
    const arch = ARCHITECTURES[name as Arch["name"]];

    it(`of ${name} that is present has its frame from bit 12 on`, () => {
      fc.assert(
        fc.property(bits(frames), bits(12), (pfn, flags) => {
          const { table, at, bits: all } = entry(arch, (to, place) => arch.set_present(to, place, pfn, flags));
          assert.equal(all, (BigInt(pfn) << 12n) | BigInt(flags));
          assert.equal(arch.pfn(table, at), pfn);
        }),
      );
    });

    it(`of ${name} holds a file's page, of which ${back} bits come back, or a swap entry`, () => {
      fc.assert(
        fc.property(bits(arch.PTE_FILE_MAX_BITS), bits(swapBits), fc.nat(31), (pgoff, offset, type) => {
          const filed = entry(arch, (to, place) => arch.set_file(to, place, pgoff));
          assert.equal(filed.bits, file(BigInt(pgoff)) | BigInt(_PAGE_FILE));
          assert.equal(arch.pte_to_pgoff(filed.table, filed.at), Number(BigInt.asUintN(back, BigInt(pgoff))));
          const swapped = entry(arch, (to, place) => arch.set_swap(to, place, type, offset));
          assert.equal(swapped.bits, swap(BigInt(type), BigInt(offset)));
          assert.equal(arch.swp_offset(swapped.table, swapped.at), offset);
        }),
      );
    });
  }
});
