// Builds the product (dist/) or, with --tests, the test, golden and bench bundles (out/): all of them, or those that are named.
// usage: node build.mjs [--tests [BUNDLE…]]      BUNDLE: a test file, or golden, traces, bench, vscode
import { build } from "esbuild";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { at, bundleOptions, KERNEL, REQUIRE, testFiles } from "./bundling.mjs";

const [mode, ...named] = process.argv.slice(2);
const tests = mode === "--tests";
const isWanted = (bundle) => named.length === 0 || named.includes(bundle);
const common = { ...(await bundleOptions()), sourcemap: "linked" };

if (tests) {
  if (named.length === 0) rmSync(at("out/test"), { recursive: true, force: true });
  const entryPoints = [
    ...testFiles("test")
      .filter(isWanted)
      .map((file) => ({ in: at(file), out: file.replace(/\.ts$/, "") })),
    ...[
      ["golden", "test/golden/golden.ts"],
      ["traces", "test/traces/main.ts"],
    ]
      .filter(([out]) => isWanted(out))
      .map(([out, file]) => ({ in: at(file), out })),
  ];
  const pieces = { outdir: at("out"), outExtension: { ".js": ".mjs" }, splitting: true, chunkNames: "chunks/[name]-[hash]" };
  if (entryPoints.length > 0) await build({ ...common, ...pieces, packages: "external", entryPoints });
  // Measured as it is shipped, in one piece: bindings that modules share across files cost a third of the speed.
  if (isWanted("bench"))
    await build({ ...common, packages: "external", entryPoints: [at("test/bench/bench.ts")], outfile: at("out/bench.mjs") });
  // One file for both extension hosts, which load CommonJS. Mocha's own bundle must not take the exports for its own.
  const define = { module: "undefined", exports: "undefined" };
  if (isWanted("vscode"))
    await build({
      ...common,
      platform: "browser",
      format: "cjs",
      define,
      external: ["vscode"],
      entryPoints: [at("test/vscode/suite/index.ts")],
      outfile: at("out/vscode/suite.js"),
    });
} else {
  rmSync(at("dist"), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: [at("src/cli/main.ts")],
    outfile: at("dist/cli.mjs"),
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  });
  chmodSync(at("dist/cli.mjs"), 0o755);
  await build({
    ...common,
    entryPoints: [at("src/cli/explore/worker.ts")],
    outfile: at("dist/explore-worker.mjs"),
    banner: { js: REQUIRE },
  });
  // The extension, for a Node host and for a browser's. Names stay whole: stacks in bug reports should be readable.
  const shipped = { ...common, minifyWhitespace: true, minifySyntax: true };
  const forNode = { ...shipped, format: "cjs", external: ["vscode"] };
  const forWeb = { ...shipped, format: "cjs", external: ["vscode"], platform: "browser", target: "es2022" };
  await Promise.all([
    build({ ...forNode, entryPoints: [at("src/extension/desktop.ts")], outfile: at("dist/extension.cjs") }),
    build({ ...forWeb, entryPoints: [at("src/extension/web.ts")], outfile: at("dist/extension-web.js") }),
    build({
      ...shipped,
      entryPoints: [at("src/debug-adapter/server/worker-node.ts")],
      outfile: at("dist/debug-adapter-worker.mjs"),
      banner: { js: REQUIRE },
    }),
    build({
      ...forWeb,
      format: "iife",
      alias: { events: at("src/debug-adapter/server/browser-events.ts") },
      entryPoints: [at("src/debug-adapter/server/worker-web.ts")],
      outfile: at("dist/debug-adapter-worker-web.js"),
    }),
    build({ ...forNode, entryPoints: [at("src/language-server/main-node.ts")], outfile: at("dist/language-server.cjs") }),
    build({ ...forWeb, format: "iife", entryPoints: [at("src/language-server/main-web.ts")], outfile: at("dist/language-server-web.js") }),
  ]);
  // What stack lines and listings show: the text of what runs.
  cpSync(at(KERNEL), at("dist/kernel"), { recursive: true });
}
