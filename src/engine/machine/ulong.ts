// The kernel's `unsigned long` in its widths, for code that works bit by bit.
//
// Comparisons (`<`, `===`) need no help. Bit numbers are used instead of masks: a JavaScript mask ends at bit 31.

/** How an `unsigned long` is represented. */
export type Ulong = number | bigint;

/** The operations on one width and representation of `unsigned long`. Values are never negative. */
export interface Word<W extends Ulong> {
  readonly BITS_PER_LONG: 32 | 64;
  readonly ULONG_MAX: W;
  /** a - b, for a >= b. */
  sub(a: W, b: W): W;
  /** A sum or a product as the word holds it: what lies above its highest bit is lost. */
  wrap(value: W): W;
  /** Bit `n` of the value, 0 <= n < BITS_PER_LONG; bit 0 is the lowest. */
  bit(value: W, n: number): boolean;
  /** The value without its `n` lowest bits, moved down; 0 <= n < BITS_PER_LONG. */
  shift_right(value: W, n: number): W;
  /** How many bits it takes to write the value; 0 for 0 (the kernel's fls()). */
  bit_length(value: W): number;
}

const POWER_OF_2: readonly number[] = Array.from({ length: 64 }, (_, n) => 2 ** n);
const HIGH_WORD = 2 ** 32;
const POWER_OF_2_64 = 2 ** 64;

/** 32-bit architectures. */
export const ulong32: Word<number> = {
  BITS_PER_LONG: 32,
  ULONG_MAX: 2 ** 32 - 1,
  sub: (a, b) => a - b,
  wrap: (value) => (value < HIGH_WORD ? value : value % HIGH_WORD),
  bit: (value, n) => ((value >>> n) & 1) === 1,
  shift_right: (value, n) => value >>> n,
  bit_length: (value) => 32 - Math.clz32(value),
};

/**
 * 64-bit architectures, as numbers: exact below 2^53, which no page index or address of the model reaches.
 * ULONG_MAX is 2^64, a bound to compare with.
 */
export const ulong64: Word<number> = {
  BITS_PER_LONG: 64,
  ULONG_MAX: 2 ** 64,
  sub: (a, b) => a - b,
  wrap: (value) => (value < POWER_OF_2_64 ? value : value - POWER_OF_2_64),
  bit: (value, n) => ((n < 32 ? value >>> n : (value / HIGH_WORD) >>> (n - 32)) & 1) === 1,
  shift_right: (value, n) => Math.floor(value / POWER_OF_2[n]!),
  bit_length: (value) => (value < HIGH_WORD ? 32 - Math.clz32(value) : 64 - Math.clz32(value / HIGH_WORD)),
};

/** 64-bit architectures over the whole range, for data recorded on real ones. */
export const exact64: Word<bigint> = {
  BITS_PER_LONG: 64,
  ULONG_MAX: 2n ** 64n - 1n,
  sub: (a, b) => a - b,
  wrap: (value) => BigInt.asUintN(64, value),
  bit: (value, n) => ((value >> BigInt(n)) & 1n) === 1n,
  shift_right: (value, n) => value >> BigInt(n),
  bit_length: (value) => (value === 0n ? 0 : value.toString(2).length),
};
