// The completion items of a cursor context: names of the catalogue and of the scenario.

import { CompletionItemKind, type CompletionItem } from "vscode-languageserver";
import {
  BUG_CODES,
  CALLS,
  callsByName,
  CONSTANTS,
  COST_NAMES,
  IMPLICIT_VARIABLES,
  EVENTS,
  eventsByName,
  EXPLORE_SETTINGS,
  FIELDS,
  FLAGS,
  FUNCTIONS,
  functionsByName,
  isFlagType,
  KERNELS,
  SETTINGS,
  formatSignature,
  type CallEntry,
  type Parameter,
  type ParameterType,
  type SettingEntry,
} from "../scenario/catalogue/index.ts";
import * as describe from "./markdown.ts";
import { fieldOwner, resolvePath, type SymbolTable, type ProcessSymbol } from "./symbol-table.ts";
import { innermostBracket, memberPath, bodyContextOf, type EnclosingCall, type BodyContext, type CursorContext } from "./cursor-context.ts";

/** The checks of the kernel that `force` can override (see Force of the grammar). */
const FORCIBLE_CHECKS = ["need_resched", "need_lockbreak"];

/** Keywords of heads and of statements behind which an expression is due. */
const CONDITION_KEYWORDS = new Set(["where", "always", "finally", "never"]);
const VALUE_KEYWORDS = new Set(["repeat", "every", "if"]);

/** The names that are valid at the cursor. */
export function completionItems(context: CursorContext, symbols: SymbolTable): CompletionItem[] {
  const { head, statement } = context;
  const path = memberPath(statement);
  const before = statement.at(-1)?.text;
  const body = bodyContextOf(context);
  if (head[0]?.text === "kernel" && head.length === 1) {
    return KERNELS.map(({ name, doc }) => completionItem(name, CompletionItemKind.EnumMember, "kernel", doc));
  }
  if (path !== undefined) return fieldItems(path, symbols, processOf(context, symbols));
  if (body === "machine") return settingItems(context, SETTINGS);
  if (body === "explore") return settingItems(context, EXPLORE_SETTINGS);
  const bracket = innermostBracket(statement);
  if (bracket?.call !== undefined) return argumentItems(bracket.call, context, symbols);
  if (bracket !== undefined) {
    return isOperandDue(context) ? operandItems(bracket.opener.text === "[" ? "size" : undefined, context, symbols) : [];
  }
  if (body === "head") return headItems(context, symbols);
  if (isStatementDue(context)) return statementItems(body);
  if (before === "=" && statement.length === 2) return body === "trigger" ? [] : callItems((entry) => entry.result !== null);
  if ((before === "=" && statement[0]?.text === "let") || (before === "if" && statement.length === 1)) {
    return [...operandItems(undefined, context, symbols), ...callItems((entry) => entry.value !== null && isAllowedIn(entry, body))];
  }
  const isValueDue = VALUE_KEYWORDS.has(before ?? "") || (before === "for" && statement[0]?.text === "every") || isOperandDue(context);
  return isValueDue ? operandItems(before === "every" ? "time" : undefined, context, symbols) : [];
}

/** One completion item; `doc` is Markdown. */
function completionItem(label: string, kind: CompletionItemKind, detail: string, doc = "", insertText = label): CompletionItem {
  return {
    label,
    kind,
    detail,
    insertText,
    sortText: `0${label}`,
    ...(doc === "" ? {} : { documentation: { kind: "markdown", value: doc } }),
  };
}

function callItems(accepts: (entry: CallEntry) => boolean): CompletionItem[] {
  return CALLS.filter(accepts).map((entry) =>
    completionItem(entry.name, CompletionItemKind.Method, formatSignature(entry), describe.callMarkdown(entry)),
  );
}

function isAllowedIn(entry: CallEntry, body: BodyContext): boolean {
  return body === "setup" ? entry.inSetup : body === "task" || entry.inTrigger;
}

function statementItems(body: BodyContext): CompletionItem[] {
  return callItems((entry) => isAllowedIn(entry, body));
}

function settingItems({ statement }: CursorContext, entries: Readonly<Record<string, SettingEntry>>): CompletionItem[] {
  const before = statement.at(-1)?.text;
  if (before === "cost") {
    return COST_NAMES.filter(describe.isCost).map((name) =>
      completionItem(name, CompletionItemKind.Property, "cost", describe.costMarkdown(name), `${name}: `),
    );
  }
  const name = statement.at(-2)?.text ?? "";
  if (before === ":") {
    const entry = Object.hasOwn(entries, name) && statement.at(-3)?.text !== "cost" ? entries[name] : undefined;
    return entry?.kind === "enum" ? entry.values.map((value) => completionItem(value, CompletionItemKind.EnumMember, name, entry.doc)) : [];
  }
  const given = new Set(statement.filter((_, i) => statement[i + 1]?.text === ":").map((token) => token.text));
  return Object.values(entries)
    .filter((entry) => !given.has(entry.name))
    .map((entry) => completionItem(entry.name, CompletionItemKind.Property, "setting", describe.settingMarkdown(entry), `${entry.name}: `));
}

