// `npm run golden -- [FOLDER] [--case c27] [--config 4of6/preempt]`: runs the recordings of the original code against the model,
// all of them, or those whose file begins so.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { runHoleRanges } from "./hole-ranges.ts";
import { runPrioTreeRecording } from "./prio-tree.ts";
import { compareTextbook, TEXTBOOK } from "./textbook.ts";
import { runUnmapRecording } from "./unmap.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { case: { type: "string", default: "" }, config: { type: "string" } },
});
const folder = positionals[0] ?? path.resolve(import.meta.dirname, "../../shared/golden");

function files(below: string, ending: string): string[] {
  const inside = path.join(folder, below);
  return existsSync(inside)
    ? readdirSync(inside)
        .filter((name) => name.startsWith(values.case) && name.endsWith(ending))
        .sort()
        .map((name) => path.join(below, name))
    : [];
}

let passed = 0;
let failed = 0;

function mismatch(file: string, what: string): void {
  failed++;
  console.log(`${file}: ${what}\n`);
}

/** Runs one file; a file that cannot be read or understood is one failure. */
function run(file: string, check: (text: string) => void): void {
  try {
    check(readFileSync(path.join(folder, file), "utf8"));
  } catch (error) {
    mismatch(file, error instanceof Error ? error.message : String(error));
  }
}

if (!existsSync(folder) || !statSync(folder).isDirectory()) {
  console.log(`golden: no recordings at ${path.relative(process.cwd(), folder)}; nothing to compare with`);
} else {
  if (values.config === undefined) {
    for (const file of files("prio-tree", ".jsonl")) {
      run(file, (text) => {
        const result = file.endsWith("hole_ranges.jsonl") ? runHoleRanges(text) : runPrioTreeRecording(text);
        if (result.firstMismatch === null) passed++;
        else
          mismatch(
            file,
            `${result.failed} of ${result.passed + result.failed} expectations are not met; the first: ${result.firstMismatch}`,
          );
      });
    }
  }
  for (const file of [...files("unmap", ".json"), ...files("unmap-later", ".json")].filter((name) => !name.endsWith("INDEX.json"))) {
    run(file, (text) => {
      for (const result of runUnmapRecording(text, (config) => values.config === undefined || config === values.config)) {
        if (result.mismatch === null) passed++;
        else mismatch(`${file} ${result.config}`, result.mismatch);
      }
      const example =
        values.config === undefined && file.startsWith("unmap" + path.sep) ? TEXTBOOK.get(path.basename(file).split("_")[0]!) : undefined;
      const difference = example === undefined ? null : compareTextbook(example, text);
      if (difference !== null) mismatch(`${file} ${example!.name}`, difference);
      else if (example !== undefined) passed++;
    });
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (passed + failed === 0) console.log(`golden: no recording matches ${[values.case, values.config ?? ""].join(" ").trim()}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
