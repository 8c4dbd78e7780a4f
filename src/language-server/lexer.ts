// The lexer of the document's tree (see parser.ts). It keeps a mistake in one declaration from swallowing the next, and
// hands on nothing of a text that would be too much.

import { DefaultLexer, type LexerResult, type TokenizeOptions } from "langium";
import { scan } from "../scenario/syntax/scan.ts";
import { beginsDeclaration, tooComplex } from "../scenario/syntax/structure.ts";

/** Longer texts have diagnostics, but neither outline nor the rest: parsing them at each keystroke would take seconds. */
const MAX_TEXT = 1024 * 1024;
const MAX_TOKENS = 100_000;

/** Is this a text to work with at each keystroke, as far as its length and characters tell? */
export function isHandy(text: string): boolean {
  return text.length <= MAX_TEXT && !text.includes("\0");
}

type LexerToken = LexerResult["tokens"][number];

export class ScenarioLexer extends DefaultLexer {
  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    const nothing: LexerResult = { tokens: [], hidden: [], errors: [] };
    if (!isHandy(text)) return nothing;
    const scanned = scan(text);
    if (scanned.tokens.length > MAX_TOKENS || tooComplex(scanned) !== null) return nothing;
    const declarations = new Set(scanned.tokens.filter((_, i) => i > 0 && beginsDeclaration(scanned.tokens, i)).map((token) => token.start));
    const result = super.tokenize(text, options);
    const separated = result.tokens.flatMap((token) => {
      // Two, as the parser may take one for a slip and drop it.
      return declarations.has(token.startOffset) ? [this.separator(token), this.separator(token), token] : [token];
    });
    return { ...result, tokens: separated };
  }

  /** The ';' of the grammar, of no length, in front of `token`. */
  private separator(token: LexerToken): LexerToken {
    const tokenType = this.tokenTypes[";"]!;
    return { ...token, image: "", endOffset: token.startOffset - 1, endLine: token.startLine!, endColumn: token.startColumn! - 1, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
  }
}
