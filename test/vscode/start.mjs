// `npm start`, after the build: which VS Code it opens, and that it leaves nothing behind.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { inTime, until } from "../waiting.mjs";
import { Workbench } from "./workbench.mjs";

export async function start(browser, folder) {
  const temporary = path.join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const called = path.join(folder, "called");
  writeFileSync(path.join(folder, "code"), `#!/bin/sh\necho "$@" > ${called}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}${path.delimiter}${process.env.PATH}`, TMPDIR: temporary, XDG_RUNTIME_DIR: temporary };
  // No browser is to come up on a person's desktop, and this may be the terminal of a remote window.
  for (const name of ["DISPLAY", "WAYLAND_DISPLAY", "VSCODE_IPC_HOOK_CLI"]) delete env[name];

  const desktop = run(env);
  await inTime("the desktop's VS Code", desktop.ended);
  if (readFileSync(called, "utf8").trim() !== `--extensionDevelopmentPath=${root} --new-window ${path.join(root, "examples")}`)
    throw new Error(`'code' was called with ${readFileSync(called, "utf8")}`);

  const web = run({ ...env, VSCODE_IPC_HOOK_CLI: path.join(folder, "window.sock") });
  try {
    const url = await until("the address", () => /http:\S+/.exec(web.said())?.[0]);
    const workbench = await Workbench.visit(browser, url);
    try {
      await workbench.openFile("truncate-lockbreak.vmscn");
      // Until the window has all that it will have, a socket among it.
      await workbench.settle();
    } finally {
      await workbench.close();
    }
  } finally {
    web.child.kill("SIGINT");
  }
  const code = await inTime("the end of npm start", web.ended);
  if (code !== 0) throw new Error(`It ended with ${code}:\n${web.said()}`);
  const left = readdirSync(temporary);
  if (left.length > 0) throw new Error(`It has left ${left.join(" ")}`);
}

function run(env) {
  const child = spawn(process.execPath, [path.join(root, "tools/start.mjs")], { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (data) => (text += data));
  return { child, said: () => text, ended: new Promise((resolve) => child.once("exit", resolve)) };
}
