// Parses documents into the tree that serves outline, folding and hover while a scenario is being written. Other than the
// parser behind parseScenario it recovers by itself and keeps what is half-finished. What is wrong is said by
// parseScenario alone, so that editor and command line agree.

import {
  createLangiumParser, LangiumParserErrorMessageProvider, type AstNode, type AsyncParser, type IParserConfig, type LangiumCoreServices,
  type LangiumParser, type ParseResult,
} from "langium";

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

/** Never fails: the tree of a text that is given up is empty. */
export class DocumentParser implements AsyncParser {
  private parser: LangiumParser | undefined;

  constructor(
    private readonly services: LangiumCoreServices,
    private readonly mistakes: MistakeCounter,
  ) {}

  parse<T extends AstNode>(text: string): Promise<ParseResult<T>> {
    this.mistakes.left = MAX_MISTAKES;
    try {
      this.parser ??= createLangiumParser(this.services);
      return Promise.resolve(this.parser.parse<T>(text));
    } catch (error) {
      // A parser that was interrupted is in no state to go on.
      this.parser = undefined;
      if (!(error instanceof TooManyMistakes)) throw error;
      return this.parse("");
    } finally {
      this.mistakes.left = Infinity;
    }
  }
}
