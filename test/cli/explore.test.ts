// `lockbreak explore`: its output, its exit codes, and that its findings depend neither on threads nor on kills.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fingerprint } from "../../src/engine/schedule/schedule.ts";
import type { ExploreDocument } from "../../src/cli/explore/document.ts";
import { sequence } from "../patterns.ts";
import { CLI, lockbreak, scenarioFolder } from "./support.ts";

const race = (name: string): string => path.join("examples/races", `${name}.vmscn`);

/** The document without the times. */
function document(args: readonly string[], status: number): ExploreDocument {
  const ran = lockbreak(["explore", ...args, "--json"]);
  assert.equal(ran.status, status, ran.stderr);
  const parsed = JSON.parse(ran.stdout) as ExploreDocument;
  return { ...parsed, kernels: parsed.kernels.map((one) => ({ ...one, seconds: 0 })) };
}

describe("command line: explore", () => {
  const folder = scenarioFolder();
  const at = (name: string): string => path.join(folder.path, name);

  it("finds a race, prints its trace table, and replays its schedule exactly", () => {
    const { status, stdout, stderr } = lockbreak(["explore", race("K1-boundary")]);
    assert.equal(stderr, "");
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^truncated-mapped: 4 truncated pages are still mapped[^]*the shortest example has 2 preemptions and 18 transitions/,
    );
    assert.match(
      stdout,
      sequence(
        /shrink +\| protect\n-+\|-+\ntruncate\(data, 0\) +\|\n[^]*/,
        /--- switch to protect \(preempted, shrink is about to take data\.i_mmap_lock\) -+\n/,
      ),
    );
    assert.match(stdout, /FOUND vmtrunc4: 1 finding\n[^]*up to 2 preemptions: \d+ executions, exhausted\n/);
    const [, command] = /^lockbreak (run .*)$/m.exec(stdout)!;
    const again = lockbreak(command!.split(" ").map((word) => word.replaceAll("'", "")));
    assert.equal(again.status, 1);
    assert.match(again.stdout, /BUG truncated-mapped: 4 truncated pages are still mapped/);
    const [, atBug] = /^To see it happen: lockbreak (step .*), then 'goto (\d+)'\.$/m.exec(again.stdout)!;
    assert.equal(atBug, command!.replace(/^run/, "step"));
  });

  it("exits with 0 where no check fails, and with 3 where that is not known", () => {
    const clean = lockbreak(["explore", race("K1-boundary"), "--kernel", "vmtrunc5", "--kernel", "2.6.38"]);
    assert.equal(clean.status, 0, clean.stdout);
    assert.match(clean.stdout, /^CLEAN vmtrunc5: no check fails in any interleaving[^]*\nCLEAN 2\.6\.38: /);
    for (const args of [
      ["--executions", "10"],
      ["--policy", "random", "--executions", "50"],
      ["--time", "1us"],
    ]) {
      const open = lockbreak(["explore", race("K1-boundary"), "--kernel", "2.6.38", ...args]);
      assert.equal(open.status, 3, open.stdout);
      assert.match(open.stdout, /^OPEN 2\.6\.38: nothing found, but /);
    }
  });

  it("finds the race by every policy", () => {
    for (const policy of ["dpor", "dfs", "pct", "random"]) {
      const { kernels } = document([race("K1-boundary"), "--policy", policy, "--executions", "2000"], 1);
      // Every policy ends with the same shortest example.
      assert.deepEqual(
        kernels[0]!.findings.map(({ key, preemptions, transitions }) => [key, preemptions, transitions]),
        [["truncated-mapped", 2, 18]],
        policy,
      );
    }
  });

  it("refuses invalid options in one line", () => {
    const scenario = race("K1-boundary");
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--policy", "dpro"], /LB012.*Did you mean 'dpor'/],
      [["--shard", "3/2"], /LB013/],
      [["--shard", "1/2", "--policy", "dfs"], /LB018/],
      ...["dpor", "pct", "random"].map((policy): [string[], RegExp] => [
        ["--preemptions", "1", "--policy", policy],
        new RegExp(`LB050: The policy '${policy}'.*'staged' and 'dfs'`),
      ]),
      [["--workers", "1", "--workers", "2"], /LB051: 'lockbreak explore' takes one --workers/],
      [["--preemptions", "-1"], /LB003/],
      [["--preemptions", "x"], /LB014/],
      [["--workers", "0"], /LB007/],
      [["--workers", "1000"], /LB019/],
      [["--kernel", "2.7"], /LB009/],
      [["--time", "soon"], /LB008/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = lockbreak(["explore", scenario, ...args]);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^lockbreak: error [^\n]*\n$/);
      assert.match(stderr, message);
    }
  });

  it("refuses schedules that were modified, or are of another scenario", () => {
    const { kernels } = document([race("K1-boundary")], 1);
    const { schedule } = kernels[0]!.findings[0]!;
    for (let at = 0; at < schedule.length; at++) {
      const other = schedule[at] === "a" ? "b" : "a";
      for (const wrong of [schedule.slice(0, at) + other + schedule.slice(at + 1), schedule.slice(0, at) + schedule.slice(at + 1)]) {
        if (at % 8 !== 0) continue;
        const { status, stderr } = lockbreak(["run", race("K1-boundary"), "--schedule", wrong]);
        assert.equal(status, 2, wrong);
        assert.match(stderr, /^lockbreak: error LB015: [^\n]*\n$/);
      }
    }
    assert.match(lockbreak(["run", race("K2-mremap"), "--schedule", schedule]).stderr, /LB015.*another scenario/);
    for (const command of ["run", "step"]) {
      assert.match(
        lockbreak([command, race("K1-boundary"), "--schedule", schedule, "--kernel", "3.0"]).stderr,
        /LB015.*one of kernel vmtrunc4, and --kernel says 3\.0/,
      );
      assert.match(lockbreak([command, race("K1-boundary"), "--schedule", schedule, "--limit-time", "1ms"]).stderr, /LB052.*--limit-steps/);
    }
  });

  it("checks a scenario for the kernel that its schedule is of", () => {
    const scenario = folder.file("count.vmscn", `${readFileSync(race("K1-boundary"), "utf8")}\ncheck finally data.truncate_count == 7\n`);
    const { kernels } = document([scenario, "--kernel", "3.0"], 1);
    const { stderr } = lockbreak(["run", scenario, "--schedule", kernels[0]!.findings[0]!.schedule, "--events", "none"]);
    assert.match(stderr, /VMSCN089: 3\.0 has no 'truncate_count'/);
  });

  it("refuses a scenario that cannot be set up, with one worker or several", () => {
    const wrong = folder.file(
      "no-setup.vmscn",
      "file data size 64K\nprocess p { V = mmap(data)  munmap(V)  touch(V) }\ntask a in p on cpu 0 { truncate(data, 0) }\n",
    );
    for (const workers of ["1", "2"]) {
      const { status, stderr } = lockbreak(["explore", wrong, "--workers", workers]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /^lockbreak: error LB017: [^\n]*SIGSEGV[^\n]*\n$/);
    }
  });

  it("gives helpers of triggers columns of their own", () => {
    const { stdout } = lockbreak(["explore", "examples/textbook/below-anothers-restart.vmscn"]);
    assert.match(stdout, /\nall +\| on lockbreak 1\.1\n[^]*\n +\| invalidate\(data, 16K \.\. 20K\)\n/);
  });

  it("prints its findings when it is interrupted, and resumes from there", async () => {
    const state = at("interrupted.state");
    const args = [race("K7-reused"), "--preemptions", "3", "--executions", "12000"];
    const whole = document(args, 1);
    for (const workers of ["1", "2"]) {
      const child = spawn(process.execPath, [CLI, "explore", ...args, "--workers", workers, "--state", state, "--json"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let text = "";
      child.stdout.on("data", (some: Buffer) => (text += some.toString()));
      const exit = new Promise((resolve) => child.on("close", resolve));
      // One signal: a second one would end the process at once.
      const watch = setInterval(() => {
        if (!existsSync(state)) return;
        clearInterval(watch);
        child.kill("SIGINT");
      }, 20);
      const code = await exit;
      clearInterval(watch);
      assert.equal(code, 130);
      assert.equal((JSON.parse(text) as ExploreDocument).kernels[0]!.stopped, "interrupt");
      assert.deepEqual(document([...args, "--state", state], 1), whole);
      rmSync(state);
    }
  });

  it("finds the same with any number of workers", () => {
    const args = [race("K2-mremap"), "--kernel", "vmtrunc4", "--kernel", "2.6.11"];
    const alone = document(args, 1);
    for (const workers of ["2", "3"]) assert.deepEqual(document([...args, "--workers", workers], 1), alone);
  });

  it("resumes after a kill at any moment", async () => {
    const state = at("killed.state");
    const args = [race("K7-reused"), "--preemptions", "3"];
    const whole = document(args, 1);
    let kills = 0;
    for (let ended = false; !ended;) {
      const before = existsSync(state) ? statSync(state).mtimeMs : 0;
      const child = spawn(process.execPath, [CLI, "explore", ...args, "--state", state], { stdio: "ignore" });
      const exit = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
      const watch = setInterval(
        () => {
          if (existsSync(state) && statSync(state).mtimeMs > before) child.kill("SIGKILL");
        },
        1 + 7 * kills,
      );
      const code = await exit;
      clearInterval(watch);
      if (code === null) kills += 1;
      else assert.equal(code, 1);
      ended = code !== null || kills === 4;
      // The partial file that a kill in the middle of writing leaves behind.
      writeFileSync(`${state}.tmp`, "lockbreak explo");
    }
    assert.ok(kills > 0, "never killed");
    assert.deepEqual(document([...args, "--state", state], 1), whole);
    // The search is exhausted by now.
    assert.deepEqual(document([...args, "--state", state], 1), whole);
  });

  it("refuses checkpoints of other searches, and damaged ones", () => {
    const state = at("other.state");
    document([race("K1-boundary"), "--kernel", "2.6.38", "--executions", "20", "--state", state], 3);
    assert.match(lockbreak(["explore", race("K2-mremap"), "--state", state]).stderr, /^lockbreak: error LB026: /);
    assert.match(lockbreak(["explore", race("K1-boundary"), "--preemptions", "1", "--state", state]).stderr, /^lockbreak: error LB026: /);
    // The limit of executions may be raised.
    const clean = [race("K1-boundary"), "--kernel", "2.6.38"];
    assert.deepEqual(document([...clean, "--state", state], 0), document(clean, 0));
    // With other checks it is another search.
    const checked = folder.file("checked.vmscn", `${readFileSync(race("K1-boundary"), "utf8")}\ncheck finally data.truncate_count == 7\n`);
    assert.match(lockbreak(["explore", checked, "--kernel", "2.6.38", "--state", state]).stderr, /^lockbreak: error LB026: /);
    const text = readFileSync(state, "utf8");
    const [head] = text.split("\n");
    const older = text.slice(head!.length + 1, -1).replace('"lockbreak":"', '"lockbreak":"0.');
    writeFileSync(state, `lockbreak exploration 3 ${fingerprint(older)}\n${older}\n`);
    assert.match(lockbreak(["explore", ...clean, "--state", state]).stderr, /^lockbreak: error LB026: /);
    assert.match(lockbreak(["explore", ...clean, "--state", folder.path]).stderr, /^lockbreak: error LB022: [^\n]*EISDIR[^\n]*\n$/);
    writeFileSync(state, text.replace("executions", "executionz"));
    assert.match(lockbreak(["explore", race("K1-boundary"), "--state", state]).stderr, /^lockbreak: error LB025: /);
    rmSync(state);
  });

  it("searches in shards whose merged result is that of the whole", () => {
    const scenario = race("K2-mremap");
    const parts = [1, 2, 3].map((part) => {
      const file = at(`part-${part}.json`);
      writeFileSync(file, lockbreak(["explore", scenario, "--shard", `${part}/3`, "--json"]).stdout);
      return file;
    });
    const merged = lockbreak(["merge", ...parts, "--json"]);
    assert.equal(merged.status, 1, merged.stderr);
    const [one] = (JSON.parse(merged.stdout) as ExploreDocument).kernels;
    // Plain depth-first search looks at all executions within the same preemption bound.
    const [all] = document([scenario, "--policy", "dfs"], 1).kernels;
    // Of equally good examples the two searches may have different ones.
    const found = ({ findings }: ExploreDocument["kernels"][number]): unknown =>
      findings.map(({ key, preemptions, transitions }) => [key, preemptions, transitions]);
    assert.deepEqual(found(one!), found(all!));
    assert.deepEqual([...one!.states].sort(), [...all!.states].sort());
    assert.match(lockbreak(["merge", ...parts]).stdout, /truncated-mapped[^]*shrink +\| [^]*FOUND vmtrunc4: 1 finding/);
    assert.match(lockbreak(["merge", parts[0]!, parts[2]!]).stderr, /LB043.*2\/3/);
    assert.match(lockbreak(["merge", ...parts, parts[1]!]).stderr, /LB042.*2\/3/);
    assert.match(lockbreak(["merge"]).stderr, /LB044/);
    assert.match(lockbreak(["merge", at("gone.json")]).stderr, /LB020/);
    const first = JSON.parse(readFileSync(parts[0]!, "utf8")) as ExploreDocument;
    for (const wrong of [
      null,
      7,
      [],
      { ...first, plan: null },
      { ...first, kernels: 3 },
      { ...first, kernels: [{ kernel: "2.6.11" }] },
      { ...first, kernels: [null] },
      { ...first, plan: { ...first.plan, shard: null } },
    ]) {
      const { status, stderr } = lockbreak(["merge", folder.file("wrong.json", JSON.stringify(wrong))]);
      assert.equal(status, 2);
      assert.match(stderr, /^lockbreak: error LB040: [^\n]*\n$/);
    }
    assert.match(lockbreak(["merge", scenario]).stderr, /LB040/);
    const checked = folder.file("checked.vmscn", `${readFileSync(scenario, "utf8")}\ncheck finally data.truncate_count == 7\n`);
    const other = folder.file("other.json", lockbreak(["explore", checked, "--shard", "2/3", "--json"]).stdout);
    assert.match(lockbreak(["merge", parts[0]!, other, parts[2]!]).stderr, /LB041/);
  });
});
