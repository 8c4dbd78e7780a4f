// Cold start of the command line: starting Node, loading the bundle, and for a run also parsing and running.

import { spawnSync } from "node:child_process";
import type { BenchRow } from "./prio-tree.ts";

const ROUNDS = 9;

/** Measures the built command line; the median of some runs each. */
export function benchCli(): BenchRow[] {
  return [
    row("--version", ["--version"]),
    row("check", ["check", "examples/truncate-lockbreak.vmscn"]),
    row("run", ["run", "examples/truncate-lockbreak.vmscn"]),
  ];
}

function row(name: string, args: readonly string[]): BenchRow {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, ["dist/cli.mjs", ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - start;
  });
  return { name: `cold start of lockbreak ${name}`, rate: times.sort((a, b) => a - b)[ROUNDS >> 1]!, unit: "ms" };
}
