// The lexer of the document's tree (see parser.ts). It separates declarations, so that no mistake reaches beyond its own,
// hands on a mended text where there are mistakes (see mend.ts), and nothing of a text that would be too much.

import { DefaultLexer, type LexerResult, type TokenizeOptions } from "langium";
import { scan, type Token } from "../scenario/syntax/scan.ts";
import { beginsDeclaration, tooComplex } from "../scenario/syntax/structure.ts";
import { mend } from "./mend.ts";

/** Longer texts have diagnostics, but neither outline nor the rest: parsing them at each keystroke would take seconds. */
const MAX_TEXT = 1024 * 1024;
const MAX_TOKENS = 100_000;

/** Is this a text to work with at each keystroke, as far as its length and characters tell? */
export function isHandy(text: string): boolean {
  return text.length <= MAX_TEXT && !text.includes("\0");
}

type LexerToken = LexerResult["tokens"][number];

export class ScenarioLexer extends DefaultLexer {
  /** Where the words begin that are not to be seen. Undefined: the text is taken as it is, unmended. */
  ignored: ReadonlySet<number> | undefined;

  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    // What completion asks about is short, and meant to be unfinished.
    if (options?.mode === "partial") return super.tokenize(text, options);
    const nothing: LexerResult = { tokens: [], hidden: [], errors: [] };
    if (!isHandy(text)) return nothing;
    const scanned = scan(text);
    if (scanned.tokens.length > MAX_TOKENS || tooComplex(scanned) !== null) return nothing;
    const result = super.tokenize(text, options);
    return { ...result, tokens: this.prepare(scanned.tokens, new Map(result.tokens.map((token) => [token.startOffset, token]))) };
  }

  private prepare(all: readonly Token[], tokens: ReadonlyMap<number, LexerToken>): LexerToken[] {
    const { ignored } = this;
    const words = ignored === undefined ? all : all.filter((word) => !ignored.has(word.start));
    const closers = ignored === undefined ? new Map<Token, string>() : mend(words);
    return words.flatMap((word, i) => {
      const token = tokens.get(word.start);
      if (token === undefined) return [];
      // Two separators, as the parser may take one for a slip and drop it. It never looks beyond them.
      const before = i > 0 && beginsDeclaration(words, i) ? [this.empty(";", token), this.empty(";", token)] : [];
      const shown = word.shown === "" ? [] : word.kind === "symbol" && word.shown !== word.text ? [this.as(word.shown, token)] : [token];
      const end = { ...token, startOffset: token.endOffset! + 1, startLine: token.endLine!, startColumn: token.endColumn! + 1 };
      const behind = [...(closers.get(word) ?? "")].map((closer) => this.empty(closer, end));
      return [...before, ...shown, ...behind];
    });
  }

  /** `token` as if it were written `image`. */
  private as(image: string, token: LexerToken): LexerToken {
    const tokenType = this.tokenTypes[image]!;
    return { ...token, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
  }

  /** A token that the text lacks, of no length, in front of `token`. */
  private empty(image: string, token: LexerToken): LexerToken {
    return { ...this.as(image, token), image: "", endOffset: token.startOffset - 1, endLine: token.startLine!, endColumn: token.startColumn! - 1 };
  }
}
