// Running tests in the tree that has the mutants built in: which test reaches which mutants, and whether one notices a mutant.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { root } from "../bundling.mjs";
import { out, testsNoticing, tree } from "./build.mjs";

/** The recordings of the original code, which count as a test file of the kernel. */
const GOLDEN = "golden";
const RECORDINGS = path.resolve(root, "../shared/golden");
/** Tests that take longer, in milliseconds, are left out, as is what a test file has not come to in the time for noting. */
const LONGEST = 5_000;
const NOTING_LIMIT = 120_000;
/** So many milliseconds of tests are run first, in one process: most mutants are noticed by them. Then so many more, and no others. */
const FIRST = 4_000;
const MORE = 25_000;
/** A run is given up after this many times what its tests took, and so many milliseconds more for Node to start. */
const PATIENCE = { times: 4, more: 15_000 };

/** The test files that are to notice mutants of a folder. */
function testsOf(folder) {
  const golden = folder.startsWith("src/engine") && existsSync(RECORDINGS) ? [GOLDEN] : [];
  return [...golden, ...testsNoticing([folder])];
}

const MOCHA = path.join(root, "node_modules/mocha/bin/mocha.js");
const bundle = (file) => `out/${file.replace(/\.ts$/, ".mjs")}`;

function noting(file) {
  return file === GOLDEN ? ["out/golden.mjs", RECORDINGS] : [MOCHA, "--require", "./out/hooks.mjs", bundle(file)];
}

/** Runs some tests up to the first that fails. */
function running(tests) {
  if (tests[0].file === GOLDEN) return ["out/golden.mjs", RECORDINGS];
  const titles = [...new Set(tests.map(({ title }) => title.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")))];
  return [MOCHA, "--bail", "--grep", `^(?:${titles.join("|")})$`, ...new Set(tests.map(({ file }) => bundle(file)))];
}

/** Runs Node in the tree, at most `limit` milliseconds; then it and all that it has started are killed. */
function run(args, env, limit) {
  return new Promise((resolve) => {
    const start = Date.now();
    const bounded = { ...process.env, NODE_OPTIONS: "--max-old-space-size=1500", ...env };
    const child = spawn(process.execPath, args, { cwd: tree, detached: true, stdio: "ignore", env: bounded });
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
 * Notes what each test of these folders reaches, if that is not in `reached` yet. By test file: the title of each
 * test that passes, what it takes in milliseconds, and the mutants. False if there was no time left.
 */
export async function noteReached(folders, reached, deadline, report) {
  mkdirSync(out, { recursive: true });
  const notes = path.join(out, "notes.jsonl");
  for (const file of new Set(folders.flatMap(testsOf))) {
    if (reached[file] !== undefined) continue;
    if (Date.now() > deadline) return false;
    rmSync(notes, { force: true });
    const result = await run(noting(file), { LOCKBREAK_MUTANT: "-1", LOCKBREAK_MUTANT_NOTES: notes }, NOTING_LIMIT);
    reached[file] = testsIn(existsSync(notes) ? readFileSync(notes, "utf8") : "", file, result.ms);
    report(file, result);
  }
  return true;
}

function testsIn(text, file, whole) {
  const mutants = new Map();
  const tests = [];
  const reach = (title) => mutants.get(title) ?? mutants.set(title, new Set()).get(title);
  for (const line of text.split("\n").slice(0, -1)) {
    const [id, title, ms, state] = JSON.parse(line);
    if (id !== 0) reach(title).add(id);
    else if (state === "passed" && ms <= LONGEST) tests.push({ title, ms });
  }
  // The recordings are one test. What is reached outside of tests counts for all tests of the file.
  if (file === GOLDEN) tests.push({ title: "", ms: whole });
  return tests.map(({ title, ms }) => ({ title, ms, mutants: [...new Set([...reach(title), ...reach("")])] }));
}

/** The runs that can notice a mutant, those first that take least. */
function runsFor(mutant, folder, reached) {
  const all = testsOf(folder).flatMap((file) => (reached[file] ?? []).map((test) => ({ ...test, file })));
  const tests = all.filter(({ mutants }) => mutants.includes(mutant.id)).sort((a, b) => a.ms - b.ms);
  const runs = [[], [], tests.filter(({ file }) => file === GOLDEN)];
  let sum = 0;
  for (const test of tests.filter(({ file }) => file !== GOLDEN)) {
    sum += test.ms;
    if (sum <= FIRST + MORE) runs[sum <= FIRST ? 0 : 1].push(test);
  }
  return runs.filter((run) => run.length > 0);
}

/** Runs what reaches a mutant until something fails. */
export async function tryMutant(mutant, folder, reached) {
  const runs = runsFor(mutant, folder, reached);
  if (runs.length === 0) return { outcome: "not covered", ms: 0 };
  let spent = 0;
  for (const tests of runs) {
    const limit = tests.reduce((sum, { ms }) => sum + ms, 0) * PATIENCE.times + PATIENCE.more;
    const result = await run(running(tests), { LOCKBREAK_MUTANT: String(mutant.id) }, limit);
    spent += result.ms;
    if (!result.passed) return { outcome: result.late ? "timed out" : "killed", ms: spent };
  }
  return { outcome: "survived", ms: spent };
}
