// Completion: the keywords that the grammar accepts at the cursor, and the completion items for names.

import { AstUtils, GrammarAST, TextDocument, type LangiumDocument } from "langium";
import { DefaultCompletionProvider } from "langium/lsp";
import { CompletionItemKind, type CompletionItem, type CompletionList, type CompletionParams } from "vscode-languageserver";
import { isScenario } from "../scenario/generated/ast.ts";
import { symbolTableOf } from "./symbol-table.ts";
import { completionItems } from "./completion-items.ts";
import { DECLARATION_KEYWORDS } from "../scenario/syntax/synchronization.ts";
import { bodyContextOf, parserPrefix, cursorContextAt, type CursorContext } from "./cursor-context.ts";

/** Behind a longer statement no keywords are offered: the grammar has too many paths through it. */
const MAX_PREFIX = 2_000;

/** The grammar rules of identifiers. The soft keywords in them are no keywords there. */
const IDENTIFIER_RULES = new Set(["Name", "Identifier", "HyphenatedIdentifier", "KernelName"]);

export class ScenarioCompletion extends DefaultCompletionProvider {
  override readonly completionOptions = { triggerCharacters: [".", "(", ",", ":", "|"] };

  override getCompletion(document: LangiumDocument, { position }: CompletionParams): Promise<CompletionList | undefined> {
    const root = document.parseResult.value;
    const context = cursorContextAt(document.textDocument.getText(), document.textDocument.offsetAt(position));
    if (context === undefined || !isScenario(root)) return Promise.resolve(undefined);
    const range = { start: document.textDocument.positionAt(context.start), end: position };
    const items = [...completionItems(context, symbolTableOf(root)), ...this.keywords(context)].map(
      ({ insertText, ...item }): CompletionItem => {
        return { ...item, textEdit: { range, newText: insertText ?? item.label } };
      },
    );
    return Promise.resolve({ isIncomplete: false, items });
  }

  private keywords(context: CursorContext): CompletionItem[] {
    const text = parserPrefix(context);
    if (text.length > MAX_PREFIX) return [];
    const features = this.findFeaturesAt(TextDocument.create("", "", 0, text), text.length).map(({ feature }) => feature);
    const keywords = features.filter(GrammarAST.isKeyword).filter((keyword) => {
      const rule = AstUtils.getContainerOfType(keyword, GrammarAST.isParserRule);
      return /\w/.test(keyword.value) && !IDENTIFIER_RULES.has(rule?.name ?? "");
    });
    return [...new Set(keywords.map((keyword) => keyword.value))]
      .filter((keyword) => isApplicable(keyword, context))
      .map((label) => ({ label, kind: CompletionItemKind.Keyword, sortText: `1${label}` }));
  }
}

/** Is a keyword that the grammar accepts meaningful in this context? */
function isApplicable(keyword: string, context: CursorContext): boolean {
  const { head, statement, startsLine } = context;
  switch (keyword) {
    case "not":
      // completion-items.ts offers it where an operand of any type is due.
      return false;
    case "pages":
      return /^\d[\d_]*$/.test(statement.at(-1)?.text ?? "") && !startsLine;
    case "and":
    case "or":
      return (
        !startsLine && (head[0]?.text === "check" || statement.some(({ text }) => text === "where" || text === "if" || text === "let"))
      );
    case "every":
    case "forever":
      return bodyContextOf(context) === "task";
    default:
      // Each declaration begins a line.
      return startsLine || head.length === 0 || !DECLARATION_KEYWORDS.includes(keyword) || bodyContextOf(context) !== "head";
  }
}
