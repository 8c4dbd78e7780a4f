// Code actions: the quick fixes of diagnostics.

import type { LangiumDocument } from "langium";
import type { CodeActionProvider } from "langium/lsp";
import { CodeActionKind, type CodeAction, type CodeActionParams } from "vscode-languageserver";
import type { Fix } from "../scenario/index.ts";

export class ScenarioCodeActions implements CodeActionProvider {
  getCodeActions(document: LangiumDocument, { context }: CodeActionParams): CodeAction[] {
    return context.diagnostics.flatMap((diagnostic) => {
      const fix: unknown = diagnostic.data;
      if (!isFix(fix)) return [];
      const edit = { changes: { [document.textDocument.uri]: [{ range: diagnostic.range, newText: fix.text }] } };
      return [{ title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred: true, edit }];
    });
  }
}

/** Is this the quick fix that diagnostics.ts attached? The client sends it back. */
function isFix(data: unknown): data is Fix {
  return (
    typeof data === "object" &&
    data !== null &&
    "title" in data &&
    typeof data.title === "string" &&
    "text" in data &&
    typeof data.text === "string"
  );
}
