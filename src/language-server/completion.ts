// Completion: the keywords that the grammar takes at the cursor, and the names that fit there.

import { AstUtils, GrammarAST, TextDocument, type LangiumDocument } from "langium";
import { DefaultCompletionProvider } from "langium/lsp";
import { CompletionItemKind, type CompletionItem, type CompletionList, type CompletionParams } from "vscode-languageserver";
import { isScenario } from "../scenario/generated/ast.ts";
import { namesOf } from "./names.ts";
import { proposals } from "./proposals.ts";
import { DECLARATIONS } from "../scenario/syntax/structure.ts";
import { placeOf, shortened, siteAt, type Site } from "./site.ts";

/** Behind a longer statement only names are proposed: the grammar's ways through it are too many. */
const MAX_SHORTENED = 2_000;

/** The grammar's rules that make keywords usable as names. What they list is no keyword there. */
const WORD_RULES = new Set(["Name", "Word", "HyphenWord", "KernelName"]);

export class ScenarioCompletion extends DefaultCompletionProvider {
  override readonly completionOptions = { triggerCharacters: [".", "(", ",", ":", "|"] };

  override getCompletion(document: LangiumDocument, { position }: CompletionParams): Promise<CompletionList | undefined> {
    const root = document.parseResult.value;
    const site = siteAt(document.textDocument.getText(), document.textDocument.offsetAt(position));
    if (site === undefined || !isScenario(root)) return Promise.resolve(undefined);
    const range = { start: document.textDocument.positionAt(site.start), end: position };
    const items = [...proposals(site, namesOf(root)), ...this.keywords(site)].map(({ insertText, ...item }): CompletionItem => {
      return { ...item, textEdit: { range, newText: insertText ?? item.label } };
    });
    return Promise.resolve({ isIncomplete: false, items });
  }

  private keywords(site: Site): CompletionItem[] {
    const text = shortened(site);
    if (text.length > MAX_SHORTENED) return [];
    const features = this.findFeaturesAt(TextDocument.create("", "", 0, text), text.length).map(({ feature }) => feature);
    const keywords = features.filter(GrammarAST.isKeyword).filter((keyword) => {
      const rule = AstUtils.getContainerOfType(keyword, GrammarAST.isParserRule);
      return /\w/.test(keyword.value) && !WORD_RULES.has(rule?.name ?? "");
    });
    return [...new Set(keywords.map((keyword) => keyword.value))].filter((word) => fits(word, site)).map((label) => ({ label, kind: CompletionItemKind.Keyword, sortText: `1${label}` }));
  }
}

/** Does a keyword that the grammar takes make sense here? */
function fits(word: string, site: Site): boolean {
  const { head, statement, first } = site;
  switch (word) {
    case "not":
      // It stands among the names where a value of any kind is due.
      return false;
    case "pages":
      return /^\d[\d_]*$/.test(statement.at(-1)?.text ?? "") && !first;
    case "and":
    case "or":
      return !first && (head[0]?.text === "check" || statement.some(({ text }) => text === "where" || text === "if" || text === "let"));
    case "every":
    case "forever":
      return placeOf(site) === "task";
    default:
      // Each declaration begins a line.
      return first || head.length === 0 || !DECLARATIONS.includes(word) || placeOf(site) !== "head";
  }
}
