import assert from "node:assert/strict";
import type { Frame, Frames, Kernel } from "../../src/engine/machine/hooks.ts";
import { type Instrumented, instrument } from "../../tools/instrument/instrument.ts";
import { InstrumentError } from "../../tools/instrument/problems.ts";
import { compile, run, stops, textOf } from "./support.ts";

function instrumented(source: string): Instrumented {
  return instrument(source, {
    file: "main.ts",
    hooks: "../machine/hooks.ts",
    firstSite: 0,
    functions: () => ({ watched: new Set(), plain: new Set() }),
  });
}

function siteTexts(source: string): string[] {
  return instrumented(source).sites.map((site) => `${site.kind === "call" ? "call " : site.entry ? "entry " : ""}${textOf(source, site)}`);
}

describe("sites", () => {
  it("are all statements and calls of generator functions, and nothing else", () => {
    const source = `
const outside = 1;
export function plain(n: number) { return n + outside; }
export function* all(n: number, list: number[]): Kernel<number> {
  ;
  type Local = number; interface Shape { x: Local }
  declare const ambient: number;
  function helper() { return 1; }
  { const inner = helper(); void inner; }
  if (n /* ) { */ > (1)) n--; else if (n === 1) { n++; } else n = 0;
  again:
  for (let i = 0, j = (n); i < j; i++)
    for (const x of list) { if (x) continue again; else break again; }
  for (const key in list) void key;
  for (;;) { break; }
  while (n > 3) n--;
  do { n++; } while (n < 2)
  do n += 2; while (n < 5);
  block: { break block; }
  switch (n) { case yield* one(n): n = 1; case 2: { const two = 2; return two; } default: break; }
  list.forEach((x) => { const y = x; void (n + y); });
  const a = yield* one(yield* one(2)), b = a;
  class Local2 { static s = 1; }
  throw new Error(String(a +
    b));
}
export default function* one(n: number): Kernel<number> { return n; }
`;
    assert.deepEqual(siteTexts(source), [
      "entry const inner = helper();",
      "void inner;",
      "if (n /* ) { */ > (1))",
      "n--;",
      "if (n === 1)",
      "n++;",
      "n = 0;",
      "for (let i = 0, j = (n); i < j; i++)",
      "i < j; i++",
      "for (const x of list)",
      "if (x)",
      "continue again;",
      "break again;",
      "for (const key in list)",
      "void key;",
      "for (;;)",
      "break;",
      "while (n > 3)",
      "n--;",
      "n++;",
      "while (n < 2)",
      "n += 2;",
      "while (n < 5)",
      "break block;",
      "switch (n)",
      "call yield* one(n)",
      "n = 1;",
      "const two = 2;",
      "return two;",
      "break;",
      "list.forEach((x) => { const y = x; void (n + y); });",
      "const a = yield* one(yield* one(2)), b = a;",
      "call yield* one(2)",
      "call yield* one(yield* one(2))",
      "class Local2 { static s = 1; }",
      "throw new Error(String(a +\n    b));",
      "entry return n;",
    ]);
  });

  it("are not in plain functions", () => {
    const { code, sites } = instrumented("export const f = (x: number) => x;\nfunction g() { return 1; }\n");
    assert.deepEqual(sites, []);
    assert.doesNotMatch(code, /\.hit/);
  });

  it("stop on entry to a loop and again at every iteration", async () => {
    const source = `export function* f(n: number): Kernel<void> {
  for (let i = 0; i < n; i++) if (i === 0) continue;
  while (n > 0) n--;
  do n++; while (n < 2);
  for (;;) if (n-- < 2) break;
}`;
    assert.deepEqual((await stops(source, "f", 2)).stops, [
      "for (let i = 0; i < n; i++) {n}",
      "if (i === 0) {n i}",
      "continue; {n i}",
      "i < n; i++ {n i}",
      "if (i === 0) {n i}",
      "i < n; i++ {n i}",
      "while (n > 0) {n}",
      "n--; {n}",
      "while (n > 0) {n}",
      "n--; {n}",
      "while (n > 0) {n}",
      "n++; {n}",
      "while (n < 2) {n}",
      "n++; {n}",
      "while (n < 2) {n}",
      "for (;;) {n}",
      "if (n-- < 2) {n}",
      "if (n-- < 2) {n}",
      "break; {n}",
    ]);
  });

  it("count even the iterations of an empty endless loop", async () => {
    const { $, main } = await compile("export function* f(): Kernel<void> { for (;;); }");
    $.horizon = 1000;
    const kernel = (main["f"] as () => Kernel<void>)();
    assert.deepEqual(kernel.next(), { done: false, value: [[1, {}]] });
    assert.equal($.step, 1000);
  });
});

