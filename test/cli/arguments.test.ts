// The errors of the command line for invalid arguments and files: one line, exit code 2, never a stack trace.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import path from "node:path";
import { LOCKBREAK, lockbreak, scenarioFolder } from "./support.ts";

describe("command line: arguments and files", () => {
  const folder = scenarioFolder();
  const good = folder.file("good.vmscn", LOCKBREAK);

  function refused(args: readonly string[], message: RegExp): void {
    const { status, stdout, stderr } = lockbreak(args);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }

  it("prints its help and its version", () => {
    for (const args of [[], ["--help"], ["-h"], ["help"]]) {
      const { status, stdout } = lockbreak(args);
      assert.equal(status, 0);
      for (const word of ["lockbreak run FILE", "lockbreak check FILE…", "lockbreak step FILE", "Exit codes"])
        assert.ok(stdout.includes(word), word);
    }
    assert.match(lockbreak(["run", "--help"]).stdout, /--events KIND,…[^]*--limit-time T[^]*vmtrunc4[^]*truncate_count_wrap/);
    assert.match(lockbreak(["step", "-h"]).stdout, /--command TEXT/);
    for (const command of ["run", "explore", "compare", "merge", "check"])
      assert.match(lockbreak([command, "--help"]).stdout, /Exit codes\n +0 [^]*\n +2 [^]*\n +70 [^]*\n +130  it was interrupted\n$/);
    assert.match(lockbreak(["--version"]).stdout, /^lockbreak \d+\.\d+\.\d+\n$/);
  });

  it("refuses unknown commands and options, and suggests a similar one", () => {
    refused(["rum", good], /LB001: There is no command 'rum'\. Did you mean 'run'\?/);
    refused(["frobnicate"], /LB001: There is no command 'frobnicate'\. 'lockbreak --help'/);
    refused(["--vresion"], /LB002: .* Did you mean '--version'\?/);
    refused(["run", "--event", "lockbreak", good], /LB002: There is no option '--event'\. Did you mean '--events'\?/);
    refused(["check", "--json", good], /LB002/);
    refused(["run", "-j", good], /LB002/);
  });

  it("refuses invalid arguments", () => {
    refused(["run"], /LB005: Which scenario\?/);
    refused(["run", good, "more"], /LB006: .*'more' is too much/);
    refused(["run", "--kernel"], /LB003: The option '--kernel' needs a value: --kernel NAME/);
    refused(["run", "--kernel", "--json", good], /LB003/);
    refused(["run", "--json=yes", good], /LB004/);
    refused(["run", "--limit-steps", "0", good], /LB007: '0' is no value of --limit-steps/);
    refused(["run", "--max-events", "many", good], /LB007/);
    refused(["run", "--limit-time", "10", good], /LB008: '10' is no value of --limit-time: write a time as/);
    for (const size of ["0", "4GB", "10us", "-1"])
      refused(["check", `--limit-memory=${size}`, good], /LB011: '.*' is no value of --limit-memory: write a size as 512M or 4G/);
    refused(["run", "--kernel", "2.6.8", good], /LB009: There is no kernel '2\.6\.8'\. Did you mean '2\.6\.9'\?/);
    refused(
      ["step", "--kernel", "linux", good],
      /LB009: There is no kernel 'linux'\. There are 2\.6\.9, vmtrunc4, vmtrunc5, 2\.6\.11, 2\.6\.38, 3\.0\./,
    );
    refused(["run", "--kernel", "2.6.9", "--kernel", "3.0", good], /LB051: 'lockbreak run' takes one --kernel, and here are several\./);
    refused(["run", "--events", "lockbreak,lockbrake", good], /LB010: There is no event 'lockbrake'\. Did you mean 'lockbreak'\?/);
  });

  it("refuses files that are not scenarios", () => {
    const huge = folder.file("huge.vmscn", "");
    truncateSync(huge, 50 * 1024 ** 2);
    const directory = path.join(folder.path, "scenarios");
    mkdirSync(directory);
    for (const command of ["run", "check", "step"]) {
      refused([command, path.join(folder.path, "missing.vmscn")], /LB020: There is no file '.*missing\.vmscn'\./);
      refused([command, path.join(good, "inside.vmscn")], /LB020/);
      refused([command, directory], /LB021: '.*scenarios' is a directory/);
      refused([command, "/proc/self/mem"], /LB022: '\/proc\/self\/mem' cannot be read: reading fails/);
      refused([command, huge], /LB023: '.*huge\.vmscn' is too large for a scenario \(50M; at most 4M\)/);
      refused([command, "/dev/zero"], /LB023: '\/dev\/zero' is too large/);
    }
    const junk = folder.file("junk.vmscn", new Uint8Array([0, ...randomBytes(100_000)]));
    refused(["run", junk], /junk\.vmscn:1:1: error VMSCN002: This is not a text/);
    refused(["step", junk], /VMSCN002/);
  });

  it("has one code for each message", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const codes = sources.flatMap((file) =>
      [...readFileSync(path.join("src", file), "utf8").matchAll(/\bLB\d{3}\b/g)].map(([code]) => code),
    );
    assert.ok(codes.length > 30);
    assert.deepEqual(
      codes.filter((code, at) => codes.indexOf(code) !== at),
      [],
    );
  });

  it("reports an internal fault as such, with the command and the stack", () => {
    const { status, stderr } = lockbreak(["run", good], {
      env: { NODE_OPTIONS: "--import=data:text/javascript,performance.now=()=>{throw(new(Error)('broken'))}" },
    });
    assert.equal(status, 70);
    assert.match(
      stderr,
      /internal error\. This is a fault of Lockbreak, not of your scenario\.[^]*command: lockbreak run .*good\.vmscn[^]*Error: broken/,
    );
  });
});

describe("command line: check", () => {
  const folder = scenarioFolder();

  it("prints diagnostics as file:line:column", () => {
    const file = folder.file("bad.vmscn", "file data size 64K\nprocess p { A = mmap(dat) }\ntask t in p on cpu 7 { truncate(data, 0) }\n");
    const { status, stdout, stderr } = lockbreak(["check", file]);
    assert.equal(status, 2);
    assert.equal(stderr, "");
    assert.match(
      stdout,
      /bad\.vmscn:2:22: error VMSCN030: 'dat' is not known .* Did you mean 'data'\?\n.*bad\.vmscn:3:\d+: error VMSCN071: There is no CPU 7/,
    );
    const run = lockbreak(["run", file]);
    assert.equal(run.status, 2);
    assert.equal(run.stderr, stdout);
    assert.equal(run.stdout, "");
  });

  it("accepts hints, and checks several files", () => {
    const good = folder.file("good.vmscn", LOCKBREAK);
    const hint = folder.file("hint.vmscn", "file data size 64K\nprocess p { A = mmap(data, length: 5000) }\n");
    const both = lockbreak(["check", good, hint]);
    assert.equal(both.status, 0);
    assert.match(both.stdout, /good\.vmscn: no mistakes\n.*hint\.vmscn:2:\d+: information VMSCN076/);
    assert.equal(lockbreak(["check", good, path.join(folder.path, "missing.vmscn")]).status, 2);
  });
});
