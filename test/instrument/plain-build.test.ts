// The plain build, on which searches run.

import assert from "node:assert/strict";
import { compile, compileFolder, run, withFolder } from "./support.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";

const SOURCE = `
export function* whiles(n: number): Kernel<number> { while (n-- > 0) ; return 1; }
export function* dos(n: number): Kernel<number> { do ; while (n-- > 0); return 2; }
export function* fors(n: number): Kernel<number> { for (;;) if (n-- <= 0) break; return 3; }
export function* counts(n: number): Kernel<number> { for (let i = 0; i < n; i++) yield* whiles(1); return 4; }
export function direct(n: number): Kernel<number> { return whiles(n); }
export function other(n: number): number { while (n-- > 0) ; return 5; }
`;

const unexpected = () => assert.fail("stopped");

type Functions = Readonly<Record<string, (n: number) => Kernel<number>>>;

describe("the plain build", () => {
  it("has no hooks, and variants only of functions that may be interrupted", async () => {
    const { main } = await compile(SOURCE);
    const variants = Object.keys(main).filter((name) => name.endsWith("$plain"));
    assert.deepEqual(variants.sort(), ["counts$plain", "direct$plain", "dos$plain", "fors$plain", "whiles$plain"]);
    for (const name of variants) assert.doesNotMatch(String(main[name]), /\$\.hit|\$call|yield \[/, name);
  });

  it("counts the iterations of loops, so that every loop can be ended", async () => {
    const { $, main } = await compile(SOURCE);
    const functions = main as unknown as Functions;
    for (const [name, rounds] of [
      ["whiles", 1_001],
      ["dos", 1_001],
      ["fors", 1_000],
      ["direct", 1_001],
      ["counts", 3_000],
    ] as const) {
      $.step = 0;
      $.horizon = Infinity;
      run(functions[`${name}$plain`]!(1_000), unexpected);
      assert.equal($.step, rounds, name);
    }
    for (const name of ["whiles", "dos", "fors", "counts"]) {
      $.step = 0;
      $.horizon = 100;
      $.check_divergence = () => {
        throw new Error("divergent");
      };
      assert.throws(() => run(functions[`${name}$plain`]!(Infinity), unexpected), /^Error: divergent$/, name);
      assert.equal($.step, 100, name);
    }
  });

  it("calls its own variants from file to file", async () => {
    const files = {
      "trace.ts": "export {};",
      "kernel/main.ts":
        'import { low as lower } from "./low.ts";\n' +
        "export function* high(): Kernel<number> { const { f } = { f: lower }; return (yield* f(2)) + (yield* lower(3)); }",
      "kernel/low.ts": "export function* low(n: number): Kernel<number> { return n; }\n",
    };
    const { $, main } = await withFolder(files, compileFolder);
    $.step = $.horizon = 0;
    assert.equal(run(main["high$plain"]!(), unexpected), 5);
    assert.equal($.step, 0);
  });
});
