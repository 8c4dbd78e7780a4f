// Builds the tests, the recordings' runner and the command line with all mutants built in, below out/mutants/tree: a folder that
// looks like the project's own to what runs in it.
import { build } from "esbuild";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { at, bundleOptions, importPlugin, KERNEL, REQUIRE, testFiles } from "../bundling.mjs";

export const out = at("out/mutants");
export const tree = path.join(out, "tree");

const ENGINE = ["test/engine", "test/prio-tree", "test/checks", "test/run", "test/explore", "test/time-travel"];
/** What is mutated, and the folders of the tests that are to notice it. */
export const FOLDERS = {
  [KERNEL]: ENGINE,
  "src/engine/schedule": [...ENGINE, "test/debug-adapter"],
  "src/debug-adapter": ["test/debug-adapter"],
};
/** What tests start, by the names under which it is shipped. */
const PROGRAMS = {
  cli: "src/cli/main.ts",
  "explore-worker": "src/cli/explore/worker.ts",
  "debug-adapter-worker": "src/debug-adapter/server/worker-node.ts",
};

/** The test files that are to notice mutants of some folders, sorted. */
export function testsNoticing(folders) {
  return [...new Set(folders.flatMap((folder) => FOLDERS[folder]))].flatMap(testFiles).sort();
}

/** All mutants, in order. With `compile`, the tree is built, too. */
export async function mutants({ compile }) {
  const { Mutants } = await importPlugin("mutants");
  const found = new Mutants(at(), Object.keys(FOLDERS));
  if (compile) await buildTree(found);
  return found.all;
}

/** Random tests try a part of their cases only: there are many mutants. */
const shortened = {
  name: "shortened",
  setup(running) {
    running.onLoad({ filter: /\.test\.ts$/ }, ({ path: file }) => {
      const contents = readFileSync(file, "utf8").replace(/\bnumRuns: ([^,}\n]+)/g, "numRuns: Math.ceil(($1) / 10)");
      return { contents, loader: "ts" };
    });
  },
};

async function buildTree(found) {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const name of ["examples", "recipes", "docs", "src", "test", "package.json", ".mocharc.json"]) {
    symlinkSync(at(name), path.join(tree, name));
  }
  const prepare = (ast, file) => found.prepare(ast, `${KERNEL}/${file}`);
  const options = await bundleOptions({ plugins: [shortened, found.plugin(KERNEL)], prepare });
  const common = { ...options, outExtension: { ".js": ".mjs" } };
  const entry = (file) => ({ in: at(file), out: file.replace(/\.ts$/, "") });
  const tests = testsNoticing(Object.keys(FOLDERS)).map(entry);
  const others = [
    { in: at("test/golden/golden.ts"), out: "golden" },
    { in: at("tools/mutants/hooks.mjs"), out: "hooks" },
  ];
  const shared = { splitting: true, chunkNames: "chunks/[name]-[hash]" };
  await build({ ...common, ...shared, packages: "external", entryPoints: [...tests, ...others], outdir: path.join(tree, "out") });
  const mains = Object.entries(PROGRAMS).map(([name, file]) => ({ in: at(file), out: name }));
  await build({ ...common, entryPoints: mains, outdir: path.join(tree, "dist"), banner: { js: `#!/usr/bin/env node\n${REQUIRE}` } });
  chmodSync(path.join(tree, "dist/cli.mjs"), 0o755);
  cpSync(at(KERNEL), path.join(tree, "dist/kernel"), { recursive: true });
}