function headItems(context: CursorContext, symbols: SymbolTable): CompletionItem[] {
  const { head, startsLine } = context;
  const [keyword, second] = [head[0]?.text, head[1]?.text];
  const before = head.at(-1)?.text;
  if (keyword === "task" && before === "in" && head.length === 3) return processItems(symbols);
  if (keyword === "on" && head.length === 1) {
    return EVENTS.map((event) => completionItem(event.name, CompletionItemKind.Event, "event", describe.eventMarkdown(event)));
  }
  if (keyword === "force" && head.length === 1) {
    return FORCIBLE_CHECKS.map((name) => completionItem(name, CompletionItemKind.Function, "check of the kernel"));
  }
  if (keyword === "expect" && second === "bug" && head.length === 2) {
    return BUG_CODES.map((code) => completionItem(code, CompletionItemKind.EnumMember, "finding", describe.bugMarkdown(code)));
  }
  if (keyword === "check" && second === "after" && head.length === 2) return taskItems(symbols);
  const isConditionDue = before !== undefined && (CONDITION_KEYWORDS.has(before) || (second === "after" && head.length === 3));
  const isCondition = (keyword === "check" && head.length > 1) || head.some((token) => token.text === "where");
  return (isConditionDue && !startsLine) || (isCondition && isOperandDue(context)) ? operandItems(undefined, context, symbols) : [];
}

function argumentItems(call: EnclosingCall, context: CursorContext, symbols: SymbolTable): CompletionItem[] {
  if (call.introducer === "on" && context.blocks.length === 0) {
    const type = eventsByName.get(call.name)?.object ?? undefined;
    return type === undefined || !isOperandDue(context) ? [] : operandItems(type, context, symbols);
  }
  if (call.introducer === "force" && context.blocks.length === 0) {
    return isOperandDue(context) ? operandItems("lock", context, symbols) : [];
  }
  const entry = callsByName.get(call.name) ?? functionsByName.get(call.name);
  if (entry === undefined || !isOperandDue(context)) return [];
  const parameter =
    call.argumentName === null
      ? call.namedArguments.length === 0
        ? entry.parameters[call.index]
        : undefined
      : entry.parameters.find((p) => p.name === call.argumentName);
  const values = parameter === undefined ? [] : valueItems(parameter, call, context, symbols);
  return call.argument.length === 0 && call.argumentName === null ? [...values, ...parameterItems(entry.parameters, call)] : values;
}

/** The parameters that can still be given by name. */
function parameterItems(parameters: readonly Parameter[], { index, namedArguments }: EnclosingCall): CompletionItem[] {
  const positional = namedArguments.length === 0 ? index : parameters.length;
  return parameters
    .filter(
      ({ name, default: initial }, i) =>
        (i >= positional || namedArguments.length > 0) && !namedArguments.includes(name) && initial !== undefined,
    )
    .map((parameter) =>
      completionItem(
        `${parameter.name}:`,
        CompletionItemKind.Field,
        "argument",
        describe.parameterMarkdown(parameter),
        `${parameter.name}: `,
      ),
    );
}

function valueItems({ type, doc }: Parameter, { argument }: EnclosingCall, context: CursorContext, symbols: SymbolTable): CompletionItem[] {
  if (!isFlagType(type)) return operandItems(type, context, symbols);
  const used = new Set(argument.map((token) => token.text));
  return FLAGS[type].filter((flag) => !used.has(flag)).map((flag) => completionItem(flag, CompletionItemKind.EnumMember, "flag", doc));
}

function fieldItems(path: readonly string[], symbols: SymbolTable, process: ProcessSymbol | undefined): CompletionItem[] {
  const symbol = resolvePath(path, symbols, process);
  const owner = symbol === undefined ? undefined : fieldOwner(symbol);
  const variables = symbol?.kind === "process" ? variableItems(symbol.process, symbols) : [];
  if (owner === undefined) return [];
  const fields = FIELDS[owner].filter(
    ({ availability }) => availability === undefined || availability.kernels.some((kernel) => kernel === symbols.kernel),
  );
  return [...variables, ...fields.map((field) => completionItem(field.name, CompletionItemKind.Field, `of a ${owner}`, field.doc))];
}

