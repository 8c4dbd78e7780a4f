// `npm start`: opens examples/ in a real VS Code with the extension, as built in this folder. It is the desktop's where
// `code` is on the PATH, else VS Code's web workbench, served to this machine only. In the terminal of a remote window
// `code` is another program, which speaks to that window and can't load an extension from a folder.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { installRig } from "../test/vscode/rig/install.mjs";
import { makeData, startServer, workbenchUrl } from "../test/vscode/rig/server.mjs";
import { root, stageExtension } from "./stage.mjs";

const examples = path.join(root, "examples");

const WHAT_NEXT = `Open truncate-lockbreak.vmscn and press F5: the run stops where the truncation drops i_mmap_lock for the first time.
Look at Call Stack, Variables, VMAs and Locks; step with F10 and F11, and back with Ctrl+F10 and Ctrl+F11.`;

function onPath(command) {
  const names = process.platform === "win32" ? [`${command}.cmd`, `${command}.exe`] : [command];
  return (process.env.PATH ?? "").split(path.delimiter).some((folder) =>
    names.some((name) => {
      try {
        accessSync(path.join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

function openInBrowser(url) {
  const command =
    process.platform === "darwin"
      ? "open"
      : process.platform === "win32"
        ? "explorer"
        : process.env.DISPLAY || process.env.WAYLAND_DISPLAY
          ? "xdg-open"
          : null;
  if (command !== null && (process.platform === "win32" || onPath(command)))
    spawn(command, [url], { stdio: "ignore", detached: true })
      .on("error", () => {})
      .unref();
}

if (onPath("code") && process.env.VSCODE_IPC_HOOK_CLI === undefined) {
  const started = spawnSync("code", [`--extensionDevelopmentPath=${root}`, "--new-window", examples], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  console.log(WHAT_NEXT);
  process.exitCode = started.status ?? 1;
} else {
  await installRig();
  const interrupted = new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(0));
  });
  const data = makeData();
  stageExtension(path.join(data.extensions, "lockbreak"));
  const server = await startServer({ data, token: true });
  const url = workbenchUrl(server, examples, [["skipWelcome", "true"]]);
  console.log(`VS Code is at\n\n  ${url}\n\n${WHAT_NEXT}\nCtrl-C ends it.`);
  openInBrowser(url);
  process.exitCode = await Promise.race([interrupted, server.ended.then((code) => code ?? 1)]);
  await server.stop();
}
