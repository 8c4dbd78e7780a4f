// The esbuild plugin that builds the mutants of some folders in. Files that the instrumenter reads are mutated by that, with
// `prepare`; the others here.
import { generate } from "@babel/generator";
import { parse } from "@babel/parser";
import type { File } from "@babel/types";
import type { Plugin } from "esbuild";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { mutate, type Mutant } from "./mutate.ts";

export { random_numbers } from "../../src/engine/explore/random_numbers.ts";

export class Mutants {
  readonly all: Mutant[] = [];
  /** The number of each file's first mutant. */
  private readonly firsts = new Map<string, number>();

  /** @param folders below `root`; every .ts file in them is mutated */
  constructor(
    private readonly root: string,
    folders: readonly string[],
  ) {
    const below = (folder: string): string[] => {
      return readdirSync(path.join(root, folder), { recursive: true }).map((name) => `${folder}/${String(name)}`);
    };
    for (const file of folders
      .flatMap(below)
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .sort()) {
      this.firsts.set(file, this.all.length + 1);
      this.all.push(...mutate(parsed(readFileSync(path.join(root, file), "utf8")), file, this.all.length + 1));
    }
  }

  /** Mutates a file that was parsed; nothing if it is in none of the folders. */
  prepare(ast: File, file: string): void {
    const first = this.firsts.get(file);
    if (first !== undefined) mutate(ast, file, first);
  }

  /** Mutates the files outside `instrumented`, and serves the module that says which mutant is on. */
  plugin(instrumented: string): Plugin {
    return {
      name: "mutants",
      setup: (build) => {
        build.onLoad({ filter: /\.ts$/ }, ({ path: absolute }) => {
          const file = path.relative(this.root, absolute);
          if (!this.firsts.has(file) || file.startsWith(`${instrumented}/`)) return undefined;
          const ast = parsed(readFileSync(absolute, "utf8"));
          this.prepare(ast, file);
          return { contents: generate(ast).code, loader: "ts" };
        });
        build.onResolve({ filter: /^lockbreak:mutants$/ }, () => ({ path: path.join(this.root, "tools/mutants/chosen.mjs") }));
      },
    };
  }
}

function parsed(source: string): File {
  return parse(source, { sourceType: "module", plugins: ["typescript"] });
}