/** The names that an operand of this type can begin with; undefined: of any type. */
function operandItems(type: ParameterType | undefined, context: CursorContext, symbols: SymbolTable): CompletionItem[] {
  const process = processOf(context, symbols);
  const takes = (...types: readonly ParameterType[]) => type === undefined || types.includes(type);
  const items: CompletionItem[] = [];
  if (takes("span", "size", "address", "mark") && process !== undefined) items.push(...mappingItems(process, symbols));
  if (takes("process", "span", "lock", "address") && process !== undefined) items.push(...childItems(process));
  if (takes("file", "lock", "size", "mark")) {
    items.push(
      ...[...symbols.files.values()].map((node) => completionItem(node.name, CompletionItemKind.File, "file", describe.fileMarkdown(node))),
    );
  }
  if (takes("process", "span", "lock", "address")) items.push(...processItems(symbols));
  if (takes("task")) items.push(...taskItems(symbols));
  if (takes("size", "address", "mark", "time")) items.push(...localItems(context, process));
  if (takes("size", "address", "mark")) items.push(completionItem("PAGE_SIZE", CompletionItemKind.Constant, "4096"));
  if (type === "mark") items.push(completionItem("size", CompletionItemKind.EnumMember, "the current end of the file"));
  if (takes("time")) items.push(...functionItems((result) => type === undefined || result === "time"));
  if (type === undefined) {
    items.push(
      ...Object.keys(CONSTANTS)
        .filter((name) => name !== "PAGE_SIZE" && name !== "null")
        .map((name) => completionItem(name, CompletionItemKind.Constant, "constant")),
    );
  }
  if (type === undefined) items.push(completionItem("not", CompletionItemKind.Keyword, "operator"));
  return items;
}

function functionItems(accepts: (result: string) => boolean): CompletionItem[] {
  return FUNCTIONS.filter((entry) => accepts(entry.result)).map((entry) =>
    completionItem(entry.name, CompletionItemKind.Function, formatSignature(entry), describe.functionMarkdown(entry)),
  );
}

/** The local names of the enclosing body. */
function localItems({ head, lets, blocks }: CursorContext, process: ProcessSymbol | undefined): CompletionItem[] {
  const event = head[0]?.text === "on" ? eventsByName.get(head[1]?.text ?? "") : undefined;
  const isRepeated = blocks.some((block) => block[0]?.text === "repeat" || block[0]?.text === "every");
  const counters = [
    ...(isRepeated ? ["iteration" as const] : []),
    ...(process !== undefined && isArrayed(process) && blocks.length > 0 ? ["index" as const] : []),
  ];
  const values = blocks.length === 0 ? (event?.values ?? []) : [];
  return [
    ...[...lets].map((name) => completionItem(name, CompletionItemKind.Variable, "let")),
    ...counters.map((name) => completionItem(name, CompletionItemKind.Constant, "counter", IMPLICIT_VARIABLES[name])),
    ...values.map((name) => completionItem(name, CompletionItemKind.Variable, `value of ${event!.name}`)),
  ];
}

function mappingItems(process: ProcessSymbol, symbols: SymbolTable): CompletionItem[] {
  return [...process.mappings.values()].map((mapping) =>
    completionItem(mapping.name, CompletionItemKind.Variable, `mapping of ${process.name}`, describe.mappingMarkdown(mapping, symbols)),
  );
}

function childItems(process: ProcessSymbol): CompletionItem[] {
  return [...process.children].map(([name, child]) =>
    completionItem(name, CompletionItemKind.Module, `child of ${process.name}`, describe.processMarkdown(child)),
  );
}

function variableItems(process: ProcessSymbol, symbols: SymbolTable): CompletionItem[] {
  return [...mappingItems(process, symbols), ...childItems(process)];
}

function processItems({ processes }: SymbolTable): CompletionItem[] {
  return [...processes.values()].map((process) => {
    const { node } = process;
    return completionItem(
      process.name,
      CompletionItemKind.Module,
      node.$type === "ProcessDeclaration" && node.count !== undefined ? describe.headOf(node) : "process",
      describe.processMarkdown(process),
    );
  });
}

function isArrayed({ node }: ProcessSymbol): boolean {
  return node.$type === "ProcessDeclaration" && node.count !== undefined;
}

function taskItems({ tasks }: SymbolTable): CompletionItem[] {
  return [...tasks.values()].map((node) => completionItem(node.name, CompletionItemKind.Event, "task", describe.taskMarkdown(node)));
}

function processOf({ head }: CursorContext, symbols: SymbolTable): ProcessSymbol | undefined {
  const [keyword, name] = [head[0]?.text, head[1]?.text];
  if (keyword === "process") return symbols.processes.get(name ?? "");
  return keyword === "task" && head[2]?.text === "in" ? symbols.processes.get(head[3]?.text ?? "") : undefined;
}

const CLOSERS = new Set([")", "]", "}"]);

/** Is an operand due behind the token in front? */
function isOperandDue({ statement }: CursorContext): boolean {
  const before = statement.at(-1);
  return (
    before !== undefined &&
    before.kind === "symbol" &&
    !CLOSERS.has(before.text) &&
    before.text !== "." &&
    before.text !== "->" &&
    before.text !== "#"
  );
}

function isStatementDue(context: CursorContext): boolean {
  const before = context.statement.at(-1);
  return before === undefined || before.text === ")" || (context.startsLine && !isOperandDue(context));
}
