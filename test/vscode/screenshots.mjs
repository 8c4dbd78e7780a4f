// `npm run screenshots`: the pictures in docs/images, in light and dark, of the extension as built.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { root, stageExtension } from "../../tools/stage.mjs";
import { until } from "../waiting.mjs";
import { launch } from "./rig/browser.mjs";
import { installRig } from "./rig/install.mjs";
import { makeData, startServer } from "./rig/server.mjs";
import { stageWorkspace, workFolder } from "./staging.mjs";
import { Workbench } from "./workbench.mjs";

const THEMES = { light: "Default Light Modern", dark: "Default Dark Modern" };
const SETTINGS = {
  "editor.minimap.enabled": false,
  "editor.fontSize": 13,
  "editor.stickyScroll.enabled": false,
  "debug.internalConsoleOptions": "neverOpen",
  "debug.toolBarLocation": "docked",
  "breadcrumbs.enabled": false,
  "workbench.layoutControl.enabled": false,
};
const WIDTH = 1440;
const MAX_STOPS = 12;

const images = path.join(root, "docs/images");
mkdirSync(images, { recursive: true });
const work = workFolder();
await installRig();
const browser = await launch();
try {
  for (const [name, theme] of Object.entries(THEMES)) await takeAll(name, theme);
} finally {
  await browser.close();
  work.remove();
}

async function takeAll(name, theme) {
  const data = makeData();
  stageExtension(path.join(data.extensions, "lockbreak"));
  const server = await startServer({ data, settings: { ...SETTINGS, "workbench.colorTheme": theme } });
  const workspace = stageWorkspace(path.join(work.folder, name, "examples"));
  const workbench = await Workbench.open(browser, server, workspace, { width: WIDTH, height: 900 });
  const take = async (what) => {
    await workbench.settle();
    await workbench.page.screenshot({ path: path.join(images, `${what}-${name}.png`) });
  };
  try {
    await lockbreak(workbench);
    await take("lockbreak");
    await past(workbench);
    await take("past");
    await explored(workbench);
    await take("explored");
  } finally {
    await workbench.close();
    await server.stop();
  }
}

/** Stopped at a lockbreak in the middle of the run, with all views to be seen. */
async function lockbreak(workbench) {
  await workbench.openFile("truncate-lockbreak.vmscn");
  await workbench.widen(470);
  await workbench.debug();
  await workbench.press("Control+Shift+D");
  await workbench.row("Call Stack", /lockbreak on data/i);
  for (const pane of ["Watch", "Loaded Scripts", "Breakpoints"]) await workbench.fold(pane);
  for (const pane of ["VMAs", "Locks"]) await workbench.unfold(pane);
  // On to where a vma is done already.
  for (let n = 0; n < MAX_STOPS && !(await workbench.rows("VMAs")).some((row) => row.includes("done")); n += 1) {
    const before = await workbench.row("Call Stack", /lockbreak on data/i);
    await workbench.press("F5");
    await until("the next stop", async () => (await workbench.row("Call Stack", /event/i)) !== before);
    await workbench.settle();
  }
}

/** The findings of an exploration of a race, beside the scenario. */
async function explored(workbench) {
  await workbench.press("Shift+F5");
  await workbench.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  await workbench.command("View: Close All Editors");
  await workbench.openByName("K1-boundary.vmscn");
  await workbench.press("Control+B");
  await workbench.lens("Explore").click();
  await workbench
    .webview()
    .getByRole("heading", { name: /truncated-mapped/ })
    .waitFor();
}

/** Back in time, to where the kernel is at work on a vma. */
async function past(workbench) {
  await workbench.press("Control+F5");
  await workbench.row("Call Stack", /◀/);
  for (let n = 0; n < MAX_STOPS && !(await workbench.rows("VMAs")).some((row) => row.includes("being zapped")); n += 1) {
    await workbench.press("Control+F11");
    await workbench.settle();
  }
}
