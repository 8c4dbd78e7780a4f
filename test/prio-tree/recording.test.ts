import assert from "node:assert/strict";
import { parseExactJson } from "../golden/exact-json.ts";
import { runPrioTreeRecording } from "../golden/prio-tree.ts";

const HEADER = { name: "t", bits: 64, size_level_bits: "long" };
const BIG = "18446744073709551615";

function recording(...lines: string[]): string {
  return [JSON.stringify(HEADER), ...lines].join("\n") + "\n";
}

describe("the runner of prio tree recordings", () => {
  it("passes a right recording, with 64-bit values exactly", () => {
    const result = runPrioTreeRecording(
      recording(
        `{"op":"insert","id":1,"pgoff":${BIG},"npages":1}`,
        `{"op":"insert","id":2,"pgoff":18446744073709551614,"npages":1}`,
        `{"op":"dump","index_bits":64,"tree":[1,[],null,[2,[],null,null]]}`,
        `{"op":"query","first":${BIG},"last":${BIG},"visit":[1]}`,
      ),
    );
    assert.deepEqual(result, { passed: 2, failed: 0, firstMismatch: null });
  });

  it("names the first mismatch", () => {
    const result = runPrioTreeRecording(
      recording(
        `{"op":"insert","id":1,"pgoff":0,"npages":4}`,
        `{"op":"query","first":0,"last":3,"visit":[]}`,
        `{"op":"query","first":4,"last":4,"visit":[]}`,
      ),
    );
    assert.deepEqual(result, { passed: 1, failed: 1, firstMismatch: "line 3 (query, size levels of long bits): expected [], got [1]" });
  });
});

describe("parseExactJson", () => {
  it("keeps long integers and leaves everything else alone", () => {
    assert.deepEqual(
      parseExactJson(`[${BIG},-9223372036854775808,12,1.5,1e3,0.12345678901234567,"1234567890123456789",{"a\\"1234567890123456":null}]`),
      [
        18446744073709551615n,
        -9223372036854775808n,
        12,
        1.5,
        1000,
        0.12345678901234567,
        "1234567890123456789",
        { 'a"1234567890123456': null },
      ],
    );
  });

  it("refuses what is not JSON", () => {
    assert.throws(() => parseExactJson("[1"), SyntaxError);
  });
});
