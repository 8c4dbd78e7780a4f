// What all builds of bundles have in common: the product and the tests (build.mjs), the mutated tree (mutants/build.mjs), and the
// tests of one area (test-area.mjs).
import { build } from "esbuild";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { textsPlugin } from "./texts.mjs";

export const root = path.resolve(import.meta.dirname, "..");
/** A path below the project. */
export const at = (...parts) => path.join(root, ...parts);
/** The folder that is instrumented, and whose texts are shown to users. */
export const KERNEL = "src/engine/kernel";
/** A banner for bundles of libraries that are CommonJS, which ask for Node's modules so. */
export const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The exports of tools/NAME/plugin.ts. Plugins are TypeScript themselves, so each is bundled before it is used. */
export async function importPlugin(name) {
  const outfile = at(`out/tools/${name}.mjs`);
  const entryPoints = [at(`tools/${name}/plugin.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" });
  return import(pathToFileURL(outfile).href);
}

/**
 * The options of a bundle for Node.
 * @param plugins come before the project's own
 * @param prepare may change the expressions of each kernel file before it is instrumented
 */
export async function bundleOptions({ plugins = [], prepare } = {}) {
  const { instrumentPlugin } = await importPlugin("instrument");
  const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  return {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    define: { __VERSION__: JSON.stringify(version) },
    plugins: [
      ...plugins,
      instrumentPlugin({ folder: at(KERNEL), tracepoints: at("src/engine/machine"), prepare }),
      textsPlugin({ "kernel-sources": { folder: at(KERNEL), ending: ".ts" }, examples: { folder: at("examples"), ending: ".vmscn" } }),
    ],
  };
}

/** The test files below a folder of the project, with paths below the project. */
export function testFiles(folder) {
  return readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return testFiles(`${folder}/${entry.name}`);
    return entry.name.endsWith(".test.ts") ? [`${folder}/${entry.name}`] : [];
  });
}
