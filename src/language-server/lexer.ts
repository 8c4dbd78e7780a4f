// The lexer of the tree of a document (see parser.ts). It inserts separators between declarations, so that no syntax error
// reaches beyond its own, repairs the tokens of a text with errors (see error-recovery.ts), and drops those of too large a text.

import { DefaultLexer, type LexerResult, type TokenizeOptions } from "langium";
import { scan, type Token } from "../scenario/syntax/scanner.ts";
import { beginsDeclaration } from "../scenario/syntax/synchronization.ts";
import { findComplexityError } from "../scenario/syntax/brackets.ts";
import { repairTokens } from "./error-recovery.ts";

/** Longer texts have diagnostics, but neither outline nor the rest: parsing them at each keystroke would take seconds. */
const MAX_TEXT = 1024 * 1024;
const MAX_TOKENS = 100_000;

/** Is the text within the size limit of the features that work at each keystroke, and a text at all? */
export function isWithinSizeLimit(text: string): boolean {
  return text.length <= MAX_TEXT && !text.includes("\0");
}

type LexerToken = LexerResult["tokens"][number];

export class ScenarioLexer extends DefaultLexer {
  /** The offsets of the tokens to skip. Undefined: the tokens are not repaired. */
  skipped: ReadonlySet<number> | undefined;

  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    // The text of completion is short, and incomplete on purpose.
    if (options?.mode === "partial") return super.tokenize(text, options);
    const nothing: LexerResult = { tokens: [], hidden: [], errors: [] };
    if (!isWithinSizeLimit(text)) return nothing;
    const scanned = scan(text);
    if (scanned.tokens.length > MAX_TOKENS || findComplexityError(scanned) !== null) return nothing;
    const result = super.tokenize(text, options);
    return { ...result, tokens: this.repair(scanned.tokens, new Map(result.tokens.map((token) => [token.startOffset, token]))) };
  }

  private repair(scannedTokens: readonly Token[], tokens: ReadonlyMap<number, LexerToken>): LexerToken[] {
    const { skipped } = this;
    const keptTokens = skipped === undefined ? scannedTokens : scannedTokens.filter((scannedToken) => !skipped.has(scannedToken.start));
    const closers = skipped === undefined ? new Map<Token, string>() : repairTokens(keptTokens);
    return keptTokens.flatMap((scannedToken, i) => {
      const token = tokens.get(scannedToken.start);
      if (token === undefined) return [];
      // Two separators, as the recovery of the parser may delete one token. It never looks beyond them.
      const before = i > 0 && beginsDeclaration(keptTokens, i) ? [this.emptyToken(";", token), this.emptyToken(";", token)] : [];
      const shown =
        scannedToken.parserText === ""
          ? []
          : scannedToken.kind === "symbol" && scannedToken.parserText !== scannedToken.text
            ? [this.withType(scannedToken.parserText, token)]
            : [token];
      const end = { ...token, startOffset: token.endOffset! + 1, startLine: token.endLine!, startColumn: token.endColumn! + 1 };
      const behind = [...(closers.get(scannedToken) ?? "")].map((closer) => this.emptyToken(closer, end));
      return [...before, ...shown, ...behind];
    });
  }

  /** `token` as if it were written `image`. */
  private withType(image: string, token: LexerToken): LexerToken {
    const tokenType = this.tokenTypes[image]!;
    return { ...token, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
  }

  /** An inserted token, of no length, in front of `token`. */
  private emptyToken(image: string, token: LexerToken): LexerToken {
    return {
      ...this.withType(image, token),
      image: "",
      endOffset: token.startOffset - 1,
      endLine: token.startLine!,
      endColumn: token.startColumn! - 1,
    };
  }
}
