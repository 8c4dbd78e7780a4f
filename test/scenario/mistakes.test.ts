// One mistake gives one diagnostic: with its code, exactly where the mistake is. «…» marks the place.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { problems } from "../../src/scenario/program/diagnostics.ts";
import { parseScenario, type Diagnostic } from "../../src/scenario/index.ts";

/** Declarations that every text below is followed by. */
const KNOWN =
  "\nfile data size 64M\nprocess editor { A = mmap(data) }\nprocess viewer * 8 { V = mmap(data) }\ntask shrink in editor on cpu 0 { }\n";
const inTask = (body: string) => `task t in editor on cpu 1 { ${body} }`;

const MISTAKES: readonly (readonly [code: string, text: string])[] = [
  // The text as a whole
  ["VMSCN002", "file log «\0» size 4K"],
  ["VMSCN003", inTask("touch(A)«;»")],
  ["VMSCN003", inTask("touch(«@§»A)")],
  ["VMSCN004", 'kernel «"vmtrunc4»'],
  ["VMSCN005", "«/*» never closed"],
  ["VMSCN006", "file «größe» size 4K"],
  ["VMSCN007", "kernel «'vmtrunc4'»"],
  ["VMSCN008", `check always ${"(".repeat(100)}«(»1`],
  ["VMSCN008", `check always 1 + ${"-".repeat(100)}«-»1`],
  ["VMSCN008", `check always 1${" + 1".repeat(1000)} «+» 1`],

  // Structure
  ["VMSCN010", "file log «siz» 4K"],
  ["VMSCN010", "file log «size»"],
  ["VMSCN010", inTask("let x «touch»(A)")],
  ["VMSCN010", inTask("let «x»\ntouch(A)")],
  ["VMSCN010", inTask("«sleep» 50us\ntouch(A)")],
  ["VMSCN010", inTask("repeat «{» touch(A) }")],
  ["VMSCN010", inTask("touch(A)\nmunmap(A[0 .. «]»)\ntouch(A)")],
  ["VMSCN010", inTask("touch(A «A»)")],
  ["VMSCN010", inTask("«5»")],
  ["VMSCN010", "task t in editor «cpu» 0 { nonsense }"],
  ["VMSCN010", "task t in editor on cpu «0»\ntouch(A)\n}"],
  ["VMSCN010", "check «sometimes» 1"],
  ["VMSCN010", "check always 1 + «*» 2"],
  ["VMSCN010", "machine { cpus «2» }"],
  ["VMSCN010", "on lockbreak(data) «in» { }"],
  ["VMSCN010", "force need_resched at «x»"],
  ["VMSCN010", "expect «bugs» rss"],
  ["VMSCN011", "task t in editor on cpu 1 «{»\ntouch(A)\nrepeat 3 { touch(A) }\n"],
  ["VMSCN011", inTask("munmap(A«[»0 .. 1M)\ntouch(A)")],
  ["VMSCN011", inTask("munmap«(»A[0 .. 1M]\ntouch(A)\n")],
  ["VMSCN012", inTask("touch(A)«)»")],
  ["VMSCN012", "task t in editor on cpu 1 { touch(A) }\n«}»"],
  ["VMSCN013", inTask("touch(A«]»\ntouch(A)")],
  ["VMSCN014", "«tsak» t in editor on cpu 1 { touch(A) }"],
  ["VMSCN014", "«touch»(A)"],

  // Literals
  ["VMSCN020", "file log size «64k»"],
  ["VMSCN020", inTask("sleep(«5min»)")],
  ["VMSCN021", inTask("sleep(«1.5ms»)")],
  ["VMSCN022", "file log size «0x»"],
  ["VMSCN022", "file log size «0x10 pages»"],
  ["VMSCN023", "file log size «99999999999G»"],

  // Names
  ["VMSCN030", inTask("touch(«B»)")],
  ["VMSCN030", "check always mapped(«dat») == 0"],
  ["VMSCN030", "check after «shrnk» 1"],
  ["VMSCN030", "on lockbreak(data) where «vam».vm_start > 0 { }"],
  ["VMSCN051", "on page_free(«data») { }"],
  ["VMSCN030", "task t in «viewr»[0] on cpu 0 { touch(V) }"],
  ["VMSCN031", "file log size 4K\nfile «log» size 4K"],
  ["VMSCN031", "task t in editor on cpu 0 { }\ntask «t» in editor on cpu 0 { }"],
  ["VMSCN032", inTask("«truncat»(data, 4M)")],
  ["VMSCN032", "check always «maped»(data) == 0"],
  ["VMSCN033", inTask("B = mmap(data, «lenght»: 4K)")],
  ["VMSCN034", "on «lockbraek»(data) { touch(editor.A) }"],
  ["VMSCN035", "kernel «vmtrunc9»"],
  ["VMSCN036", "machine { «cpu»: 2 }"],
  ["VMSCN036", "explore { «cpus»: 2 }"],
  ["VMSCN036", "explore { cost «pte_clear»: 60ns }"],
  ["VMSCN037", "machine { arch: «arm-v7» }"],
  ["VMSCN037", "machine { without: «nopage_rechek» }"],
  ["VMSCN037", "machine { preempt: «yes» }"],
  ["VMSCN038", "machine { cost «pte_claer»: 60ns }"],
  ["VMSCN039", "check always data.«truncate_cuont» == 0"],
  ["VMSCN039", "check always rss(viewer[0].«W») == 0"],
  ["VMSCN040", inTask("mprotect(A, «raed»)")],
  ["VMSCN041", "force «need_lock»(data.i_mmap_lock) at 1"],
  ["VMSCN049", "expect bug «trunkated-mapped»"],
  ["VMSCN042", "file «NULL» size 4K"],
  ["VMSCN042", inTask("let «data» = 1")],
  ["VMSCN044", inTask("«A» = fork()")],
  ["VMSCN043", "machine { cpus: 2 «cpus»: 3 }"],
  ["VMSCN043", "explore { ticks: 1 }\n«explore { ticks: 2 }»"],
  ["VMSCN043", "kernel vmtrunc4\n«kernel 2.6.9»"],
  ["VMSCN043", "expect bug rss\n«expect bug tlb»"],

  // Arguments and types
  ["VMSCN050", inTask("«truncate»(data)")],
  ["VMSCN050", "on lockbreak(data) { «mmap(data)» }"],
  ["VMSCN050", inTask("«B = mmap(NULL, flags: private)»")],
  ["VMSCN051", inTask("touch(A, «4K»)")],
  ["VMSCN052", inTask("truncate(data, 4M, «size: 4M»)")],
  ["VMSCN053", inTask("truncate(file: data, «4M»)")],
  ["VMSCN054", inTask("sleep(«64K»)")],
  ["VMSCN054", inTask("truncate(data, «5ms»)")],
  ["VMSCN054", inTask("touch(«data»)")],
  ["VMSCN054", "check finally max_hold(«data») < 300us"],
  ["VMSCN055", inTask("sleep(«50»)")],
  ["VMSCN055", "check finally max_hold(data.i_mmap_lock) < «300»"],
  ["VMSCN055", "machine { cost pte_clear: «60» }"],
  ["VMSCN056", inTask("let x = «touch»(A)")],
  ["VMSCN057", inTask("«mapped»(data)")],
  ["VMSCN058", inTask("B = «5»")],
  ["VMSCN058", inTask("B = «munmap(A)»")],
  ["VMSCN059", "process p { «sleep(1ms)» }"],
  ["VMSCN059", "process p { «repeat forever» { } }"],
  ["VMSCN059", "on lockbreak(data) { «sleep(1us)» }"],
  ["VMSCN059", "on lockbreak(data) { «B = mmap(data, in: editor)» }"],
  ["VMSCN059", "process p { «exit()» }"],
  ["VMSCN060", "check always rss(«viewer») == 0"],
  ["VMSCN060", "task t in «viewer» on cpu 0 { touch(V) }"],
  ["VMSCN061", "task t in «editor»[0] on cpu 0 { touch(A) }"],
  ["VMSCN061", "check always «data»[0] == 0"],
  ["VMSCN062", "file log size «data.i_size»"],
  ["VMSCN063", "check always «max_hold(data.i_mmap_lock) + 4K» > 0"],
  ["VMSCN063", "check always «data == editor»"],
  ["VMSCN054", inTask("invalidate(data, «8K»)")],
  ["VMSCN054", inTask("barrier(«data»)")],
  ["VMSCN064", inTask("truncate(data, «0 .. 4K»)")],
  ["VMSCN065", "check always «munmap(editor.A)» == 0"],
  ["VMSCN065", inTask("repeat «munmap(A)» { }")],
  ["VMSCN065", inTask("let x = munmap(A[0 .. «munmap(A)»])")],
  ["VMSCN066", inTask("B = mmap(«NULL», 4K)")],

  // Limits
  ["VMSCN070", "machine { cpus: «65» }"],
  ["VMSCN070", "process p * «0» { }"],
  ["VMSCN070", "process p * «1000000» { }"],
  ["VMSCN070", inTask("repeat «0» { touch(A) }")],
  ["VMSCN070", "task t in editor on cpu 0 priority «200» { }"],
  ["VMSCN070", "explore { preemptions: «21» }"],
  ["VMSCN071", "task t in editor on cpu «2» { }"],
  ["VMSCN072", "process p { B = mmap(data, at: «0xbff0_0000») }"],
  ["VMSCN073", "process p { B = mmap(data, at: «0x4000_0100») }"],
  ["VMSCN073", "process p { B = mmap(data) munmap(B[«100» .. 8K]) }"],
  ["VMSCN074", "process p {\nB = mmap(data, at: 0x4000_0000)\nC = mmap(data, at: «0x4100_0000»)\n}"],
  ["VMSCN075", inTask("touch(«A[0 .. 65M]»)")],
  ["VMSCN076", inTask("munmap(A[0 .. «5000»])")],
  [
    "VMSCN077",
    "process p * 4000 { B = mmap(data)\n«touch(B)» }\nfile big size 1G\nprocess q * 4000 { C = mmap(big)\ntouch(C) }"
      .replace("«touch(B)»", "touch(B)")
      .replace("touch(C)", "«touch(C)»"),
  ],
  ["VMSCN078", "file log size «0»"],
  ["VMSCN079", inTask("touch(«A[8K .. 4K]»)")],
  ["VMSCN080", "task t in viewer[«8»] on cpu 0 { }"],
  ["VMSCN080", "check always rss(viewer[«8»]) == 0"],
  ["VMSCN081", "process p { B = mmap(data, offset: «64M») }"],
  ["VMSCN082", "process p { repeat 48 { B = mmap(data) }\n«C = mmap(data)» }"],
  ["VMSCN079", inTask("invalidate(data, «8K .. 4K»)")],
  ["VMSCN086", inTask("let e = munmap(A[«1» .. 5])")],
  ["VMSCN086", inTask("B = mmap(data, length: 2M, at: «0xbff0_0000»)")],
  ["VMSCN086", inTask("B = mmap(data, length: «0»)")],
  ["VMSCN086", inTask("A = mremap(A, at: «0x4000_0100»)")],
  ["VMSCN086", inTask("direct_write(data, «100» .. 1K)")],
  ["VMSCN086", inTask("truncate(data, «-1»)")],
  ["VMSCN083", "machine { preempt: off }\n«force need_lockbreak(data.i_mmap_lock) at 1»"],
  ["VMSCN083", "kernel 3.0\n«on lockbreak(data)» { }"],
  ["VMSCN083", "kernel 2.6.9\n«force need_lockbreak(data.i_mmap_lock) at 1»"],
  ["VMSCN083", "kernel 3.0\n«file log size 4K count 5»"],
  ["VMSCN083", "check finally max_hold(data.«unmap_mutex») < 1us"],
  ["VMSCN089", "check finally max_hold(data.«i_mmap_mutex») < 1us"],
  ["VMSCN089", "kernel 3.0\ncheck finally data.«truncate_count» == 0"],
  ["VMSCN084", "force need_resched at 5, «3»"],
  ["VMSCN085", inTask("truncate(data, «5000»)")],
  ["VMSCN093", "check always NULL.«x» == 0"],
  ["VMSCN094", "check always «5».x == 0"],
  ["VMSCN098", inTask("touch(«data»[0 .. 4K])")],
  ["VMSCN090", "file log size 4K / «0»"],
];

