// What is known already of mutants, kept in out/mutants/ so that a run can go on where the one before has stopped.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../bundling.mjs";
import { FOLDERS, out } from "./build.mjs";

const RESULTS = path.join(out, "results.json");
const REACHED = path.join(out, "reached.json");

/** Of the TypeScript files below some folders. */
function digest(folders) {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const names = readdirSync(path.join(root, folder), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".ts"));
    for (const name of names.sort()) hash.update(name).update(readFileSync(path.join(root, folder, name)));
  }
  return hash.digest("hex");
}

function read(file, otherwise) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : otherwise;
}

/**
 * Results of an earlier run, as far as they still hold. If the sources have changed, none do. If only tests have, what was
 * noticed counts as noticed still; what was not is tried again, and what the changed folders' tests reach is noted anew.
 */
export function load() {
  const sources = digest(["src", "tools/mutants", "tools/instrument"]);
  const folders = [...new Set([...Object.values(FOLDERS).flat(), "test/golden"])];
  const tests = Object.fromEntries(folders.map((folder) => [folder, digest([folder])]));
  const known = read(RESULTS, {});
  if (known.sources !== sources) return { sources, tests, built: false, results: {}, reached: {} };
  const stale = folders.filter((folder) => known.tests[folder] !== tests[folder]);
  const noticed = ({ outcome }) => outcome === "killed" || outcome === "timed out";
  const kept = (entries, holds) => Object.fromEntries(Object.entries(entries).filter(([key, value]) => holds(key, value)));
  const folderOf = (file) => (file === "golden" ? "test/golden" : path.dirname(file));
  return {
    sources,
    tests,
    built: stale.length === 0,
    results: kept(known.results, (_, result) => stale.length === 0 || noticed(result)),
    reached: kept(read(REACHED, {}), (file) => !stale.includes(folderOf(file))),
  };
}

export function save({ sources, tests, results }) {
  mkdirSync(out, { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify({ sources, tests, results }, null, 1)}\n`);
}

export function saveReached({ reached }) {
  mkdirSync(out, { recursive: true });
  writeFileSync(REACHED, JSON.stringify(reached));
}
