// The language client of Debian's Neovim (neovim.lua) with the language server: diagnostics, a hover and a completion.
//
// LOCKBREAK_WITHOUT_NEOVIM=1 leaves it out, where there is no Neovim and none is wanted.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { install } from "../debian.mjs";

const TIMEOUT = 300_000;
const SCENARIO = "file data size 64M\nprocess p {\n  V = mmap(dta)\n  touch(V)\n}\n";
const EXPECTED = ["diagnostic: 2:11 VMSCN030", "hover: 16384 pages", "completion: V"];

function hasNeovim() {
  return spawnSync("nvim", ["--version"]).status === 0;
}

/** What the session in Neovim prints. Settings, plug-ins and state of the user are left out. */
function session(folder) {
  const scenario = path.join(folder, "session.vmscn");
  writeFileSync(scenario, SCENARIO);
  const LOCKBREAK_SESSION = [process.execPath, path.resolve("dist/cli.mjs"), scenario].join("\n");
  const state = { XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder };
  const { stdout, stderr, status } = spawnSync(
    "nvim",
    ["--clean", "--headless", "-n", "-c", "luafile test/clients/neovim.lua", "-c", "cquit 1"],
    {
      encoding: "utf8",
      timeout: TIMEOUT,
      env: { ...process.env, ...state, LOCKBREAK_SESSION },
    },
  );
  assert.equal(status, 0, stdout + stderr);
  return (stdout + stderr).split(/[\r\n]+/).filter((line) => /^(diagnostic|hover|completion): /.test(line));
}

if (process.env.LOCKBREAK_WITHOUT_NEOVIM === "1") {
  console.log("Left out: the language client of Neovim (LOCKBREAK_WITHOUT_NEOVIM).");
} else {
  if (!hasNeovim()) install("neovim");
  if (!hasNeovim()) {
    console.error("The session in Neovim needs it: apt-get install neovim; or leave it out with LOCKBREAK_WITHOUT_NEOVIM=1.");
    process.exit(1);
  }
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-neovim-"));
  try {
    assert.deepEqual(session(folder), EXPECTED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log("The language client of Neovim: as it should be.");
}
