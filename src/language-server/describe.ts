// The catalogue's entries and the things of a scenario as Markdown, for hover, completion and signature help.

import { CONSTANTS, COSTS, RULES, signature, type CallEntry, type EventEntry, type FieldEntry, type FunctionEntry, type Parameter, type SettingEntry } from "../scenario/catalogue/index.ts";
import { showSize } from "../scenario/check/kinds.ts";
import { PAGE_SIZE } from "../scenario/program/limits.ts";
import { readNumber } from "../scenario/lower/literals.ts";
import { mappingFacts, valueOf, type Mapping, type Names, type Process } from "./names.ts";
import type * as ast from "../scenario/generated/ast.ts";

const code = (text: string) => `\`\`\`vmscn\n${text}\n\`\`\`\n`;
const list = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join("");
const sections = (...parts: readonly string[]) => parts.filter((part) => part !== "").join("\n");

/** A system call, with its parameters, and where it may stand. */
export function describeCall(entry: CallEntry): string {
  const where = entry.inSetup ? (entry.inTrigger ? "" : "Not possible in triggers.") : "In tasks only.";
  const kernel = entry.kernel === null ? "" : `Enters the kernel in \`${entry.kernel}\`.`;
  return sections(code(signature(entry)), entry.doc, describeParameters(entry.parameters), [kernel, where].filter((text) => text !== "").join(" "));
}

/** A function of expressions, with its parameters. */
export function describeFunction(entry: FunctionEntry): string {
  return sections(code(signature(entry)), entry.doc, describeParameters(entry.parameters));
}

function describeParameters(parameters: readonly Parameter[]): string {
  return list(parameters.map((parameter) => `\`${parameter.name}\`: ${describeParameter(parameter)}`));
}

/** One sentence or two, without the name. */
export function describeParameter({ doc, default: initial }: Parameter): string {
  if (initial === undefined || initial === null || initial === "") return doc;
  return `${doc} Left out: ${typeof initial === "object" ? initial.join("|") : initial}.`;
}

/** An event that triggers wait for, and what their `where` sees. */
export function describeEvent({ name, object, values, doc }: EventEntry): string {
  const seen = values.length === 0 ? "" : `Its \`where\` sees ${values.map((value) => `\`${value}\``).join(", ")}.`;
  return sections(code(`on ${name}${object === null ? "" : `(${object})`} { … }`), `When ${doc}.`, seen);
}

/** A finding of the kernel's checks, by its code. */
export function describeBug(name: string): string {
  return sections(code(`expect bug ${name}`), RULES[name]?.rule ?? "");
}

/** A setting of `machine` or `explore`, its values and its default. */
export function describeSetting(entry: SettingEntry): string {
  const range = entry.kind === "number" ? `From ${entry.low} to ${entry.high}` : entry.values.join(", ");
  return sections(code(`${entry.name}: ${entry.kind === "number" ? "N" : "WORD"}`), entry.doc, `${range}${entry.default === null ? "" : `; if not given, ${entry.default}`}.`);
}

/** What an operation costs if no `cost` says otherwise, in nanoseconds of model time. */
export function describeCost(name: keyof typeof COSTS): string {
  const { ns, doc } = COSTS[name];
  return sections(code(`cost ${name}: TIME`), `What it costs in model time: ${doc}.`, `If not given, ${ns}ns.`);
}

/** Is there a cost of this name? */
export function isCost(name: string): name is keyof typeof COSTS {
  return Object.hasOwn(COSTS, name);
}

/** A field; `owner` is what stands before the dot. */
export function describeField(field: FieldEntry, owner: string): string {
  return sections(code(`${owner}.${field.name}`), field.doc);
}

/** A name that is known everywhere, with its value. */
export function describeConstant(name: string): string {
  const value = CONSTANTS[name] ?? null;
  return value === null ? sections(code(name), "No object.") : code(`${name} = ${value}`);
}

/** A file, with its size if that is known beforehand. */
export function describeFile(node: ast.FileDeclaration): string {
  const size = valueOf(node.size);
  return sections(code(headOf(node)), size === undefined ? "" : `A file of ${bytes(size)}.`);
}

/** A process, an array of them, or the child that a fork has made; with its mappings. */
export function describeProcess({ name, node, mappings }: Process): string {
  const variables = mappings.size === 0 ? "" : `Its mappings: ${[...mappings.keys()].map((mapping) => `\`${mapping}\``).join(", ")}.`;
  if (node.$type === "Assignment") return sections(code(node.$cstNode?.text ?? node.name), `The process \`${name}\`, a copy of its parent.`, variables);
  const count = valueOf(node.count);
  const which = count === undefined ? "A process." : `${count} processes, \`${node.name}[0]\` to \`${node.name}[${count - 1}]\`.`;
  return sections(code(headOf(node)), which, variables);
}

/** A task: the head of its declaration. */
export function describeTask(node: ast.TaskDeclaration): string {
  return sections(code(headOf(node)), "A task.");
}

/** A mapping, and what is known of it before the run. */
export function describeMapping(mapping: Mapping, names: Names): string {
  const { node, process, assignments } = mapping;
  const facts = mappingFacts(mapping, names);
  const text = code(node.$cstNode?.text ?? mapping.name);
  const whose = `A mapping of process \`${process.name}\`${assignments > 1 ? `, assigned in ${assignments} places` : ""}.`;
  if (facts === undefined) return sections(text, whose);
  const { file, offset, length, prot, flags, at } = facts;
  const lines = [
    `file \`${file ?? "?"}\`${offset === undefined ? "" : `, from ${offset === 0 ? "its beginning" : `offset ${showSize(offset)}`}`}`,
    `length ${length === undefined ? "known during the run only" : bytes(length)}`,
    `${prot}, ${flags}`,
    ...(at === undefined ? [] : [`at ${hex(at)}${length === undefined ? "" : ` .. ${hex(at + length)}`}`]),
  ];
  return sections(text, whose, list(lines));
}

/** The declaration without its body, on one line. */
export function headOf(node: ast.Declaration): string {
  const text = node.$cstNode?.text ?? "";
  const body = "body" in node ? node.body?.$cstNode : undefined;
  const head = body === undefined ? text : text.slice(0, body.offset - node.$cstNode!.offset);
  return head.replace(/\s+/g, " ").trim();
}

/** What a number as written stands for, or undefined if there is nothing to add. */
export function describeNumber(digits: string, pages: boolean): string | undefined {
  const number = readNumber(digits, pages);
  if ("code" in number) return undefined;
  const { value, unit } = number;
  const written = `\`${digits}${pages ? " pages" : ""}\``;
  if (unit === "size") return `${written} = ${value} bytes = ${inPages(value)}`;
  if (unit === "time") return `${written} = ${times(value, digits).join(" = ")}`;
  if (value < 10) return undefined;
  const other = /^0x/i.test(digits) ? String(value) : hex(value);
  const size = value >= PAGE_SIZE && value % PAGE_SIZE === 0 ? ` = ${showSize(value)}, page ${hex(value / PAGE_SIZE)}` : "";
  return `${written} = ${other}${size}`;
}

/** A time in the units that it is not written in and that show it without many digits. */
function times(ns: number, digits: string): string[] {
  const units = [["ns", 1], ["us", 1e3], ["ms", 1e6], ["s", 1e9]] as const;
  return units
    .filter(([unit, factor]) => !new RegExp(`\\d${unit}$`).test(digits) && (factor === 1 || ns >= factor / 1000))
    .map(([unit, factor]) => `${ns / factor}${unit}`);
}

function bytes(size: number): string {
  const short = showSize(size);
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