/** The text without its marks, and the diagnostics' places as marks again. */
function marked(text: string, diagnostics: readonly Diagnostic[]): string {
  const lines = text.split("\n");
  const offset = (line: number, column: number) => lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0) + column - 1;
  const marks = diagnostics.flatMap(({ range }) => [
    { at: offset(range.line, range.column), mark: "«", order: 1 },
    {
      at: offset(range.endLine, range.endColumn),
      mark: "»",
      order: range.line === range.endLine && range.column === range.endColumn ? 2 : 0,
    },
  ]);
  marks.sort((a, b) => b.at - a.at || b.order - a.order);
  return marks.reduce((result, { at, mark }) => result.slice(0, at) + mark + result.slice(at), text);
}

describe("mistakes in scenarios", () => {
  for (const [code, text] of MISTAKES) {
    it(`${code} ${JSON.stringify(text.length > 90 ? text.slice(0, 87) + "..." : text)}`, () => {
      const plain = text.replace(/[«»]/g, "") + KNOWN;
      const { diagnostics, program } = parseScenario(plain);
      assert.equal(
        marked(plain, diagnostics) + diagnostics.map((d) => `\n${d.code}: ${d.message}`).join(""),
        text + KNOWN + `\n${code}: ${diagnostics[0]?.message}`,
      );
      assert.equal(program === undefined, diagnostics[0]!.severity === "error");
    });
  }

  it("covers every code that a text can lead to", () => {
    const tested = new Set(MISTAKES.map(([code]) => code));
    // Too large a text and too many mistakes are tested below; the others happen only in a run.
    const elsewhere = ["VMSCN001", "VMSCN015", "VMSCN091", "VMSCN092", "VMSCN095", "VMSCN096", "VMSCN097", "VMSCN099", "VMSCN100"];
    assert.deepEqual(
      Object.values(problems)
        .map((rule) => rule.code)
        .filter((code) => !tested.has(code) && !elsewhere.includes(code)),
      [],
    );
  });

  it("has a unique code for every rule, each listed in docs/language.md", () => {
    const rules = Object.values(problems);
    assert.equal(new Set(rules.map((rule) => rule.code)).size, rules.length);
    const docs = readFileSync("docs/language.md", "utf8");
    for (const rule of rules) assert.ok(docs.includes(`| ${rule.code} | ${rule.severity} | ${rule.title} |`), `${rule.code} ${rule.title}`);
  });

  it("suggests a known name that is near, with a quick fix", () => {
    const [diagnostic] = parseScenario("file data size 64k").diagnostics;
    assert.deepEqual(diagnostic?.fix, { title: "Change to '64K'", text: "64K" });
    const [call] = parseScenario("file data size 64K process p { V = mmap(data) tuoch(V) }").diagnostics;
    assert.match(call!.message, /Did you mean 'touch'\?$/);
  });

  it("continues after a syntax error, and reports no consequences of it", () => {
    const text = `file data siz 64M
process editor {
  A = mmap(data
  B = mmap(data, lenght: 4K)
}
task t in editor on cpu 0 {
  touch(A)
  sleep 50us
  touch(C)
  let x = rss(editr)
}
tsak u in editor on cpu 1 { touch(A) }
check always mapped(data) == 0 and t > u
check finally 5 5`;
    const { diagnostics } = parseScenario(text);
    assert.deepEqual(
      diagnostics.map(({ code, range }) => `${range.line} ${code}`),
      // Nothing about data, C and u: the skipped text may declare them.
      ["1 VMSCN010", "3 VMSCN011", "4 VMSCN033", "8 VMSCN010", "10 VMSCN030", "12 VMSCN014", "14 VMSCN010"],
    );
  });

  it("refuses too large a text, and gives up after a bounded number of errors", () => {
    const large = parseScenario(" ".repeat(4 * 1024 * 1024 + 1)).diagnostics;
    assert.deepEqual(
      large.map((d) => d.code),
      ["VMSCN001"],
    );
    for (const text of [
      "tsak\n".repeat(10_000),
      "}\n".repeat(100_000),
      "@ \n".repeat(100_000),
      "task x in y on cpu 0 { (\n".repeat(10_000),
    ]) {
      const many = parseScenario(text).diagnostics;
      assert.ok(many.length > 0 && many.length <= 102, String(many.length));
    }
  });
});
