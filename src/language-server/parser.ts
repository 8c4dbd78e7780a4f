// Parses documents into the tree that serves outline, folding and hover while a scenario is being written. Other than the
// parser behind parseScenario it recovers by itself and keeps what is half-finished. What is wrong is said by
// parseScenario alone, so that editor and command line agree.

import {
  createLangiumParser, LangiumParserErrorMessageProvider, type AstNode, type AsyncParser, type IParserConfig, type LangiumCoreServices,
  type LangiumParser, type ParseResult,
} from "langium";
import type { CancellationToken } from "vscode-languageserver";
import { scan } from "../scenario/syntax/scan.ts";
import type { ScenarioLexer } from "./lexer.ts";
import { stumblingBlock } from "./mend.ts";
import { settle } from "./settle.ts";

export const PARSER_CONFIG: IParserConfig = { recoveryEnabled: true };

/** A text with more mistakes is no scenario. Recovering from one takes a third of a millisecond. */
const MAX_MISTAKES = 300;

class TooManyMistakes extends Error {}

/** Is told of each mistake, to put it into words. Nobody reads them: it only counts. */
export class MistakeCounter extends LangiumParserErrorMessageProvider {
  /** How many more it lets pass. */
  left = Infinity;

  override buildMismatchTokenMessage(): string {
    return this.another();
  }
  override buildNotAllInputParsedMessage(): string {
    return this.another();
  }
  override buildNoViableAltMessage(): string {
    return this.another();
  }
  override buildEarlyExitMessage(): string {
    return this.another();
  }

  private another(): string {
    if (--this.left < 0) throw new TooManyMistakes();
    return "";
  }
}

/** A text with mistakes is parsed so many times at most, and as long as it does not add up to more characters. */
const MAX_ROUNDS = 10;
const MAX_REPARSED = 300_000;

/** The tree of a text that is given up is empty. */
export class DocumentParser implements AsyncParser {
  private parser: LangiumParser;

  constructor(
    private readonly services: LangiumCoreServices,
    private readonly lexer: ScenarioLexer,
    private readonly mistakes: MistakeCounter,
  ) {
    this.parser = services.parser.LangiumParser;
  }

  async parse<T extends AstNode>(text: string, token: CancellationToken): Promise<ParseResult<T>> {
    await settle(text, token);
    return this.parseNow(text);
  }

  private parseNow<T extends AstNode>(text: string): ParseResult<T> {
    this.mistakes.left = MAX_MISTAKES;
    try {
      return this.parseRepeatedly(this.parser, text);
    } catch (error) {
      // A parser that was interrupted is in no state to go on.
      this.parser = createLangiumParser(this.services);
      if (!(error instanceof TooManyMistakes)) throw error;
      return this.parseNow("");
    } finally {
      this.mistakes.left = Infinity;
      this.lexer.ignored = undefined;
    }
  }

  /** What is sound is parsed as it is. Then the text is mended, and what the parser still stumbles over left out. */
  private parseRepeatedly<T extends AstNode>(parser: LangiumParser, text: string): ParseResult<T> {
    const ignored = new Set<number>();
    for (let round = 1; ; round++) {
      const result = parser.parse<T>(text);
      if (result.parserErrors.length === 0 || round > MAX_ROUNDS || round * text.length > MAX_REPARSED) return result;
      if (this.lexer.ignored !== undefined) {
        const words = scan(text).tokens.filter((word) => !ignored.has(word.start));
        const stumbled = result.parserErrors.map(({ token }) => (token.image === "" ? [] : stumblingBlock(words, token.startOffset))).find((block) => block.length > 0);
        if (stumbled === undefined) return result;
        for (const start of stumbled) ignored.add(start);
      }
      this.lexer.ignored = ignored;
    }
  }
}
