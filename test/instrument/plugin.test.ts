import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import path from "node:path";
import { type BuildFailure, build } from "esbuild";
import type { Frames, Kernel } from "../../src/engine/machine/hooks.ts";
import { instrumentPlugin } from "../../tools/instrument/plugin.ts";
import { compileFolder, run, withFolder } from "./support.ts";

const HOOKS = path.resolve("src/engine/machine/hooks.ts");
const FILES = {
  "trace.ts": "export {};",
  "kernel/main.ts": `export { lower } from "./sub/lower.ts";
export function* top(n: number): Generator<any, number, any> {
  return yield* import_lower(n);
}
import { lower as import_lower } from "./sub/lower.ts";
`,
  "kernel/sub/lower.ts": `interface Erased {
  readonly n: number;
}
export function* lower(n: number): Generator<any, number, any> {
  const erased: Erased = { n };
  if (erased.n < 0)
    throw new Error("negative");
  return n;
}
`,
  "kernel/sub/unused.ts": "export function* unused(): Generator<any, void, any> {\n  return;\n}\n",
  "kernel/helper.ts": "export const helper = 1;\n",
};

async function failure(files: Record<string, string>): Promise<BuildFailure> {
  return withFolder({ ...FILES, ...files }, async (folder) => {
    try {
      await compileFolder(folder);
    } catch (error) {
      return error as BuildFailure;
    }
    return assert.fail("the build passed");
  });
}

describe("the plugin", () => {
  it("serves one table of every file below the folder, bundled or not, in order of their paths", async () => {
    const { sites } = await withFolder(FILES, compileFolder);
    assert.deepEqual(sites, [
      {
        file: "main.ts",
        line: 3,
        column: 3,
        endLine: 3,
        endColumn: 33,
        function: "top",
        parameters: ["n"],
        kind: "statement",
        entry: true,
      },
      { file: "main.ts", line: 3, column: 10, endLine: 3, endColumn: 32, function: "top", parameters: ["n"], kind: "call", entry: false },
      {
        file: "sub/lower.ts",
        line: 5,
        column: 3,
        endLine: 5,
        endColumn: 32,
        function: "lower",
        parameters: ["n"],
        kind: "statement",
        entry: true,
      },
      {
        file: "sub/lower.ts",
        line: 6,
        column: 3,
        endLine: 6,
        endColumn: 20,
        function: "lower",
        parameters: ["n"],
        kind: "statement",
        entry: false,
      },
      {
        file: "sub/lower.ts",
        line: 7,
        column: 5,
        endLine: 7,
        endColumn: 33,
        function: "lower",
        parameters: ["n"],
        kind: "statement",
        entry: false,
      },
      {
        file: "sub/lower.ts",
        line: 8,
        column: 3,
        endLine: 8,
        endColumn: 12,
        function: "lower",
        parameters: ["n"],
        kind: "statement",
        entry: false,
      },
      {
        file: "sub/unused.ts",
        line: 2,
        column: 3,
        endLine: 2,
        endColumn: 10,
        function: "unused",
        parameters: [],
        kind: "statement",
        entry: true,
      },
    ]);
  });

  it("numbers backtraces across files", async () => {
    const { $, main } = await withFolder(FILES, compileFolder);
    $.horizon = 2;
    const seen: Frames[] = [];
    run((main["top"] as (n: number) => Kernel<number>)(1), (frames) => {
      seen.push(frames);
      $.horizon = Infinity;
    });
    assert.deepEqual(seen, [
      [
        [2, { n: 1 }],
        [1, { n: 1 }],
      ],
    ]);
  });

  it("leaves the code as it is and serves an empty table, if asked to pass it through", async () => {
    const { sites, main, output } = await withFolder(FILES, (folder) => compileFolder(folder, { passthrough: true }));
    assert.deepEqual(sites, []);
    assert.deepEqual((main["top"] as (n: number) => Kernel<number>)(3).next(), { done: true, value: 3 });
    assert.doesNotMatch(output, /\.hit\(/);
  });

  it("keeps builds that share it apart, and sees sources that changed in between", async () => {
    await withFolder(FILES, async (folder) => {
      const plugin = instrumentPlugin({ folder: path.join(folder, "kernel"), hooks: HOOKS });
      const hits = async (entry: string) => {
        const { outputFiles } = await build({
          entryPoints: [path.join(folder, entry)],
          bundle: true,
          write: false,
          format: "esm",
          logLevel: "silent",
          plugins: [plugin],
        });
        return [...new Set([...(outputFiles[0]?.text ?? "").matchAll(/\.hit\((\d+)\)/g)].map(([, site]) => Number(site)))];
      };
      assert.deepEqual(await Promise.all([hits("kernel/main.ts"), hits("kernel/sub/unused.ts")]), [[2, 3, 4, 5, 0], [6]]);
      await writeFile(path.join(folder, "kernel/helper.ts"), "export function* helper() { return 1; }");
      assert.deepEqual(await hits("kernel/sub/unused.ts"), [7]);
    });
  });

  it("maps error stacks to the author's lines", async () => {
    const { main, output } = await withFolder(FILES, compileFolder);
    const encoded = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(output)?.[1] ?? "";
    const map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")));
    const mapped = (error: Error, name: string) => {
      const [, line, column] = new RegExp(`at (?:Object\\.)?${name} \\(data:.*:(\\d+):(\\d+)\\)`).exec(error.stack ?? "") ?? [];
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      return "originalSource" in entry
        ? `${path.basename(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : "unmapped";
    };
    assert.throws(
      () => (main["top"] as (n: number) => Kernel<number>)(-1).next(),
      (error: Error) => {
        assert.equal(mapped(error, "lower"), "lower.ts:7:11");
        assert.match(mapped(error, "top"), /^main\.ts:3:/);
        return true;
      },
    );
  });

  it("fails the build with every refusal of every file, its place and a way out", async () => {
    const { errors } = await failure({
      "kernel/main.ts": "export function* f() {\n  /* é */ try { g(); } finally { g(); }\n}\nfunction g() {}\n",
      "kernel/zap.ts": "export function* f() { var x = 1; yield x; }\n",
    });
    assert.deepEqual(
      errors.map(({ text, location }) => [text.split(":")[0], path.basename(location?.file ?? ""), location?.line, location?.column]),
      [
        ["INSTRUMENT_TRY", "main.ts", 2, 11],
        ["INSTRUMENT_VAR", "zap.ts", 1, 23],
        ["INSTRUMENT_YIELD", "zap.ts", 1, 34],
      ],
    );
    assert.match(errors[0]?.text ?? "", /Return an error value/);
  });

  it("fails the build with the place of a syntax error", async () => {
    const { errors } = await failure({ "kernel/main.ts": "export function* f() {\n  const = 1;\n}\n" });
    const [first] = errors;
    assert.deepEqual([first?.text, first?.location?.line, first?.location?.column], ["INSTRUMENT_SYNTAX: Unexpected token", 2, 8]);
  });
});
