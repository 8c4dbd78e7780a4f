// Parses documents into the tree that serves outline, folding and hover while the user edits a scenario. Unlike the
// parser of parseScenario it keeps incomplete constructs. Its errors are not shown: diagnostics come from parseScenario alone,
// so that editor and command line agree.

import {
  createLangiumParser,
  LangiumParserErrorMessageProvider,
  type AstNode,
  type AsyncParser,
  type IParserConfig,
  type LangiumCoreServices,
  type LangiumParser,
  type ParseResult,
} from "langium";
import type { CancellationToken } from "vscode-languageserver";
import { scan } from "../scenario/syntax/scanner.ts";
import type { ScenarioLexer } from "./lexer.ts";
import { tokensToSkip } from "./error-recovery.ts";
import type { Debounce } from "./debounce.ts";

export const PARSER_CONFIG: IParserConfig = { recoveryEnabled: true };

/** A text with more errors is no scenario. The recovery from one takes a third of a millisecond. */
const MAX_ERRORS = 300;

class TooManyErrors extends Error {}

/** The parser calls this provider for the message of each error. Messages are not shown; it counts the errors. */
export class ErrorBudget extends LangiumParserErrorMessageProvider {
  /** The number of errors that it still permits. */
  remaining = Infinity;

  override buildMismatchTokenMessage(): string {
    return this.spend();
  }
  override buildNotAllInputParsedMessage(): string {
    return this.spend();
  }
  override buildNoViableAltMessage(): string {
    return this.spend();
  }
  override buildEarlyExitMessage(): string {
    return this.spend();
  }

  private spend(): string {
    if (--this.remaining < 0) throw new TooManyErrors();
    return "";
  }
}

/** The bounds on parsing a text with errors again: rounds, and characters over all rounds. */
const MAX_ROUNDS = 10;
const MAX_REPARSED = 300_000;

/** The parser of documents, with error recovery. If it gives up, the tree is empty. */
export class DocumentParser implements AsyncParser {
  private parser: LangiumParser;

  constructor(
    private readonly services: LangiumCoreServices,
    private readonly lexer: ScenarioLexer,
    private readonly mistakes: ErrorBudget,
    private readonly debounce: Debounce,
  ) {
    this.parser = services.parser.LangiumParser;
  }

  async parse<T extends AstNode>(text: string, token: CancellationToken): Promise<ParseResult<T>> {
    await this.debounce.wait(text, token);
    return this.parseNow(text);
  }

  private parseNow<T extends AstNode>(text: string): ParseResult<T> {
    this.mistakes.remaining = MAX_ERRORS;
    try {
      return this.parseWithRecovery(this.parser, text);
    } catch (error) {
      // An interrupted parser is in an undefined state.
      this.parser = createLangiumParser(this.services);
      if (!(error instanceof TooManyErrors)) throw error;
      return this.parseNow("");
    } finally {
      this.mistakes.remaining = Infinity;
      this.lexer.skipped = undefined;
    }
  }

  /** Parses the text as it is; on errors, with repaired tokens, and in each further round without those at which the parser failed. */
  private parseWithRecovery<T extends AstNode>(parser: LangiumParser, text: string): ParseResult<T> {
    const skipped = new Set<number>();
    for (let round = 1; ; round++) {
      const result = parser.parse<T>(text);
      if (result.parserErrors.length === 0 || round > MAX_ROUNDS || round * text.length > MAX_REPARSED) return result;
      if (this.lexer.skipped !== undefined) {
        const kept = scan(text).tokens.filter(({ start }) => !skipped.has(start));
        const toSkip = result.parserErrors
          .map(({ token }) => (token.image === "" ? [] : tokensToSkip(kept, token.startOffset)))
          .find((block) => block.length > 0);
        if (toSkip === undefined) return result;
        for (const start of toSkip) skipped.add(start);
      }
      this.lexer.skipped = skipped;
    }
  }
}
