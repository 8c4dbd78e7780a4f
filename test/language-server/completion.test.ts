// Completion and signature help: only what fits at the cursor, which `@` marks.

import assert from "node:assert/strict";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import { callsByName } from "../../src/scenario/catalogue/index.ts";
import { complete, labels, signatureHelp } from "./support.ts";

const STORY = `file data size 64M
process editor { A = mmap(data) }
process viewer * 8 { V = mmap(data) }
task shrink in editor on cpu 0 { truncate(data, 4M) }
`;
const DECLARATIONS = "check expect explore file force kernel machine on process task";
const inTask = (text: string) => labels(`${STORY}task t in viewer[0] on cpu 0 {\n  let x = 4K\n  ${text}\n}\n`);

describe("language server: completion", () => {
  it("of declarations and their parts", async () => {
    assert.equal(await labels("@"), DECLARATIONS);
    assert.equal(await labels(`${STORY}fi@`), DECLARATIONS);
    assert.equal(await labels("kernel 2.@"), [...KERNEL_NAMES].sort().join(" "));
    assert.equal(await labels(`${STORY}task t @`), "in");
    assert.equal(await labels(`${STORY}task t in @ on cpu 0 {}`), "editor viewer");
    assert.equal(await labels(`${STORY}check @`), "after always finally never");
    assert.equal(await labels(`${STORY}check after @`), "shrink");
    assert.equal(await labels(`${STORY}expect @`), "bug");
    assert.match(await labels(`${STORY}expect bug t@`), /\btlb-stale truncated-mapped\b/);
    assert.equal(await labels(`${STORY}on lockbreak(@`), "data");
    assert.equal(await labels(`${STORY}on lockbreak(data) @`), "where");
  });

  it("of machine settings", async () => {
    assert.equal(await labels("machine {\n  cpus: 2\n  @\n}"), "arch break_lock cost hz preempt seed without");
    assert.equal(await labels("machine { preempt: @ }"), "off on");
    assert.match(await labels("machine {\n  cost pte@\n}"), /pte_clear pte_scan/);
    assert.equal(await labels("machine {\n  cost pte_clear: @\n}"), "");
  });

  it("of statements, by the body they stand in", async () => {
    const places = { setup: await labels("process p {\n  @\n}"), trigger: await labels("on bug {\n  @\n}"), task: await inTask("@") };
    for (const { name, inSetup, inTrigger } of callsByName.values()) {
      const has = (place: keyof typeof places) => places[place].split(" ").includes(name);
      assert.deepEqual([has("setup"), has("trigger"), has("task")], [inSetup, inTrigger, true], name);
    }
    assert.match(places.task, /\bevery\b.*\brepeat\b/);
    assert.doesNotMatch(places.setup, /every/);
    assert.equal(await inTask("repeat 3 { touch(V) @ }"), places.task);
  });

  it("of arguments, by what their parameters take", async () => {
    assert.equal(await labels(`${STORY}process p {\n  X = @`), "fork mmap mremap");
    assert.equal(await labels(`${STORY}process p {\n  X = mmap(@`), "at: data flags: in: length: offset: prot:");
    assert.equal(await labels(`${STORY}process p {\n  X = mmap(data, offset: 4K, @)`), "at: flags: in: length: prot:");
    assert.equal(await labels(`${STORY}process p {\n  X = mmap(data, prot: read|@)`), "exec none write");
    assert.equal(await inTask("touch(@)"), "V editor viewer");
    assert.equal(await inTask("touch(viewer[3].@)"), "V anon_rss map_count mmap mmap_sem page_table_lock rss");
    assert.equal(await inTask("truncate(data, @)"), "PAGE_SIZE V data index x");
    assert.equal(
      await labels(`${STORY}force need_lockbreak(data.@`),
      "i_mmap i_mmap_lock i_mmap_nonlinear i_sem i_size nrpages truncate_count",
    );
    assert.equal(
      await labels(`kernel 2.6.38 ${STORY}check always data.@`),
      "i_mmap i_mmap_lock i_mmap_nonlinear i_sem i_size nrpages truncate_count unmap_mutex",
    );
    assert.equal(
      await labels(`kernel 3.0 ${STORY}check always data.@`),
      "i_mmap i_mmap_lock i_mmap_mutex i_mmap_nonlinear i_sem i_size nrpages",
    );
  });

  it("of calls for their values, and of children with the mappings of their parents", async () => {
    const values = (await inTask("let e = @")).split(" ");
    for (const { name, value } of callsByName.values()) assert.equal(values.includes(name), value !== null, name);
    assert.ok((await inTask("if @")).split(" ").includes("munmap"));
    assert.equal(await inTask("kid = fork() touch(kid.@)"), "V anon_rss map_count mmap mmap_sem page_table_lock rss");
    assert.equal(
      await labels(`${STORY}process p { A = mmap(data) kid = fork() }\ncheck always p.kid.A.@`),
      "end file length start vm_end vm_flags vm_pgoff vm_start vm_truncate_count vma",
    );
    assert.equal(await inTask("exit(@)"), "editor process: viewer");
  });

  it("of expressions", async () => {
    const any = (await labels(`${STORY}check always 1 == 1 and @`)).split(" ");
    for (const name of ["data", "editor", "mapped", "max_hold", "not", "NULL"]) assert.ok(any.includes(name), name);
    assert.ok(!any.includes("V") && !any.includes("touch"));
    assert.match(await labels(`${STORY}on lockbreak(data) where @`), /restart_addr/);
    assert.match(await inTask("repeat 2 {\n    if it@\n  }"), /iteration.*x/);
    assert.equal(await labels(`${STORY}check always mapped(data) == 0 @`), "and or pages");
    assert.equal(
      await labels(`${STORY}check always viewer[1].V.file.i_s@ == 1`),
      "i_mmap i_mmap_lock i_mmap_nonlinear i_sem i_size nrpages truncate_count",
    );
  });

  it("of nothing in comments, texts and numbers", async () => {
    for (const text of ["// fi@", "/* fi@", "/* fi@ */", 'check always "fi@', "file data size 16@"]) {
      assert.equal(await labels(text), "", text);
    }
  });

  it("replaces the word that is being written, and documents calls", async () => {
    const items = await complete(`${STORY}task t in editor on cpu 0 {\n  mun@`);
    const munmap = items.find((item) => item.label === "munmap")!;
    assert.deepEqual(munmap.textEdit, { newText: "munmap", range: { start: { line: 5, character: 2 }, end: { line: 5, character: 5 } } });
    assert.equal(munmap.detail, "munmap(range)");
    assert.match((munmap.documentation as { value: string }).value, /split/);
  });

  it("works where the text before and behind has errors", async () => {
    const statements = "  touch(\n  X = mmap(data)\n  Y = mmap(data\n  foo bar\n  Z = mmap(data)\n  touch(@\n";
    const broken = `${STORY}process p {\n${statements}}\ntask x in y {\n`;
    assert.equal(await labels(broken), "X Y Z editor p viewer");
    assert.equal(await labels(`file a size\nprocess }\n${STORY}check after @`), "shrink");
  });
});

describe("language server: signature help", () => {
  it("marks the parameter that is being given", async () => {
    const help = (await signatureHelp("process p {\n  X = mmap(data, 4K, @"))!;
    assert.match(help.signatures[0]!.label, /^mmap\(file, \[length: …\]/);
    assert.equal(help.activeParameter, 2);
    assert.equal((await signatureHelp("process p {\n  X = mmap(data, at: V.start + (1 +@"))!.activeParameter, 5);
    assert.equal((await signatureHelp("check always mapped(data, beyond: @) == 0"))!.activeParameter, 1);
    assert.equal(await signatureHelp("process p {\n  touch(V) @"), undefined);
  });
});
