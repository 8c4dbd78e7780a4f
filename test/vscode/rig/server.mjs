// Starts VS Code's server on this machine only, with data folders of its own that vanish with it.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inTime } from "../../waiting.mjs";
import { rig } from "./install.mjs";

const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "git.enabled": false,
};

/** Fresh folders for one server. What lies in `extensions` when it starts for the first time is installed. */
export function makeData() {
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-vscode-"));
  const extensions = path.join(folder, "extensions");
  mkdirSync(path.join(folder, "data/Machine"), { recursive: true });
  mkdirSync(extensions);
  mkdirSync(temporary(folder));
  return { folder, extensions };
}

/** Where the server and its windows put their sockets, which they leave behind. Few characters: names of sockets are short. */
function temporary(folder) {
  return path.join(folder, "tmp");
}

/**
 * Starts a server, and resolves when it listens.
 * @param options.data folders of makeData's; they vanish when the server is stopped
 * @param options.trust whether every workspace is trusted without asking
 * @param options.token whether the address needs a token
 * @param options.driver whether pages may drive it (tests)
 * @param options.settings settings of the machine beside those above; `configure` of the result adds more while it runs
 */
export async function startServer({ data = makeData(), trust = true, token = false, driver = false, settings = {} } = {}) {
  const { folder, extensions } = data;
  const configure = (more) =>
    writeFileSync(path.join(folder, "data/Machine/settings.json"), JSON.stringify({ ...SETTINGS, ...settings, ...more }, null, 2));
  configure({});
  const secret = token ? randomBytes(20).toString("hex") : null;
  const child = spawn(
    rig.node,
    [
      path.join(rig.vscode, "out/server-main.js"),
      ...["--host", "127.0.0.1", "--port", "0", "--accept-server-license-terms", "--telemetry-level", "off"],
      ...["--server-data-dir", folder, "--extensions-dir", extensions],
      ...(secret === null ? ["--without-connection-token"] : ["--connection-token", secret]),
      ...(trust ? ["--disable-workspace-trust"] : []),
      ...(driver ? ["--enable-smoke-test-driver"] : []),
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      env: { ...process.env, TMPDIR: temporary(folder), XDG_RUNTIME_DIR: temporary(folder) },
    },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    // The server's own children (extension hosts) are of its group.
    if (child.exitCode === null && child.signalCode === null) kill(child, "SIGTERM");
    const late = setTimeout(() => kill(child, "SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
    kill(child, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await inTime("VS Code's server", listening(child, ended));
    return { port, host: `127.0.0.1:${port}`, base: `http://127.0.0.1:${port}`, token: secret, configure, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function kill(child, signal) {
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch {
    // It has ended already.
  }
}

/** The port the server says it listens on. */
function listening(child, ended) {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (data) => {
      said += data;
      const port = /Extension host agent listening on (\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`VS Code's server ended with code ${code}:\n${said}`)));
  });
}

/** Installs a packaged extension into folders of makeData's. */
export function installPackage(data, file) {
  const { status, stdout, stderr } = spawnSync(
    rig.node,
    [
      path.join(rig.vscode, "out/server-main.js"),
      ...[
        "--accept-server-license-terms",
        "--server-data-dir",
        data.folder,
        "--extensions-dir",
        data.extensions,
        "--install-extension",
        file,
      ],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`The package was not installed:\n${stdout}${stderr}`);
}

/** The address of the workbench with `folder` open. `payload` is VS Code's own list of environment options. */
export function workbenchUrl(server, folder, payload = []) {
  const query = new URLSearchParams({
    folder,
    ...(server.token && { tkn: server.token }),
    ...(payload.length > 0 && { payload: JSON.stringify(payload) }),
  });
  return `${server.base}/?${query}`;
}

/** What names a file of this machine to the workbench. */
export function remote(server, file) {
  return `vscode-remote://${server.host}${file}`;
}
