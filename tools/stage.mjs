// Puts together the extension as it ships: what `npm run build` has made for it, a README of its own, and a manifest without
// what concerns developing. That manifest must not say `"type": "module"`: browser hosts would take our entry point for one and refuse.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readme } from "./readme.mjs";

export const root = path.resolve(import.meta.dirname, "..");

const PARTS = ["media", "syntaxes", "language-configuration.json", "CHANGELOG.md", "LICENSE"];
const FROM_DIST = /^(extension|debug-adapter-worker|language-server)[\w-]*\.[cm]?js$|^kernel$|^THIRD-PARTY-NOTICES\.txt$/;
const NOT_SHIPPED = ["type", "bin", "scripts", "dependencies", "devDependencies", "private"];

/**
 * Puts the extension into `folder`, which is made.
 * @param options.web without `main`, so that only a browser's host can run it
 */
export function stageExtension(folder, { web = false } = {}) {
  mkdirSync(path.join(folder, "dist"), { recursive: true });
  for (const part of PARTS) cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  for (const file of readdirSync(path.join(root, "dist")).filter((name) => FROM_DIST.test(name)))
    cpSync(path.join(root, "dist", file), path.join(folder, "dist", file), { recursive: true });
  writeFileSync(path.join(folder, "README.md"), readme());
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  manifest.files = ["**"]; // All of this folder ships: vsce wants that said.
  for (const key of [...NOT_SHIPPED, ...(web ? ["main"] : [])]) delete manifest[key];
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  return folder;
}
