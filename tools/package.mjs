// `npm run package`: makes lockbreak-VERSION.vsix of what `npm run build` has made.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import "./notices.mjs";

const root = path.resolve(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const file = path.resolve(process.argv[2] ?? path.join(root, `lockbreak-${version}.vsix`));

// Everything needed is in the bundles; links in the README stay relative, as nothing is published.
const vsce = path.join(root, "node_modules/@vscode/vsce/vsce");
const { status } = spawnSync(process.execPath, [vsce, "package", "--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository", "--out", file], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(status ?? 1);
console.log(`${path.relative(process.cwd(), file)}: ${Math.ceil(statSync(file).size / 1024)} KB`);
