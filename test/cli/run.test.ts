// `lockbreak run`: its output and its exit codes.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { sequence } from "../patterns.ts";
import { CLI, ENDLESS, LEFT_MAPPED, LOCKBREAK, lockbreak, scenarioFolder } from "./support.ts";

describe("command line: run", () => {
  const folder = scenarioFolder();
  const good = folder.file("good.vmscn", LOCKBREAK);
  const bug = folder.file("bug.vmscn", LEFT_MAPPED);
  const endless = folder.file("endless.vmscn", ENDLESS);

  it("prints the timeline of a lockbreak", () => {
    const { status, stdout, stderr } = lockbreak(["run", good]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^good\.vmscn: kernel vmtrunc4, 2 CPUs, preempt on\n/);
    const lines = [
      /shrink +calls truncate\(data, 64K\)/,
      /reader +waits for data\.i_mmap_lock, which shrink holds/,
      /shrink +drops data\.i_mmap_lock inside viewer\[0\]\.V, to resume at 0x400[0-9a-f]+/,
      /shrink +starts the search for vmas of data over/,
      /shrink +has completed viewer\[0\]\.V \(0x40000000-0x40080000\)/,
      /shrink +returns from truncate/,
      /\d+ lockbreaks, \d+ restarts\n +2 vmas completed, \d+ skipped\n +224 pages zapped, /,
      /lock +taken +contended +longest hold +by +longest wait +of\n +data\.i_mmap_lock +\d+ +\d+ +\d+\.\d+ µs +shrink +\d+\.\d+ µs +reader/,
      /Checks\n +passed +good\.vmscn:19 +check finally mapped\(data, beyond: 64K\) == 0\n/,
      /PASSED: 2 of 2 checks hold; /,
    ];
    let from = 0;
    for (const pattern of lines) {
      const match = pattern.exec(stdout.slice(from));
      assert.ok(match, `${pattern} in\n${stdout}`);
      from += match.index + match[0].length;
    }
    assert.equal(lockbreak(["run", good]).stdout, stdout);
  });

  it("shows the selected events, on the selected kernel", () => {
    const only = lockbreak(["run", good, "--events", "lockbreak,zap_block", "--max-events", "5"]).stdout;
    const timeline = only.slice(0, only.indexOf("Summary"));
    assert.equal(timeline.split("\n").filter((line) => / (drops|unmaps) /.test(line)).length, 5);
    assert.doesNotMatch(timeline, /calls|waits/);
    assert.match(timeline, /… and \d+ more events: --max-events N shows more/);
    const before = lockbreak(["run", good, "--kernel", "2.6.9", "--events=none"]);
    assert.equal(before.status, 1);
    assert.match(
      before.stdout,
      /kernel 2\.6\.9[^]* 0 lockbreaks[^]*FAILED +good\.vmscn:20 +check finally lockbreaks\(data\) >= 2\n +0 >= 2, at /,
    );
  });

  it("describes every kind of event", () => {
    const { status, stdout } = lockbreak(["run", good, "--events", "all", "--max-events", "1000000"]);
    assert.equal(status, 0);
    assert.doesNotMatch(stdout, /undefined|NaN|\[object/);
  });

  it("uses colours for terminals only", () => {
    assert.doesNotMatch(lockbreak(["run", good]).stdout, /\x1b/);
    assert.match(lockbreak(["run", good], { env: { FORCE_COLOR: "1" } }).stdout, /\x1b\[33mdrops/);
    assert.doesNotMatch(lockbreak(["run", good], { env: { NO_COLOR: "1" } }).stdout, /\x1b/);
  });

  it("reports a bug in the kernel's style, with its stack", () => {
    const { status, stdout } = lockbreak(["run", bug]);
    assert.equal(status, 1);
    assert.match(
      stdout,
      sequence(
        /BUG truncated-mapped: 4 truncated pages are still mapped: data is 0 bytes long\n/,
        / +task shrink \(pid 2\) on CPU 0\n +kernel vmtrunc4, at /,
      ),
    );
    assert.match(stdout, /ptes: +4\n/);
    assert.match(
      stdout,
      /Call trace of shrink:\n +#0 +do_truncate +kernel\/common\/syscalls\.ts:\d+ .*\n +#1 +shrink +bug\.vmscn:8 +truncate\(data, 0\)\n/,
    );
    const [, hint] = /then 'goto (\d+)'/.exec(stdout)!;
    assert.match(lockbreak(["step", bug, "--command", `goto ${hint}`, "--command", "where"]).stdout, /#0 +do_truncate/);
  });

  it("passes with a finding that the scenario expects, and reports it all the same", () => {
    const { status, stdout } = lockbreak(["run", "examples/done-vma-grows.vmscn", "--events", "none"]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      sequence(
        /passed +done-vma-grows\.vmscn:\d+ +expect bug truncated-mapped\n[^]*/,
        /BUG truncated-mapped: 4 truncated pages[^]*\n +rule: When a truncation is done[^]*\n +known bug: K1: /,
      ),
    );
    assert.match(
      stdout,
      sequence(
        /Call trace of other, which was the last to change p\.A, at event \d+:\n +#0 +__vma_link_file[^]*/,
        /PASSED: 1 bug, as expected; 3 of 3 checks hold; /,
      ),
    );
    const other = lockbreak(["run", "examples/done-vma-grows.vmscn", "--kernel", "2.6.9", "--events", "none"]);
    assert.equal(other.status, 1);
    assert.match(other.stdout, /FAILED +done-vma-grows\.vmscn:\d+ +expect bug truncated-mapped\n +nothing was found, at /);
    assert.match(
      lockbreak(["step", "examples/done-vma-grows.vmscn", "--command", "continue"]).stdout,
      /BUG truncated-mapped[^]*This is what the scenario expects\./,
    );
  });

  it("stops at its limits, and says how to raise them", () => {
    const steps = lockbreak(["run", endless, "--limit-steps", "50_000", "--events", "none"]);
    assert.equal(steps.status, 3);
    assert.match(steps.stderr, /^lockbreak: error LB030: the limit of 50000 steps was reached, at .*: raise it with --limit-steps N\.\n$/);
    const time = lockbreak(["run", endless, "--limit-time", "2ms"]);
    assert.equal(time.status, 3);
    assert.match(time.stderr, /LB030: the limit of .*: raise it with --limit-time T\.\n$/);
    assert.match(time.stdout, /INCOMPLETE/);
    const memory = lockbreak(["run", bug, "--limit-memory", "4K"]);
    assert.equal(memory.status, 2);
    assert.match(memory.stderr, /VMSCN077: This run would need about .* of memory .*; the limit is .* raise the limit \(--limit-memory,/);
    assert.equal(lockbreak(["check", bug, "--limit-memory", "1G"]).status, 0);
  });

  it("reports a mistake that only the run detects, with its line", () => {
    const file = folder.file(
      "late.vmscn",
      "file data size 64K\nprocess p { A = mmap(data) }\n" +
        "task t in p on cpu 0 {\n  let x = 1 / (data.truncate_count - data.truncate_count)\n}\n",
    );
    const { status, stderr } = lockbreak(["run", file]);
    assert.equal(status, 2);
    assert.match(stderr, /late\.vmscn:4:\d+: error VMSCN090: Division by zero\.\n$/);
  });

  it("ends cleanly on Ctrl-C", (done) => {
    const child = spawn(process.execPath, [CLI, "run", endless, "--events", "none"], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text) => (errors += text));
    child.stdout.once("data", () => child.kill("SIGINT"));
    child.on("close", (status) => {
      assert.match(errors, /^lockbreak: interrupted after [\d ]+ steps, at .* of model time\n$/);
      assert.equal(status, 130);
      done();
    });
  });

  it("ends quietly when the reader closes the pipe", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", `"${process.execPath}" "${CLI}" run "${good}" --events all --max-events 100000 | head -n 1`],
      { encoding: "utf8" },
    );
    assert.equal(stdout, "good.vmscn: kernel vmtrunc4, 2 CPUs, preempt on\n");
    assert.equal(stderr, "");
  });
});

/** The tables of docs/run-json.md: the fields of each kind of object with their types. */
function documented(): Map<string, Map<string, string>> {
  const sections = readFileSync("docs/run-json.md", "utf8").split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const rows = [...section.matchAll(/^\| (\w+) \| ([\w ]+) \|/gm)].filter(([, field]) => field !== "field");
      return [section.slice(0, section.indexOf("\n")), new Map(rows.map(([, field, type]) => [field!, type!]))];
    }),
  );
}

