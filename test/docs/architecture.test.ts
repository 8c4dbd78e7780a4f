// The files and functions that ARCHITECTURE.md names exist.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

describe("ARCHITECTURE.md", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");

  // Tests are named in full: below test/ there may be a whole VS Code, with files of any name.
  it("names files that exist, in full or by the end of their path", () => {
    const paths = [...text.matchAll(/`([\w./-]+\.(?:ts|mjs|js|md|langium))`/g)].map(([, path]) => path!);
    assert.ok(paths.length > 60);
    const files = ["src", "tools", "docs"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `/${folder}/${file.replaceAll("\\", "/")}`),
    );
    const built = readFileSync("tools/build.mjs", "utf8");
    const missing = paths.filter(
      (path) => !existsSync(path) && !files.some((file) => file.endsWith(`/${path}`)) && !built.includes(`at("${path}")`),
    );
    assert.deepEqual(missing, []);
  });

  it("leads through functions that are where it says", () => {
    const steps = [...text.matchAll(/^\| `(src\/[\w/.-]+\.ts)` \| `(\w+)` \|/gm)];
    assert.ok(steps.length > 10);
    for (const [, file, name] of steps) {
      const declaration = new RegExp(`(?:function\\*? |^  (?:private )?\\*?)${name}[(<]`, "m");
      assert.match(readFileSync(file!, "utf8"), declaration, `${file} has no function ${name}`);
    }
  });
});
