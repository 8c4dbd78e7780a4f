// Writes dist/THIRD-PARTY-NOTICES.txt: every package of which code is in a bundle of dist/, according to the source maps, with
// its licence in full. A package without a licence's text, or with a licence that does not go with ours, is an error.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const dist = path.join(root, "dist");
const COMPATIBLE = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"]);

/** The folders of the packages in the bundles. */
function bundledPackages() {
  const folders = new Set();
  for (const map of readdirSync(dist).filter((name) => name.endsWith(".map"))) {
    for (const source of JSON.parse(readFileSync(path.join(dist, map), "utf8")).sources) {
      const folder = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
      // What a package has inside its own published bundle (webpack:…) comes under that package's licence text.
      if (folder !== undefined && !source.includes("webpack:")) folders.add(path.resolve(dist, folder));
    }
  }
  return [...folders];
}

/** The texts of licence and notice files of a package, or of the package it is published from (`chevrotain` for `@chevrotain/utils`). */
function licenceTexts(folder, name) {
  const own = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)/i.test(file))
    .sort();
  if (own.length > 0) return own.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  const family = path.join(root, "node_modules", name.startsWith("@") ? name.slice(1).split("/")[0] : "");
  return name.startsWith("@") && existsSync(path.join(family, "package.json")) ? licenceTexts(family, "") : [];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  if (!COMPATIBLE.has(license))
    throw new Error(`${name} ${version} has the licence ${license}, which is not known to go with GPL-2.0-or-later.`);
  const texts = licenceTexts(folder, name);
  if (texts.length === 0) throw new Error(`${name} ${version} comes without the text of its licence (${license}).`);
  return { title: `${name} ${version} (${license})`, text: texts.join("\n\n") };
}

const notices = bundledPackages()
  .map(notice)
  .sort((a, b) => (a.title < b.title ? -1 : 1));
const unique = notices.filter(({ title }, i) => title !== notices[i - 1]?.title);
const head =
  "Lockbreak contains code of the packages listed here, each under its own licence.\n\n" +
  unique.map(({ title }) => `- ${title}`).join("\n");
const body = unique.map(({ title, text }) => `${"=".repeat(100)}\n${title}\n${"=".repeat(100)}\n\n${text}`).join("\n\n");
writeFileSync(path.join(dist, "THIRD-PARTY-NOTICES.txt"), `${head}\n\n${body}\n`);
console.log(`THIRD-PARTY-NOTICES.txt: ${unique.length} packages`);
