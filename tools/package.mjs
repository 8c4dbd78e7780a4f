// `npm run package [FILE]`: makes lockbreak-VERSION.vsix of what `npm run build` has made.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import "./notices.mjs";
import { root, stageExtension } from "./stage.mjs";

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const file = path.resolve(process.argv[2] ?? path.join(root, `lockbreak-${version}.vsix`));
const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-package-"));
try {
  stageExtension(folder);
  // Everything needed is in the bundles.
  const vsce = path.join(root, "node_modules/@vscode/vsce/vsce");
  const options = ["--no-dependencies", "--allow-missing-repository", "--out", file];
  const { status } = spawnSync(process.execPath, [vsce, "package", ...options], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`vsce ended with code ${status}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${path.relative(process.cwd(), file)}: ${Math.ceil(statSync(file).size / 1024)} KB`);
