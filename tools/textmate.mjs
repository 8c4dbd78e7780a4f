// Makes syntaxes/vmscn.tmLanguage.json: what Langium derives from the grammar (comments, the list of keywords), with the
// scopes it cannot know: units, calls and functions, events, flags, names being declared. `--check` only compares.
import { build } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const at = (...parts) => path.join(root, ...parts);
const target = at("syntaxes/vmscn.tmLanguage.json");

await build({
  entryPoints: [at("src/scenario/catalogue/index.ts")],
  outfile: at("out/tools/catalogue.mjs"),
  bundle: true,
  format: "esm",
  logLevel: "warning",
});
const catalogue = await import(pathToFileURL(at("out/tools/catalogue.mjs")).href);
const base = JSON.parse(readFileSync(at("out/langium/vmscn.tmLanguage.json"), "utf8"));
const made = JSON.stringify(textMate(base, catalogue), null, 2) + "\n";

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== made) {
    console.error("syntaxes/vmscn.tmLanguage.json is stale: run 'npm run generate' and commit it.");
    process.exit(1);
  }
} else {
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, made);
}

function textMate(grammar, { CALLS, FUNCTIONS, EVENTS, FLAGS, CONSTANTS, IMPLICIT_VARIABLES, SETTINGS, COST_NAMES }) {
  const keywords = /\((.*)\)/.exec(grammar.patterns.find((p) => p.name === "keyword.control.vmscn").match)[1].split("|");
  const names = (entries) => entries.map((entry) => entry.name ?? entry);
  const words = (list) => `\\b(?:${[...new Set(list)].sort().join("|")})\\b`;
  const control = ["repeat", "forever", "every", "for", "if", "stop"];
  const operators = ["and", "or", "not"];
  const values = [...Object.values(FLAGS).flat(), ...Object.values(SETTINGS).flatMap((setting) => setting.values ?? [])];
  const NAME = "[A-Za-z_]\\w*";
  const pattern = (name, match, captures) => ({
    ...(name && { name: `${name}.vmscn` }),
    match,
    ...(captures && { captures: Object.fromEntries(captures.map((scope, i) => [i + 1, { name: `${scope}.vmscn` }])) }),
  });
  return {
    ...grammar,
    patterns: [
      { include: "#comments" },
      { include: "#strings" },
      { include: "#numbers" },
      pattern("", `\\b(file|process|task)\\s+(${NAME})\\b(?!\\s*[.:=(])`, ["storage.type", "entity.name.type"]),
      pattern("", `\\b(let)\\s+(${NAME})`, ["storage.type", "variable.other"]),
      pattern("", `\\b(on)\\s+(${words(names(EVENTS))})`, ["keyword.control", "support.type.event"]),
      pattern("", `\\b(force)\\s+(need_resched|need_lockbreak)\\b`, ["keyword.control", "support.function"]),
      pattern("", `\\b(cost)\\s+(${words(COST_NAMES)})`, ["keyword.other", "support.type.property-name"]),
      pattern("", `\\b(kernel)\\s+([\\w.-]+)`, ["storage.type", "constant.other.kernel"]),
      pattern("support.function.call", `${words(names(CALLS))}(?=\\s*\\()`),
      pattern("support.function", `${words(names(FUNCTIONS))}(?=\\s*\\()`),
      pattern("variable.parameter", `\\b${NAME}(?=\\s*:)`),
      pattern("", `(?:\\.|->)\\s*(${NAME})`, ["variable.other.property"]),
      pattern("constant.language", `(?<=[:|,]|[:|,] )${words(values)}`),
      pattern("constant.language", words(Object.keys(CONSTANTS))),
      pattern("variable.language", words(Object.keys(IMPLICIT_VARIABLES))),
      pattern("keyword.operator.word", words(operators)),
      pattern("keyword.control", words(control)),
      pattern("keyword.other", words(keywords.filter((word) => !control.includes(word) && !operators.includes(word)))),
      pattern("keyword.operator", "&&|\\|\\||==|!=|<=|>=|<<|>>|\\.\\.|[-+*/%<>=!~&|^?#]"),
    ],
    repository: {
      ...grammar.repository,
      strings: { patterns: [pattern("string.quoted.double", '"[^"\\n\\r]*"')] },
      numbers: {
        patterns: [
          pattern("constant.numeric.hex", "\\b0[xX][0-9a-fA-F_]+\\b"),
          pattern("", "\\b([0-9][0-9_]*)(K|M|G|ns|us|ms|s)?\\b(?:\\s+(pages)\\b)?", [
            "constant.numeric",
            "keyword.other.unit",
            "keyword.other.unit",
          ]),
        ],
      },
    },
  };
}
