// The outline: declarations in the order of the text, with the mapping variables that they assign.

import { AstUtils, GrammarUtils, type AstNode, type LangiumDocument } from "langium";
import type { DocumentSymbolProvider } from "langium/lsp";
import { SymbolKind, type DocumentSymbol } from "vscode-languageserver";
import * as ast from "../scenario/generated/ast.ts";
import { headOf } from "./describe.ts";
import { isWord } from "./names.ts";

const MAX_NAME = 80;

export class ScenarioSymbols implements DocumentSymbolProvider {
  getSymbols(document: LangiumDocument): DocumentSymbol[] {
    const root = document.parseResult.value;
    return ast.isScenario(root) ? root.declarations.flatMap((node) => declaration(node)) : [];
  }
}

function declaration(node: ast.Declaration): DocumentSymbol[] {
  switch (node.$type) {
    case "KernelChoice":
      return symbol(node, "name", SymbolKind.Package, node.name, "kernel");
    case "MachineBlock":
      return symbol(node, undefined, SymbolKind.Object, "machine", "");
    case "ExploreBlock":
      return symbol(node, undefined, SymbolKind.Object, "explore", "");
    case "FileDeclaration":
      return symbol(node, "name", SymbolKind.File, node.name, `file ${node.size?.$cstNode?.text ?? ""}`);
    case "ProcessDeclaration":
      return symbol(node, "name", SymbolKind.Module, node.name, behind(node, "process", node.name), mappings(node));
    case "TaskDeclaration":
      return symbol(node, "name", SymbolKind.Function, node.name, behind(node, "task", node.name), mappings(node));
    case "Trigger":
      return symbol(node, "event", SymbolKind.Event, headOf(node), "");
    case "Force":
      return symbol(node, "function", SymbolKind.Operator, headOf(node), "");
    case "Check":
    case "Expectation":
      return symbol(node, undefined, SymbolKind.Boolean, headOf(node), "");
  }
}

/** "process * 8" for `process viewer * 8`: the head without the name. */
function behind(node: ast.Declaration, keyword: string, name: string): string {
  return `${keyword} ${headOf(node).slice(keyword.length + 1 + (name?.length ?? 0)).trim()}`.trim();
}

/** The first assignments of the variables in a body. */
function mappings(node: ast.ProcessDeclaration | ast.TaskDeclaration): DocumentSymbol[] {
  const seen = new Set<string>();
  const first = AstUtils.streamAllContents(node).filter(ast.isAssignment).filter(({ name }) => !seen.has(name) && seen.add(name).has(name));
  return first.toArray().flatMap((inner) => symbol(inner, "name", SymbolKind.Variable, inner.name, inner.value?.$cstNode?.text ?? ""));
}

/** The symbol of a node; none if its name is not written yet. */
function symbol(node: AstNode, property: string | undefined, kind: SymbolKind, name: string, detail: string, children: DocumentSymbol[] = []): DocumentSymbol[] {
  const whole = node.$cstNode;
  if (whole === undefined || !isWord(name)) return [];
  const selectionRange = GrammarUtils.findNodeForProperty(whole, property)?.range ?? { start: whole.range.start, end: whole.range.start };
  return [{ name: shorten(name), detail: shorten(detail), kind, range: whole.range, selectionRange, children }];
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_NAME ? `${line.slice(0, MAX_NAME - 1)}…` : line;
}
