// Write barriers, against what a Proxy sees of the same writes.

import assert from "node:assert/strict";
import { compile, run, withFolder, compileFolder } from "./support.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";

// Its types are stripped without being checked, so `any` serves as well as another.
const SOURCE = `
export class Box { n = 0; constructor() { this.n = 1; } grow(by: number) { this.n += by; return this.n; } }
const set = (box: any, n: number): void => { box.n = n; };
const methods = { put(table: any, at: number, value: number) { table[at] = value; table[at + 1] = value >> 1; } };
function plain(box: any, list: any): number {
  box.n = list[1] = box.n + 1;
  for (let i = 0; i < 2; box.n++, i++) list[i + 1] |= 8;
  box.other!.n ??= 3;
  box.other!.n ??= 4;
  return --box.n;
}
export function* all(box: any, list: any): Kernel<number> {
  box.n = 5;
  box.n += yield* inner(box);
  if ((box.n -= 1) > 3) list[0] = plain(box, list); else box.n = 100;
  [1, 2].forEach((x) => { list[x] = x; });
  set(box, 7);
  methods.put(list, 1, 6);
  box.grow(2);
  return box.n;
}
function* inner(box: any): Kernel<number> { box.n = box.n * 2; return 1; }
`;

const unexpected = () => assert.fail("stopped");

type Log = [object: string, key: string, old: unknown][];

/** An object that notes what is written to it. */
function noting<T extends object>(name: string, object: T, log: Log): T {
  return new Proxy(object, {
    set(target, key, value, receiver) {
      log.push([name, String(key), Reflect.get(target, key) as unknown]);
      return Reflect.set(target, key, value, receiver) && true;
    },
    defineProperty: (target, key, descriptor) => Reflect.defineProperty(target, key, descriptor),
  });
}

describe("write barriers", () => {
  it("report every write, right before it, and nothing else", async () => {
    const { $, main } = await compile(SOURCE);
    const written: Log = [];
    const reported: Log = [];
    const Box = main["Box"] as unknown as new () => { n: number; other?: object };
    const other = noting("other", { n: null }, written);
    const box = noting("box", Object.assign(new Box(), { other }), written);
    const list = noting("list", [0, 0, 0, 0], written);
    const names = new Map<object, string>([
      [other, "other"],
      [box, "box"],
      [list, "list"],
    ]);
    $.write = (object, key) => reported.push([names.get(object)!, String(key), (object as Record<string, unknown>)[key]]);
    $.watching = true;
    $.horizon = Infinity;
    const result = run((main["all$watched"] as (box: object, list: object) => Kernel<number>)(box, list), unexpected);
    assert.equal(result, 9);
    assert.deepEqual(reported, written);
    assert.equal(reported.length, 19);
  });

  it("cost nothing where no data is watched: functions have none, methods test a flag first", async () => {
    const { $, main } = await compile(SOURCE);
    $.horizon = Infinity;
    $.write = () => assert.fail("reported");
    const Box = main["Box"] as unknown as new () => { other?: object };
    const box = Object.assign(new Box(), { other: { n: 1 } });
    assert.equal(run((main["all"] as (box: object, list: object) => Kernel<number>)(box, [0, 0, 0, 0]), unexpected), 9);
    assert.doesNotMatch(String(main["all"]), /write|store/);
  });

  it("follow calls from file to file, and past names that hide others", async () => {
    const files = {
      "trace.ts": "export {};",
      "kernel/main.ts": `import { low as lower, LIMIT, type Shape } from "./low.ts";
export function high(x: Shape): number { const both = { lower, deep: lower }; return both.deep(x) + LIMIT + hidden((y: Shape) => y.n, x); }
function hidden(lower: (x: Shape) => number, x: Shape) { return lower(x); }
`,
      "kernel/low.ts":
        "export interface Shape { n: number }\nexport const LIMIT = 10;\nexport function low(x: Shape): number { x.n = 1; return 5; }\n",
    };
    const { $, main } = await withFolder(files, compileFolder);
    const reported: unknown[] = [];
    $.write = (object, key) => reported.push([object, key]);
    const x = { n: 0 };
    assert.equal((main["high"] as unknown as (x: object) => number)(x), 16);
    assert.deepEqual(reported, []);
    assert.equal((main["high$watched"] as unknown as (x: object) => number)(x), 16);
    assert.deepEqual(reported, [[x, "n"]]);
  });
});
