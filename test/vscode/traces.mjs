// The same runs on two versions of Node: the one that runs this, and the one that the rig brings.
import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { rig } from "./rig/install.mjs";

/** All traces as `node` makes them, with its version. */
function tracesOn(node) {
  return JSON.parse(execFileSync(node, [path.join(root, "out/traces.mjs")], { encoding: "utf8", maxBuffer: 64 * 1024 ** 2 }));
}

/** Runs every example on every kernel, and random mixes, on both, and compares their traces. Returns what was compared. */
export function sameTraces() {
  const here = tracesOn(process.execPath);
  const there = tracesOn(rig.node);
  assert.deepEqual(there.traces, here.traces);
  const runs = Object.keys(here.traces).length;
  // The rig has a Node of its own for Linux on x64 only.
  return here.node === there.node
    ? `${runs} runs, but no other Node than ${here.node} is here`
    : `${runs} runs on ${here.node} and ${there.node}`;
}
