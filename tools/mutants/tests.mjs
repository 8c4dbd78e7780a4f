// Running tests in the tree that has the mutants built in: which test reaches which mutants, and whether one notices a mutant.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { FOLDERS, out, root, testFiles, tree } from "./build.mjs";

/** The recordings of the original code, which count as a test file of the kernel. */
const GOLDEN = "golden";
const RECORDINGS = path.resolve(root, "../shared/golden");
/** A test is slow, and run after all that are not, from so many milliseconds on. */
const SLOW = 500;
/** What it takes to start Node and load a bundle, in milliseconds. */
const START = 700;
/** A run is given up after this many times what it takes without a mutant, and so many milliseconds more. */
const PATIENCE = { times: 5, more: 10_000 };
const NOTING_LIMIT = 900_000;

/** The test files that are to notice mutants of a folder. */
function testsOf(folder) {
  const golden = folder.startsWith("src/engine") && existsSync(RECORDINGS) ? [GOLDEN] : [];
  return [...golden, ...testFiles(FOLDERS[folder])];
}

function command(file, titles, hooks) {
  if (file === GOLDEN) return ["out/golden.mjs", RECORDINGS];
  const bundle = `out/${file.replace(/\.ts$/, ".mjs")}`;
  const only = titles === null ? [] : ["--grep", `^(?:${titles.map((title) => title.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})$`];
  return [path.join(root, "node_modules/mocha/bin/mocha.js"), ...(hooks ? ["--require", "./out/hooks.mjs"] : ["--bail"]), ...only, bundle];
}

/** Runs Node in the tree, at most `limit` milliseconds; then it and all that it has started are killed. */
function run(args, env, limit) {
  return new Promise((resolve) => {
    const start = Date.now();
    const options = { cwd: tree, detached: true, stdio: "ignore", env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=1500", ...env } };
    const child = spawn(process.execPath, args, options);
    const kill = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The whole group has ended already.
      }
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, limit);
    child.once("exit", (code) => {
      clearTimeout(timer);
      kill();
      resolve({ passed: code === 0, late, ms: Date.now() - start });
    });
  });
}

/**
 * Notes what each test of these folders reaches, if that is not in `reached` yet. By test file: for each test that passes its
 * title (null for what is reached outside of tests), what it takes in milliseconds, and the mutants. False if there was no time.
 */
export async function noteReached(folders, reached, deadline, report) {
  mkdirSync(out, { recursive: true });
  const notes = path.join(out, "notes.jsonl");
  for (const file of new Set(folders.flatMap(testsOf))) {
    if (reached[file] !== undefined) continue;
    if (Date.now() > deadline) return false;
    rmSync(notes, { force: true });
    const { passed, ms } = await run(command(file, null, true), { LOCKBREAK_MUTANT: "-1", LOCKBREAK_MUTANT_NOTES: notes }, NOTING_LIMIT);
    reached[file] = testsIn(existsSync(notes) ? readFileSync(notes, "utf8") : "", file, ms);
    report(file, passed, ms);
  }
  return true;
}

function testsIn(text, file, whole) {
  const tests = new Map();
  const failed = [];
  const of = (title) => tests.get(title) ?? tests.set(title, { title: title === "" ? null : title, ms: title === "" ? whole : 0, mutants: [] }).get(title);
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [id, title, ms, state] = JSON.parse(line);
    if (id !== 0) of(title).mutants.push(id);
    else if (state === "passed") of(title).ms = ms;
    else failed.push(title);
  }
  for (const title of failed) tests.delete(title);
  return [...tests.values()].map((test) => ({ ...test, mutants: [...new Set(test.mutants)] }));
}

/** The runs that can notice a mutant, those first that take least. */
function runsFor(mutant, folder, reached) {
  const runs = testsOf(folder).flatMap((file) => {
    const tests = (reached[file] ?? []).filter(({ mutants }) => mutants.includes(mutant.id));
    const whole = tests.find(({ title }) => title === null);
    if (whole !== undefined) return [{ file, titles: null, ms: whole.ms }];
    const parts = [tests.filter(({ ms }) => ms < SLOW), tests.filter(({ ms }) => ms >= SLOW)].filter((part) => part.length > 0);
    return parts.map((part) => ({ file, titles: part.map(({ title }) => title), ms: part.reduce((sum, { ms }) => sum + ms, START) }));
  });
  return runs.sort((a, b) => a.ms - b.ms);
}

/** Runs what reaches a mutant until something fails. */
export async function tryMutant(mutant, folder, reached) {
  const runs = runsFor(mutant, folder, reached);
  if (runs.length === 0) return { outcome: "not covered", by: null, ms: 0 };
  let spent = 0;
  for (const { file, titles, ms } of runs) {
    const result = await run(command(file, titles, false), { LOCKBREAK_MUTANT: String(mutant.id) }, ms * PATIENCE.times + PATIENCE.more);
    spent += result.ms;
    if (!result.passed) return { outcome: result.late ? "timed out" : "killed", by: file, ms: spent };
  }
  return { outcome: "survived", by: null, ms: spent };
}
