// A debug session in Emacs with dap-mode (emacs.el), which shares no code with any other client of ours: it starts at a
// breakpoint of the scenario, continues to a lockbreak, steps forth and back, continues to the next lockbreak, and goes back to the start.
//
// LOCKBREAK_WITHOUT_EMACS=1 leaves it out, where there is no Emacs and none is wanted.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { install } from "../debian.mjs";

const PACKAGES = ["emacs-nox", "elpa-dap-mode"];
const TIMEOUT = 300_000;

function emacs(...args) {
  const { stdout, stderr, status } = spawnSync("emacs", ["--batch", ...args], { encoding: "utf8", timeout: TIMEOUT });
  return { stdout, stderr, status };
}

function has_dap_mode() {
  return emacs("--eval", "(progn (package-initialize) (require 'dap-mode))").status === 0;
}

function session() {
  const { stdout, stderr, status } = emacs(
    "-l",
    "test/clients/emacs.el",
    process.execPath,
    path.resolve("dist/cli.mjs"),
    path.resolve("examples/truncate-lockbreak.vmscn"),
  );
  assert.equal(status, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

const SCENARIO = ["stack: truncate(data, 64K)", "at: truncate-lockbreak.vmscn there truncate(data, 64K)"];
const unmapping = (statement, restart_addr) => [
  "stack: unmap_mapping_range_vma < unmap_mapping_range_tree < unmap_mapping_vmas < unmap_mapping_range < " +
    "vmtruncate < do_truncate < truncate(data, 64K)",
  `at: memory.ts there ${statement}`,
  `restart_addr: ${restart_addr}`,
];
const BROKEN = "yield* k.cond_resched();";

const EXPECTED = [
  "function breakpoint verified",
  "> launch",
  "stopped: event A/A+ · T · breakpoint",
  ...SCENARIO,
  "> continue",
  "stopped: event B/B+ · T · lockbreak on data",
  ...unmapping(BROKEN, "0x40050000"),
  "> next",
  "stopped: event C/C+ · T · step",
  ...unmapping("yield* k.spin_lock(details.i_mmap_lock!);", "0x40050000"),
  "> step back",
  "stopped: ◀ event B/C+ · T · lockbreak on data",
  ...unmapping(BROKEN, "0x40050000"),
  "> continue",
  "stopped: event D/D+ · T · lockbreak on data",
  ...unmapping(BROKEN, "0x40058000"),
  "> reverse continue",
  "stopped: ◀ event B/D+ · T · lockbreak on data",
  ...unmapping(BROKEN, "0x40050000"),
  "> reverse continue",
  "stopped: ◀ event A/D+ · T · breakpoint",
  ...SCENARIO,
  "ended: 0",
];

/** Event numbers by letters, in the order in which they appear; model time left out. */
function stable(lines) {
  const letters = new Map();
  const letter = (number) => letters.get(number) ?? letters.set(number, String.fromCharCode(65 + letters.size)).get(number);
  return lines.map((line) =>
    line.replace(/event (\d+)\/(\d+)/, (_, at, of) => `event ${letter(at)}/${letter(of)}`).replace(/· [\d.]+ \ws ·/, "· T ·"),
  );
}

if (process.env.LOCKBREAK_WITHOUT_EMACS === "1") {
  console.log("Left out: the debug session in Emacs (LOCKBREAK_WITHOUT_EMACS).");
} else {
  if (!has_dap_mode()) install(...PACKAGES);
  if (!has_dap_mode()) {
    console.error(
      `The debug session in Emacs needs Emacs with dap-mode: apt-get install --no-install-recommends ${PACKAGES.join(" ")}; ` +
        "or leave it out with LOCKBREAK_WITHOUT_EMACS=1.",
    );
    process.exit(1);
  }
  assert.deepEqual(stable(session()), EXPECTED);
  console.log("A debug session in Emacs with dap-mode: as it should be.");
}
