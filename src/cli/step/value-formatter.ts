// Formats values of expressions: one line for plain ones, a line for each field of a struct.

import type { HostObject, Value } from "../../scenario/program/expression.ts";
import { format_hex, format_integer, format_range, is_address, name_of } from "../shared/format.ts";
import { VmArea } from "../../engine/kernel/common/mm_types.ts";
import { Task } from "../../engine/machine/task.ts";

/** Fields of a struct, and elements of an array, that are printed. */
const MAX_FIELDS = 60;
const MAX_ELEMENTS = 20;

/** All of a value; `name` is the last name of the expression it comes from, and tells addresses from other numbers. */
export function formatValueLines(name: string, value: Value): string[] {
  if (typeof value !== "object" || value === null) return [formatValueBriefly(name, value)];
  if (value.length !== undefined) return formatArrayLines(name, value, value.length);
  const names = [...(value.fieldNames?.() ?? [])];
  if (names.length === 0) return [formatValueBriefly(name, value)];
  const fields = names.slice(0, MAX_FIELDS).map((field) => `  ${field} = ${formatValueBriefly(field, value.field?.(field) ?? null)}`);
  const rest = names.length > MAX_FIELDS ? [`  … and ${names.length - MAX_FIELDS} more`] : [];
  return [`${formatValueBriefly(name, value)} {`, ...fields, ...rest, "}"];
}

function formatArrayLines(name: string, value: HostObject, length: number): string[] {
  const shown = Math.min(length, MAX_ELEMENTS);
  const elements = Array.from({ length: shown }, (_, at) => `  [${at}] = ${formatValueBriefly(name, value.element!(at))}`);
  return [`${plural(length)} {`, ...elements, ...(length > shown ? [`  … and ${length - shown} more`] : []), "}"];
}

/** A value on one line. */
export function formatValueBriefly(name: string, value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return number(name, value);
  if (typeof value === "string") return JSON.stringify(value);
  const { identity } = value;
  if (identity instanceof VmArea) return `${identity.name} (${format_range(identity.vm_start, identity.vm_end)})`;
  if (identity instanceof Task) return `${identity.name} (pid ${identity.pid})`;
  if (value.length !== undefined) return plural(value.length);
  const called = name_of(identity);
  return called === undefined || value.description.includes(called) ? value.description : `${value.description} '${called}'`;
}

/** Flags and addresses in hexadecimal; other numbers in decimal, and large ones in both. */
function number(name: string, value: number): string {
  if (is_address(name) || /flags$/.test(name)) return format_hex(value);
  const decimal = format_integer(value);
  return Number.isSafeInteger(value) && value >= 0x10000 ? `${decimal} (${format_hex(value)})` : decimal;
}

function plural(length: number): string {
  return length === 1 ? "an array of 1 element" : `an array of ${length} elements`;
}
