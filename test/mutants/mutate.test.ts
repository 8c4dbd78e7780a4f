// Mutants are built in as expressions: with none on, a file does what it did, statement by statement; with one on, that one thing
// is different.

import { generate } from "@babel/generator";
import { parse } from "@babel/parser";
import { transform } from "esbuild";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { instrument } from "../../tools/instrument/instrument.ts";
import { mutate, type Mutant } from "../../tools/mutants/mutate.ts";

type Run = (...args: unknown[]) => unknown;

/** The mutants of a file that exports `run`, and `run` with one of them on. */
async function mutated(source: string): Promise<{ mutants: Mutant[]; load: (on: number) => Promise<Run> }> {
  const ast = parse(source, { sourceType: "module", plugins: ["typescript"] });
  const mutants = mutate(ast, "main.ts", 1);
  const { code } = await transform(generate(ast).code, { loader: "ts" });
  const load = async (on: number): Promise<Run> => {
    const chosen = `const $mutant = ${on}; const $reached = () => false;\n`;
    const text = chosen + code.replace(/^import .*"lockbreak:mutants";$/m, "");
    return ((await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`)) as { run: Run }).run;
  };
  return { mutants, load };
}

/** What `run` gives for each of `inputs`; what it throws, by the name of the error. */
function values(run: Run, inputs: readonly unknown[][]): unknown[] {
  return inputs.map((args) => {
    try {
      return run(...args);
    } catch (error) {
      return (error as Error).name;
    }
  });
}

interface Case {
  readonly source: string;
  readonly inputs: readonly unknown[][];
  readonly plain: readonly unknown[];
  /** What comes out with each mutant on. */
  readonly mutants: Readonly<Record<string, readonly unknown[]>>;
}

const CASES: readonly Case[] = [
  {
    source: "export const run = (a: number, b: number): boolean => a >= b;",
    inputs: [
      [1, 2],
      [2, 2],
      [3, 2],
    ],
    plain: [false, true, true],
    mutants: { ">= → >": [false, false, true] },
  },
  {
    source: "export function run(a: number): number { if (a === 1) return 7; return a + 40; }",
    inputs: [[1], [2]],
    plain: [7, 42],
    mutants: { "=== → !==": [41, 7], "1 → 2": [41, 7], "7 → 8": [8, 42], "+ → -": [7, -38] },
  },
  {
    source: "export function run(a: boolean, b: boolean): boolean { return !a && b; }",
    inputs: [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ],
    plain: [false, false, true, false],
    mutants: { "&& → ||": [true, false, true, true], "! removed": [true, false, false, false] },
  },
  {
    source:
      "function* both(a: boolean, b: boolean): Generator<never, boolean> { return (yield* one(a)) && (yield* one(b)); } " +
      "function* one(x: boolean): Generator<never, boolean> { return x; } " +
      "export const run = (a: boolean, b: boolean): unknown => both(a, b).next().value;",
    inputs: [
      [true, true],
      [true, false],
      [false, true],
    ],
    plain: [true, false, false],
    mutants: { "&& → its left side": [true, true, false] },
  },
  {
    source: "export function run(a: { b?: number } | null): number { return a?.b ?? -50; }",
    inputs: [[{ b: 20 }], [{}], [null]],
    plain: [20, -50, -50],
    mutants: { "?. → .": [20, -50, "TypeError"], "?? → its left side": [20, undefined, undefined], "?? → its right side": [-50, -50, -50] },
  },
  {
    source:
      "export function run(b: number): unknown { const a: number[] = []; a.push(b); let sum = 20; " +
      "for (const x of a) sum += Math.max(x, 30); return sum; }",
    inputs: [[40]],
    plain: [60],
    mutants: { "call removed": [20], "+= → -=": [-20], "Math.max → Math.min": [50] },
  },
  {
    source: "export function run(a: number): unknown { let n = 20; while (a > 30) { a--; n++; } return [n, a > 25 ? true : null]; }",
    inputs: [[32], [20]],
    plain: [
      [22, true],
      [20, null],
    ],
    mutants: {
      "> → >=": [
        [23, true],
        [20, null],
      ],
      "++ → --": [
        [18, true],
        [20, null],
      ],
      "true → false": [
        [22, false],
        [20, null],
      ],
    },
  },
];

describe("mutants", () => {
  for (const { source, inputs, plain, mutants: expected } of CASES) {
    it(`of ${source}`, async () => {
      const { mutants, load } = await mutated(source);
      assert.deepEqual(values(await load(0), inputs), plain);
      for (const [name, wanted] of Object.entries(expected)) {
        const mutant = mutants.find(({ mutation }) => mutation === name);
        assert.ok(mutant !== undefined, `${name} is not among ${mutants.map(({ mutation }) => mutation).join(", ")}`);
        assert.deepEqual(values(await load(mutant.id), inputs), wanted, name);
      }
    });
  }

  it("are listed with their places; there are none in what a module evaluates when it is loaded, nor in types and strings", async () => {
    const { mutants } = await mutated(
      'const SIZE = 2 + 3;\nexport type Two = 2;\nexport function run(a: number): string {\n  return "x" + (a < SIZE ? "1" : "2");\n}\n',
    );
    assert.deepEqual(mutants, [
      { id: 1, file: "main.ts", line: 4, column: 17, mutation: "< → <=" },
      { id: 2, file: "main.ts", line: 4, column: 17, mutation: "condition negated" },
    ]);
  });

  it("leave kernel files their sites", () => {
    for (const name of ["2.6.11/memory.ts", "2.6.38/truncate.ts", "common/fault.ts", "common/mprotect.ts"]) {
      const source = readFileSync(`src/engine/kernel/${name}`, "utf8");
      const input = {
        file: name,
        hooks: "hooks.ts",
        firstSite: 0,
        functions: () => ({ watched: new Set<string>(), plain: new Set<string>() }),
      };
      let found = 0;
      const { sites } = instrument(source, { ...input, prepare: (ast) => void (found = mutate(ast, name, 1).length) });
      assert.deepEqual(sites, instrument(source, input).sites, name);
      assert.ok(found > 20, name);
    }
  });
});
