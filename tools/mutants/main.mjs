// `npm run mutants -- [--folder F] [--sample N] [--seed S] [--only ID] [--seconds T] [--list]`: how many small mutations of the
// kernel, the scheduling policies and the debug adapter the tests notice. docs/mutants.md tells how, and what came out.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { importPlugin } from "../bundling.mjs";
import { FOLDERS, mutants, tree } from "./build.mjs";
import { load, save, saveReached } from "./results.mjs";
import { noteReached, tryMutant } from "./tests.mjs";

const OUTCOMES = ["killed", "timed out", "survived", "not covered"];
const text = { type: "string" };
const several = { ...text, multiple: true };
const options = { folder: several, sample: text, seed: text, only: several, seconds: text, list: { type: "boolean" } };
const { values } = parseArgs({ options });
const folders = Object.keys(FOLDERS).filter((folder) => values.folder?.some((asked) => folder.includes(asked)) ?? true);
const { random_numbers } = await importPlugin("mutants");
const deadline = Date.now() + number(values.seconds, 3600) * 1000;

function number(value, otherwise) {
  if (value !== undefined && !/^\d+$/.test(value)) throw new Error(`'${value}' is no whole number`);
  return value === undefined ? otherwise : Number(value);
}

const folderOf = ({ file }) => Object.keys(FOLDERS).find((folder) => file.startsWith(`${folder}/`));
const name = ({ id, file, line, column, mutation }) => `${id} ${file}:${line}:${column} ${mutation}`;

/** The first `count` of the list as a seed shuffles it, in the order of the list. */
function sampled(list, count, seed) {
  const next = random_numbers(seed);
  const order = list.map((one) => ({ one, at: next(2 ** 32) })).sort((a, b) => a.at - b.at);
  return order
    .slice(0, count)
    .map(({ one }) => one)
    .sort((a, b) => a.id - b.id);
}

/** `--sample` takes so many of each folder. */
function chosen(all) {
  if (values.only !== undefined) return all.filter(({ id }) => values.only.includes(String(id)));
  return folders.flatMap((folder) => {
    const inside = all.filter((mutant) => folderOf(mutant) === folder);
    return sampled(inside, number(values.sample, inside.length), number(values.seed, 1));
  });
}

function printTable(list, results) {
  console.log(["folder", "mutants", ...OUTCOMES, "score"].join(" | "));
  const row = (title, some) => {
    const counts = OUTCOMES.map((outcome) => some.filter(({ id }) => results[id].outcome === outcome).length);
    const score = (100 * (counts[0] + counts[1])) / Math.max(1, some.length);
    console.log([title, some.length, ...counts, `${score.toFixed(1)} %`].join(" | "));
  };
  const done = list.filter(({ id }) => results[id] !== undefined);
  for (const folder of folders)
    row(
      folder,
      done.filter((mutant) => folderOf(mutant) === folder),
    );
  row("all", done);
  for (const mutant of done) {
    if (/survived|not covered/.test(results[mutant.id].outcome)) console.log(`${results[mutant.id].outcome}: ${name(mutant)}`);
  }
}

const state = load();
const all = await mutants({ compile: values.list !== true && !(state.built && existsSync(tree)) });
const list = chosen(all);
if (values.list === true) {
  for (const mutant of list) console.log(name(mutant));
} else {
  save(state);
  const concerned = [...new Set(list.map(folderOf))];
  const noted = await noteReached(concerned, state.reached, deadline, (file, { passed, late, ms }) => {
    const left = late ? ", what it has not come to is left out" : passed ? "" : ", SOME TESTS FAIL without a mutant and are left out";
    console.log(`${file}: ${(ms / 1000).toFixed(1)} s${left}`);
    saveReached(state);
  });
  for (const mutant of list) {
    if (state.results[mutant.id] !== undefined && values.only === undefined) continue;
    if (!noted || Date.now() > deadline) break;
    const result = await tryMutant(mutant, folderOf(mutant), state.reached);
    state.results[mutant.id] = result;
    save(state);
    console.log(`${result.outcome}, ${(result.ms / 1000).toFixed(1)} s: ${name(mutant)}`);
  }
  const open = list.filter(({ id }) => state.results[id] === undefined).length;
  if (open > 0) console.log(`${open} of ${list.length} are left; the next run continues there`);
  printTable(list, state.results);
}
