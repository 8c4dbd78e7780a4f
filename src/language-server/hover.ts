// Hover: the documentation of the name or number under the cursor.

import { AstUtils, CstUtils, GrammarUtils, type AstNode, type LangiumDocument } from "langium";
import type { HoverProvider } from "langium/lsp";
import type { Hover, HoverParams } from "vscode-languageserver";
import {
  callsByName,
  IMPLICIT_VARIABLES,
  eventsByName,
  EXPLORE_SETTINGS,
  functionsByName,
  KERNELS,
  SETTINGS,
  type CallEntry,
  type FunctionEntry,
  type SettingEntry,
} from "../scenario/catalogue/index.ts";
import * as ast from "../scenario/generated/ast.ts";
import * as describe from "./markdown.ts";
import { argumentsByParameter, symbolTableOf, resolvePath, type SymbolTable, type ProcessSymbol } from "./symbol-table.ts";

export class ScenarioHover implements HoverProvider {
  getHoverContent(document: LangiumDocument, { position }: HoverParams): Hover | undefined {
    const root = document.parseResult.value;
    const offset = document.textDocument.offsetAt(position);
    const leaf = ast.isScenario(root) && root.$cstNode !== undefined ? CstUtils.findLeafNodeAtOffset(root.$cstNode, offset) : undefined;
    if (leaf === undefined || offset < leaf.offset || offset >= leaf.end) return undefined;
    const property = GrammarUtils.findAssignment(leaf)?.feature;
    const value = property === undefined ? undefined : propertyMarkdown(leaf.astNode, property, symbolTableOf(root as ast.Scenario));
    if (value === undefined) return undefined;
    return { contents: { kind: "markdown", value }, range: leaf.range };
  }
}

/** The documentation of a `property` of `node`, its name for instance. */
function propertyMarkdown(node: AstNode, property: string, symbols: SymbolTable): string | undefined {
  const symbolMarkdown = (...path: string[]) => pathMarkdown(path, symbols, enclosingProcess(node, symbols));
  if (ast.isNumberLiteral(node)) return describe.numberMarkdown(node.digits, node.pages);
  if (property === "name") {
    if (ast.isCall(node)) return calleeMarkdown(node.name);
    if (ast.isArgument(node)) return argumentMarkdown(node);
    if (ast.isSetting(node)) return settingNameMarkdown(node);
    if (ast.isKernelChoice(node)) return kernelMarkdown(node.name);
    if (ast.isNameReference(node)) return referenceMarkdown(node, symbols);
    if (ast.isLet(node)) return letMarkdown(node);
    if (ast.isFileDeclaration(node) || ast.isProcessDeclaration(node) || ast.isTaskDeclaration(node) || ast.isAssignment(node)) {
      return symbolMarkdown(node.name);
    }
  }
  if (ast.isMember(node) && property === "member") return symbolMarkdown(...(pathOf(node) ?? []));
  if (ast.isTaskDeclaration(node) && property === "process") return symbolMarkdown(node.process);
  if (ast.isCheck(node) && property === "task" && node.task !== undefined) return symbolMarkdown(node.task);
  if (ast.isExpectation(node) && property === "code") return describe.bugMarkdown(node.code);
  if (ast.isTrigger(node) && property === "event") {
    const event = eventsByName.get(node.event);
    return event === undefined ? undefined : describe.eventMarkdown(event);
  }
  if (ast.isEnumValue(node) && ast.isSetting(node.$container)) return settingNameMarkdown(node.$container);
  return undefined;
}

function pathMarkdown(path: readonly string[], symbols: SymbolTable, process: ProcessSymbol | undefined): string | undefined {
  const symbol = resolvePath(path, symbols, process);
  switch (symbol?.kind) {
    case "file":
      return describe.fileMarkdown(symbol.node);
    case "process":
      return describe.processMarkdown(symbol.process);
    case "task":
      return describe.taskMarkdown(symbol.node);
    case "mapping":
      return describe.mappingMarkdown(symbol.mapping, symbols);
    case "field":
      return describe.fieldMarkdown(symbol.field, symbol.owner);
    case "constant":
      return describe.constantMarkdown(symbol.name);
    case undefined:
      return undefined;
  }
}