// The types in these texts are stripped without being checked, so `any` serves as well as another.
describe("locals", () => {
  it("are the parameters and variables declared before and visible, outer first", async () => {
    const source = `const module_level = 1;
export function* f(this: void, { a, b: [b] }: any, c = 2, ...rest: number[]): Kernel<number> {
  const d = a, e = yield* g(d);
  {
    void 0;
    const a = 5, { z, y = a } = { z: e + module_level };
    let u: number;
    u = z + y;
    void u;
  }
  for (let d = yield* g(8), k = d; k < 9; k++) void k;
  for (const [p, q] of [[1, yield* g(2)]]) void q;
  { void 1; function c() {} class b {} c(); void b; }
  return a + b + c + rest.length;
}
function* g(x: number): Kernel<number> { return x; }`;
    const outer = "a b c rest d e";
    assert.deepEqual((await stops(source, "f", { a: 1, b: [2] }, 3, 4)).stops, [
      "const d = a, e = yield* g(d); {a b c rest}",
      "return x; {x} < yield* g(d) {a b c rest d}",
      "void 0; {b c rest d e}",
      "const a = 5, { z, y = a } = { z: e + module_level }; {b c rest d e}",
      "let u: number; {b c rest d e a z y}",
      "u = z + y; {b c rest d e a z y u}",
      "void u; {b c rest d e a z y u}",
      `for (let d = yield* g(8), k = d; k < 9; k++) {${outer}}`,
      "return x; {x} < yield* g(8) {a b c rest e}",
      "void k; {a b c rest e d k}",
      "k < 9; k++ {a b c rest e d k}",
      `for (const [p, q] of [[1, yield* g(2)]]) {${outer}}`,
      `return x; {x} < yield* g(2) {${outer}}`,
      `void q; {${outer} p q}`,
      "void 1; {a rest d e}",
      "class b {} {a rest d e}",
      "c(); {a rest d e}",
      "void b; {a rest d e}",
      `return a + b + c + rest.length; {${outer}}`,
    ]);
  });

  it("are read anew at every stop", async () => {
    const { $, main } = await compile(
      `export function* f(n: number): Kernel<number> { n *= 2; for (let i = 0; i < 1; i++) n += 1; return n; }`,
    );
    $.horizon = 0;
    const seen: Frames = [];
    const result = run((main["f"] as (n: number) => Kernel<number>)(4), ([frame]) => seen.push(frame as Frame));
    assert.deepEqual(seen, [
      [0, { n: 4 }],
      [1, { n: 8 }],
      [3, { n: 8, i: 0 }],
      [2, { n: 9, i: 0 }],
      [4, { n: 9 }],
    ]);
    assert.equal(result, 9);
  });
});

describe("names", () => {
  it("of the hooks collide with nothing in the file", async () => {
    const source = `export function* f($: number): Kernel<number> { const $call = $; return (yield* g($call)) + 1; }
function* g($1: number): Kernel<number> { const $inner = $1; return $inner; }`;
    assert.deepEqual(await stops(source, "f", 4), {
      stops: [
        "const $call = $; {$}",
        "return (yield* g($call)) + 1; {$ $call}",
        "const $inner = $1; {$1} < yield* g($call) {$ $call}",
        "return $inner; {$1 $inner} < yield* g($call) {$ $call}",
      ],
      result: 5,
    });
  });
});

