// `node tools/races.mjs [--check]`: puts into docs/races.md the output of `lockbreak explore`. A part of the document that begins with
//
//     <!-- KEY of EXAMPLE on KERNEL -->
//
// and ends with `<!-- end -->` is the table of that finding. With --check nothing is written: the exit code is 1 if something differs.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const document = path.join(root, "docs/races.md");
const PART = /(<!-- ([\w-]+) of ([\w-]+) on ([\w.]+) -->\n)[^]*?(<!-- end -->)/g;
const printed = new Map();

/** The output of a search, by the keys of its findings. */
function findings(example, kernel) {
  const name = `${example} on ${kernel}`;
  if (!printed.has(name)) {
    const file = `examples/races/${example}.vmscn`;
    const { stdout, stderr } = spawnSync(process.execPath, ["dist/cli.mjs", "explore", file, "--kernel", kernel], {
      cwd: root,
      encoding: "utf8",
    });
    if (stderr !== "") throw new Error(`${name}: ${stderr}`);
    const parts = stdout.split(/(?=^[\w-]+: .*\n  rule: )/m);
    printed.set(
      name,
      new Map(
        parts.map((part) => [
          part.slice(0, part.indexOf(":")),
          part
            .slice(0, part.indexOf("\n\nFOUND"))
            .split(/\n(?=FOUND)/)[0]
            .trimEnd(),
        ]),
      ),
    );
  }
  return printed.get(name);
}

function part(_, begin, key, example, kernel, end) {
  const text = findings(example, kernel).get(key);
  if (text === undefined) throw new Error(`${example} on ${kernel}: no ${key} was found`);
  return `${begin}\n${"```"}text\n${text.replace(/\n\n(?=lockbreak run )/, "\n\n$ ")}\n${"```"}\n\n${end}`;
}

const before = readFileSync(document, "utf8");
const after = before.replace(PART, part);
if (!process.argv.includes("--check")) writeFileSync(document, after);
else if (before !== after) {
  console.error("docs/races.md differs from what is found: node tools/races.mjs");
  process.exitCode = 1;
}
