// Hover: what words and numbers mean. `@` marks the cursor.

import assert from "node:assert/strict";
import { hover } from "./support.ts";

const STORY = `machine {
  preempt: on
  cost pte_clear: 70ns
}
file data size 64M
process editor {
  A = mmap(data, offset: 8M, length: 5000, prot: read, flags: private, at: 0x4000_0000)
}
process viewer * 8 {
  V = mmap(data, offset: 8M)
  let half = V.length / 2
  touch(V[0 .. half])
}
task shrink in viewer[1] on cpu 0 {
  truncate(data, 16 pages)
  sleep(50us)
}
on lockbreak(data) where restart_addr > 20 { mprotect(viewer[3].V, read) }
check finally mapped(data, beyond: size) == 0 and max_hold(data.i_mmap_lock) < 300us
expect bug truncated-mapped
`;

/** Hovers over the first character of `text` behind `after`. */
async function over(after: string, text: string, story = STORY): Promise<string> {
  const begin = story.indexOf(text, story.indexOf(after));
  assert.ok(begin >= 0, text);
  return (await hover(`${story.slice(0, begin)}@${story.slice(begin)}`)) ?? "nothing";
}

describe("language server: hover", () => {
  it("shows sizes, times and addresses", async () => {
    assert.equal(await over("", "64M"), "`64M` = 67108864 bytes = 16384 pages");
    assert.equal(await over("length:", "5000"), "`5000` = 0x1388");
    assert.equal(await over("", "16 pages"), "`16 pages` = 65536 bytes = 16 pages");
    assert.equal(await over("", "50us"), "`50us` = 50000ns = 0.05ms");
    assert.equal(await over("", "0x4000_0000"), "`0x4000_0000` = 1073741824 = 1G, page 0x40000");
    assert.equal(await over("mapped", "0 and"), "nothing");
  });

  it("shows the static properties of a mapping, wherever it is named", async () => {
    const mapping = await over("process editor", "A =");
    assert.match(mapping, /process `editor`/);
    assert.match(mapping, /file `data`, from offset 8M/);
    assert.match(mapping, /length 8K = 8192 bytes = 2 pages/);
    assert.match(mapping, /read, private/);
    assert.match(mapping, /at 0x40000000 \.\. 0x40002000/);
    const viewer = await over("touch(", "V[");
    assert.match(viewer, /length 56M = 58720256 bytes = 14336 pages\n- read\|write, shared\n$/);
    assert.equal(await over("mprotect", "V, read"), viewer);
    assert.match(
      await over("", "A =", STORY.replace("task shrink in viewer[1]", "task again in editor on cpu 1 { A = mmap(data) }\n$&")),
      /2 places[^]*length known during the run only/,
    );
  });

  it("documents names of the catalogue", async () => {
    assert.match(await over("", "truncate(data, 16"), /truncate\(file, size\)[^]*holding its i_sem[^]*`vmtruncate`/);
    assert.match(await over("process editor", "length:"), /Bytes to map/);
    assert.match(await over("prot:", "read"), /What the pages may be used for/);
    assert.match(await over("", "lockbreak(data)"), /`restart_addr`/);
    assert.match(await over("", "restart_addr"), /value of the event `lockbreak`/);
    assert.match(await over("", "max_hold"), /longest time the lock was held/);
    assert.match(await over("", "i_mmap_lock"), /spinlock/);
    assert.match(await over("", "preempt"), /CONFIG_PREEMPT[^]*on, off/);
    assert.match(await over("", "pte_clear"), /clearing one present pte[^]*60ns/);
    assert.match(await over("beyond:", "size"), /current end of the file/);
    assert.match(await over("expect bug", "truncated"), /When a truncation is done, no pte maps/);
  });

  it("documents symbols of the scenario", async () => {
    assert.match(await over("mmap(", "data"), /file data size 64M[^]*16384 pages/);
    assert.match(await over("task shrink", "viewer"), /8 processes, `viewer\[0\]` to `viewer\[7\]`[^]*`V`/);
    assert.match(await over("V[0 ..", "half"), /let half = V.length \/ 2/);
  });

  it("works where the rest of the text has errors", async () => {
    const broken = STORY.replace("preempt: on", "preempt on off")
      .replace("let half = V.length", "lett half")
      .replace("sleep(50us)", "sleep(");
    assert.match(await over("touch(", "V[", broken), /14336 pages/);
    assert.match(await over("", "max_hold", broken), /longest time/);
    assert.equal(await over("cost", "70ns", broken), "`70ns` = 0.07us");
  });
});
