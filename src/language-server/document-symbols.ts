// Document symbols: the declarations in the order of the text, with the variables that they assign.

import { AstUtils, GrammarUtils, type AstNode, type LangiumDocument } from "langium";
import type { DocumentSymbolProvider } from "langium/lsp";
import { SymbolKind, type DocumentSymbol } from "vscode-languageserver";
import * as ast from "../scenario/generated/ast.ts";
import { headOf } from "./markdown.ts";
import { isNamed } from "./symbol-table.ts";

const MAX_LABEL_LENGTH = 80;

export class ScenarioSymbols implements DocumentSymbolProvider {
  getSymbols(document: LangiumDocument): DocumentSymbol[] {
    const root = document.parseResult.value;
    return ast.isScenario(root) ? root.declarations.flatMap((node) => declarationSymbols(node)) : [];
  }
}

function declarationSymbols(node: ast.Declaration): DocumentSymbol[] {
  switch (node.$type) {
    case "KernelChoice":
      return symbolOf(node, "name", SymbolKind.Package, node.name, "kernel");
    case "MachineBlock":
      return symbolOf(node, undefined, SymbolKind.Object, "machine", "");
    case "ExploreBlock":
      return symbolOf(node, undefined, SymbolKind.Object, "explore", "");
    case "FileDeclaration":
      return symbolOf(node, "name", SymbolKind.File, node.name, `file ${node.size?.$cstNode?.text ?? ""}`);
    case "ProcessDeclaration":
      return symbolOf(node, "name", SymbolKind.Module, node.name, headWithoutName(node, "process", node.name), variableSymbols(node));
    case "TaskDeclaration":
      return symbolOf(node, "name", SymbolKind.Function, node.name, headWithoutName(node, "task", node.name), variableSymbols(node));
    case "Trigger":
      return symbolOf(node, "event", SymbolKind.Event, headOf(node), "");
    case "Force":
      return symbolOf(node, "function", SymbolKind.Operator, headOf(node), "");
    case "Check":
    case "Expectation":
      return symbolOf(node, undefined, SymbolKind.Boolean, headOf(node), "");
  }
}

/** "process * 8" for `process viewer * 8`: the head without the name. */
function headWithoutName(node: ast.Declaration, keyword: string, name: string): string {
  return `${keyword} ${headOf(node)
    .slice(keyword.length + 1 + (name?.length ?? 0))
    .trim()}`.trim();
}

/** The first assignments of the variables in a body. */
function variableSymbols(node: ast.ProcessDeclaration | ast.TaskDeclaration): DocumentSymbol[] {
  const seen = new Set<string>();
  const first = AstUtils.streamAllContents(node)
    .filter(ast.isAssignment)
    .filter(({ name }) => !seen.has(name) && seen.add(name).has(name));
  return first.toArray().flatMap((inner) => symbolOf(inner, "name", SymbolKind.Variable, inner.name, inner.value?.$cstNode?.text ?? ""));
}

/** The symbol of a node; none if its name is missing. */
function symbolOf(
  node: AstNode,
  property: string | undefined,
  kind: SymbolKind,
  name: string,
  detail: string,
  children: DocumentSymbol[] = [],
): DocumentSymbol[] {
  const whole = node.$cstNode;
  if (whole === undefined || !isNamed(name)) return [];
  const selectionRange = GrammarUtils.findNodeForProperty(whole, property)?.range ?? { start: whole.range.start, end: whole.range.start };
  return [{ name: shorten(name), detail: shorten(detail), kind, range: whole.range, selectionRange, children }];
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_LABEL_LENGTH ? `${line.slice(0, MAX_LABEL_LENGTH - 1)}…` : line;
}