describe("refusals", () => {
  const cases: [code: string, at: string, source: string][] = [
    ["INSTRUMENT_TRY", "1:24", "export function* f() { try { g(); } finally { h(); } }"],
    ["INSTRUMENT_TRY", "2:3", "function* f() {\n  try { g(); } catch { h(); }\n}"],
    ["INSTRUMENT_VAR", "1:22", "function* f() { for (var i = 0; ; ) { void i; } }"],
    ["INSTRUMENT_YIELD", "1:23", "function* f() { void (yield 1); }"],
    ["INSTRUMENT_ASYNC", "1:8", "export async function* f() {}"],
    ["INSTRUMENT_METHOD", "1:11", "class A { *f() {} }"],
    ["INSTRUMENT_METHOD", "1:13", "const a = { *f() {} };"],
    ["INSTRUMENT_EXPRESSION", "1:11", "const a = function* () {};"],
    ["INSTRUMENT_NESTED", "1:17", "function* f() { function* g() {} }"],
    ["INSTRUMENT_NESTED", "1:16", "function f() { function* g() {} }"],
    ["INSTRUMENT_NAME", "1:16", "export default function* () {}"],
    ["INSTRUMENT_ARGUMENTS", "1:26", "function* f() { (() => g(arguments))(); }"],
    ["INSTRUMENT_CAPTURE", "1:47", "function* f(list, n) { list.forEach((x) => { ({ n } = x); }); }"],
    ["INSTRUMENT_CAPTURE", "1:36", "function* f() { let n = 0; g(() => n++); }"],
    ["INSTRUMENT_CASE", "1:47", "function* f(x: number) { switch (x) { case 1: const y = x; } }"],
    ["INSTRUMENT_WRITE", "1:27", "export function f(x: T) { g(x).y = 1; }"],
    ["INSTRUMENT_WRITE", "1:25", "function f(x: T) { g(); x.list[n++] += 1; }"],
    ["INSTRUMENT_WRITE", "1:23", "const f = (x: T) => { [x.y, x.z] = [1, 2]; }"],
    ["INSTRUMENT_TRACE", "1:17", 'function* f() { trace("bug", { n: yield* g() }); }'],
    ["INSTRUMENT_TRACE", "1:17", 'function f(n) { trace("bug", { n: n++ }); }'],
    ["INSTRUMENT_USING", "1:17", "function* f() { using x = g(); }"],
    ["INSTRUMENT_SYNTAX", "2:3", "function* f() {\n} }"],
  ];
  for (const [code, at, source] of cases) {
    it(`${code}: ${source.replace(/\s+/g, " ")}`, () => {
      assert.throws(
        () => instrumented(source),
        (error) => error instanceof InstrumentError && error.problems.length === 1 && error.message.startsWith(`main.ts:${at}: ${code}: `),
      );
    });
  }

  it("concern generator functions only", () => {
    const { sites } = instrumented(`function f() { try { var x = arguments; return x; } finally { g(); } }
function* h() { const k = function () { var y = arguments; try { return y; } catch { return 0; } }; return k(); }`);
    assert.equal(sites.length, 2);
  });

  it("are all reported, in order", () => {
    assert.throws(
      () => instrumented("function* f() { var x = 1; try {} finally {} }\nclass A { async *g() { yield 1; } }"),
      (error) =>
        error instanceof InstrumentError &&
        error.problems.map(({ code }) => code).join() === "INSTRUMENT_VAR,INSTRUMENT_TRY,INSTRUMENT_ASYNC,INSTRUMENT_YIELD",
    );
  });
});
