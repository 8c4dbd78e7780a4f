// Times as texts: formatting and parsing.

import assert from "node:assert/strict";
import fc from "fast-check";
import { format_time, parseTime } from "../../src/debug-adapter/protocol/number-format.ts";

describe("times", () => {
  it("are parsed to what was formatted, but for rounding", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (ns) => {
        const read = parseTime(format_time(ns))!;
        assert.ok(Math.abs(read - ns) <= Math.max(0.5, ns * 6e-4), `${ns}: ${format_time(ns)} is read as ${read}`);
        assert.equal(format_time(read), format_time(ns));
      }),
    );
  });

  it("are parsed in every unit, and no other text is a time", () => {
    assert.deepEqual(
      ["300us", "300 µs", "0.3 ms", "300000ns", "300000 NS", " 0.0003 s "].map(parseTime),
      Array.from({ length: 6 }, () => 300_000),
    );
    assert.deepEqual(
      ["", "12", "ms", "1,2 ms", "-1 ms", "1 h", "1e3 ns", "1 ms later"].map(parseTime),
      Array.from({ length: 8 }, () => null),
    );
  });
});
