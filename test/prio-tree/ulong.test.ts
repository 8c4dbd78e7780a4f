import assert from "node:assert/strict";
import fc from "fast-check";
import { exact64, ulong32, ulong64 } from "../../src/engine/machine/ulong.ts";

describe("ulong", () => {
  const law = (word: typeof ulong32, limit: number): void =>
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.nat(word.BITS_PER_LONG - 1), (x, y, n) => {
        const [a, b] = [Math.abs(x) % limit, Math.abs(y) % limit].sort((p, q) => q - p) as [number, number];
        assert.equal(BigInt(word.sub(a, b)), exact64.sub(BigInt(a), BigInt(b)));
        assert.equal(word.bit(a, n), exact64.bit(BigInt(a), n));
        assert.equal(BigInt(word.shift_right(a, n)), exact64.shift_right(BigInt(a), n));
        assert.equal(word.bit_length(a), exact64.bit_length(BigInt(a)));
      }),
    );

  it("of 32 bits computes as exact arithmetic does", () => law(ulong32, 2 ** 32));
  it("of 64 bits as a number computes as exact arithmetic does below 2^53", () => law(ulong64, 2 ** 53));
  it("counts the bits of the powers of two", () => {
    for (let n = 0; n < 64; n++) {
      assert.equal(exact64.bit_length(2n ** BigInt(n)), n + 1);
      assert.equal(exact64.bit_length(2n ** BigInt(n) - 1n), n);
    }
  });
});