/** The fields of a document that the tests below read. */
interface RunDocument {
  readonly outcome: { readonly kind: string; readonly exit_code: number };
  readonly events: readonly { readonly args: { readonly vma: { readonly name: string } } }[];
  readonly events_omitted: number;
  readonly summary: { readonly lockbreaks: number };
  readonly checks: readonly { readonly state: string }[];
  readonly reports: readonly { readonly code: string }[];
}

describe("command line: run --json", () => {
  const folder = scenarioFolder();
  const kinds = documented();

  function conforms(value: unknown, type: string, where: string): void {
    if (type.endsWith(" or null")) return value === null ? undefined : conforms(value, type.slice(0, -8), where);
    if (type.startsWith("list of ")) {
      assert.ok(Array.isArray(value), where);
      value.forEach((item, at) => conforms(item, type.slice(8), `${where}[${at}]`));
      return;
    }
    const fields = kinds.get(type);
    assert.equal(typeof value, fields === undefined ? type : "object", where);
    assert.notEqual(value, null, where);
    if (fields === undefined) return;
    assert.deepEqual(Object.keys(value as object).sort(), [...fields.keys()].sort(), where);
    for (const [field, of] of fields) conforms((value as Record<string, unknown>)[field], of, `${where}.${field}`);
  }

  function document(text: string, ...options: string[]): RunDocument {
    const { status, stdout } = lockbreak(["run", "--json", folder.file("scenario.vmscn", text), ...options]);
    const value = JSON.parse(stdout) as RunDocument;
    conforms(value, "document", "document");
    assert.equal(value.outcome.exit_code, status);
    return value;
  }

  it("prints documents of the documented shape for every outcome", () => {
    assert.equal(document(LOCKBREAK, "--events", "all").outcome.kind, "end");
    assert.equal(document(LOCKBREAK, "--kernel", "2.6.9").checks[1]?.state, "failed");
    assert.equal(document(LEFT_MAPPED).reports[0]?.code, "truncated-mapped");
    assert.equal(document(ENDLESS, "--limit-time", "1ms").outcome.kind, "limit");
    assert.equal(document("file data sice 1M\n").outcome.kind, "invalid");
  });

  it("counts all events, whichever it shows", () => {
    const all = document(LOCKBREAK, "--events", "lockbreak");
    const few = document(LOCKBREAK, "--events", "lockbreak", "--max-events", "1");
    assert.equal(few.events.length, 1);
    assert.equal(few.events_omitted, all.events.length - 1);
    assert.deepEqual(few.summary, all.summary);
    assert.equal(all.summary.lockbreaks, all.events.length);
    assert.equal(all.events[0]?.args.vma.name, "viewer[0].V");
  });
});
