// The names that fit at a site: of the catalogue and of the scenario.

import { CompletionItemKind, type CompletionItem } from "vscode-languageserver";
import {
  BUG_CODES, CALLS, calls, CONSTANTS, COST_NAMES, COUNTERS, EVENTS, events, EXPLORE_SETTINGS, FIELDS, FLAGS, FUNCTIONS, functions, isFlagKind, KERNELS, SETTINGS, signature,
  type CallEntry, type Parameter, type ParameterKind, type SettingEntry,
} from "../scenario/catalogue/index.ts";
import * as describe from "./describe.ts";
import { fieldOwner, resolve, type Names, type Process } from "./names.ts";
import { openBracket, openPath, placeOf, type OpenCall, type Place, type Site } from "./site.ts";

/** What may be forced (see Force of the grammar). */
const FORCED = ["need_resched", "need_lockbreak"];

/** The head's words behind which a value stands that may contain names. */
const BEFORE_CONDITIONS = new Set(["where", "always", "finally", "never"]);
const BEFORE_VALUES = new Set(["repeat", "every", "if"]);

/** What may be written at a site, as far as the catalogue and the scenario know a word for it. */
export function proposals(site: Site, names: Names): CompletionItem[] {
  const { head, statement } = site;
  const path = openPath(statement);
  const before = statement.at(-1)?.text;
  const place = placeOf(site);
  if (head[0]?.text === "kernel" && head.length === 1) return KERNELS.map(({ name, doc }) => item(name, CompletionItemKind.EnumMember, "kernel", doc));
  if (path !== undefined) return fields(path, names, processOf(site, names));
  if (place === "machine") return settings(site, SETTINGS);
  if (place === "explore") return settings(site, EXPLORE_SETTINGS);
  const bracket = openBracket(statement);
  if (bracket?.call !== undefined) return argument(bracket.call, site, names);
  if (bracket !== undefined) return isOperandDue(site) ? operands(bracket.opener.text === "[" ? "size" : undefined, site, names) : [];
  if (place === "head") return inHead(site, names);
  if (isStatementDue(site)) return statements(place);
  if (before === "=" && statement.length === 2) return place === "trigger" ? [] : callItems((entry) => entry.result !== null);
  if ((before === "=" && statement[0]?.text === "let") || (before === "if" && statement.length === 1)) return [...operands(undefined, site, names), ...callItems((entry) => entry.value !== null && isPossible(entry, place))];
  const isValueDue = BEFORE_VALUES.has(before ?? "") || (before === "for" && statement[0]?.text === "every") || isOperandDue(site);
  return isValueDue ? operands(before === "every" ? "time" : undefined, site, names) : [];
}

/** A proposal; `doc` is Markdown. */
function item(label: string, kind: CompletionItemKind, detail: string, doc = "", insertText = label): CompletionItem {
  return { label, kind, detail, insertText, sortText: `0${label}`, ...(doc === "" ? {} : { documentation: { kind: "markdown", value: doc } }) };
}

function callItems(wanted: (entry: CallEntry) => boolean): CompletionItem[] {
  return CALLS.filter(wanted).map((entry) => item(entry.name, CompletionItemKind.Method, signature(entry), describe.describeCall(entry)));
}

function isPossible(entry: CallEntry, place: Place): boolean {
  return place === "setup" ? entry.inSetup : place === "task" || entry.inTrigger;
}

function statements(place: Place): CompletionItem[] {
  return callItems((entry) => isPossible(entry, place));
}

function settings({ statement }: Site, entries: Readonly<Record<string, SettingEntry>>): CompletionItem[] {
  const before = statement.at(-1)?.text;
  if (before === "cost") return COST_NAMES.filter(describe.isCost).map((name) => item(name, CompletionItemKind.Property, "cost", describe.describeCost(name), `${name}: `));
  const name = statement.at(-2)?.text ?? "";
  if (before === ":") {
    const entry = Object.hasOwn(entries, name) && statement.at(-3)?.text !== "cost" ? entries[name] : undefined;
    return entry?.kind === "word" ? entry.values.map((value) => item(value, CompletionItemKind.EnumMember, name, entry.doc)) : [];
  }
  const given = new Set(statement.filter((_, i) => statement[i + 1]?.text === ":").map((token) => token.text));
  return Object.values(entries)
    .filter((entry) => !given.has(entry.name))
    .map((entry) => item(entry.name, CompletionItemKind.Property, "setting", describe.describeSetting(entry), `${entry.name}: `));
}

