// `npm run test:area -- AREA [ARGUMENT…]`: the tests of one area and nothing else, after building what they need.
// AREA is a folder of test/, or a test file. The arguments go to what runs the tests: to mocha (`-g NAME`), to the recordings
// (`golden --case c27`), to the tests in VS Code (`vscode walk`: the parts that have the word).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { at, root, testFiles } from "./bundling.mjs";

/** The areas that mocha does not run: the program that does, and the bundles that it takes (see build.mjs). */
const OWN_RUNNERS = {
  bench: { program: "out/bench.mjs", bundles: ["bench"] },
  clients: { program: "test/clients/emacs.mjs", bundles: [] },
  golden: { program: "out/golden.mjs", bundles: ["golden"] },
  vscode: { program: "test/vscode/run.mjs", bundles: ["traces", "vscode"] },
};
/** The areas whose tests start what lies in dist/. */
const NEED_PRODUCT = new Set(["bench", "cli", "clients", "debug-adapter", "docs", "extension", "language-server", "vscode"]);

const areas = readdirSync(at("test"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && (entry.name in OWN_RUNNERS || testFiles(`test/${entry.name}`).length > 0))
  .map(({ name }) => name);

/** What an argument names: an area with its test files, or one of them; null if it names neither. */
function find(argument) {
  const file = path
    .relative(root, path.resolve(argument))
    .split(path.sep)
    .join("/")
    .replace(/^out\/(.*)\.mjs$/, "$1.ts");
  const [, area] = /^(?:test\/)?([\w-]+)$/.exec(file) ?? /^test\/([\w-]+)\/[\w-]+\.test\.ts$/.exec(file) ?? [];
  if (!areas.includes(area) || (file.endsWith(".ts") && !existsSync(at(file)))) return null;
  return { area, files: file.endsWith(".ts") ? [file] : testFiles(`test/${area}`) };
}

/** Runs a program of Node's, and ends with its exit code if it fails. */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Generates the parser, if the grammar is newer. */
function generate() {
  const [parser, grammar] = ["src/scenario/generated/grammar.ts", "src/scenario/vmscn.langium"].map((file) => at(file));
  if (!existsSync(parser) || statSync(parser).mtimeMs < statSync(grammar).mtimeMs) node("tools/parser.mjs");
}

/** A hash of all that dist/ is made of. */
function productSources() {
  const hash = createHash("sha256");
  const below = (folder) => readdirSync(at(folder), { recursive: true }).map((name) => path.join(folder, name));
  const all = ["package.json", "package-lock.json", ...["src", "tools", "examples"].flatMap(below)];
  const files = all.filter((file) => statSync(at(file)).isFile()).sort();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(at(file)));
  return hash.digest("hex");
}

/** Builds dist/, unless it is what was built here of the same sources: every build makes dist/ anew, without the file that says so. */
function buildProduct() {
  const stamp = at("dist/built-from");
  const sources = productSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  node("tools/build.mjs");
  writeFileSync(stamp, sources);
}

const [argument = "", ...args] = process.argv.slice(2);
const found = find(argument);
if (found === null) {
  const problem = argument === "" ? "say which area" : `'${argument}' is no area`;
  console.error(`test:area: ${problem}; there are ${areas.join(", ")}, and their test files.`);
  process.exit(2);
}
const { area, files } = found;
const own = OWN_RUNNERS[area];
const bundles = own?.bundles ?? files;
generate();
if (NEED_PRODUCT.has(area)) buildProduct();
if (bundles.length > 0) node("tools/build.mjs", "--tests", ...bundles);
if (own === undefined) node("node_modules/mocha/bin/mocha.js", ...files.map((file) => `out/${file.replace(/\.ts$/, ".mjs")}`), ...args);
else node(own.program, ...args);
