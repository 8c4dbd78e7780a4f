// `npm run test:vscode`: all tests in a real VS Code. `npm run build` and `npm run build:test` come first.
// usage: node run.mjs [PART…]      without parts, all of them, in this order
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runInHost } from "./host-tests.mjs";
import { launch } from "./rig/browser.mjs";
import { installRig } from "./rig/install.mjs";
import { installPackage, makeData, startServer } from "./rig/server.mjs";
import { restricted } from "./restricted.mjs";
import { walk } from "./walk.mjs";
import { root, stageExtension } from "../../tools/stage.mjs";

const PARTS = {
  "the suite in the remote extension host": () => suite({ web: false }),
  "the suite in the web extension host": () => suite({ web: true }),
  "a person's walk, with the packaged extension": () => inPage(walk, { settings: WALK_SETTINGS }),
  "Restricted Mode": () => inPage(restricted, { trust: false, settings: { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" } }),
};

const WALK_SETTINGS = { "editor.minimap.enabled": false, "debug.internalConsoleOptions": "neverOpen" };

const work = mkdtempSync(path.join(tmpdir(), "lockbreak-test-"));
const reports = path.join(root, "out/vscode/seen");
mkdirSync(reports, { recursive: true });

/** A copy of the examples to work in. */
function stageWorkspace(name) {
  const folder = path.join(work, name);
  cpSync(path.join(root, "examples"), folder, { recursive: true });
  return folder;
}

/** Tests run in the host of the extension that they lie in: they go into its folder. */
function stageTests(extension) {
  cpSync(path.join(root, "out/vscode/suite.js"), path.join(extension, "tests/suite.js"));
  return extension;
}

async function suite({ web }) {
  const server = await startServer({ driver: true });
  try {
    const host = web ? "web" : "remote";
    const extension = stageTests(stageExtension(path.join(work, host), { web }));
    const workspace = stageWorkspace(`${host}-workspace`);
    const code = await runInHost(browser, server, { extension, workspace, web, report: path.join(reports, `suite-${host}`) });
    if (code !== 0) throw new Error(`the extension host ended with ${code}`);
  } finally {
    await server.stop();
  }
}

/** Packages the extension once, installs it in a server of its own, and lets `visit` use it. */
async function inPage(visit, options) {
  const file = path.join(work, "lockbreak.vsix");
  if (!existsSync(file)) execFileSync(process.execPath, [path.join(root, "tools/package.mjs"), file], { stdio: ["ignore", "ignore", "inherit"] });
  const data = makeData();
  installPackage(data, file);
  const server = await startServer({ ...options, data });
  try {
    await visit(browser, server, { workspace: stageWorkspace(visit.name), pictures: reports });
  } finally {
    await server.stop();
  }
}

const wanted = process.argv.slice(2);
const parts = Object.entries(PARTS).filter(([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
let browser;
let failed = 0;
try {
  await installRig();
  browser = await launch();
  for (const [name, part] of parts) {
    const started = Date.now();
    try {
      await part();
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
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed === 0 ? 0 : 1;
