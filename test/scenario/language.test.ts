// Scenarios as a whole: their programs, soft keywords, and size limits.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { parseScenario, type Expr, type Program, type Statement } from "../../src/scenario/index.ts";

const STORY = `
// Eight viewers map one file. While CPU 0 truncates it, CPU 1 keeps wanting i_mmap_lock.
kernel vmtrunc4                         // which kernel; the default is vmtrunc4

machine {                               // every line optional
  cpus: 2
  arch: i386
  preempt: on                           // zap block 8 pages; off: 1024
  hz: 1000
  seed: 1
  cost pte_clear: 60ns                  // overrides one line of the cost table
}

file data size 64M
file log  size 1M count 4_294_967_295

process editor {
  A = mmap(data, length: 16M, prot: read|write, flags: shared, at: 0x4000_0000)
  B = mmap(data, offset: 8M, length: 8M, flags: private)
  write(B[0 .. 64K])                    // copies 16 pages on write
  touch(A)                              // faults every page in
}

process viewer * 8 {                    // viewer[0] … viewer[7]
  V = mmap(data, flags: shared)
  touch(V)
}

task shrink in editor on cpu 0 at 10us {
  truncate(data, 4M)
  if data.i_size == 4M and not (rss(editor) > 2000) { stop }
  let half = A.length / 2
  remap_file_pages(A[0 .. 8 pages], offset: 16K)
}

task churn in viewer[0] on cpu 1 {
  repeat forever {
    munmap(V[0 .. 1M])
    sleep(50us)
  }
}

task audio in viewer[7] on cpu 0 priority 1 {   // smaller number = more urgent
  every 1ms for 200 { compute(20us) }           // its wakeup latency is measured
}

/* what happens exactly
   while the lock is dropped */
on lockbreak(data) #2 { mprotect(viewer[3].V[0 .. 1M], read) }
on zap_block where vma->vm_start >= 0x1000 { }

// answers of the kernel's own checks, forced by number, for exact textbook cases
force need_lockbreak(data.i_mmap_lock) at 1, 4..6

check always  mapped(data, beyond: size) == 0
check finally data.truncate_count == 1 and
  lockbreaks(data) >= 1
check after shrink max_hold(data->i_mmap_lock) < 300us
`;

/** An expression or statement as one line, to compare shapes without ranges. */
function show(node: Expr | Statement): string {
  switch (node.kind) {
    case "number":
      return `${node.value}${node.unit === "plain" ? "" : node.unit === "size" ? "B" : "ns"}`;
    case "text":
      return JSON.stringify(node.value);
    case "name":
      return node.name;
    case "flags":
      return `<${node.flags.join()}>`;
    case "member":
      return `${show(node.object)}.${node.name}`;
    case "index":
      return `${show(node.object)}[${show(node.index)}]`;
    case "slice":
      return `${show(node.object)}[${show(node.from)}..${show(node.to)}]`;
    case "unary":
      return `(${node.operator}${show(node.operand)})`;
    case "binary":
      return `(${show(node.left)}${node.operator}${show(node.right)})`;
    case "conditional":
      return `(${show(node.test)}?${show(node.then)}:${show(node.otherwise)})`;
    case "bytes":
      return `${show(node.from)}..${show(node.to)}`;
    case "invalid":
      return "?";
    case "syscall":
      return `${node.call}(${Object.entries(node.args)
        .map(([name, arg]) => `${name}=${show(arg)}`)
        .join(" ")})`;
    case "call": {
      const args = Object.entries(node.args)
        .map(([name, arg]) => `${name}=${show(arg)}`)
        .join(" ");
      return "name" in node
        ? `${node.name}(${args})`
        : `${node.site}: ${node.result === null ? "" : node.result + " = "}${node.call}(${args})`;
    }
    case "repeat":
      return `${node.site}: repeat ${node.count === null ? "forever" : show(node.count)} {${node.body.map(show).join("; ")}}`;
    case "every":
      return `${node.site}: every ${show(node.period)} for ${show(node.count)} {${node.body.map(show).join("; ")}}`;
    case "if":
      return `${node.site}: if ${show(node.test)} {${node.body.map(show).join("; ")}}`;
    case "let":
      return `${node.site}: let ${node.name} = ${show(node.value)}`;
    case "stop":
      return `${node.site}: stop`;
  }
}

