// Builds the tests, the recordings' runner and the command line with all mutants built in, below out/mutants/tree: a folder that
// looks like the project's own to what runs in it.
import { build } from "esbuild";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { textsPlugin } from "../texts.mjs";

export const root = path.resolve(import.meta.dirname, "../..");
const at = (...parts) => path.join(root, ...parts);
export const out = at("out/mutants");
export const tree = path.join(out, "tree");

const ENGINE = ["test/engine", "test/prio-tree", "test/checks", "test/run", "test/explore", "test/time-travel"];
/** What is mutated, and the folders of the tests that are to notice it. */
export const FOLDERS = {
  "src/engine/kernel": ENGINE,
  "src/engine/schedule": [...ENGINE, "test/debug-adapter"],
  "src/debug-adapter": ["test/debug-adapter"],
};
const KERNEL = "src/engine/kernel";
/** What tests start, by the names under which it is shipped. */
const PROGRAMS = {
  cli: "src/cli/main.ts",
  "explore-worker": "src/cli/explore/worker.ts",
  "debug-adapter-worker": "src/debug-adapter/server/worker-node.ts",
};
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The test files of some folders, sorted, with paths below the project. */
export function testFiles(folders) {
  const names = (folder) =>
    readdirSync(at(folder))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`);
  return [...new Set(folders)].flatMap(names).sort();
}

async function tool(name) {
  const outfile = at(`out/tools/${name}.mjs`);
  const entryPoints = [at(`tools/${name}/plugin.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" });
  return import(pathToFileURL(outfile).href);
}

/** All mutants, in order. With `compile`, the tree is built, too. */
export async function mutants({ compile }) {
  const { Mutants } = await tool("mutants");
  const found = new Mutants(root, Object.keys(FOLDERS));
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
  const { instrumentPlugin } = await tool("instrument");
  const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const name of ["examples", "recipes", "docs", "src", "test", "package.json", ".mocharc.json"]) {
    symlinkSync(at(name), path.join(tree, name));
  }
  const kernelTexts = { folder: at(KERNEL), ending: ".ts" };
  const texts = textsPlugin({ "kernel-sources": kernelTexts, examples: { folder: at("examples"), ending: ".vmscn" } });
  const prepare = (ast, file) => found.prepare(ast, `${KERNEL}/${file}`);
  const common = {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    outExtension: { ".js": ".mjs" },
    define: { __VERSION__: JSON.stringify(version) },
    plugins: [shortened, found.plugin(KERNEL), instrumentPlugin({ folder: at(KERNEL), prepare }), texts],
  };
  const entry = (file) => ({ in: at(file), out: file.replace(/\.ts$/, "") });
  const tests = testFiles(Object.values(FOLDERS).flat()).map(entry);
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
