// Number literals with their units, to base units: bytes and nanoseconds.

import { problems, type Problem } from "../program/diagnostics.ts";
import { PAGE_SIZE } from "../program/pages.ts";
import type { NumberUnit } from "../program/program.ts";
import { nearestName } from "../program/spelling.ts";

const UNIT_FACTORS: Readonly<Record<string, readonly [NumberUnit, number]>> = {
  K: ["size", 1024],
  M: ["size", 1024 ** 2],
  G: ["size", 1024 ** 3],
  ns: ["time", 1],
  us: ["time", 1_000],
  ms: ["time", 1_000_000],
  s: ["time", 1_000_000_000],
};

export interface NumberLiteralValue {
  readonly value: number;
  readonly unit: NumberUnit;
}

/** The value of a number literal, with `pages` if that keyword follows it; or the problem with it. */
export function parseNumber(text: string, pages: boolean): NumberLiteralValue | Problem {
  if (text.includes(".")) return problems.fraction(text);
  if (/^0[xX]/.test(text)) {
    if (!/^0[xX][0-9a-fA-F][0-9a-fA-F_]*$/.test(text) || pages) return problems.badNumber(text);
    return exactLiteral(Number(text.replaceAll("_", "")), "plain", text);
  }
  const [, digits, suffix] = /^([0-9][0-9_]*)(.*)$/.exec(text)!;
  const value = Number(digits!.replaceAll("_", ""));
  if (pages) return suffix === "" ? exactLiteral(value * PAGE_SIZE, "size", text) : problems.badNumber(`${text} pages`);
  if (suffix === "") return exactLiteral(value, "plain", text);
  const unit = UNIT_FACTORS[suffix!];
  if (unit !== undefined) return exactLiteral(value * unit[1], unit[0], text);
  const near = nearestName(suffix!, Object.keys(UNIT_FACTORS));
  const problem = problems.unknownUnit(suffix!, "", near);
  return near === undefined ? problem : { ...problem, fix: { title: `Change to '${digits}${near}'`, text: `${digits}${near}` } };
}

/** The bytes of a size literal (`512M`, `4G`); null if `text` is no size, or one of 0. */
export function parseSize(text: string): number | null {
  if (!/^[0-9]/.test(text)) return null;
  const size = parseNumber(text, false);
  return "code" in size || size.unit === "time" || size.value === 0 ? null : size.value;
}

function exactLiteral(value: number, unit: NumberUnit, text: string): NumberLiteralValue | Problem {
  return Number.isSafeInteger(value) ? { value, unit } : problems.numberTooLarge(text);
}
