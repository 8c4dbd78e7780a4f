// The documentation of catalogue entries and of the symbols of a scenario as Markdown, for hover, completion and signature help.

import {
  CONSTANTS,
  COSTS,
  RULES,
  formatSignature,
  type CallEntry,
  type EventEntry,
  type FieldEntry,
  type FunctionEntry,
  type Parameter,
  type SettingEntry,
} from "../scenario/catalogue/index.ts";
import { formatSizeLiteral } from "../scenario/check/type-checker.ts";
import { PAGE_SIZE } from "../scenario/program/pages.ts";
import { parseNumber } from "../scenario/lower/literals.ts";
import { mappingFacts, constantOf, type MappingSymbol, type SymbolTable, type ProcessSymbol } from "./symbol-table.ts";
import type * as ast from "../scenario/generated/ast.ts";

const code = (text: string) => `\`\`\`vmscn\n${text}\n\`\`\`\n`;
const list = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join("");
const sections = (...parts: readonly string[]) => parts.filter((part) => part !== "").join("\n");

/** A system call, with its parameters, and the bodies in which it is possible. */
export function callMarkdown(entry: CallEntry): string {
  const where = entry.inSetup ? (entry.inTrigger ? "" : "Not possible in triggers.") : "In tasks only.";
  const kernel = entry.kernel === null ? "" : `Enters the kernel in \`${entry.kernel}\`.`;
  return sections(
    code(formatSignature(entry)),
    entry.doc,
    parametersMarkdown(entry.parameters),
    [kernel, where].filter((text) => text !== "").join(" "),
  );
}

/** A function of expressions, with its parameters. */
export function functionMarkdown(entry: FunctionEntry): string {
  return sections(code(formatSignature(entry)), entry.doc, parametersMarkdown(entry.parameters));
}

function parametersMarkdown(parameters: readonly Parameter[]): string {
  return list(parameters.map((parameter) => `\`${parameter.name}\`: ${parameterMarkdown(parameter)}`));
}

/** One sentence or two, without the name. */
export function parameterMarkdown({ doc, default: initial }: Parameter): string {
  if (initial === undefined || initial === null || initial === "") return doc;
  return `${doc} Left out: ${typeof initial === "object" ? initial.join("|") : initial}.`;
}

/** An event of triggers, and the names in scope in their `where`. */
export function eventMarkdown({ name, object, values, doc }: EventEntry): string {
  const seen = values.length === 0 ? "" : `Its \`where\` sees ${values.map((value) => `\`${value}\``).join(", ")}.`;
  return sections(code(`on ${name}${object === null ? "" : `(${object})`} { … }`), `When ${doc}.`, seen);
}

/** The rule of a check of the kernel, by the code of its finding. */
export function bugMarkdown(name: string): string {
  return sections(code(`expect bug ${name}`), RULES[name]?.rule ?? "");
}

/** A setting of `machine` or `explore`, its values and its default. */
export function settingMarkdown(entry: SettingEntry): string {
  const range = entry.kind === "number" ? `From ${entry.low} to ${entry.high}` : entry.values.join(", ");
  return sections(
    code(`${entry.name}: ${entry.kind === "number" ? "N" : "VALUE"}`),
    entry.doc,
    `${range}${entry.default === null ? "" : `; if not given, ${entry.default}`}.`,
  );
}

/** An operation, with its default cost in nanoseconds of model time. */
export function costMarkdown(name: keyof typeof COSTS): string {
  const { ns, doc } = COSTS[name];
  return sections(code(`cost ${name}: TIME`), `What it costs in model time: ${doc}.`, `If not given, ${ns}ns.`);
}

/** Is there a cost of this name? */
export function isCost(name: string): name is keyof typeof COSTS {
  return Object.hasOwn(COSTS, name);
}

/** A field; `owner` is the text before the dot. */
export function fieldMarkdown(field: FieldEntry, owner: string): string {
  return sections(code(`${owner}.${field.name}`), field.doc);
}

/** A constant, with its value. */
export function constantMarkdown(name: string): string {
  const value = CONSTANTS[name] ?? null;
  return value === null ? sections(code(name), "No object.") : code(`${name} = ${value}`);
}

/** A file, with its size if that is constant. */
export function fileMarkdown(node: ast.FileDeclaration): string {
  const size = constantOf(node.size);
  return sections(code(headOf(node)), size === undefined ? "" : `A file of ${inBytes(size)}.`);
}

/** A process, an array of processes, or a forked child, with its mappings. */
export function processMarkdown({ name, node, mappings }: ProcessSymbol): string {
  const variables = mappings.size === 0 ? "" : `Its mappings: ${[...mappings.keys()].map((mapping) => `\`${mapping}\``).join(", ")}.`;
  if (node.$type === "Assignment") {
    return sections(code(node.$cstNode?.text ?? node.name), `The process \`${name}\`, a copy of its parent.`, variables);
  }
  const count = constantOf(node.count);
  const which = count === undefined ? "A process." : `${count} processes, \`${node.name}[0]\` to \`${node.name}[${count - 1}]\`.`;
  return sections(code(headOf(node)), which, variables);
}

