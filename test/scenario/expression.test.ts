// The evaluator against a second, independent way to compute the same, and its errors.

import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate, isError, parseExpression, type Environment, type HostObject, type Value } from "../../src/scenario/index.ts";

const vma: HostObject = {
  description: "a vm_area_struct",
  identity: "vma",
  field: (name) => ({ vm_start: 0x4000_0000, vm_end: 2 ** 64, vm_next: null })[name],
  fieldNames: () => ["vm_start", "vm_end", "vm_next"],
};
const list: HostObject = { description: "a list", identity: "list", length: 2, element: (i) => [vma, 7][i]! };
const mapping: HostObject = { description: "the mapping 'V'", identity: "V", slice: (from, to) => from * 1000 + to };
const values: Record<string, Value> = { vma, list, mapping, ten: 10, NULL: null, word: "abc" };
const environment: Environment = {
  lookup: (name) => values[name],
  names: () => Object.keys(values),
  callFunction: (name, args) => (name === "mapped" ? Number(args.beyond === "size") : name === "rss" ? { failure: "it has ended" } : 1_000),
  lastResult: (call, args) => (call === "munmap" && args.range === 1_005 ? -22 : { failure: "it was not called" }),
};

function value(text: string): Value | string {
  const { expr, diagnostics } = parseExpression(text);
  if (expr === undefined) return diagnostics.map((d) => d.code).join();
  const result = evaluate(expr, environment);
  return isError(result) ? `${result.code} ${result.range.column}-${result.range.endColumn}` : result;
}

/** A tree of operators, as the text to parse and as its value by JavaScript's BigInt; null where there is none. */
interface Sum {
  readonly text: string;
  readonly value: bigint | null;
  /** How tightly the topmost operator binds. */
  readonly level: number;
}

const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const OPERATORS = LEVELS.flat();
const inside = (n: bigint | null) => (n !== null && n >= -(2n ** 53n) + 1n && n <= 2n ** 53n - 1n ? n : null);

function compute(operator: string, a: bigint | null, b: bigint | null): bigint | null {
  if (a === null) return null;
  if (operator === "&&") return a === 0n ? 0n : b === null ? null : BigInt(b !== 0n);
  if (operator === "||") return a !== 0n ? 1n : b === null ? null : BigInt(b !== 0n);
  if (b === null) return null;
  switch (operator) {
    case "+":
      return inside(a + b);
    case "-":
      return inside(a - b);
    case "*":
      return inside(a * b);
    case "/":
      return b === 0n ? null : inside(a / b);
    case "%":
      return b === 0n ? null : inside(a % b);
    case "<<":
      return b < 0n || b > 63n ? null : inside(a << b);
    case ">>":
      return b < 0n || b > 63n ? null : inside(a >> b);
    case "&":
      return inside(a & b);
    case "|":
      return inside(a | b);
    case "^":
      return inside(a ^ b);
    case "<":
      return BigInt(a < b);
    case "<=":
      return BigInt(a <= b);
    case ">":
      return BigInt(a > b);
    case ">=":
      return BigInt(a >= b);
    case "==":
      return BigInt(a === b);
    default:
      return BigInt(a !== b);
  }
}

function combine(operator: string, left: Sum, right: Sum): Sum {
  const level = LEVELS.findIndex((operators) => operators.includes(operator));
  // Parentheses only where precedence or association to the left needs them.
  const wrap = (part: Sum, needed: boolean) => (needed ? `(${part.text})` : part.text);
  return {
    text: `${wrap(left, left.level < level)} ${operator} ${wrap(right, right.level <= level)}`,
    value: compute(operator, left.value, right.value),
    level,
  };
}

function negate(operator: string, part: Sum): Sum {
  const v = part.value;
  const result = v === null ? null : operator === "-" ? -v : operator === "~" ? inside(~v) : BigInt(v === 0n);
  return { text: `${operator} ${part.level < LEVELS.length ? `(${part.text})` : part.text}`, value: result, level: LEVELS.length };
}

const sums = fc.letrec<{ sum: Sum }>((tie) => ({
  sum: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(fc.nat(70), fc.nat(), fc.maxSafeNat()).map((n): Sum => ({ text: String(n), value: BigInt(n), level: LEVELS.length + 1 })),
    fc.tuple(fc.constantFrom("-", "!", "~"), tie("sum")).map(([operator, part]) => negate(operator, part)),
    fc.tuple(fc.constantFrom(...OPERATORS), tie("sum"), tie("sum")).map(([operator, left, right]) => combine(operator, left, right)),
  ),
})).sum;

describe("expressions", () => {
  it("compute as exact integers do, with C's precedence", () => {
    fc.assert(
      fc.property(sums, (sum) => {
        const result = value(sum.text);
        if (sum.value === null) assert.match(String(result), /^VMSCN09[017]/, sum.text);
        else assert.equal(result, Number(sum.value), sum.text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("read fields, elements, ranges and functions", () => {
    assert.equal(value("vma.vm_start + 16K"), 0x4000_4000);
    assert.equal(value("vma->vm_start == list[0].vm_start"), 1);
    assert.equal(value("list[0] == vma && vma != NULL && !vma->vm_next"), 1);
    assert.equal(value("vma.vm_end > 0xffff_ffff and vma.vm_end != 0"), 1);
    assert.equal(value("mapping[2 .. 3 pages]"), 2000 + 3 * 4096);
    assert.equal(value("mapped(x) + mapped(x, beyond: size)"), "VMSCN030 8-9");
    assert.equal(value("mapped(ten) * 10 + mapped(ten, beyond: size)"), 1);
    assert.equal(value("max_wait(ten) < 2us"), 1);
    assert.equal(value('word == "abc"'), 1);
    assert.equal(value("ten > 5 ? 1ms : 1 / 0"), 1_000_000);
    assert.equal(value("0 && 1 / 0 || 1"), 1);
  });

  it("say what is wrong, and where", () => {
    assert.equal(value("1 + 2 / (ten - 10)"), "VMSCN090 9-19");
    assert.equal(value("9007199254740991 + 1"), "VMSCN091 1-21");
    assert.equal(value("ten + vma"), "VMSCN092 7-10");
    assert.equal(value("vma.vm_next.vm_start"), "VMSCN093 1-21");
    assert.equal(value("ten.vm_start"), "VMSCN094 5-13");
    assert.equal(value("list[2]"), "VMSCN095 6-7");
    assert.equal(value("vma[0]"), "VMSCN096 1-4");
    assert.equal(value("1 << 64"), "VMSCN097 6-8");
    assert.equal(value("vma[0 .. 4K]"), "VMSCN098 1-4");
    assert.equal(value("rss(ten)"), "VMSCN099 1-9");
    assert.equal(value("vma == 5"), "VMSCN063 1-9");
    assert.equal(value("1 +"), "VMSCN010");
    assert.equal(value(""), "VMSCN010");
    assert.equal(value("(1"), "VMSCN011");
    assert.equal(value("touch(vma)"), "VMSCN056");
    const { expr } = parseExpression("vma.vm_strat");
    const result = evaluate(expr!, environment);
    assert.ok(isError(result));
    assert.match(result.message, /^a vm_area_struct has no field 'vm_strat'\. Did you mean 'vm_start'\?$/);
  });
});