function referenceMarkdown(node: ast.NameReference, symbols: SymbolTable): string | undefined {
  const argument = AstUtils.getContainerOfType(node, ast.isArgument);
  const parameter = argument === undefined ? undefined : parameterOf(argument);
  const isKeyword = parameter?.type === "prot" || parameter?.type === "sharing" || (parameter?.type === "mark" && node.name === "size");
  if (isKeyword) return describe.parameterMarkdown(parameter);
  const declaration = enclosingDeclaration(node);
  const binding = declaration === undefined ? undefined : precedingLet(node, declaration);
  if (binding !== undefined) return letMarkdown(binding);
  if (node.name in IMPLICIT_VARIABLES && resolvePath([node.name], symbols, enclosingProcess(node, symbols)) === undefined) {
    return IMPLICIT_VARIABLES[node.name as keyof typeof IMPLICIT_VARIABLES];
  }
  if (ast.isTrigger(declaration) && eventsByName.get(declaration.event)?.values.includes(node.name)) {
    return `A value of the event \`${declaration.event}\`.`;
  }
  return pathMarkdown([node.name], symbols, enclosingProcess(node, symbols));
}

/** The last `let` of this name in front of `node`. */
function precedingLet(node: ast.NameReference, declaration: ast.Declaration): ast.Let | undefined {
  let found: ast.Let | undefined;
  for (const inner of AstUtils.streamAllContents(declaration).filter(ast.isLet)) {
    if (inner.name === node.name && (inner.$cstNode?.offset ?? Infinity) < node.$cstNode!.offset) found = inner;
  }
  return found;
}

function letMarkdown(node: ast.Let): string {
  return `\`\`\`vmscn\n${node.$cstNode?.text ?? ""}\n\`\`\``;
}

function calleeMarkdown(name: string): string | undefined {
  const call = callsByName.get(name);
  if (call !== undefined) return describe.callMarkdown(call);
  const entry = functionsByName.get(name);
  return entry === undefined ? undefined : describe.functionMarkdown(entry);
}

function argumentMarkdown(node: ast.Argument): string | undefined {
  const parameter = parameterOf(node);
  return parameter === undefined ? undefined : describe.parameterMarkdown(parameter);
}

/** The parameter that takes an argument. */
function parameterOf(node: ast.Argument): CallEntry["parameters"][number] | undefined {
  const entry: CallEntry | FunctionEntry | undefined = callsByName.get(node.$container.name) ?? functionsByName.get(node.$container.name);
  if (entry === undefined) return undefined;
  for (const [name, argument] of argumentsByParameter(node.$container, entry)) {
    if (argument === node) return entry.parameters.find((parameter) => parameter.name === name);
  }
  return undefined;
}

function settingNameMarkdown({ name, cost, $container }: ast.Setting): string | undefined {
  if (cost) return describe.isCost(name) ? describe.costMarkdown(name) : undefined;
  const entries: Readonly<Record<string, SettingEntry>> = ast.isExploreBlock($container) ? EXPLORE_SETTINGS : SETTINGS;
  return Object.hasOwn(entries, name) ? describe.settingMarkdown(entries[name]!) : undefined;
}

function kernelMarkdown(name: string): string | undefined {
  return KERNELS.find((kernel) => kernel.name === name.replaceAll('"', ""))?.doc;
}

/** The names of a chain of fields, without indexes: viewer[3].V.start. */
function pathOf(node: ast.Expression): string[] | undefined {
  if (ast.isNameReference(node)) return [node.name];
  if (ast.isIndex(node)) return pathOf(node.object);
  const object = ast.isMember(node) ? pathOf(node.object) : undefined;
  return object === undefined || !ast.isMember(node) ? undefined : [...object, node.member];
}

function enclosingDeclaration(node: AstNode): ast.Declaration | undefined {
  return AstUtils.getContainerOfType(node, (inner): inner is ast.Declaration => ast.isScenario(inner.$container));
}

/** The process whose mappings are in scope without its name at `node`. */
function enclosingProcess(node: AstNode, symbols: SymbolTable): ProcessSymbol | undefined {
  const declaration = enclosingDeclaration(node);
  return ast.isProcessDeclaration(declaration)
    ? symbols.processes.get(declaration.name)
    : ast.isTaskDeclaration(declaration)
      ? symbols.processes.get(declaration.process)
      : undefined;
}
