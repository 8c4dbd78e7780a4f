// Numbers with their units, to base units: bytes and nanoseconds.

import { problems, type Problem } from "../program/diagnostics.ts";
import { PAGE_SIZE } from "../program/limits.ts";
import type { NumberUnit } from "../program/program.ts";
import { suggest } from "../program/suggest.ts";

const UNITS: Readonly<Record<string, readonly [NumberUnit, number]>> = {
  K: ["size", 1024],
  M: ["size", 1024 ** 2],
  G: ["size", 1024 ** 3],
  ns: ["time", 1],
  us: ["time", 1_000],
  ms: ["time", 1_000_000],
  s: ["time", 1_000_000_000],
};

export interface Literal {
  readonly value: number;
  readonly unit: NumberUnit;
}

/** The value of a number as written, `pages` if that word follows it. */
export function readNumber(text: string, pages: boolean): Literal | Problem {
  if (text.includes(".")) return problems.fraction(text);
  if (/^0[xX]/.test(text)) {
    if (!/^0[xX][0-9a-fA-F][0-9a-fA-F_]*$/.test(text) || pages) return problems.badNumber(text);
    return exact(Number(text.replaceAll("_", "")), "plain", text);
  }
  const [, digits, suffix] = /^([0-9][0-9_]*)(.*)$/.exec(text)!;
  const value = Number(digits!.replaceAll("_", ""));
  if (pages) return suffix === "" ? exact(value * PAGE_SIZE, "size", text) : problems.badNumber(`${text} pages`);
  if (suffix === "") return exact(value, "plain", text);
  const unit = UNITS[suffix!];
  if (unit !== undefined) return exact(value * unit[1], unit[0], text);
  const near = suggest(suffix!, Object.keys(UNITS));
  const problem = problems.unknownUnit(suffix!, "", near);
  return near === undefined ? problem : { ...problem, fix: { title: `Change to '${digits}${near}'`, text: `${digits}${near}` } };
}

/** A size as it is written in scenarios (`512M`, `4G`), in bytes; null if it is none, or none above 0. */
export function readSize(text: string): number | null {
  if (!/^[0-9]/.test(text)) return null;
  const size = readNumber(text, false);
  return "code" in size || size.unit === "time" || size.value === 0 ? null : size.value;
}

function exact(value: number, unit: NumberUnit, text: string): Literal | Problem {
  return Number.isSafeInteger(value) ? { value, unit } : problems.numberTooLarge(text);
}
