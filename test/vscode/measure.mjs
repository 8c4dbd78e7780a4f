// Part of `npm run bench`: how long the packaged extension takes to activate in a real VS Code, and how large it is.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { until } from "../waiting.mjs";
import { launch } from "./rig/browser.mjs";
import { installRig } from "./rig/install.mjs";
import { installPackage, makeData, startServer } from "./rig/server.mjs";
import { stageWorkspace, workFolder } from "./staging.mjs";
import { Workbench } from "./workbench.mjs";

const ROUNDS = 5;

function row(name, rate, unit) {
  console.log(`${name.padEnd(56)} ${rate.toPrecision(4).padStart(12)} ${unit}`);
}

/** What VS Code says of our activation, in milliseconds, in a window of its own. */
async function activation(browser, server, workspace) {
  const workbench = await Workbench.open(browser, server, workspace, { height: 2000 });
  try {
    await workbench.openFile("truncate-lockbreak.vmscn");
    await workbench.command("Developer: Show Running Extensions");
    const ours = workbench.page.locator(".runtime-extensions-editor .extension", { hasText: /^\s*Lockbreak/ });
    const text = await until("the time of activation", async () =>
      (await ours.allInnerTexts()).find((said) => /Activation: \d+ms/.test(said)),
    );
    return Number(/Activation: (\d+)ms/.exec(text)[1]);
  } finally {
    await workbench.close();
  }
}

const work = workFolder();
await installRig();
const browser = await launch();
try {
  const file = path.join(work.folder, "lockbreak.vsix");
  execFileSync(process.execPath, [path.join(root, "tools/package.mjs"), file], { stdio: ["ignore", "ignore", "inherit"] });
  const data = makeData();
  installPackage(data, file);
  const server = await startServer({ data });
  try {
    const workspace = stageWorkspace(path.join(work.folder, "workspace"));
    const times = [];
    for (let n = 0; n < ROUNDS; n += 1) times.push(await activation(browser, server, workspace));
    times.sort((a, b) => a - b);
    row("extension: activation, median", times[Math.floor(ROUNDS / 2)], "ms");
  } finally {
    await server.stop();
  }
  row("extension: .vsix", statSync(file).size / 1024, "KB");
  for (const name of readdirSync(path.join(root, "dist")).filter((one) => /^(extension|debug|language).*js$/.test(one)))
    row(`extension: ${name}`, statSync(path.join(root, "dist", name)).size / 1024, "KB");
} finally {
  await browser.close();
  work.remove();
}