function inHead(site: Site, names: Names): CompletionItem[] {
  const { head, first } = site;
  const [keyword, second] = [head[0]?.text, head[1]?.text];
  const before = head.at(-1)?.text;
  if (keyword === "task" && before === "in" && head.length === 3) return processItems(names);
  if (keyword === "on" && head.length === 1) return EVENTS.map((event) => item(event.name, CompletionItemKind.Event, "event", describe.describeEvent(event)));
  if (keyword === "force" && head.length === 1) return FORCED.map((name) => item(name, CompletionItemKind.Function, "check of the kernel"));
  if (keyword === "expect" && second === "bug" && head.length === 2) return BUG_CODES.map((code) => item(code, CompletionItemKind.EnumMember, "finding", describe.describeBug(code)));
  if (keyword === "check" && second === "after" && head.length === 2) return taskItems(names);
  const isConditionDue = before !== undefined && (BEFORE_CONDITIONS.has(before) || (second === "after" && head.length === 3));
  const isCondition = (keyword === "check" && head.length > 1) || head.some((token) => token.text === "where");
  return (isConditionDue && !first) || (isCondition && isOperandDue(site)) ? operands(undefined, site, names) : [];
}

function argument(call: OpenCall, site: Site, names: Names): CompletionItem[] {
  if (call.introducer === "on" && site.blocks.length === 0) {
    const kind = events.get(call.name)?.object ?? undefined;
    return kind === undefined || !isOperandDue(site) ? [] : operands(kind, site, names);
  }
  if (call.introducer === "force" && site.blocks.length === 0) return isOperandDue(site) ? operands("lock", site, names) : [];
  const entry = calls.get(call.name) ?? functions.get(call.name);
  if (entry === undefined || !isOperandDue(site)) return [];
  const parameter = call.named === null ? (call.given.length === 0 ? entry.parameters[call.index] : undefined) : entry.parameters.find((p) => p.name === call.named);
  const values = parameter === undefined ? [] : valuesOf(parameter, call, site, names);
  return call.argument.length === 0 && call.named === null ? [...values, ...nameable(entry.parameters, call)] : values;
}

/** The parameters that can be given by name from here on. */
function nameable(parameters: readonly Parameter[], { index, given }: OpenCall): CompletionItem[] {
  const positional = given.length === 0 ? index : parameters.length;
  return parameters
    .filter(({ name, default: initial }, i) => (i >= positional || given.length > 0) && !given.includes(name) && initial !== undefined)
    .map((parameter) => item(`${parameter.name}:`, CompletionItemKind.Field, "argument", describe.describeParameter(parameter), `${parameter.name}: `));
}

function valuesOf({ kind, doc }: Parameter, { argument }: OpenCall, site: Site, names: Names): CompletionItem[] {
  if (!isFlagKind(kind)) return operands(kind, site, names);
  const used = new Set(argument.map((token) => token.text));
  return FLAGS[kind].filter((flag) => !used.has(flag)).map((flag) => item(flag, CompletionItemKind.EnumMember, "flag", doc));
}

function fields(path: readonly string[], names: Names, process: Process | undefined): CompletionItem[] {
  const thing = resolve(path, names, process);
  const owner = thing === undefined ? undefined : fieldOwner(thing);
  const variables = thing?.kind === "process" ? variableItems(thing.process, names) : [];
  if (owner === undefined) return [];
  const fields = FIELDS[owner].filter(({ only }) => only === undefined || only.kernels.some((kernel) => kernel === names.kernel));
  return [...variables, ...fields.map((field) => item(field.name, CompletionItemKind.Field, `of a ${owner}`, field.doc))];
}

