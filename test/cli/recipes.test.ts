// The recipes for several machines: executed here, they find what one search finds.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { load } from "js-yaml";
import { Job } from "kubernetes-models/batch/v1";
import { CLI, lockbreak, scenarioFolder } from "./support.ts";

const SCENARIO = "examples/races/K1-boundary.vmscn";
const MANIFEST = "recipes/kubernetes-job.yaml";

/** The findings of a search, without the times. */
function findings(text: string): string {
  return text.slice(0, text.indexOf("FOUND"));
}

describe("recipes", () => {
  const folder = scenarioFolder();
  const whole = lockbreak(["explore", SCENARIO, "--preemptions", "3"]);

  function inParts(name: string, searchPath: string): { status: number | null; stdout: string; stderr: string } {
    const args = ["recipes/parallel.sh", path.join(folder.path, name), "3", path.resolve(SCENARIO), "--preemptions", "3"];
    return spawnSync("/bin/sh", args, {
      encoding: "utf8",
      env: { PATH: searchPath, HOME: folder.path, LOCKBREAK: `${process.execPath} ${CLI}` },
    });
  }

  it("search in parts at the same time, by GNU parallel where there is one", () => {
    const { status, stdout, stderr } = inParts("by parallel", process.env["PATH"]!);
    assert.equal(status, 1, stderr);
    assert.match(stderr, spawnSync("parallel", ["--version"]).error === undefined ? /3 parts, by GNU parallel/ : /3 parts, by xargs/);
    assert.match(stdout, /FOUND vmtrunc4: 1 finding/);
    assert.equal(findings(stdout).split("\n")[0], findings(whole.stdout).split("\n")[0]);
  });

  it("search in parts at the same time, by xargs where there is none", () => {
    const tools = path.join(folder.path, "tools");
    mkdirSync(tools);
    for (const tool of ["mkdir", "cat", "seq", "xargs", "getconf", "sh", "mv"])
      symlinkSync(spawnSync("/bin/sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim(), path.join(tools, tool));
    const { status, stdout, stderr } = inParts("by xargs", tools);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /3 parts, by xargs/);
    assert.match(stdout, /FOUND vmtrunc4: 1 finding/);
    // The error of an invalid scenario is not taken for a result.
    const wrong = spawnSync("/bin/sh", ["recipes/parallel.sh", path.join(folder.path, "wrong"), "2", folder.file("wrong.vmscn", "file")], {
      encoding: "utf8",
      env: { PATH: tools, LOCKBREAK: `${process.execPath} ${CLI}` },
    });
    assert.notEqual(wrong.status, 0);
    assert.equal(wrong.stdout, "");
  });

  it("are a valid Kubernetes Job, whose pods together find the race", () => {
    const manifest = load(readFileSync(MANIFEST, "utf8")) as ConstructorParameters<typeof Job>[0] & object;
    new Job(manifest).validate();
    const { spec } = manifest;
    assert.ok(spec !== undefined);
    assert.throws(() => new Job({ ...manifest, spec: { ...spec, completions: "eight" as unknown as number } }).validate());
    const [container] = spec.template.spec!.containers;
    const env = Object.fromEntries(container!.env!.map(({ name, value }) => [name, value!]));
    assert.equal(spec.completionMode, "Indexed");
    assert.equal(env["PARTS"], String(spec.completions));
    assert.equal(spec.podFailurePolicy!.rules[0]!.onExitCodes!.containerName, container!.name);
    // Executes the command of each pod, with a local folder as the volume.
    const volume = path.join(folder.path, "volume");
    mkdirSync(volume);
    symlinkSync(path.dirname(CLI), path.join(volume, "dist"));
    copyFileSync("examples/races/K6-stale-restart.vmscn", path.join(volume, "scenario.vmscn"));
    const parts = Array.from({ length: spec.completions! }, (_, index) => {
      const { status, stderr } = spawnSync(container!.command![0]!, [...container!.command!.slice(1), ...container!.args!], {
        cwd: volume,
        encoding: "utf8",
        env: { ...env, PATH: `${path.dirname(process.execPath)}:${process.env["PATH"]}`, JOB_COMPLETION_INDEX: String(index) },
      });
      assert.equal(status, 0, stderr);
      return path.join(volume, `part-${index + 1}.json`);
    });
    const merged = lockbreak(["merge", ...parts]);
    assert.equal(merged.status, 1, merged.stderr);
    assert.match(merged.stdout, /^invalidate-missed: [^]*FOUND 2\.6\.11: 1 finding/);
  });
});