/** A task: the head of its declaration. */
export function taskMarkdown(node: ast.TaskDeclaration): string {
  return sections(code(headOf(node)), "A task.");
}

/** A mapping, and its static properties. */
export function mappingMarkdown(mapping: MappingSymbol, symbols: SymbolTable): string {
  const { node, process, assignments } = mapping;
  const facts = mappingFacts(mapping, symbols);
  const text = code(node.$cstNode?.text ?? mapping.name);
  const summary = `A mapping of process \`${process.name}\`${assignments > 1 ? `, assigned in ${assignments} places` : ""}.`;
  if (facts === undefined) return sections(text, summary);
  const { file, offset, length, prot, flags, at } = facts;
  const lines = [
    `file \`${file ?? "?"}\`${
      offset === undefined ? "" : `, from ${offset === 0 ? "its beginning" : `offset ${formatSizeLiteral(offset)}`}`
    }`,
    `length ${length === undefined ? "known during the run only" : inBytes(length)}`,
    `${prot}, ${flags}`,
    ...(at === undefined ? [] : [`at ${hex(at)}${length === undefined ? "" : ` .. ${hex(at + length)}`}`]),
  ];
  return sections(text, summary, list(lines));
}

/** The declaration without its body, on one line. */
export function headOf(node: ast.Declaration): string {
  const text = node.$cstNode?.text ?? "";
  const body = "body" in node ? node.body?.$cstNode : undefined;
  const head = body === undefined ? text : text.slice(0, body.offset - node.$cstNode!.offset);
  return head.replace(/\s+/g, " ").trim();
}

/** The value of a number literal in other units; undefined if there is none worth showing. */
export function numberMarkdown(digits: string, pages: boolean): string | undefined {
  const number = parseNumber(digits, pages);
  if ("code" in number) return undefined;
  const { value, unit } = number;
  const written = `\`${digits}${pages ? " pages" : ""}\``;
  if (unit === "size") return `${written} = ${value} bytes = ${inPages(value)}`;
  if (unit === "time") return `${written} = ${inTimeUnits(value, digits).join(" = ")}`;
  if (value < 10) return undefined;
  const other = /^0x/i.test(digits) ? String(value) : hex(value);
  const size = value >= PAGE_SIZE && value % PAGE_SIZE === 0 ? ` = ${formatSizeLiteral(value)}, page ${hex(value / PAGE_SIZE)}` : "";
  return `${written} = ${other}${size}`;
}

/** A time in the units that the literal does not have, unless they need many digits. */
function inTimeUnits(ns: number, digits: string): string[] {
  const units = [
    ["ns", 1],
    ["us", 1e3],
    ["ms", 1e6],
    ["s", 1e9],
  ] as const;
  return units
    .filter(([unit, factor]) => !new RegExp(`\\d${unit}$`).test(digits) && (factor === 1 || ns >= factor / 1000))
    .map(([unit, factor]) => `${ns / factor}${unit}`);
}

function inBytes(size: number): string {
  const short = formatSizeLiteral(size);
  return `${short === String(size) ? "" : `${short} = `}${size} bytes = ${inPages(size)}`;
}

function inPages(size: number): string {
  const pages = Math.floor(size / PAGE_SIZE);
  const rest = size % PAGE_SIZE;
  const whole = `${pages} page${pages === 1 ? "" : "s"}`;
  return rest === 0 ? whole : pages === 0 ? "less than a page" : `${whole} and ${rest} bytes`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
