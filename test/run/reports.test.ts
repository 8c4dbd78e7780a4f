// What people reported of these kernels, as small scenarios with the right answer.

import assert from "node:assert/strict";
import { holds, simulate } from "./support.ts";

const UP_TO_2_6_11 = ["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11"] as const;
const LATER = ["2.6.38", "3.0"] as const;

describe("what was reported", () => {
  it("a page index that overflows in mmap is refused, with EOVERFLOW from 2.6.38 on", () => {
    const text = (error: number): string => `machine { cpus: 1 }
file data size 16K
process a { V = mmap(data) }
task t in a on cpu 0 { let e = mmap(data, length: 128K, offset: 0xffff_fff0 * 4096) }
check after t e == ${error}
`;
    for (const kernel of UP_TO_2_6_11) holds(text(-22), { kernel });
    for (const kernel of LATER) holds(text(-75), { kernel });
  });

  it("a page index that overflows when a mapping grows is refused by 3.0; before it wraps, and breaks the tree (CVE-2011-2496)", () => {
    const text = `machine { cpus: 1 }
file data size 16K
process a { V = mmap(data) }
task t in a on cpu 0 { W = mmap(data, length: 16K, offset: 0xffff_fff0 * 4096) let e = mremap(W, size: 128K) }
check after t e == -22
`;
    holds(text, { kernel: "3.0" });
    for (const kernel of ["2.6.11", "2.6.38"] as const) {
      const outcome = simulate(text, { kernel }).machine.run(Infinity);
      assert.ok(outcome.kind === "bug", outcome.kind);
      assert.match(outcome.bug.message, /a vma ends before it begins|W ends before it begins/);
      assert.equal(outcome.bug.values["last_page"], 15);
    }
  });

  it("a vma that pages are moved into is to be scanned from its start on 2.6.38, whatever its count was", () => {
    holds(
      `machine { cpus: 1 }
file data size 64K
process viewer { V = mmap(data) touch(V) }
task t in viewer on cpu 0 { invalidate(data) touch(V) V = mremap(V, at: 0x6000_0000) }
check after t V.vm_truncate_count == 0
`,
      { kernel: "2.6.38" },
    );
  });

  it("a page fault does not wait for another thread's MADV_DONTNEED from 2.6.38 on", () => {
    const text = (operator: string): string => `machine { cpus: 2 }
process p { H = mmap(NULL, length: 8M, flags: private) write(H[0 .. 4M]) }
task free in p on cpu 0 { madvise(H[0 .. 4M], dontneed) }
task alloc in p on cpu 1 at 5us { write(H[4M .. 5M]) }
check finally max_wait(p.mmap_sem) ${operator} 10us
`;
    for (const kernel of UP_TO_2_6_11) holds(text(">"), { kernel });
    for (const kernel of LATER) holds(text("<"), { kernel });
  });
});