function parsed(text: string): Program {
  const { program, diagnostics } = parseScenario(text);
  assert.deepEqual(diagnostics, []);
  return program!;
}

describe("the scenario language", () => {
  it("makes a program of the whole language", () => {
    const program = parsed(STORY);
    assert.equal(program.kernel, "vmtrunc4");
    assert.deepEqual(program.machine, {
      cpus: 2,
      arch: "i386",
      preempt: true,
      hz: 1000,
      seed: 1,
      break_lock: null,
      without: null,
      costs: { pte_clear: 60 },
    });
    assert.deepEqual(
      program.files.map((f) => [f.name, f.size, f.truncate_count]),
      [
        ["data", 2 ** 26, 0],
        ["log", 2 ** 20, 2 ** 32 - 1],
      ],
    );
    assert.deepEqual(
      program.processes.map((p) => [p.name, p.count, ...p.body.map(show)]),
      [
        [
          "editor",
          null,
          "0: A = mmap(file=data length=16777216B prot=<read,write> flags=<shared> at=1073741824 offset=0)",
          "1: B = mmap(file=data offset=8388608B length=8388608B flags=<private> prot=<read,write>)",
          "2: write(range=B[0..65536B])",
          "3: touch(range=A)",
        ],
        ["viewer", 8, "4: V = mmap(file=data flags=<shared> prot=<read,write> offset=0)", "5: touch(range=V)"],
      ],
    );
    assert.deepEqual(
      program.tasks.map((t) => [t.name, t.process.name, t.process.index, t.cpu, t.priority, t.at, ...t.body.map(show)]),
      [
        [
          "shrink",
          "editor",
          null,
          0,
          null,
          10_000,
          "6: truncate(file=data size=4194304B)",
          "7: if ((data.i_size==4194304B)&&(!(rss(process=editor)>2000))) {8: stop}",
          "9: let half = (A.length/2)",
          "10: remap_file_pages(range=A[0..32768B] offset=16384B)",
        ],
        ["churn", "viewer", 0, 1, null, 0, "11: repeat forever {12: munmap(range=V[0..1048576B]); 13: sleep(time=50000ns)}"],
        ["audio", "viewer", 7, 0, 1, 0, "14: every 1000000ns for 200 {15: compute(time=20000ns)}"],
      ],
    );
    assert.deepEqual(
      program.triggers.map((t) => [t.event, t.object && show(t.object), t.occurrence, t.where && show(t.where), ...t.body.map(show)]),
      [
        ["lockbreak", "data", 2, null, "16: mprotect(range=viewer[3].V[0..1048576B] prot=<read>)"],
        ["zap_block", null, null, "(vma.vm_start>=4096)"],
      ],
    );
    assert.deepEqual(
      program.forces.map((f) => [f.function, f.lock && show(f.lock), f.calls]),
      [
        [
          "need_lockbreak",
          "data.i_mmap_lock",
          [
            { from: 1, to: 2 },
            { from: 4, to: 6 },
          ],
        ],
      ],
    );
    assert.deepEqual(
      program.checks.map((c) => [c.kind, c.task, show(c.condition), c.text]),
      [
        ["always", null, '(mapped(file=data beyond="size")==0)', "check always mapped(data, beyond: size) == 0"],
        [
          "finally",
          null,
          "((data.truncate_count==1)&&(lockbreaks(file=data)>=1))",
          "check finally data.truncate_count == 1 and lockbreaks(data) >= 1",
        ],
        ["after", "shrink", "(max_hold(lock=data.i_mmap_lock)<300000ns)", "check after shrink max_hold(data->i_mmap_lock) < 300us"],
      ],
    );
    assert.equal(program.sites, 17);
  });

  it("gives every node its range", () => {
    const text = "file data size 64M\nprocess p {\n  V = mmap(data,\n    length: 4K)\n  repeat 2 { touch(V[0 .. 1 + 2 * 3]) }\n}\n";
    const [mmap, repeat] = parsed(text).processes[0]!.body;
    assert.deepEqual(mmap!.range, { line: 3, column: 3, endLine: 4, endColumn: 16 });
    assert.deepEqual(repeat!.range, { line: 5, column: 3, endLine: 5, endColumn: 11 });
    assert.ok(repeat?.kind === "repeat" && repeat.body[0]?.kind === "call");
    const range = repeat.body[0].args.range!;
    assert.deepEqual(range.range, { line: 5, column: 20, endLine: 5, endColumn: 37 });
    assert.ok(range.kind === "slice" && range.to.kind === "binary");
    assert.deepEqual(range.to.range, { line: 5, column: 27, endLine: 5, endColumn: 36 });
  });

  it("fills in all defaults", () => {
    const program = parsed("");
    assert.deepEqual(program, {
      uri: "scenario.vmscn",
      kernel: "vmtrunc4",
      files: [],
      processes: [],
      tasks: [],
      triggers: [],
      forces: [],
      checks: [],
      expected: null,
      sites: 0,
      machine: { cpus: 2, arch: "i386", preempt: true, hz: 1000, seed: 1, break_lock: null, without: null, costs: {} },
      explore: { preemptions: 2, ticks: 0, steps: 1_000 },
    });
  });

  it("reads the bounds of exploration", () => {
    assert.deepEqual(parsed("explore { preemptions: 3  ticks: 1  steps: 600 }").explore, { preemptions: 3, ticks: 1, steps: 600 });
    assert.deepEqual(parsed("explore { ticks: 2 }").explore, { preemptions: 2, ticks: 2, steps: 1_000 });
  });

  it("permits soft keywords as names", () => {
    const words = [
      "kernel",
      "machine",
      "cost",
      "file",
      "size",
      "count",
      "process",
      "task",
      "in",
      "on",
      "cpu",
      "priority",
      "at",
      "where",
      "force",
      "check",
      "explore",
      "always",
      "finally",
      "never",
      "after",
      "for",
      "expect",
      "bug",
      "mmap",
      "mapped",
      "read",
    ];
    for (const word of words) {
      parsed(
        `file ${word} size 4K\nprocess p { V = mmap(${word}) touch(V) }\ntask t in p on cpu 0 { truncate(${word}, 0) }\n` +
          `check always mapped(${word}) == 0 and ${word}.i_size > 0`,
      );
      parsed(`file data size 4K process ${word} { M = mmap(data, at: 0x4000_0000) touch(M) }\ncheck always rss(${word}) > 0`);
      parsed(
        `file data size 4K process p * 2 { ${word} = mmap(data) touch(${word}) }\ntask ${word}x in p[1] on cpu 0 { touch(${word}) }\n` +
          `check after ${word}x p[0].${word}.length > 0`,
      );
    }
  });

  it("can expect a finding, once", () => {
    assert.deepEqual(parsed("file data size 4K\nexpect bug truncated-mapped\n").expected, {
      kind: "expect",
      code: "truncated-mapped",
      text: "expect bug truncated-mapped",
      range: {
        line: 2,
        column: 1,
        endLine: 2,
        endColumn: 28,
      },
    });
  });

  it("has index and iteration in scope", () => {
    parsed(
      "file data size 64M process p * 4 { V = mmap(data, offset: index * 1M, length: 1M) " +
        "repeat 3 { let i = iteration touch(V[i * 4K .. i * 4K + 4K]) } }",
    );
  });

  it("reads five thousand lines", () => {
    const tasks = Array.from(
      { length: 1_000 },
      (_, i) => `task t${i} in p on cpu ${i % 2} {\n  repeat ${i + 1} {\n    touch(V[0 .. 64K])\n  }\n}`,
    );
    assert.equal(parsed(`file data size 64M\nprocess p { V = mmap(data) }\n${tasks.join("\n")}\n`).sites, 2_001);
  });

  it("has an up-to-date TextMate grammar", () => {
    execFileSync(process.execPath, ["tools/textmate.mjs", "--check"]);
  });
});