/** What a value of this kind can begin with; undefined: a value of any kind. */
function operands(kind: ParameterKind | undefined, site: Site, names: Names): CompletionItem[] {
  const process = processOf(site, names);
  const takes = (...kinds: readonly ParameterKind[]) => kind === undefined || kinds.includes(kind);
  const items: CompletionItem[] = [];
  if (takes("span", "size", "address", "mark") && process !== undefined) items.push(...mappingItems(process, names));
  if (takes("process", "span", "lock", "address") && process !== undefined) items.push(...childItems(process));
  if (takes("file", "lock", "size", "mark")) items.push(...[...names.files.values()].map((node) => item(node.name, CompletionItemKind.File, "file", describe.describeFile(node))));
  if (takes("process", "span", "lock", "address")) items.push(...processItems(names));
  if (takes("task")) items.push(...taskItems(names));
  if (takes("size", "address", "mark", "time")) items.push(...bindings(site, process));
  if (takes("size", "address", "mark")) items.push(item("PAGE_SIZE", CompletionItemKind.Constant, "4096"));
  if (kind === "mark") items.push(item("size", CompletionItemKind.EnumMember, "the current end of the file"));
  if (takes("time")) items.push(...functionItems((result) => kind === undefined || result === "time"));
  if (kind === undefined) items.push(...Object.keys(CONSTANTS).filter((name) => name !== "PAGE_SIZE" && name !== "null").map((name) => item(name, CompletionItemKind.Constant, "constant")));
  if (kind === undefined) items.push(item("not", CompletionItemKind.Keyword, "operator"));
  return items;
}

function functionItems(wanted: (result: string) => boolean): CompletionItem[] {
  return FUNCTIONS.filter((entry) => wanted(entry.result)).map((entry) => item(entry.name, CompletionItemKind.Function, signature(entry), describe.describeFunction(entry)));
}

/** Names that only this body knows. */
function bindings({ head, lets, blocks }: Site, process: Process | undefined): CompletionItem[] {
  const event = head[0]?.text === "on" ? events.get(head[1]?.text ?? "") : undefined;
  const isRepeated = blocks.some((block) => block[0]?.text === "repeat" || block[0]?.text === "every");
  const counters = [...(isRepeated ? ["iteration" as const] : []), ...(process !== undefined && isArrayed(process) && blocks.length > 0 ? ["index" as const] : [])];
  const values = blocks.length === 0 ? (event?.values ?? []) : [];
  return [
    ...[...lets].map((name) => item(name, CompletionItemKind.Variable, "let")),
    ...counters.map((name) => item(name, CompletionItemKind.Constant, "counter", COUNTERS[name])),
    ...values.map((name) => item(name, CompletionItemKind.Variable, `value of ${event!.name}`)),
  ];
}

function mappingItems(process: Process, names: Names): CompletionItem[] {
  return [...process.mappings.values()].map((mapping) => item(mapping.name, CompletionItemKind.Variable, `mapping of ${process.name}`, describe.describeMapping(mapping, names)));
}

function childItems(process: Process): CompletionItem[] {
  return [...process.children].map(([name, child]) => item(name, CompletionItemKind.Module, `child of ${process.name}`, describe.describeProcess(child)));
}

function variableItems(process: Process, names: Names): CompletionItem[] {
  return [...mappingItems(process, names), ...childItems(process)];
}

function processItems({ processes }: Names): CompletionItem[] {
  return [...processes.values()].map((process) => {
    const { node } = process;
    return item(process.name, CompletionItemKind.Module, node.$type === "ProcessDeclaration" && node.count !== undefined ? describe.headOf(node) : "process", describe.describeProcess(process));
  });
}

function isArrayed({ node }: Process): boolean {
  return node.$type === "ProcessDeclaration" && node.count !== undefined;
}

function taskItems({ tasks }: Names): CompletionItem[] {
  return [...tasks.values()].map((node) => item(node.name, CompletionItemKind.Event, "task", describe.describeTask(node)));
}

function processOf({ head }: Site, names: Names): Process | undefined {
  const [keyword, name] = [head[0]?.text, head[1]?.text];
  if (keyword === "process") return names.processes.get(name ?? "");
  return keyword === "task" && head[2]?.text === "in" ? names.processes.get(head[3]?.text ?? "") : undefined;
}

const CLOSERS = new Set([")", "]", "}"]);

/** Does a value have to follow the symbol in front? */
function isOperandDue({ statement }: Site): boolean {
  const before = statement.at(-1);
  return before !== undefined && before.kind === "symbol" && !CLOSERS.has(before.text) && before.text !== "." && before.text !== "->" && before.text !== "#";
}

function isStatementDue(site: Site): boolean {
  const before = site.statement.at(-1);
  return before === undefined || before.text === ")" || (site.first && !isOperandDue(site));
}
