// Hover: what the word or number under the cursor means.

import { AstUtils, CstUtils, GrammarUtils, type AstNode, type LangiumDocument } from "langium";
import type { HoverProvider } from "langium/lsp";
import type { Hover, HoverParams } from "vscode-languageserver";
import { calls, COUNTERS, events, EXPLORE_SETTINGS, functions, KERNELS, SETTINGS, type CallEntry, type FunctionEntry, type SettingEntry } from "../scenario/catalogue/index.ts";
import * as ast from "../scenario/generated/ast.ts";
import * as describe from "./describe.ts";
import { argumentsOf, namesOf, resolve, type Names, type Process } from "./names.ts";

export class ScenarioHover implements HoverProvider {
  getHoverContent(document: LangiumDocument, { position }: HoverParams): Hover | undefined {
    const root = document.parseResult.value;
    const offset = document.textDocument.offsetAt(position);
    const leaf = ast.isScenario(root) && root.$cstNode !== undefined ? CstUtils.findLeafNodeAtOffset(root.$cstNode, offset) : undefined;
    if (leaf === undefined || offset < leaf.offset || offset >= leaf.end) return undefined;
    const property = GrammarUtils.findAssignment(leaf)?.feature;
    const value = property === undefined ? undefined : describeProperty(leaf.astNode, property, namesOf(root as ast.Scenario));
    if (value === undefined) return undefined;
    return { contents: { kind: "markdown", value }, range: leaf.range };
  }
}

/** What the `property` of `node` says, its name for instance. */
function describeProperty(node: AstNode, property: string, names: Names): string | undefined {
  const thing = (...path: string[]) => describePath(path, names, processAround(node, names));
  if (ast.isNumberLiteral(node)) return describe.describeNumber(node.digits, node.pages);
  if (property === "name") {
    if (ast.isCall(node)) return describeCallee(node.name);
    if (ast.isArgument(node)) return describeArgumentName(node);
    if (ast.isSetting(node)) return describeSettingName(node);
    if (ast.isKernelChoice(node)) return describeKernel(node.name);
    if (ast.isNameReference(node)) return describeReference(node, names);
    if (ast.isLet(node)) return describeLet(node);
    if (ast.isFileDeclaration(node) || ast.isProcessDeclaration(node) || ast.isTaskDeclaration(node) || ast.isAssignment(node)) return thing(node.name);
  }
  if (ast.isMember(node) && property === "member") return thing(...(pathOf(node) ?? []));
  if (ast.isTaskDeclaration(node) && property === "process") return thing(node.process);
  if (ast.isCheck(node) && property === "task" && node.task !== undefined) return thing(node.task);
  if (ast.isExpectation(node) && property === "code") return describe.describeBug(node.code);
  if (ast.isTrigger(node) && property === "event") {
    const event = events.get(node.event);
    return event === undefined ? undefined : describe.describeEvent(event);
  }
  if (ast.isWordValue(node) && ast.isSetting(node.$container)) return describeSettingName(node.$container);
  return undefined;
}

function describePath(path: readonly string[], names: Names, process: Process | undefined): string | undefined {
  const thing = resolve(path, names, process);
  switch (thing?.kind) {
    case "file":
      return describe.describeFile(thing.node);
    case "process":
      return describe.describeProcess(thing.process);
    case "task":
      return describe.describeTask(thing.node);
    case "mapping":
      return describe.describeMapping(thing.mapping, names);
    case "field":
      return describe.describeField(thing.field, thing.owner);
    case "constant":
      return describe.describeConstant(thing.name);
    case undefined:
      return undefined;
  }
}

function describeReference(node: ast.NameReference, names: Names): string | undefined {
  const argument = AstUtils.getContainerOfType(node, ast.isArgument);
  const parameter = argument === undefined ? undefined : parameterOf(argument);
  const isWord = parameter?.kind === "prot" || parameter?.kind === "sharing" || (parameter?.kind === "mark" && node.name === "size");
  if (isWord) return describe.describeParameter(parameter);
  const declaration = declarationAround(node);
  const binding = declaration === undefined ? undefined : letBefore(node, declaration);
  if (binding !== undefined) return describeLet(binding);
  if (node.name in COUNTERS && resolve([node.name], names, processAround(node, names)) === undefined) return COUNTERS[node.name as keyof typeof COUNTERS];
  if (ast.isTrigger(declaration) && events.get(declaration.event)?.values.includes(node.name)) return `A value of the event \`${declaration.event}\`.`;
  return describePath([node.name], names, processAround(node, names));
}

/** The last `let` of this name in front of `node`. */
function letBefore(node: ast.NameReference, declaration: ast.Declaration): ast.Let | undefined {
  let found: ast.Let | undefined;
  for (const inner of AstUtils.streamAllContents(declaration).filter(ast.isLet)) {
    if (inner.name === node.name && (inner.$cstNode?.offset ?? Infinity) < node.$cstNode!.offset) found = inner;
  }
  return found;
}

function describeLet(node: ast.Let): string {
  return `\`\`\`vmscn\n${node.$cstNode?.text ?? ""}\n\`\`\``;
}

function describeCallee(name: string): string | undefined {
  const call = calls.get(name);
  if (call !== undefined) return describe.describeCall(call);
  const entry = functions.get(name);
  return entry === undefined ? undefined : describe.describeFunction(entry);
}

function describeArgumentName(node: ast.Argument): string | undefined {
  const parameter = parameterOf(node);
  return parameter === undefined ? undefined : describe.describeParameter(parameter);
}

/** The parameter that takes an argument. */
function parameterOf(node: ast.Argument): CallEntry["parameters"][number] | undefined {
  const entry: CallEntry | FunctionEntry | undefined = calls.get(node.$container.name) ?? functions.get(node.$container.name);
  if (entry === undefined) return undefined;
  for (const [name, argument] of argumentsOf(node.$container, entry)) {
    if (argument === node) return entry.parameters.find((parameter) => parameter.name === name);
  }
  return undefined;
}

function describeSettingName({ name, cost, $container }: ast.Setting): string | undefined {
  if (cost) return describe.isCost(name) ? describe.describeCost(name) : undefined;
  const entries: Readonly<Record<string, SettingEntry>> = ast.isExploreBlock($container) ? EXPLORE_SETTINGS : SETTINGS;
  return Object.hasOwn(entries, name) ? describe.describeSetting(entries[name]!) : undefined;
}

function describeKernel(name: string): string | undefined {
  return KERNELS.find((kernel) => kernel.name === name.replaceAll('"', ""))?.doc;
}

/** The names of a chain of fields, without indexes: viewer[3].V.start. */
function pathOf(node: ast.Expression): string[] | undefined {
  if (ast.isNameReference(node)) return [node.name];
  if (ast.isIndex(node)) return pathOf(node.object);
  const object = ast.isMember(node) ? pathOf(node.object) : undefined;
  return object === undefined || !ast.isMember(node) ? undefined : [...object, node.member];
}

function declarationAround(node: AstNode): ast.Declaration | undefined {
  return AstUtils.getContainerOfType(node, (inner): inner is ast.Declaration => ast.isScenario(inner.$container));
}

/** The process whose mappings are called by their plain names at `node`. */
function processAround(node: AstNode, names: Names): Process | undefined {
  const declaration = declarationAround(node);
  return ast.isProcessDeclaration(declaration) ? names.processes.get(declaration.name) : ast.isTaskDeclaration(declaration) ? names.processes.get(declaration.process) : undefined;
}
