// All tests in a real VS Code. `npm run build` and `npm run build:test` come first.
// usage: node run.mjs [WORD…]      with words, only the parts whose name has one of them
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { runInHost } from "./host-tests.mjs";
import { restricted } from "./restricted.mjs";
import { launch } from "./rig/browser.mjs";
import { installRig } from "./rig/install.mjs";
import { installPackage, makeData, startServer } from "./rig/server.mjs";
import { stageWithTests, stageWorkspace, workFolder } from "./staging.mjs";
import { start } from "./start.mjs";
import { sameTraces } from "./traces.mjs";
import { walk } from "./walk.mjs";
import { webWorker } from "./web-worker.mjs";

const PARTS = {
  "the same traces on Node 24": () => console.log(`  ${sameTraces()}`),
  "the suite in the remote extension host": () => suite("remote", {}),
  "the suite in the web extension host": () => suite("web", { web: true }),
  "the adapter's worker in a browser": () => webWorker(browser),
  "a person's walk, with the packaged extension": () => visit(walk, { settings: WALK_SETTINGS }),
  "npm start": () => start(browser, path.join(work.folder, "start")),
  "Restricted Mode": () => visit(restricted, { trust: false, settings: { "security.workspace.trust.startupPrompt": "never" } }),
};

const WALK_SETTINGS = { "editor.minimap.enabled": false, "debug.internalConsoleOptions": "neverOpen" };

const work = workFolder();
/** Where pictures and logs are left for people. */
const seen = path.join(root, "out/vscode/seen");
mkdirSync(seen, { recursive: true });

/** Runs the suite in an extension host. */
async function suite(name, options) {
  const server = await startServer({ driver: true });
  try {
    const extension = stageWithTests(path.join(work.folder, name), options);
    const workspace = stageWorkspace(path.join(work.folder, `${name}-workspace`));
    const code = await runInHost(browser, server, { ...options, extension, workspace, report: path.join(seen, `suite-${name}`) });
    if (code !== 0) throw new Error(`the extension host ended with ${code}`);
  } finally {
    await server.stop();
  }
}

/** Packages the extension once, installs it in a server of its own, and lets `visitor` use it. */
async function visit(visitor, options) {
  const file = path.join(work.folder, "lockbreak.vsix");
  if (!existsSync(file))
    execFileSync(process.execPath, [path.join(root, "tools/package.mjs"), file], { stdio: ["ignore", "ignore", "inherit"] });
  const data = makeData();
  installPackage(data, file);
  const server = await startServer({ ...options, data });
  try {
    await visitor(browser, server, { workspace: stageWorkspace(path.join(work.folder, visitor.name)), pictures: seen });
  } finally {
    await server.stop();
  }
}

const wanted = process.argv.slice(2);
const parts = Object.entries(PARTS).filter(([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
let browser;
let passed = 0;
let failed = 0;
try {
  if (parts.length === 0)
    throw new Error(`No part has '${wanted.join("' or '")}' in its name; there are:\n  ${Object.keys(PARTS).join("\n  ")}`);
  await installRig();
  browser = await launch();
  for (const [name, part] of parts) {
    const started = Date.now();
    try {
      await part();
      passed += 1;
      console.log(`✓ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.error(`✗ ${name}: ${error.stack ?? error}`);
    }
  }
} catch (error) {
  failed += 1;
  console.error(error.message);
} finally {
  await browser?.close();
  work.remove();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
